"""``pmo user``: who can sign in."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kb import open_kb
from kb.access import Role

users = typer.Typer(help="Who can sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.add_typer(users, name="user")


@users.command("add")
def add(
    user: Annotated[str, typer.Argument(help="Sign-in name.")],
    name: Annotated[
        str, typer.Option(help="Name shown to people; the sign-in name if left out.")
    ] = "",
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.READER,
    group: Annotated[list[str] | None, typer.Option(help="Group; may be repeated.")] = None,
    password: Annotated[
        str,
        typer.Option(
            prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for if left out."
        ),
    ] = "",
) -> None:
    """Add a user."""
    with open_kb() as kb:
        kb.accounts.add(user, name or user, password, role, frozenset(group or ()))
    typer.echo(f"Added {user} as {role.value}.", err=True)


@users.command("list")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """List all users."""
    with open_kb() as kb:
        rows = [
            {"user": user.id, "name": user.name, "role": user.role} for user in kb.accounts.all()
        ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['user']}\t{row['role']}\t{row['name']}")
