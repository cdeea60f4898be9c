"""The bundled library: every template can be filled in, and its example says what its answers say."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from ingest.doctemplate_bundle import load_templates
from ingest.doctemplates import fill, inspect
from ingest.register_of_projects import projects_register
from ingest.register_runs import import_file
from kb import open_kb
from kb.access import SYSTEM, Role, anonymous
from kb.config import Settings
from kb.doctemplate_answers import Answers, checked
from kb.doctemplate_fields import Field
from kb.doctemplate_rules import KINDS, PHASES
from kb.doctemplate_views import LibraryFilter
from kb.knowledge_base import KnowledgeBase
from kb.registers import PersonRow

CORPUS = Path(__file__).parents[2] / "corpus"
FOLDER = CORPUS / "doctemplates"
with (FOLDER / "manifest.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
# A label in brackets is what an open field looks like.
OPEN = re.compile(r"\{\{|\}\}|【|\[(?:[A-Z][A-Za-z -]+)\]")


def every_text(content: bytes, name: str) -> list[str]:
    """All texts of a file, as python-docx or openpyxl reads them."""
    if name.endswith(".xlsx"):
        book = load_workbook(io.BytesIO(content))
        cells = [
            str(c.value) for sheet in book for row in sheet for c in row if c.value is not None
        ]
        return [
            *cells,
            *(str(sheet.oddFooter.left.text or "").replace("&&", "&") for sheet in book),
        ]
    document = docx.Document(io.BytesIO(content))
    section = document.sections[0]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    around = [p.text for story in (section.header, section.footer) for p in story.paragraphs]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells, *around]


def sample(field: Field, salt: str) -> str:
    """An answer that fits a field and is found again in a file."""
    return {
        "date": "2026-03-05",
        "number": "4711",
        "choice": field.choices[-1] if field.choices else "",
    }.get(field.type, f"样例 {salt} 𠮷 & <b> 🚀")


def found_as(field: Field, answer: str, language: str) -> str:
    """How an answer reads in the finished file."""
    if field.type == "date":
        return "2026年3月5日" if language == "zh" else "5 March 2026"
    return answer


@pytest.mark.parametrize("row", ROWS, ids=[row["path"] for row in ROWS])
def test_a_bundled_template_is_filled_and_nothing_is_left_open(row: dict[str, str]) -> None:
    content = (FOLDER / row["path"]).read_bytes()
    found = inspect(content, row["path"], row["language"])
    assert found.fields
    values = {f.name: sample(f, str(at)) for at, f in enumerate(found.fields) if not f.group}
    lists = {f.group for f in found.fields if f.group}
    rows = {
        group: [
            {f.name: sample(f, f"{group}{n}") for f in found.fields if f.group == group}
            for n in (1, 2, 3)
        ]
        for group in lists
    }
    answers, problems = checked(found.fields, Answers(values, rows))
    assert not problems
    made = fill(content, row["path"], found.fields, answers, row["language"])
    texts = every_text(made, row["path"])
    assert not [text for text in texts if OPEN.search(text)]
    whole = "\n".join(texts)
    dates_of_cells = whole.count("2026-03-05")
    for field in found.fields:
        if field.type == "rownumber":
            continue
        given = answers.rows[field.group][2] if field.group else answers.values
        expected = found_as(field, given[field.name], row["language"])
        assert expected in whole or (field.type == "date" and dates_of_cells), field


@pytest.mark.parametrize("row", ROWS, ids=[row["path"] for row in ROWS])
def test_a_bundled_template_is_set_up_for_paper(row: dict[str, str]) -> None:
    path = FOLDER / row["path"]
    if path.suffix == ".xlsx":
        sheet = load_workbook(path).active
        assert sheet is not None
        assert sheet.freeze_panes
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows
        assert sheet.data_validations.dataValidation
        assert sheet.conditional_formatting
        return
    document = docx.Document(str(path))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)  # type: ignore[union-attr]
    assert "{{ project.code }}" in section.footer.paragraphs[0].text
    assert "NUMPAGES" in section.footer._element.xml
    assert [p for p in document.paragraphs if (p.style.name or "").startswith("Heading")]  # type: ignore[union-attr]
    assert 'w:eastAsia="Microsoft YaHei"' in document.styles.element.xml


def test_the_manifest_names_every_file_and_both_languages_have_every_kind() -> None:
    files = {
        f"{p.parent.name}/{p.name}" for p in FOLDER.glob("*/*") if p.suffix in {".docx", ".xlsx"}
    }
    assert files == {row["path"] for row in ROWS}
    examples = {f"examples/{p.name}" for p in (FOLDER / "examples").glob("*.json")}
    assert examples == {row["example"] for row in ROWS}
    kinds = {
        language: {r["kind"] for r in ROWS if r["language"] == language}
        for language in ("zh", "en")
    }
    assert kinds["zh"] == kinds["en"] == set(KINDS) - {"other"}
    assert all(row["kind"] in PHASES[row["phase"]] for row in ROWS)
    assert all((CORPUS / "documents" / row["guide"]).is_file() for row in ROWS)
    assert len(ROWS) >= 20


@pytest.fixture(scope="module")
def library(opened_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base with the bundled registers and templates."""
    folder = tmp_path_factory.mktemp("library") / "data"
    shutil.copytree(opened_once, folder)
    with open_kb(Settings(data_dir=folder)) as kb:
        with (CORPUS / "people.csv").open(encoding="utf-8", newline="") as file:
            people = [
                PersonRow(row["id"], row["name_zh"], row["name_en"]) for row in csv.DictReader(file)
            ]
        kb.registers.put_people(SYSTEM, people)
        import_file(projects_register(kb), kb.database, SYSTEM, CORPUS / "projects.csv")
        assert load_templates(kb) == len(ROWS)
        yield kb


def test_a_second_start_loads_nothing_again(library: KnowledgeBase) -> None:
    assert load_templates(library) == 0


def test_every_example_holds_its_answers_and_its_project(library: KnowledgeBase) -> None:
    found = library.doctemplates.library(anonymous(Role.READER), LibraryFilter()).templates
    assert len(found) == len(ROWS)
    for template in found:
        content, name = library.doctemplates.example(SYSTEM, template.id)
        whole = "\n".join(every_text(content, name))
        stem = f"{template.details.language}-{name.rpartition('.')[0]}"
        given: dict[str, Any] = json.loads(
            (FOLDER / "examples" / f"{stem}.json").read_text(encoding="utf-8")
        )
        assert given["project"] in whole
        assert "{{" not in whole
        texts = [
            *given["values"].values(),
            *(t for rows in given["rows"].values() for r in rows for t in r.values()),
        ]
        for text in (line for each in texts for line in each.split("\n")):
            if not re.fullmatch(r"[\d.,-]*", text):
                assert text in whole, (name, text)


def test_a_new_bundled_file_becomes_a_version_unless_somebody_gave_another(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "doctemplates" / "zh").mkdir(parents=True)
    lines = (FOLDER / "manifest.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.startswith(("path,", "zh/风险登记册"))]
    kept[1] = re.sub(r",examples/\S+$", ",", kept[1])
    (corpus / "doctemplates" / "manifest.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    target = corpus / "doctemplates" / "zh" / "风险登记册.xlsx"
    shutil.copy(FOLDER / "zh" / "风险登记册.xlsx", target)
    with open_kb(Settings(data_dir=tmp_path / "data", corpus_dir=corpus)) as kb:
        assert load_templates(kb) == 1
        shutil.copy(FOLDER / "zh" / "干系人登记册.xlsx", target)
        assert load_templates(kb) == 1
        assert kb.doctemplates.get(SYSTEM, 1).version == 2
        assert len(kb.doctemplates.versions(SYSTEM, 1)) == 2
