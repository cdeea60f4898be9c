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
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import sign_in
from web.app import create_app
from web.site import Site
from web.visit import Visit

# Templates that are no pages: nothing is ever rendered from them directly.
NO_PAGES = {"layout/base.html", "layout/macros.html", "search/frame.html", "search/hit.html"}


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
    with TestClient(app) as client:
        client.get("/sign-in")
        sign_in(client, "pmo")
        job = client.post("/imports", files=[("files", ("a.txt", b"x", "text/plain"))]).url.path
        for path in (
            "/?q=risk 风险&kind=lesson&from=2019-01-01",
            "/?q=zzz((",
            f"/documents/{documents['lesson']}?q=风险",
            f"/documents/{documents['mixed']}",
            f"/documents/{documents['mixed']}/similar",
            f"/search/why?q=risk 风险&id={documents['lesson']}",
            job,
            f"{job}/review",
            f"/documents/{documents['lesson']}/details",
            f"/documents/{documents['lesson']}/compare/{documents['summary']}",
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
