"""An upload becomes an import job: the page and the API both end here."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ingest.manifests import NO_ROW, matched, read_rows
from ingest.sources import name_of, uploaded
from kb.access import PROJECT, Action, Actor, Audience
from kb.errors import N_, InvalidInput
from kb.importing_rules import Overrides
from kb.knowledge_base import KnowledgeBase
from kb.models import PUBLISHED, REVIEW
from web.uploads import FILES_FIELD, MANIFEST_FIELD, Upload

# What a checked box or a program may send for yes.
_YES: Final = frozenset({"1", "on", "true", "yes"})


def start_job(kb: KnowledgeBase, actor: Actor, upload: Upload) -> int:
    """Record an upload as a job and return its id.

    Raises:
        NotAllowed: the actor may not import.
        InvalidInput: no file was given, there is no such kind or audience, or the manifest cannot be used.
    """
    actor.must(Action.IMPORT)
    if not upload.files:
        raise InvalidInput(field=FILES_FIELD, reason=N_("no file was given"))
    entries = [
        # What was not kept is listed all the same, without content: its size says why.
        replace(uploaded(actor, file.path, file.sha256 or "", file.size), sha256=file.sha256)
        for file in upload.files
    ]
    rows = _manifest_rows(kb, upload)
    found = matched(rows, [file.path for file in upload.files])
    if upload.manifest is not None:
        entries = [
            replace(entry, note=NO_ROW) if given is None else replace(entry, overrides=given)
            for entry, given in zip(entries, found.given, strict=True)
        ]
    review = upload.fields.get("review", "").strip().lower() in _YES
    return kb.imports.create(
        actor,
        entries,
        kind=upload.fields.get("kind", ""),
        audience=Audience.parse(upload.fields.get("audience") or PROJECT, follows=True),
        document_state=REVIEW if review else PUBLISHED,
        manifest=name_of(upload.manifest.path) if upload.manifest else "",
        # What they speak of may lie in an archive; only the reading of it tells.
        manifest_rows=[row for row in rows if row[0] in found.without_file],
    )


def _manifest_rows(kb: KnowledgeBase, upload: Upload) -> list[tuple[str, Overrides]]:
    manifest = upload.manifest
    if manifest is None:
        return []
    if manifest.sha256 is None:
        raise InvalidInput(field=MANIFEST_FIELD, reason=N_("the file is too large for a manifest"))
    return read_rows(kb.files.path(manifest.sha256), name_of(manifest.path))
