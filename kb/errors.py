"""Every error a caller may catch.

::

    KnowledgeBaseError
    ├── NotFound                 no such thing, or not for you: the two answer alike
    ├── NotAllowed               your role does not include this action
    ├── SignInNeeded             whoever asks has not signed in, or showed a token that is none
    ├── ProofNeeded              whoever has signed in has to show again who they are, before this
    ├── SignInUnavailable        the directory that vouches for people does not answer
    ├── TooManyRequests          the same again, too soon
    ├── Conflict                 somebody else changed it meanwhile, or the name is taken
    ├── InvalidInput             a value given by a person or program cannot be used
    │   └── TextTooLong          a page is longer than what can be edited here
    ├── DataFolderError          the data folder cannot be used (disk full, read-only, in use)
    ├── SearchUnavailable        the index cannot answer now
    └── FileRefused              a file that was given could not become a document
        ├── EmptyFile
        ├── FileTooLarge
        ├── UnsupportedFormat
        ├── MislabelledFile      the bytes are not what the name says, and are nothing we read
        ├── DamagedFile
        ├── EncryptedFile
        ├── NotAPicture          a file that was to be shown as a picture is none
        ├── NoText               readable, but there is not a word in it
        ├── HostileFile          an archive or XML bomb, an entity that reaches outside, a path that escapes
        ├── UnreadableFile           the system would not let it be opened
        ├── ReadTimedOut
        ├── ReaderCrashed        the reading process ended or ran out of memory
        └── ImportFault          a fault of this program, met with this file

Each error carries its subject as data and says one plain sentence (what happened, to which thing) and one piece of
advice (what to do now). Neither knows about HTTP. Sentence and advice are message ids: the web translates the template
and fills in the same data, so a stored ``(code, data)`` can be told in any language later.
"""

from __future__ import annotations

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802  the name gettext's extractors look for
    """Mark ``message`` for translation without translating it here."""
    return message


class KnowledgeBaseError(Exception):
    """Root of the tree.

    Attributes:
        code: stable name of the kind of error, in kebab case; part of the API.
        sentence: template of the sentence, filled with ``data`` by ``%``.
        advice: template of the advice; empty where none can be given.
        data: the subject, as strings and numbers that JSON can hold.
    """

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = N_("Something went wrong.")
    advice_template: ClassVar[str] = ""

    def __init__(self, **data: str | int) -> None:
        self.data: dict[str, str | int] = data
        super().__init__(self.sentence % data)

    @property
    def advice(self) -> str:
        """What to do now, in English."""
        return self.advice_template % self.data


class NotFound(KnowledgeBaseError):
    """There is no such thing, or the actor may not know of it. Data: ``what``, ``id``."""

    code = "not-found"
    sentence = N_("There is no %(what)s “%(id)s”.")
    advice_template = N_("Check the address, or search for it.")


class NotAllowed(KnowledgeBaseError):
    """The actor's role does not include the action. Data: ``action``."""

    code = "not-allowed"
    sentence = N_("You may not do this: %(action)s.")
    advice_template = N_("Sign in with an account that may, or ask an administrator.")


class SignInNeeded(KnowledgeBaseError):
    """Nothing is shown without signing in, or the token that was shown is unknown, expired or revoked."""

    code = "sign-in-needed"
    sentence = N_("This needs somebody who has signed in.")
    advice_template = N_("Sign in; programs send a valid token as “Authorization: Bearer …”.")


class ProofNeeded(KnowledgeBaseError):
    """Whoever has signed in has to show again who they are: it is long ago, and what they are about to do is grave."""

    code = "proof-needed"
    sentence = N_("Before this, you have to show again who you are.")
    advice_template = N_("Enter your password, and do it once more.")


class SignInUnavailable(KnowledgeBaseError):
    """The directory that vouches for people cannot be asked now. Data: ``reason``."""

    code = "sign-in-unavailable"
    sentence = N_("Signing in this way is not possible now: %(reason)s.")
    advice_template = N_("Try again, or ask whoever runs this site.")


class TooManyRequests(KnowledgeBaseError):
    """The same was asked too often, or a name and password were wrong too often. Data: ``seconds`` to wait."""

    code = "too-many-requests"
    sentence = N_("That was too often in a short time.")
    advice_template = N_("Wait %(seconds)s seconds and try again.")


class Conflict(KnowledgeBaseError):
    """Somebody else changed the thing meanwhile, or the name is taken. Data: ``what``."""

    code = "conflict"
    sentence = N_("%(what)s was changed by somebody else, or the name is taken.")
    advice_template = N_("Look at the present state and try again.")


class InvalidInput(KnowledgeBaseError):
    """A value cannot be used. Data: ``field``, ``reason``."""

    code = "invalid-input"
    sentence = N_("%(field)s cannot be used: %(reason)s.")
    advice_template = N_("Correct it and try again.")


class TextTooLong(InvalidInput):
    """A page is longer than what can be edited here. Data: ``chars``, ``limit``."""

    code = "text-too-long"
    sentence = N_("The text has %(chars)s characters; a page written here can have %(limit)s.")
    advice_template = N_("Move some of its sections to a page of their own and link to it.")


class DataFolderError(KnowledgeBaseError):
    """The data folder cannot be used. Data: ``path``, ``reason``."""

    code = "data-folder"
    sentence = N_("The data folder %(path)s cannot be used: %(reason)s.")
    advice_template = N_(
        "Free space or set KB_DATA_DIR to a folder that can be written; nothing stored is lost."
    )


class SearchUnavailable(KnowledgeBaseError):
    """The index cannot answer now. Data: ``reason``."""

    code = "search-unavailable"
    sentence = N_("Search cannot answer now: %(reason)s.")
    advice_template = N_(
        "It is being rebuilt by itself; try again in a moment. Documents themselves are not affected."
    )


class FileRefused(KnowledgeBaseError):
    """A file could not become a document. Data: ``name``, and what each kind adds."""

    code = "file-refused"
    sentence = N_("%(name)s could not be read.")
    advice_template = N_(
        "Open it in the program that made it, save it as .docx and import it again."
    )


class EmptyFile(FileRefused):
    """Not a single byte."""

    code = "empty-file"
    sentence = N_("%(name)s is empty: it has 0 bytes.")
    advice_template = N_("Look for the full copy; the transfer may have broken off.")


class FileTooLarge(FileRefused):
    """More bytes than the limit. Data: ``name``, ``size_mib``, ``limit_mib``."""

    code = "file-too-large"
    sentence = N_("%(name)s has %(size_mib)s MiB; the limit is %(limit_mib)s MiB.")
    advice_template = N_("Split the file or compress its pictures, or raise KB_MAX_FILE_MIB.")


class UnsupportedFormat(FileRefused):
    """Bytes of a known or unknown format that no reader takes. Data: ``name``, ``format``."""

    code = "unsupported-format"
    sentence = N_("%(name)s is of a format that is not read here: %(format)s.")
    advice_template = N_("Save it as .docx, .md, .html or .txt and import it again.")


class MislabelledFile(FileRefused):
    """The name promises one format, the bytes are another that is not read. Data: ``name``, ``format``."""

    code = "mislabelled-file"
    sentence = N_("%(name)s is not what its name says: its content is %(format)s.")
    advice_template = N_(
        "Find out what the file really is, give it the right ending or save it as .docx."
    )


class DamagedFile(FileRefused):
    """The format is right, the content is broken. Data: ``name``, ``reason``."""

    code = "damaged-file"
    sentence = N_("%(name)s is damaged: %(reason)s.")
    advice_template = N_(
        "Open it in the program that made it, let that repair it, save it and import it again."
    )


class EncryptedFile(FileRefused):
    """Protected with a password."""

    code = "encrypted-file"
    sentence = N_("%(name)s is protected with a password.")
    advice_template = N_("Remove the password in the program that made it and import it again.")


class NotAPicture(FileRefused):
    """A file that was to be shown as a picture is none. Data: ``name``."""

    code = "not-a-picture"
    sentence = N_("%(name)s is no picture that can be shown in a page.")
    advice_template = N_("Use PNG, JPEG, GIF or WebP, or add the file as an attachment.")


class NoText(FileRefused):
    """Readable, but there is not a word in it. Data: ``name``, ``reason``."""

    code = "no-text"
    sentence = N_("%(name)s holds no text: %(reason)s.")
    advice_template = N_("If it is a scan, run text recognition over it and import the result.")


class HostileFile(FileRefused):
    """Built to exhaust or to escape. Data: ``name``, ``reason``."""

    code = "hostile-file"
    sentence = N_("%(name)s was not opened: %(reason)s.")
    advice_template = N_("If you trust its origin, unpack it yourself and import the files in it.")


class ReadTimedOut(FileRefused):
    """Reading took longer than allowed. Data: ``name``, ``seconds``."""

    code = "read-timed-out"
    sentence = N_("%(name)s took longer than %(seconds)s seconds to read and was stopped.")
    advice_template = N_("Split the file, or raise KB_FILE_SECONDS and retry.")


class ReaderCrashed(FileRefused):
    """The reading process ended. Data: ``name``, ``reason``."""

    code = "reader-crashed"
    sentence = N_("The reader of %(name)s stopped: %(reason)s.")
    advice_template = N_(
        "Save the file anew in the program that made it; if that does not help, raise KB_FILE_MEMORY_MIB and retry."
    )


class UnreadableFile(FileRefused):
    """The system would not let the file be opened. Data: ``name``, ``reason``."""

    code = "unreadable-file"
    sentence = N_("%(name)s could not be opened: %(reason)s.")
    advice_template = N_("Check that it is still there and that you may read it, then retry.")


class ImportFault(FileRefused):
    """A fault of this program, met with this file. Data: ``name``, ``reason``."""

    code = "import-fault"
    sentence = N_("%(name)s met a fault in the program: %(reason)s.")
    advice_template = N_(
        "Report it together with the file; saved anew in another format it may go through meanwhile."
    )
