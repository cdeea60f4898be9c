"""``pmo check``: what is wrong with the data, the index, the set-up, and how to mend it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kb import open_kb
from kb.checking_findings import Finding, left


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("check")(check)


def check(
    mend: Annotated[
        bool, typer.Option("--mend", help="Put right what can be, losing nothing.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read the stored files themselves.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """Find what is wrong with the data, the index, the set-up, and say how to mend it."""
    with open_kb() as kb:
        findings = kb.checkup.run(mend=mend, read_files=not quick)
        log = kb.audit.verify()
        revision = kb.database.revision()
    open_ = left(findings)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "ok": not open_,
                    "findings": [_told(finding) for finding in findings],
                    "audit": {"last": log.last, "hash": log.digest, "forgotten": log.forgotten},
                    "revision": revision,
                },
                ensure_ascii=False,
            )
        )
    else:
        for finding in findings:
            end = "Mended." if finding.mended else finding.advised
            typer.echo(f"{finding.told} {end}")
        typer.echo(
            f"Tables are of revision {revision}. Audit log: {log.rows} rows, the newest is {log.last}"
            f" with hash {log.digest[:16]}…",
            err=True,
        )
        typer.echo(_sum(findings, open_), err=True)
    if open_:
        raise typer.Exit(1)


def _told(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "sentence": finding.told,
        "advice": finding.advised,
        "data": dict(finding.data),
        "mended": finding.mended,
        "note": finding.note,
    }


def _sum(findings: list[Finding], open_: list[Finding]) -> str:
    if not findings:
        return "All is well."
    mended = sum(finding.mended for finding in findings)
    return f"{len(findings)} found, {mended} mended, {len(open_)} to be looked after."
