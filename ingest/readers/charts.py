"""Charts of Office Open XML: their title and the data they were drawn from, as a table."""

from __future__ import annotations

import math
from typing import Final

from lxml import etree

from ingest.readers.elements import attribute, child, children, descendants, local, number
from ingest.readers.writing import Cell, Run, inline, one_line, table

# Points of one series that are carried: a chart of measurements may have a hundred thousand.
_MAX_POINTS: Final = 500
_PLOTS: Final = "Chart"


def chart_blocks(root: etree._Element) -> list[str]:
    """Return a chart part as blocks of Markdown: its title in bold, its axis titles, its data as a table."""
    chart = child(root, "chart") if local(root) != "chart" else root
    titles = [_words(title) for title in _titles(chart)]
    head = [inline([Run(title, bold=not index)]) for index, title in enumerate(titles) if title]
    return [
        *head,
        *(
            _table(plot)
            for plot in children(child(chart, "plotArea"))
            if local(plot).endswith(_PLOTS)
        ),
    ]


def chart_words(root: etree._Element) -> str:
    """Every word of a chart, each once: a chart writes its categories down again for each of its series."""
    texts = [_value(str(inner.text or "")) for inner in descendants(root, "t", "v")]
    return " ".join(dict.fromkeys(texts))


def _titles(chart: etree._Element | None) -> list[etree._Element]:
    own = child(chart, "title")
    axes = [
        title for axis in children(child(chart, "plotArea")) for title in children(axis, "title")
    ]
    return [title for title in [own, *axes] if title is not None]


def _words(element: etree._Element | None) -> str:
    return one_line("".join(str(inner.text or "") for inner in descendants(element, "t", "v")))


def _table(plot: etree._Element) -> str:
    """One row for each category, one column for each series."""
    series = [
        (_words(child(one, "tx")), _points(one, "cat", "xVal"), _points(one, "val", "yVal"))
        for one in children(plot, "ser")
    ]
    if not series:
        return ""
    labels: dict[int, str] = {}
    for _, categories, _ in series:
        labels |= {index: text for index, text in categories.items() if index not in labels}
    indexes = sorted(
        {index for _, categories, values in series for index in (*categories, *values)}
    )
    rows = [[Cell.of(""), *(Cell.of(name) for name, _, _ in series)]]
    rows += [
        [
            Cell.of(labels.get(index, "")),
            *(Cell.of(values.get(index, "")) for _, _, values in series),
        ]
        for index in indexes[:_MAX_POINTS]
    ]
    return table(rows)


def _points(series: etree._Element, *names: str) -> dict[int, str]:
    """Return the cached values of a series by their place; several levels of categories are joined."""
    found: dict[int, str] = {}
    for holder in children(series, *names):
        for point in descendants(holder, "pt"):
            index = number(attribute(point, "idx"))
            text = _value("".join(str(value.text or "") for value in children(point, "v")))
            found[index] = f"{found[index]} {text}" if index in found else text
    return found


def _value(text: str) -> str:
    """A cached value without the dust of binary fractions (4.4000000000000004)."""
    try:
        value = float(text)
    except ValueError:
        return one_line(text)
    return f"{value:.12g}" if math.isfinite(value) else one_line(text)
