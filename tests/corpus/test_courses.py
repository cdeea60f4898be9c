"""The bundled courses: readable, complete, in agreement with the registers, and every link leads somewhere."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from ingest.course_files import read_courses
from ingest.readers.markdown import read_markdown
from kb.course_texts import CoursesText, CourseText, QuestionText, UnitText, is_place, places_in
from kb.markdown import plain_text, sections
from kb.search.folding import HAN

CORPUS: Final = Path(__file__).parents[2] / "corpus"
_CODE: Final = re.compile(r"CL-\d{4}-\d{3}")
_WORD: Final = re.compile(r"[\w'’]+")
# What a page holds without its questions: signs of Chinese, or words.
_LENGTHS: Final = {"zh": (600, 1_200), "en": (350, 700)}


def _rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _texts() -> CoursesText:
    read = read_courses(CORPUS / "courses")
    assert read.texts is not None, "\n".join(map(str, read.faults))
    return read.texts


def _course(course_id: str) -> CourseText:
    return next(course for course in _texts().courses if course.id == course_id)


def _units() -> list[tuple[CourseText, UnitText]]:
    return [(course, unit) for course in _texts().courses for unit in course.units]


def _questions(unit: UnitText) -> tuple[QuestionText, ...]:
    return unit.check.bank if unit.check else ()


def _words(text: str, language: str) -> int:
    plain = plain_text(text)
    if language == "zh":
        return len(re.findall(f"[{HAN}]", plain)) + len(re.findall(r"[A-Za-z0-9.%]+", plain))
    return len(_WORD.findall(plain))


@cache
def _headings(path: str) -> frozenset[str]:
    file = CORPUS / "documents" / path
    assert path.endswith(".md"), f"only headings of Markdown files are looked up: {path}"
    return frozenset(each.heading for each in sections(read_markdown(file, file.name).body))


def _leads_somewhere(place: str) -> bool:
    sort, _, rest = place.partition(":")
    path, _, heading = rest.partition("#")
    documents = {
        row["path"] for kind in ("zh", "en") for row in _rows(f"documents/{kind}/manifest.csv")
    }
    templates = {f"doctemplates/{row['path']}" for row in _rows("doctemplates/manifest.csv")}
    if sort == "corpus" and path in documents:
        return not heading or heading in _headings(path)
    known = {
        "corpus": templates,
        "lesson": {row["id"] for row in _rows("lessons.csv")},
        "project": {row["code"] for row in _rows("projects.csv")},
        "person": {row["id"] for row in _rows("people.csv")},
        "course": {course.id for course in _texts().courses},
        "unit": {f"{course.id}/{unit.id}" for course, unit in _units()},
    }
    return rest in known[sort]


def test_two_paths_in_each_language_have_at_least_twelve_units_each_with_a_check() -> None:
    paths = {(path.language, path.role): path for path in _texts().paths}
    assert set(paths) == {
        (language, role) for language in ("zh", "en") for role in ("new-hire", "project-manager")
    }
    for path in paths.values():
        courses = [_course(step.course) for step in path.steps]
        assert {course.language for course in courses} == {path.language}
        assert sum(len(course.units) for course in courses) >= 12, path.id
        assert all(unit.check for course in courses for unit in course.units), path.id
        days = [step.due_days for step in path.steps]
        assert days == sorted(days), path.id
        assert path.due_days >= max(days) > 0, path.id
        # Nobody is sent into a course before what it needs.
        for number, course in enumerate(courses):
            assert set(course.prerequisites) <= {each.id for each in courses[:number]}, course.id


def test_both_languages_have_the_same_courses_and_as_many_units() -> None:
    shapes = {
        language: sorted(
            (course.id.removesuffix(f"-{language}"), len(course.units), course.prerequisites != ())
            for course in _texts().courses
            if course.language == language
        )
        for language in ("zh", "en")
    }
    assert shapes["zh"] == shapes["en"]
    assert all(course.id.endswith(f"-{course.language}") for course in _texts().courses)


def test_pages_are_as_long_as_one_reads_in_one_go_and_give_something_to_do() -> None:
    for course, unit in _units():
        if unit.kind == "check":
            continue
        least, most = _LENGTHS[course.language]
        assert least <= _words(unit.body, course.language) <= most, (course.id, unit.id)
        assert unit.title
        assert 20 <= unit.minutes <= 60, (course.id, unit.id)
        assert ("## 动手" if course.language == "zh" else "## To do") in unit.body, unit.id


def test_every_link_and_every_place_to_be_found_is_there() -> None:
    for course, unit in _units():
        told = [unit.body, *chain(*((q.text, q.explanation) for q in _questions(unit)))]
        places = {place for text in told for place in places_in(text)}
        places |= {place for q in _questions(unit) if q.kind == "find_it" for place in q.accepted}
        if unit.target:
            places.add(unit.target)
        assert all(map(is_place, places)), (course.id, unit.id)
        missing = [place for place in sorted(places) if not _leads_somewhere(place)]
        assert not missing, (course.id, unit.id, missing)


def test_pages_lead_into_documents_templates_and_projects() -> None:
    for course in _texts().courses:
        places = [place for unit in course.units for place in places_in(unit.body)]
        places += [unit.target for unit in course.units if unit.target]
        kinds = Counter(
            "template" if "doctemplates/" in place else place.partition(":")[0] for place in places
        )
        assert kinds["corpus"] >= 3, course.id
        assert kinds["template"] >= 1, course.id
        assert kinds["project"] >= 6, course.id
        assert all(unit.target or places_in(unit.body) for unit in course.units[:-1]), course.id


def test_every_question_is_explained_and_checks_mix_their_kinds() -> None:
    for course in _texts().courses:
        for unit in course.units[:-1]:
            questions = _questions(unit)
            assert 3 <= len(questions) <= 6, (course.id, unit.id)
            assert len({question.kind for question in questions}) >= 3, (course.id, unit.id)
        final = course.units[-1]
        assert final.kind == "check"
        assert final.check is not None
        asked = {q for unit in course.units[:-1] for q in _questions(unit)}
        assert asked < set(final.check.bank), "the bank has all questions and some of its own"
        assert 0 < final.check.draw < len(final.check.bank)
        kinds = Counter(question.kind for question in final.check.bank)
        assert len(kinds) == 6, course.id
        assert kinds["find_it"] >= 2, course.id
        for question in final.check.bank:
            assert question.explanation, question.text
        texts = [question.text for question in final.check.bank]
        assert len(texts) == len(set(texts)), course.id


def test_right_answers_do_not_stand_at_the_same_place_and_true_is_not_always_right() -> None:
    for language in ("zh", "en"):
        bank = [
            question
            for course in _texts().courses
            if course.language == language
            for question in _questions(course.units[-1])
        ]
        firsts = Counter(q.right[0] for q in bank if q.kind == "single")
        assert max(firsts.values()) < 0.6 * firsts.total(), language
        assert {q.accepted[0] for q in bank if q.kind == "true_false"} == {"true", "false"}


def test_people_and_projects_in_the_texts_are_those_of_the_registers() -> None:
    people = {row["id"]: row for row in _rows("people.csv")}
    codes = {row["code"] for row in _rows("projects.csv")}
    for course in _texts().courses:
        assert set(course.teachers) <= set(people), course.id
        assert course.topics, course.id
        for unit in course.units:
            told = "\n".join(
                [
                    unit.body,
                    *chain(*((q.text, *q.options, q.explanation) for q in _questions(unit))),
                ]
            )
            assert set(_CODE.findall(told)) <= codes, (course.id, unit.id)
            for place in places_in(told):
                sort, _, rest = place.partition(":")
                if sort == "person":
                    names = {people[rest]["name_zh"], people[rest]["name_en"]}
                    assert any(name in told for name in names), (course.id, unit.id, rest)


@pytest.mark.parametrize(
    ("fact", "zh", "en"),
    [
        ("threshold of the board", "10 个工作日", "10 working days"),
        ("share of the budget", "5%", "5 %"),
        ("reserve of a standard project", "8%", "8 %"),
        ("reserve of a first-of-kind project", "15%", "15 %"),
        ("workshop", "20 个工作日", "20 working days"),
        ("closing report", "30 个工作日", "30 working days"),
    ],
)
def test_the_figures_of_the_house_method_are_taught_in_both_languages(
    fact: str, zh: str, en: str
) -> None:
    for language, words in (("zh", zh), ("en", en)):
        gates = _course(f"pmo-start-{language}").units[1]
        assert words in gates.body, (fact, language)
