"""Why a file was refused, told in the visitor's language.

Readers and archives say why in a plain English sentence, often with a name or a figure in it (``its part xl/styles.xml
declares XML entities``). Here is each of these sentences as a template, so that it is known which words are the name or
the figure: :func:`retold` finds the template a sentence was made from, and fills in the translated one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from kb.errors import N_

# A gap takes whatever stands there. Longer templates come before those that would match them too.
REASONS: Final = (
    N_("it is cut off or its directory of parts is broken"),
    N_("the archive is cut off or its directory is broken"),
    N_("it cannot be unpacked from its archive"),
    N_("there is no file in the archive"),
    N_("it is an archive within %(number)s archives"),
    N_("it holds more than %(number)s files"),
    N_("it holds more than %(number)s parts"),
    N_("it unpacks to more than %(number)s times its packed size"),
    N_("its part %(part)s unpacks to more than %(number)s MiB"),
    N_("its part %(part)s unpacks to %(number)s times its size"),
    N_("it unpacks to more than %(number)s MiB"),
    N_("its part %(part)s cannot be unpacked"),
    N_("its part %(part)s declares XML entities"),
    N_("its part %(part)s is not well-formed XML"),
    N_("its part %(part)s nests too deep"),
    N_("it declares XML entities"),
    N_("it is not well-formed XML"),
    N_("its parts nest too deep"),
    N_("its parts are nested too deeply"),
    N_("its parts cannot be told apart"),
    N_("the presentation itself is missing from it"),
    N_("the workbook itself is missing from it"),
    N_("the list of its pages is missing"),
    N_("its content is missing"),
    N_("it has no document part"),
    N_("its directory of streams is broken, or holds no document"),
    N_("its directory of streams is broken"),
    N_("its stream “%(part)s” is missing or broken"),
    N_("its records are cut off"),
    N_("its table of contents of objects is broken or cut off"),
    N_("none of its pages can be opened"),
    N_("its sheets cannot be read (%(part)s)"),
    N_("the cells of a sheet lie further apart than %(number)s cells"),
    N_("it cannot be read"),
    N_("it is blank, or holds nothing but pictures"),
    N_("it is blank"),
    N_("it holds only pictures"),
    N_("its pages are blank"),
    N_("its pages are pictures without a text layer, or blank"),
    N_("no cell of its sheets is filled"),
    N_("all its cells are empty"),
    N_("the message has no text"),
    N_("the page is blank"),
    N_("it is a picture"),
    N_("it is not a regular file"),
    N_("its text and pictures come to more than %(number)s MiB"),
    N_("it needed more than %(number)s MiB of memory"),
    N_("its process ended with exit code %(number)s"),
    N_("its process was ended by %(part)s"),
    N_("the import was stopped %(number)s times while this file was read"),
    N_("packed by a method only some programs know"),
    # What the system says most often when a file cannot be opened.
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("File name too long"),
    # What a file is, where it is something that is not read or not what its name says.
    N_("a Word document"),
    N_("a PowerPoint presentation"),
    N_("an Excel workbook"),
    N_("a binary Excel workbook"),
    N_("an OpenDocument text"),
    N_("an OpenDocument spreadsheet"),
    N_("an OpenDocument presentation"),
    N_("an e-book (EPUB)"),
    N_("a Word 97-2003 document"),
    N_("an Excel 97-2003 workbook"),
    N_("a PowerPoint 97-2003 presentation"),
    N_("a Microsoft Works document"),
    N_("an Outlook message"),
    N_("an Office file protected with a password"),
    N_("a PDF"),
    N_("rich text (RTF)"),
    N_("a web page"),
    N_("a saved web page (MHTML)"),
    N_("an e-mail"),
    N_("plain text"),
    N_("a table of comma-separated values"),
    N_("a zip archive"),
    N_("a picture"),
    N_("an archive other than zip"),
    N_("an office file of a program that is not known here"),
    N_("XML data"),
    N_("a program"),
    N_("unknown data"),
    # What was not carried into the document, as its ledger names it.
    N_("A picture of a sort that browsers do not show (%(number)s) is left in the original: %(part)s"),
    N_("The attachment “%(part)s” is named, not read; import it as a file of its own."),
    N_("Pictures on sheets are not shown."),
    N_("Pictures were not carried."),
    N_("Pictures and drawings were not carried."),
    N_("Embedded objects were not carried."),
    N_("Pictures that are not part of the file were not fetched."),
    N_("Pages without a text layer: %(part)s"),
    N_("%(number)s of %(part)s pictures did not reach the document."),
    N_("%(number)s of %(part)s characters did not reach the document."),
    N_("The embedded file %(part)s is named but not read: %(number)s"),
)  # fmt: skip
_GAP: Final = re.compile(r"%\((\w+)\)s")


def retold(sentence: str, translate: Callable[[str], str]) -> str:
    """``sentence`` in the language of ``translate``; as it is where no template is known that it was made from."""
    direct = translate(sentence) if sentence else ""
    if direct != sentence:
        return direct
    for template, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            told = translate(template)
            # Some reasons hold another: what the embedded file is, why it was not read.
            parts = {name: retold(part, translate) for name, part in found.groupdict().items()}
            return told % parts if told != template else sentence
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each template that has gaps, with the pattern of the sentences made from it."""
    made = []
    for template in REASONS:
        if not _GAP.search(template):
            continue
        pieces = _GAP.split(template)
        pattern = "".join(
            f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece)
            for number, piece in enumerate(pieces)
        )
        made.append((template, re.compile(pattern, re.DOTALL)))
    return tuple(made)
