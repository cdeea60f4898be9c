"""What people read in place of the words that accounts are stored with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kb.errors import N_

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "role": {
        "none": N_("Nothing"),
        "reader": N_("Reader"),
        "contributor": N_("Contributor"),
        "curator": N_("Curator"),
        "administrator": N_("Administrator"),
    },
    "role_may": {
        "reader": N_("reads, comments, asks, learns"),
        "contributor": N_("also imports files and writes"),
        "curator": N_("also reviews, publishes and looks after everything"),
        "administrator": N_("also runs the site"),
    },
    "scope": {
        "read": N_("Read"),
        "write": N_("Write"),
        "import": N_("Import"),
        "curate": N_("Curate"),
        "administer": N_("Administer"),
    },
    "way": {
        "password": N_("by password"),
        "oidc": N_("by single sign-on"),
        "ldap": N_("by the directory"),
        "link": N_("by a link"),
    },
    "strength": {
        "0": N_("Very easy to guess"),
        "1": N_("Easy to guess"),
        "2": N_("Could be guessed with effort"),
        "3": N_("Hard to guess"),
        "4": N_("Very hard to guess"),
    },
    "account_kind": {"person": N_("Person"), "service": N_("Service")},
    "token_state": {
        "live": N_("works"),
        "expired": N_("expired"),
        "revoked": N_("revoked"),
    },
    "link_purpose": {
        "invite": N_("Invitation"),
        "reset": N_("New password"),
        "first": N_("First administrator"),
    },
}
