"""Templates: one Jinja environment per language, whole pages and single blocks.

A fragment is a ``{% block %}`` of its page. Rendered alone, a block sees neither the imports nor the ``set`` of its
page, so everything shared is a global of the environment: ``icon``, ``asset``, the labels, the macros as ``ui``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2_fragments import render_block
from markupsafe import Markup, escape

from web import (
    account_labels,
    audit_labels,
    community_labels,
    doctemplate_labels,
    labels,
    lesson_labels,
    life_labels,
    notification_labels,
    people_labels,
    project_labels,
    question_labels,
    training_labels,
)
from web.assets import Assets
from web.language import Language, document_tag

_MACROS: Final = "layout/macros.html"
# So many different icons, numbers and days are remembered in each language, as text.
_KEPT: Final = 4_096
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": labels.KINDS,
    "purpose": labels.PURPOSES,
    "language": labels.LANGUAGES,
    "facet": labels.FACETS,
    "suggestion": labels.SUGGESTIONS,
    "job_state": labels.JOB_STATES,
    "outcome": labels.OUTCOMES,
    "ledger": labels.LEDGER_COUNTS,
    "property": labels.PROPERTIES,
    "format": labels.FORMATS,
    "stage": life_labels.STAGES,
    **lesson_labels.TABLES,
    **doctemplate_labels.TABLES,
    **project_labels.TABLES,
    **audit_labels.TABLES,
    **training_labels.TABLES,
    **account_labels.TABLES,
    **notification_labels.TABLES,
    **people_labels.TABLES,
    **question_labels.TABLES,
    **community_labels.TABLES,
}


class Templates:
    """The templates of one folder."""

    def __init__(self, folder: Path, assets: Assets, languages: Mapping[str, Language]) -> None:
        """Prepare an environment for each language; templates are read when first used."""
        self.environments = {
            code: _environment(folder, assets, language) for code, language in languages.items()
        }

    def page(self, language: Language, template: str, context: Mapping[str, object]) -> str:
        """A whole page."""
        return self.environments[language.code].get_template(template).render(context)

    def block(
        self, language: Language, template: str, block: str, context: Mapping[str, object]
    ) -> str:
        """One block of a page, with the page's title in front, which htmx puts where it belongs."""
        environment = self.environments[language.code]
        rendered = str(render_block(environment, template, block, context))
        if "title" not in environment.get_template(template).blocks:
            return rendered
        title = str(render_block(environment, template, "title", context)).strip()
        return f"<title>{title}</title>\n{rendered}"


def label(language: Language, table: str, word: object) -> str:
    """What people read in place of a stored word; the word itself where the table has none."""
    message = _LABELS[table].get(str(word))
    return language.gettext(message) if message else str(word)


class _Compiled(BytecodeCache):
    """Compiled templates, so that a second application in this process (each test has one) need not compile them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill ``bucket`` with what is kept; Jinja compares the hash of the template's text."""
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled(_language: str, _sprite: str) -> _Compiled:
    """What is compiled for a language and a sprite: filters of constants are worked out when a template is compiled."""
    return _Compiled()


def _environment(folder: Path, assets: Assets, language: Language) -> Environment:
    sprite = assets.url("vendor/lucide/icons.svg")
    environment = Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=_compiled(language.code, sprite),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method; Jinja's types do not know it.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )

    @lru_cache(_KEPT)
    def icon(name: str, css: str = "") -> Markup:
        """A decorative icon of the sprite; what it stands for is always written beside it."""
        return Markup(  # noqa: S704  both parts are escaped
            f'<svg class="icon {escape(css)}" aria-hidden="true" focusable="false">'
            f'<use href="{sprite}#{escape(name)}"/></svg>'
        )

    # Pages of hits show hundreds of numbers and days, most of them again and again.
    number = lru_cache(_KEPT, typed=True)(language.number)
    # What stands in long lists is written as a filter: Jinja calls filters directly, and constant ones only once.
    environment.filters.update(icon=icon, number=number)
    environment.globals.update(
        asset=assets.url,
        icon=icon,
        label=lambda table, word: label(language, table, word),
        labels=lambda table: {word: label(language, table, word) for word in _LABELS[table]},
        unit_icon=lambda kind: training_labels.UNIT_ICONS.get(kind, "book-open"),
        kind_icon=lambda kind: labels.KIND_ICONS.get(kind, labels.KIND_ICONS["other"]),
        lang_tag=document_tag,
        # For sentences out of the data, which `_` would take for templates with gaps.
        say=language.retold,
        day=lru_cache(_KEPT)(language.day),
        moment=language.moment,
        meeting=language.meeting,
        ago=language.ago,
        number=number,
        percent=language.percent,
        filesize=language.size,
        minutes=lambda count: language.duration(count * 60),
        path_part=lambda text: quote(str(text), safe=""),
        trusted=Markup,
    )
    environment.globals["ui"] = environment.get_template(_MACROS).module
    return environment
