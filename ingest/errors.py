"""What can go wrong with a file on its way in, beyond what readers raise (the tree: :mod:`kb.errors`)."""

from __future__ import annotations

from kb.errors import N_, FileRefused


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
