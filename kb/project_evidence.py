"""What projects show of people: who led them, and who had another role in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.errors import N_
from kb.evidence import Evidence
from kb.models import Project, ProjectMember, ProjectTag, project_readable
from kb.person_matching import Named, meant

MANAGER: Final = N_("Project manager")
# How much of having led a project it is to have had another role in it, by what the role's name holds. A sponsor
# decides but is seldom at work on it.
_SPONSOR: Final = ("sponsor", "发起人", "steering", "指导委员会")
SPONSOR_PART: Final = 0.2
MEMBER_PART: Final = 0.5


class ProjectEvidence:
    """The evidence of projects that went on; see :class:`kb.evidence.EvidenceSource`."""

    subject: Final = "project"

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        """A project that has not ended counts as of ``today``."""
        self._today = today

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """Who had which role in the projects that ``actor`` may know of."""
        wanted = select(Project).where(project_readable(actor), Project.merged_into.is_(None))
        if numbers is not None:
            wanted = wanted.where(Project.id.in_(numbers))
        projects = {project.id: project for project in session.scalars(wanted)}
        roles = [
            (project.id, project.manager, MANAGER, 1.0)
            for project in projects.values()
            if project.manager
        ]
        members = select(ProjectMember).where(ProjectMember.project_id.in_(projects))
        roles += [
            (each.project_id, each.person, each.role, _part(each.role))
            for each in session.scalars(members)
        ]
        who = meant(session, {Named(name, self.subject, number) for number, name, *_ in roles})
        tags = _tags(session, projects)
        today = self._today()
        found = []
        for number, name, role, part in roles:
            person = who[Named(name, self.subject, number)].person
            if person is None or (people is not None and person not in people):
                continue
            project = projects[number]
            if project.started is not None and project.started > today:
                continue
            found.append(
                Evidence(
                    person=person,
                    kind="led",
                    subject=self.subject,
                    number=number,
                    title=" ".join(filter(None, (project.code, project.name_zh, project.name_en))),
                    dated=min(project.ended or today, today),
                    tags=tags.get(number, ()),
                    part=part,
                    role=role,
                )
            )
        return found


def _part(role: str) -> float:
    return SPONSOR_PART if any(word in role.lower() for word in _SPONSOR) else MEMBER_PART


def _tags(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for number, tag in session.execute(
        select(ProjectTag.project_id, ProjectTag.tag)
        .where(ProjectTag.project_id.in_(numbers))
        .order_by(ProjectTag.project_id, ProjectTag.tag)
    ):
        found[number] = (*found.get(number, ()), tag)
    return found
