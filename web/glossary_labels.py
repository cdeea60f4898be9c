"""What people read in place of the words the glossary stores: areas, fields, actions, outcomes, reasons."""

from __future__ import annotations

from typing import Final

from kb.errors import N_
from kb.glossary_rules import Problem
from web.language import Language

AREAS: Final = {
    "agile": N_("Agile"),
    "communication": N_("Communication"),
    "construction": N_("Construction"),
    "contract": N_("Contracts"),
    "cost": N_("Cost"),
    "data": N_("Data"),
    "documents": N_("Documents"),
    "energy": N_("Energy"),
    "finance": N_("Finance"),
    "general": N_("General"),
    "governance": N_("Governance"),
    "healthcare": N_("Healthcare"),
    "integration": N_("Integration"),
    "it": N_("Information technology"),
    "lessons": N_("Lessons learned"),
    "logistics": N_("Logistics"),
    "manufacturing": N_("Manufacturing"),
    "people": N_("People"),
    "procurement": N_("Procurement"),
    "quality": N_("Quality"),
    "resource": N_("Resources"),
    "risk": N_("Risk"),
    "schedule": N_("Schedule"),
    "scope": N_("Scope"),
    "security": N_("Security"),
    "stakeholder": N_("Stakeholders"),
    "testing": N_("Testing"),
    "training": N_("Training"),
    "water": N_("Water"),
}
FIELDS: Final = {
    "zh": N_("Chinese name"),
    "en": N_("English name"),
    "zh_synonyms": N_("Chinese synonyms"),
    "zh_hant": N_("Traditional Chinese"),
    "en_synonyms": N_("English synonyms"),
    "abbreviations": N_("Abbreviations"),
    "area": N_("Area"),
    "note": N_("Note"),
}
ACTIONS: Final = {
    "add": N_("added"),
    "change": N_("changed"),
    "remove": N_("removed"),
    "restore": N_("brought back"),
}
OUTCOMES: Final = {
    "added": N_("Added"),
    "changed": N_("Changed"),
    "unchanged": N_("Unchanged"),
    "refused": N_("Refused"),
}


def area_label(language: Language, name: str) -> str:
    """An area in words; as it was written where it is none of the delivered ones."""
    return language.gettext(AREAS[name]) if name in AREAS else name


def told(language: Language, problem: Problem) -> str:
    """What is wrong, in words."""
    return language.gettext(problem.reason) % problem.data
