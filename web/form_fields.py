"""What a form of several fields shows of each of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form: what stands in it, and what is wrong with it; ``long`` asks for several lines."""

    name: str
    label: str
    value: str
    wrong: str
    long: bool
