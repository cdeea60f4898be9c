"""What people read in place of the words that communities are stored by."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

LINK_KINDS: Final = {"material": N_("Material"), "recording": N_("Recording")}
TABLES: Final = {"link_kind": LINK_KINDS}
