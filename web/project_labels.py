"""What people read in place of the words that projects store: states, types, industries."""

from __future__ import annotations

from typing import Final

from ingest.register_of_projects import PROJECT_SCHEMA
from kb.errors import N_
from kb.project_rules import state_of
from web.language import Language

STATUSES: Final = {
    "planned": N_("Planned"),
    "running": N_("Under way"),
    "on-hold": N_("On hold"),
    "closed": N_("Closed"),
    "cancelled": N_("Called off"),
}
# What follows the state in "closed, on time" or "running, amber".
REMARKS: Final = {
    "on time": N_("on time"),
    "early": N_("early"),
    "late": N_("late"),
    "green": N_("green"),
    "amber": N_("amber"),
    "red": N_("red"),
}
TYPES: Final = {
    "construction": N_("Construction"),
    "equipment": N_("Equipment"),
    "software": N_("Software"),
    "integration": N_("Integration"),
    "retrofit": N_("Retrofit"),
    "consulting": N_("Consulting"),
    "research": N_("Research"),
}
INDUSTRIES: Final = {
    "water": N_("Water"),
    "civil": N_("Civil works"),
    "manufacturing": N_("Manufacturing"),
    "logistics": N_("Logistics"),
    "finance": N_("Finance"),
    "healthcare": N_("Healthcare"),
    "ports": N_("Ports"),
    "energy": N_("Energy"),
    "IT": N_("Information technology"),
}
SORTS: Final = {
    "code": N_("Project code"),
    "name": N_("Project name"),
    "customer": N_("Customer"),
    "started": N_("Start"),
    "ended": N_("Real end"),
    "budget": N_("Budget"),
    "documents": N_("Documents"),
}
TABLES: Final = {"project_status": STATUSES, "project_type": TYPES, "industry": INDUSTRIES}


def status_text(language: Language, status: str) -> str:
    """A status with its remark, such as "Closed, on time", in the reader's language."""
    state = state_of(status)
    if state not in STATUSES:
        return status
    told = [language.gettext(STATUSES[state])]
    remark = status[len(state) :].strip(" ,，;；")
    if remark:
        told.append(language.gettext(REMARKS[remark]) if remark in REMARKS else remark)
    return ("，" if language.code == "zh" else ", ").join(told)


def field_label(language: Language, name: str) -> str:
    """The name of a field of a project, as its register has it."""
    return PROJECT_SCHEMA.field(name).label(language.code)


def own_part(language: Language, text: str) -> str:
    """The half of a bilingual text (设计经理 Design manager) in the reader's language; all of it where it is one."""
    words = text.split()
    han = [any("\u3400" <= sign <= "\u9fff" for sign in word) for word in words]
    if len(words) < 2 or all(han) or not any(han):  # noqa: PLR2004  one word has no halves
        return text
    switch = next(number for number in range(1, len(han)) if han[number] != han[number - 1])
    if any(han[number] != han[switch] for number in range(switch, len(han))):
        return text
    first, second = " ".join(words[:switch]), " ".join(words[switch:])
    return first if han[0] == (language.code == "zh") else second
