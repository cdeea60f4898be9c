"""The web application: everything put together once, in :func:`create_app`.

Handlers are plain functions; FastAPI runs them in threads, because SQLite, Whoosh and jieba block.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import web.api.candidates
import web.api.doctemplates
import web.api.documents
import web.api.editing
import web.api.glossary
import web.api.health
import web.api.imports
import web.api.lessons
import web.api.people
import web.api.projects
import web.api.questions
import web.api.search
import web.api.training
import web.pages.account
import web.pages.admin
import web.pages.admin_audit
import web.pages.admin_groups
import web.pages.admin_personal
import web.pages.admin_settings
import web.pages.admin_users
import web.pages.board
import web.pages.candidate_acceptance
import web.pages.candidates
import web.pages.certificates
import web.pages.comments
import web.pages.communities
import web.pages.communities_events
import web.pages.comparison
import web.pages.details
import web.pages.doctemplate_fill
import web.pages.doctemplate_intake
import web.pages.doctemplates
import web.pages.documents
import web.pages.editing
import web.pages.exports
import web.pages.folders
import web.pages.following
import web.pages.forgotten
import web.pages.glossary
import web.pages.help
import web.pages.hits
import web.pages.home
import web.pages.import_reports
import web.pages.import_review
import web.pages.imports
import web.pages.insights
import web.pages.lesson_board
import web.pages.lesson_export
import web.pages.lesson_form
import web.pages.lesson_steps
import web.pages.lessons
import web.pages.life
import web.pages.notifications
import web.pages.page_versions
import web.pages.password_strength
import web.pages.people
import web.pages.privacy
import web.pages.projects
import web.pages.proving
import web.pages.questions
import web.pages.questions_form
import web.pages.questions_steps
import web.pages.registers
import web.pages.saved_searches
import web.pages.second_factor
import web.pages.sign_in
import web.pages.single_sign_on
import web.pages.topics
import web.pages.training
import web.pages.training_banks
import web.pages.training_checks
import web.pages.training_courses
import web.pages.training_desk
import web.pages.training_import
import web.pages.training_path_desk
import web.pages.training_reports
import web.pages.training_unit_desk
from kb import open_kb
from kb.config import MIB, Settings
from kb.knowledge_base import KnowledgeBase
from web.api.whole_texts import whole_texts_only
from web.assets import Assets
from web.audit_trail import AuditTrail
from web.background import Background
from web.bodies import taken_bodies_only
from web.errors import PROBLEM_JSON, Problem, add_error_answers
from web.gate import gate
from web.language import languages
from web.limits import Limits, limits_of
from web.refusals import write_now_and_then, write_refused
from web.route_actions import API_PREFIX
from web.security import Shell, own_pages_only
from web.site import Site
from web.templating import Templates

# Below this many bytes compressing costs more than it saves.
_WORTH_COMPRESSING: Final = 1024
# What a form may hold beside one file of the greatest size, in MiB: texts, and a few more files of usual size.
_FORM_MIB: Final = 16

_PROBLEM: Final[dict[str, Any]] = {
    "description": "RFC 9457 problem details",
    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_WRONG_TYPE: Final = {**_PROBLEM, "description": "The body is of a type that is not taken here"}


def create_app(
    settings: Settings,
    kb: KnowledgeBase | None = None,
    *,
    background: Background | None = None,
    demo: bool = False,
) -> FastAPI:
    """Put the application together; nothing is opened before it starts.

    Args:
        settings: of this installation.
        kb: an open knowledge base, which stays open; by default one is opened at start and closed at the end.
        background: threads to start and stop with the application; by default it only answers requests.
        demo: say on every page that this is a demonstration, and name its sign-ins.
    """
    assets = Assets()
    templates = Templates(settings.templates_dir, assets, languages())
    limits = Limits(limits_of(settings))
    site = Site(settings, assets, templates, limits, demo=demo, opened=kb)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if site.opened is None:
            site.opened = await run_in_threadpool(open_kb, settings)
        if background is not None:
            background.start()
        writing = asyncio.create_task(write_now_and_then(site.kb))
        try:
            yield
        finally:
            writing.cancel()
            await run_in_threadpool(write_refused, site.kb, at_once=True)
            if background is not None:
                await run_in_threadpool(background.stop)
            if kb is None:
                await run_in_threadpool(site.kb.close)
                site.opened = None

    bodies = (settings.max_file_mib + _FORM_MIB) * MIB
    app = FastAPI(
        title="Qianjian 前鉴",
        version=version("qianjian"),
        lifespan=lifespan,
        max_body_size=bodies,
        openapi_url=f"{API_PREFIX}/openapi.json",
        # Their pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.site = site
    app.add_middleware(AuditTrail)
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_COMPRESSING)
    app.add_middleware(Shell)
    if settings.trusted_proxies:
        # Outermost, so that all others see the visitor's address and scheme.
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    add_error_answers(app)
    app.router.routes.extend(_routes(bodies=bodies, uploads=settings.max_upload_mib * MIB))
    app.router.routes.append(assets.route())
    _describe_refused_bodies(app)
    return app


@cache
def _routes(*, bodies: int, uploads: int) -> tuple[BaseRoute, ...]:
    """All routes but static files, the same for every application in this process: a test has one of its own.

    FastAPI works out what each of 400 handlers wants with the first request, in a third of a second.

    Args:
        bodies: the most bytes of a request.
        uploads: the most bytes of one that imports.
    """
    app = FastAPI(
        dependencies=[Depends(own_pages_only), Depends(gate), Depends(taken_bodies_only)],
        max_body_size=bodies,
        openapi_url=None,
    )
    _add_programs(app, uploads=uploads)
    _add_routes(app, uploads=uploads)
    _add_account_routes(app)
    return tuple(app.router.routes)


def _add_routes(app: FastAPI, *, uploads: int) -> None:
    app.include_router(web.api.health.router)
    app.include_router(web.pages.home.router)
    app.include_router(web.pages.documents.router)
    # Before the pages of one template, whose address has the place of their words.
    app.include_router(web.pages.doctemplate_fill.router)
    app.include_router(web.pages.doctemplate_intake.router)
    app.include_router(web.pages.doctemplates.router)
    app.include_router(web.pages.details.router)
    app.include_router(web.pages.comparison.router)
    app.include_router(web.pages.editing.router)
    app.include_router(web.pages.life.router)
    app.include_router(web.pages.page_versions.router)
    app.include_router(web.pages.comments.router)
    app.include_router(web.pages.board.router)
    app.include_router(web.pages.imports.router, max_body_size=uploads)
    app.include_router(web.pages.import_review.router)
    app.include_router(web.pages.import_reports.router)
    app.include_router(web.pages.folders.router)
    app.include_router(web.pages.exports.router)
    app.include_router(web.pages.glossary.router)
    app.include_router(web.pages.hits.router)
    app.include_router(web.pages.candidates.router)
    app.include_router(web.pages.candidate_acceptance.router)
    app.include_router(web.pages.lessons.router)
    app.include_router(web.pages.lesson_form.router)
    app.include_router(web.pages.lesson_steps.router)
    app.include_router(web.pages.lesson_board.router)
    app.include_router(web.pages.lesson_export.router)
    app.include_router(web.pages.insights.router)
    app.include_router(web.pages.notifications.router)
    app.include_router(web.pages.following.router)
    app.include_router(web.pages.communities.router)
    app.include_router(web.pages.communities_events.router)
    app.include_router(web.pages.people.router)
    app.include_router(web.pages.questions_form.router)
    app.include_router(web.pages.questions_steps.router)
    app.include_router(web.pages.questions.router)
    app.include_router(web.pages.saved_searches.router)
    app.include_router(web.pages.projects.router)
    app.include_router(web.pages.registers.router)
    app.include_router(web.pages.topics.router)
    # What is written stands before the pages of one course or path, whose address has the place of its words.
    for pages in (
        web.pages.training_desk,
        web.pages.training_unit_desk,
        web.pages.training_path_desk,
        web.pages.training_import,
        web.pages.training_banks,
        web.pages.training_reports,
        web.pages.training_courses,
        web.pages.training_checks,
        web.pages.training,
        web.pages.certificates,
    ):
        app.include_router(pages.router)
    pages = web.pages
    for page in (pages.admin, pages.admin_audit, pages.admin_settings, pages.admin_personal):
        app.include_router(page.router)
    app.include_router(web.pages.help.router)
    app.include_router(web.pages.privacy.router)


def _add_programs(app: FastAPI, *, uploads: int) -> None:
    """The API."""
    problems: dict[int | str, dict[str, Any]] = {
        "4XX": _PROBLEM,
        "5XX": _PROBLEM,
        422: {**_PROBLEM, "model": Problem},
    }
    programs = APIRouter(
        prefix=API_PREFIX, responses=problems, dependencies=[Depends(whole_texts_only)]
    )
    programs.include_router(web.api.search.router)
    programs.include_router(web.api.documents.router)
    programs.include_router(web.api.doctemplates.router)
    programs.include_router(web.api.editing.router)
    programs.include_router(web.api.imports.router, max_body_size=uploads)
    programs.include_router(web.api.people.router)
    programs.include_router(web.api.projects.router)
    programs.include_router(web.api.glossary.router)
    programs.include_router(web.api.candidates.router)
    programs.include_router(web.api.lessons.router)
    programs.include_router(web.api.training.router)
    programs.include_router(web.api.questions.router)
    app.include_router(programs)


def _describe_refused_bodies(app: FastAPI) -> None:
    describe = app.openapi

    def with_refused_bodies() -> dict[str, Any]:
        """The description, with what is answered to a body of a type that is not taken."""
        described = describe()
        for operations in described["paths"].values():
            for operation in operations.values():
                if "requestBody" in operation:
                    operation["responses"]["415"] = _WRONG_TYPE
        return described

    app.openapi = with_refused_bodies  # type: ignore[method-assign]


def _add_account_routes(app: FastAPI) -> None:
    """Pages about whoever asks, and about who may ask."""
    app.include_router(web.pages.sign_in.router)
    app.include_router(web.pages.forgotten.router)
    app.include_router(web.pages.proving.router)
    app.include_router(web.pages.second_factor.router)
    app.include_router(web.pages.password_strength.router)
    app.include_router(web.pages.single_sign_on.router)
    app.include_router(web.pages.account.router)
    app.include_router(web.pages.admin_users.router)
    app.include_router(web.pages.admin_groups.router)
