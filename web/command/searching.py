"""``pmo search``, ``pmo reindex`` and ``pmo eval``."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from html import unescape
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from kb import glossary_csv, open_kb
from kb.access import SYSTEM, Actor
from kb.config import Settings
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase
from kb.search import analysis, open_expander
from kb.search.answers import MAX_PER_PAGE, Hit, SearchAnswer, SearchRequest
from kb.search.evaluation import evaluate, write_run

_MARKED: Final = re.compile(r"(<mark>.*?</mark>)")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("search")(search)
    app.command("reindex")(reindex)
    app.command("eval")(run_evaluation)


def search(
    query: Annotated[str, typer.Argument(help="The question, as in the search box.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's answer.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MAX_PER_PAGE, help="Hits to show.")] = 10,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    user: Annotated[str, typer.Option("--as", help="Answer as this user would see it.")] = "",
) -> None:
    """Search. Without --as the answer is that of the operator, who sees everything."""
    request = SearchRequest(query=query, kinds=tuple(kind or ()), per_page=limit)
    with open_kb() as kb:
        actor = _actor(kb, user)
        answer = kb.search(actor, request)
        kb.insights.log.record(
            actor,
            query,
            filters={"kind": list(request.kinds)} if request.kinds else {},
            total=answer.total,
            took_ms=answer.took_ms,
            door="command",
        )
    if as_json:
        # The web framework behind it takes longer to load than most searches take.
        from web.api.search import search_body  # noqa: PLC0415
        from web.language import languages  # noqa: PLC0415

        typer.echo(search_body(answer, request, languages()["en"]).model_dump_json())
    else:
        _show(answer)


def reindex() -> None:
    """Rebuild the search index beside the live one and put it in its place."""
    with open_kb() as kb:
        kb.indexing.rebuild()
    typer.echo("The index is rebuilt.", err=True)


def run_evaluation(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Corpus, queries, judgements.")
    ],
    run: Annotated[
        Path | None, typer.Option(help="Write the ranking here as a TREC run file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Hits looked at for each query.")] = 100,
) -> None:
    """Measure ranking on judged questions, apart from the live data."""
    settings = Settings()
    lexicon = glossary_csv.lexicon((settings.corpus_dir / "glossary.csv").read_bytes())
    analysis.use_words(lexicon.words())
    report = evaluate(folder, limit, open_expander(settings, lambda: lexicon))
    if run is not None:
        write_run(report, run)
    figures = {name: value for name, value in asdict(report).items() if name != "run"}
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        typer.echo(f"{name}\t{value}")


def _actor(kb: KnowledgeBase, user: str) -> Actor:
    if not user:
        return SYSTEM
    actor = kb.accounts.actor(user)
    if actor is None:
        raise NotFound(what="user", id=user)
    return actor


def _show(answer: SearchAnswer) -> None:
    console = Console()
    for note in answer.ignored:
        console.print(note, style="yellow")
    for number, hit in enumerate(answer.hits, start=1):
        facts = " · ".join(
            part
            for part in (hit.kind, hit.project_code, str(hit.dated or ""), ", ".join(hit.people))
            if part
        )
        console.print(
            Text(f"{number:>2}  ").append_text(_plain(hit.title_html)).append(_section(hit))
        )
        console.print(Text(f"    {facts}  (document {hit.id})", style="dim"))
        console.print(Text("    ").append_text(_plain(hit.snippet)))
    console.print(f"{answer.total} found in {answer.took_ms:.0f} ms", style="dim")


def _section(hit: Hit) -> str:
    return f" § {hit.section.heading}" if hit.section and hit.section.heading else ""


def _plain(html: str) -> Text:
    """The escaped HTML of a snippet, whose only tag is ``<mark>``, as terminal text."""
    text = Text()
    for part in _MARKED.split(html):
        marked = part.startswith("<mark>")
        text.append(unescape(part[6:-7] if marked else part), style="bold yellow" if marked else "")
    return text
