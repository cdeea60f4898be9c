"""Filling in a DocTemplate: what a form is prefilled with, and the forms people have begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.doctemplate_answers import Answers, answers_from_json
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.models import Person, Project, User, utc_now
from kb.models.doctemplates import DocTemplate, DocTemplateForm, doctemplate_readable
from kb.models.projects import project_readable

# Old forms are thrown away by their owner; this many are plenty for one person's running projects.
MAX_FORMS: Final = 200
# Names offered while typing: more than this a list does not help.
MAX_OFFERED: Final = 500


@dataclass(frozen=True, slots=True)
class Form:
    """A form somebody has begun."""

    id: int
    template_id: int
    template_title: str
    project: str
    answers: Answers
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """What a form offers to choose from: projects as code and name, people as names."""

    projects: tuple[tuple[str, str], ...]
    people: tuple[str, ...]


class DocTemplateForms:
    """Use cases around forms; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep forms in ``database``."""
        self._database = database

    def known(self, actor: Actor, project: str, language: str, today: date) -> dict[str, str]:
        """What is known before anybody types, by source (see :data:`kb.doctemplate_fields.SOURCES`).

        Args:
            actor: who fills in.
            project: code of the chosen project, or empty.
            language: of the template: names are given in it where there are any.
            today: the day.

        Raises:
            NotFound: there is no such project, or not for this actor.
        """
        with self._database.read() as session:
            known = {"today": today.isoformat(), "me.name": _own_name(session, actor, language)}
            if project:
                known |= _facts(session, _project(session, actor, project), language)
            return known

    def offered(self, actor: Actor, language: str) -> Offered:
        """Projects and people to choose from, of those that ``actor`` may know."""
        with self._database.read() as session:
            projects = session.scalars(
                select(Project)
                .where(project_readable(actor), Project.merged_into.is_(None))
                .order_by(Project.code.desc())
                .limit(MAX_OFFERED)
            ).all()
            people: list[str] = []
            if actor.principals or actor.sees_all:
                rows = session.scalars(select(Person).order_by(Person.handle).limit(MAX_OFFERED))
                people = [_person_name(person, language) for person in rows]
            return Offered(
                tuple((each.code, _project_name(each, language)) for each in projects),
                tuple(dict.fromkeys(filter(None, people))),
            )

    def keep(
        self, actor: Actor, template_id: int, answers: Answers, project: str, form_id: int | None
    ) -> int:
        """Keep what was answered so far and return the form's id; ``form_id`` None begins a new one.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such template or form, or it is somebody else's.
            InvalidInput: the actor keeps too many forms.
        """
        user = _signed_in(actor)
        with self._database.write() as session:
            if form_id is not None:
                row = _own(session, actor, form_id)
            else:
                _template_title(session, actor, template_id)
                row = DocTemplateForm(template_id=template_id, user_id=user)
                kept = session.scalar(select(func.count()).where(DocTemplateForm.user_id == user))
                if (kept or 0) >= MAX_FORMS:
                    raise InvalidInput(
                        field=N_("form"), reason=N_("you keep too many already; delete some first")
                    )
                session.add(row)
            row.answers = answers.as_json()
            row.project = project[:100]
            row.updated_at = utc_now()
            session.flush()
            return row.id

    def get(self, actor: Actor, form_id: int) -> Form:
        """A form of one's own.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such form, it is somebody else's, or its template is not for this actor any more.
        """
        with self._database.read() as session:
            row = _own(session, actor, form_id)
            return _form(row, _template_title(session, actor, row.template_id))

    def mine(self, actor: Actor) -> tuple[Form, ...]:
        """The forms an actor has begun, the latest first; none for somebody who has not signed in."""
        if not actor.id or actor.sees_all:
            return ()
        with self._database.read() as session:
            rows = session.execute(
                select(DocTemplateForm, DocTemplate.title)
                .join(DocTemplate, DocTemplate.id == DocTemplateForm.template_id)
                .where(DocTemplateForm.user_id == actor.id, doctemplate_readable(actor))
                .order_by(DocTemplateForm.updated_at.desc(), DocTemplateForm.id.desc())
            )
            return tuple(_form(row, title) for row, title in rows)

    def drop(self, actor: Actor, form_id: int) -> None:
        """Throw a form away.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such form, or it is somebody else's.
        """
        with self._database.write() as session:
            session.delete(_own(session, actor, form_id))


def _signed_in(actor: Actor) -> str:
    if not actor.id or actor.sees_all:
        raise NotAllowed(action=N_("keep forms"))
    return actor.id


def _own(session: Session, actor: Actor, form_id: int) -> DocTemplateForm:
    """One's own form of a template that one may still know of."""
    row = session.scalar(
        select(DocTemplateForm)
        .join(DocTemplate, DocTemplate.id == DocTemplateForm.template_id)
        .where(
            DocTemplateForm.id == form_id,
            DocTemplateForm.user_id == _signed_in(actor),
            doctemplate_readable(actor),
        )
    )
    if row is None:
        raise NotFound(what=N_("form"), id=form_id)
    return row


def _template_title(session: Session, actor: Actor, template_id: int) -> str:
    title = session.scalar(
        select(DocTemplate.title).where(doctemplate_readable(actor), DocTemplate.id == template_id)
    )
    if title is None:
        raise NotFound(what=N_("template"), id=template_id)
    return title


def _form(row: DocTemplateForm, title: str) -> Form:
    return Form(
        row.id, row.template_id, title, row.project, answers_from_json(row.answers), row.updated_at
    )


def _project(session: Session, actor: Actor, code: str) -> Project:
    found = session.scalar(select(Project).where(project_readable(actor), Project.code == code))
    if found is None:
        raise NotFound(what=N_("project"), id=code)
    return found


def _facts(session: Session, project: Project, language: str) -> Mapping[str, str]:
    manager = session.scalar(select(Person).where(Person.handle == project.manager))
    days = {"started": project.started, "planned_end": project.planned_end, "ended": project.ended}
    return {
        "project.code": project.code,
        "project.name": _project_name(project, language),
        "project.name_zh": project.name_zh,
        "project.name_en": project.name_en,
        "project.customer": project.customer,
        "project.industry": project.industry,
        "project.manager": _person_name(manager, language) if manager else project.manager,
        "project.status": project.status,
        **{f"project.{name}": day.isoformat() if day else "" for name, day in days.items()},
    }


def _own_name(session: Session, actor: Actor, language: str) -> str:
    person = session.scalar(select(Person).where(Person.handle == actor.id)) if actor.id else None
    if person:
        return _person_name(person, language)
    name = session.scalar(select(User.name).where(User.id == actor.id)) if actor.id else ""
    return name or actor.name


def _project_name(project: Project, language: str) -> str:
    zh, en = project.name_zh, project.name_en
    return (zh or en) if language == "zh" else (en or zh)


def _person_name(person: Person, language: str) -> str:
    zh, en = person.name_zh, person.name_en
    return (zh or en) if language == "zh" else (en or zh)
