"""The settings in force, and the imports of everybody."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from starlette.responses import Response

from kb.access import Action
from kb.config import Settings
from kb.import_views import Job
from web.visit import Id, Visiting

router = APIRouter(include_in_schema=False)

RECENT_JOBS: Final = 100
_HIDDEN: Final = "••••••"


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting: its variable, what is in force, whether somebody set it, and what it is for."""

    name: str
    value: str
    is_set: bool
    about: str


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Context of ``admin/settings.html``; ``section`` is for the navigation of the administration."""

    section: str
    settings: tuple[SettingLine, ...]


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Context of ``admin/jobs.html``; ``retry`` holds the numbers of jobs with something left to do again."""

    section: str
    jobs: tuple[Job, ...]
    retry: frozenset[int]


@router.get("/admin/settings")
def settings(visit: Visiting) -> Response:
    """What every setting is at the moment; secrets are not shown."""
    visit.actor.must(Action.ADMINISTER)
    page = SettingsPage("settings", lines(visit.site.settings))
    return visit.page("admin/settings.html", page, block="content")


@router.get("/admin/jobs")
def jobs(visit: Visiting) -> Response:
    """The latest imports of everybody."""
    visit.actor.must(Action.ADMINISTER)
    found = tuple(visit.kb.imports.recent(visit.actor, RECENT_JOBS))
    retry = frozenset(
        job.id
        for job in found
        if job.state in {"done", "paused", "cancelled"}
        and (job.counts.failed or job.counts.cancelled or job.counts.left)
    )
    return visit.page("admin/jobs.html", JobsPage("jobs", found, retry), block="content")


@router.post("/admin/jobs/{job_id}/retry")
def retry(visit: Visiting, job_id: Id) -> Response:
    """Queue again what failed or was left undone."""
    visit.actor.must(Action.ADMINISTER)
    visit.kb.imports.retry_failed(visit.actor, job_id)
    return visit.redirect("/admin/jobs")


def lines(given: Settings) -> tuple[SettingLine, ...]:
    """All settings by the names of their variables, as the README lists them."""
    found = []
    for name, known in Settings.model_fields.items():
        value = getattr(given, name)
        found.append(
            SettingLine(
                name=f"KB_{name.upper()}",
                value=_shown(value),
                is_set=f"KB_{name.upper()}" in os.environ or name in given.model_fields_set,
                about=known.description or "",
            )
        )
    return tuple(found)


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return _HIDDEN if value.get_secret_value() else ""
    if isinstance(value, str) and "://" in value:
        try:
            return make_url(value).render_as_string(hide_password=True)
        except ArgumentError:
            return _HIDDEN
    return "" if value is None else str(value)
