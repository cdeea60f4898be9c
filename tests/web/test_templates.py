"""Templates: every block renders alone, in both languages, with the context its page really gets."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from jinja2_fragments import render_block
from starlette.responses import HTMLResponse

import web.pages
from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.registers import PersonRow
from kb.search.answers import Names
from tests.web.conftest import PASSWORD, sign_in
from tests.web.doctemplate_library import add_past_work, add_template
from tests.web.pages.test_second_factor import key_on
from tests.web.talk_pages import talk_pages
from tests.web.training_library import training_pages
from web.app import create_app
from web.site import Site
from web.visit import Visit

# Templates that are no pages: nothing is ever rendered from them directly.
NO_PAGES = {
    "doctemplates/details.html",
    "layout/base.html",
    "layout/macros.html",
    "lessons/behind.html",
    "lessons/precedents.html",
    "admin/nav.html",
    "people/person_line.html",
    "people/reckoning.html",
    "people/sum.html",
    "people/tools.html",
    "search/frame.html",
    "search/hit.html",
}


def pages_without_parameters() -> list[str]:
    """The addresses that need nothing filled in; a new page is among them without being listed here."""
    modules = [
        import_module(f"web.pages.{found.name}") for found in iter_modules(web.pages.__path__)
    ]
    return [
        route.path
        for module in modules
        for route in getattr(module, "router", APIRouter()).routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path
    ]


def worked_on(client: TestClient, document_id: int) -> tuple[str, ...]:
    """Pages about a document that was discussed, whose new version waits, and that somebody else changed meanwhile."""
    page = f"/documents/{document_id}"
    client.post(f"{page}/preview", data={"body": "*new*"})
    client.post(f"{page}/comments", data={"text": "@pmo 看一下"})
    client.post(f"{page}/edit", data={"title": "T", "body": "one", "base": 1})
    client.post(f"{page}/edit", data={"title": "T", "body": "two", "base": 1})
    return page, f"{page}/life", f"{page}/edit/clash"


def account_pages(kb: KnowledgeBase, client: TestClient) -> tuple[str, ...]:
    """The pages of a user, of a group, and those that a link opens, where mails can be sent."""
    mail = {"smtp_host": "127.0.0.1", "public_url": "https://kb.example.com"}
    kb.settings = kb.settings.model_copy(update=mail)
    client.post("/password-strength", data={"new": "correct horse battery"})
    # A demonstration has no second factors.
    with TestClient(create_app(kb.settings, kb)) as other:
        sign_in(other, "li.na")
        device = key_on(other.post("/account/factor/begin"))
        other.post("/account/factor", data={"code": device.now()})
        other.post("/sign-in", data={"name": "li.na", "password": PASSWORD})
    kb.groups.add(SYSTEM, "quality", "质量部")
    invited = kb.invitations.invite(SYSTEM, Role.READER)
    return (
        "/admin/users/li.na",
        "/admin/groups/quality",
        f"/links/{invited}",
        f"/links/{kb.invitations.reset(SYSTEM, 'li.na')}",
    )


def register_steps(client: TestClient) -> tuple[str, ...]:
    """The pages of an import of a register, from its columns to its result; they are shown on the way."""
    table = ("a.csv", b"code,name,start\nT-1,One,2024-03-05\nT-2,Two,soon\n", "text/csv")
    place = client.post("/registers/projects/import", files=[("files", table)]).url.path
    client.post(f"{place}/columns", data={"field": ["code", "name_en", "started"]})
    client.post(f"{place}/run", data={"keep": "good"})
    return "/registers/projects/import", place


@pytest.fixture
def shown(
    kb: KnowledgeBase,
    settings: Settings,
    documents: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Site, list[tuple[str, dict[str, object]]]]:
    """The site, and each template with the names that its page was shown with."""
    seen: list[tuple[str, dict[str, object]]] = []
    real = Visit.page

    def recording(self: Visit, template: str, context: object, **more: Any) -> HTMLResponse:
        seen.append((template, {"page": context, "frame": self._frame()}))
        return real(self, template, context, **more)

    monkeypatch.setattr(Visit, "page", recording)
    app = create_app(settings, kb, demo=True)
    topic = kb.topics.add(SYSTEM, Names("方法论", "Methodology"))
    kb.topics.file(SYSTEM, topic, documents["lesson"])
    kb.registers.put_people(SYSTEM, [PersonRow("hao.jianping", "郝建平", "Hao Jianping")])
    template = add_template(kb)
    with TestClient(app) as client:
        client.get("/sign-in")
        sign_in(client, "pmo")
        job = client.post("/imports", files=[("files", ("a.txt", b"x", "text/plain"))]).url.path
        told = {"title": "教训 <1>", "kind": "lesson", "language": "zh", "what_happened": "x",
                "recommendation": "y", "phase": "test", "seen": "yes"}  # fmt: skip
        lesson = client.post("/lessons", data=told).url.path
        client.post(f"{lesson}/validate", data={"verdict": "applicable", "note": "ok"})
        client.post("/lessons/before", data=told)
        for path in (
            lesson,
            f"{lesson}/edit",
            f"{lesson}/close",
            f"{lesson}/close?document={documents['lesson']}",
            f"{lesson}/supersede",
            "/?q=risk 风险&kind=lesson&from=2019-01-01",
            "/?q=zzz((",
            f"/documents/{documents['lesson']}?q=风险",
            f"/documents/{documents['mixed']}",
            f"/documents/{documents['mixed']}/similar",
            f"/search/why?q=risk 风险&id={documents['lesson']}",
            job,
            f"{job}/review",
            f"/documents/{documents['lesson']}/details",
            f"/documents/{documents['lesson']}/edit",
            f"/documents/{documents['lesson']}/files",
            f"/documents/{documents['lesson']}/life",
            f"/documents/{documents['lesson']}/versions",
            f"/documents/{documents['lesson']}/versions/1",
            f"/documents/{documents['lesson']}/versions/1/compare/1",
            f"/documents/{documents['lesson']}/comments",
            *worked_on(client, documents["summary"]),
            f"/documents/{documents['lesson']}/compare/{documents['summary']}",
            "/people/1",
            f"/people/1/expertise?topic={kb.expertise.of_person(SYSTEM, 1).topics[0].topic.key}",
            "/people/experts?q=管廊",
            f"/topics/{topic}",
            f"/topics/{topic}/book",
            "/folders/one?folder=合同",
            *register_steps(client),
            f"/projects/{kb.projects.by_code(SYSTEM, 'CL-2018-007')}",
            *(f"/doctemplates/{template}{path}" for path in ("", "/fill", "/example", "/edit")),
            f"/doctemplates/past/{add_past_work(kb)}",
            *training_pages(kb, client, documents["lesson"]),
            *talk_pages(client, documents["lesson"]),
            *account_pages(kb, client),
            "/nothing-here",
            *pages_without_parameters(),
        ):
            client.get(path)
    site: Site = app.state.site
    return site, seen


def test_every_block_renders_alone_in_both_languages(
    shown: tuple[Site, list[tuple[str, dict[str, object]]]],
) -> None:
    site, seen = shown
    for environment in site.templates.environments.values():
        pages = set(environment.list_templates()) - NO_PAGES
        assert pages == {template for template, _ in seen}
        for template, names in seen:
            for block in environment.get_template(template).blocks:
                html = render_block(environment, template, block, names)
                assert "{{" not in html
                assert "{%" not in html


def test_no_page_has_inline_script_or_style_or_handlers(
    shown: tuple[Site, list[tuple[str, dict[str, object]]]],
) -> None:
    site, seen = shown
    for template, names in seen:
        html = site.templates.environments["en"].get_template(template).render(names)
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), template
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", html), template


def test_ids_are_given_once_and_labels_point_to_them(
    shown: tuple[Site, list[tuple[str, dict[str, object]]]],
) -> None:
    site, seen = shown
    for template, names in seen:
        html = site.templates.environments["zh"].get_template(template).render(names)
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), template
        for target in re.findall(r'aria-(?:labelledby|controls)="([^"]+)"', html):
            assert target in ids, (template, target)
        assert html.count("<h1") == 1, template
        assert html.count("<main") == 1, template
