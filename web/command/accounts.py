"""``pmo user``: who can sign in, what each may do, and what they come in with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Final

import typer

from kb import open_kb
from kb.access import SCOPE_ACTIONS, SYSTEM, Role
from kb.errors import NotFound
from kb.invitations import INVITE_DAYS
from kb.knowledge_base import KnowledgeBase

users = typer.Typer(help="Who can sign in.", no_args_is_help=True)

# Where a server listens that was started without options.
_USUAL_ADDRESS: Final = "http://127.0.0.1:8000"
_User = Annotated[str, typer.Argument(help="Sign-in name.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.add_typer(users, name="user")


def link_address(kb: KnowledgeBase, secret: str, site: str = _USUAL_ADDRESS) -> str:
    """The address that a link is opened at: below the one set for the site, else below ``site``."""
    return f"{(kb.settings.public_url or site).rstrip('/')}/links/{secret}"


@users.command("add")
def add(  # noqa: PLR0917  the options in the order of the help
    user: _User,
    name: Annotated[
        str, typer.Option(help="Name shown to people; the sign-in name if left out.")
    ] = "",
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.READER,
    group: Annotated[list[str] | None, typer.Option(help="Group; may be repeated.")] = None,
    password: Annotated[
        str, typer.Option(hide_input=True, help="Asked for if left out; a service has none.")
    ] = "",
    service: Annotated[
        bool, typer.Option("--service", help="A program: no password, only tokens.")
    ] = False,
) -> None:
    """Add a user."""
    with open_kb() as kb:
        if service:
            kb.accounts.add_service(SYSTEM, user, name or user, role)
        else:
            typed = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
            kb.accounts.add(user, name or user, typed, role, frozenset(group or ()))
    typer.echo(f"Added {user} as {role.value}.", err=True)


@users.command("list")
def list_users(as_json: _Json = False) -> None:
    """List all users."""
    with open_kb() as kb:
        rows = [
            {
                "user": user.id,
                "name": user.name,
                "role": user.role.value,
                "groups": list(user.groups),
                "kind": user.kind,
                "active": user.active,
            }
            for user in kb.accounts.listed(SYSTEM)
        ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        left = "" if row["active"] else "\tdeactivated"
        typer.echo(f"{row['user']}\t{row['role']}\t{row['name']}{left}")


@users.command("invite")
def invite(
    role: Annotated[Role, typer.Option(help="What the new user may do.")] = Role.READER,
    group: Annotated[list[str] | None, typer.Option(help="Group; may be repeated.")] = None,
    email: Annotated[str, typer.Option(help="Where mail for the new user goes.")] = "",
    days: Annotated[int, typer.Option(help="How long the invitation works.")] = INVITE_DAYS,
) -> None:
    """Print an address where somebody makes themselves an account, once."""
    _print(
        lambda kb: link_address(
            kb, kb.invitations.invite(SYSTEM, role, group or (), email=email, days=days)
        )
    )


@users.command("reset")
def reset(user: _User) -> None:
    """Print an address where a user chooses a new password, once, within a day."""
    _print(lambda kb: link_address(kb, kb.invitations.reset(SYSTEM, user)))


@users.command("reset-factor")
def reset_factor(user: _User) -> None:
    """Ask a user for no second factor any more, after the device and all recovery codes were lost; signs it out."""
    with open_kb() as kb:
        kb.second_factors.remove(SYSTEM, user)
    typer.echo(f"{user} signs in without a second factor now.", err=True)


@users.command("first-link")
def first_link() -> None:
    """Print an address where the first administrator makes an account, once, within a day."""
    with open_kb() as kb:
        secret = kb.invitations.first()
        if secret is None:
            typer.echo(
                "There is an administrator; “pmo user reset” gives a new password.", err=True
            )
            raise typer.Exit(1)
        typer.echo(link_address(kb, secret))


@users.command("deactivate")
def deactivate(
    user: _User,
    undo: Annotated[bool, typer.Option("--undo", help="Let the user in again.")] = False,
) -> None:
    """Keep a user out: what they did stays, but no password, browser or token works."""
    with open_kb() as kb:
        kb.accounts.set_active(SYSTEM, user, undo)


@users.command("role")
def set_role(user: _User, role: Annotated[Role, typer.Argument(help="What it may do.")]) -> None:
    """Let a user do more or less; it has to sign in again."""
    with open_kb() as kb:
        kb.accounts.set_role(SYSTEM, user, role)


@users.command("group")
def set_groups(
    user: _User,
    groups: Annotated[list[str] | None, typer.Argument(help="All groups it is to be in.")] = None,
) -> None:
    """Put a user into these groups and no others."""
    with open_kb() as kb:
        kb.accounts.set_groups(SYSTEM, user, groups or ())


@users.command("token")
def make_token(
    user: _User,
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(SCOPE_ACTIONS)}; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it works.")] = 90,
) -> None:
    """Print a new token of a user or service, this once."""
    _print(lambda kb: kb.tokens.make(SYSTEM, user, name, scope or ["read"], days))


@users.command("sessions")
def sessions(
    user: _User,
    end: Annotated[bool, typer.Option("--end", help="Sign the user out everywhere.")] = False,
    as_json: _Json = False,
) -> None:
    """List the browsers that a user is signed in with, or sign them all out."""
    with open_kb() as kb:
        if kb.accounts.actor(user) is None and not any(u.id == user for u in kb.accounts.all()):
            raise NotFound(what="user", id=user)
        if end:
            kb.sessions.end_all(SYSTEM, user)
        rows = [
            {
                "seen": one.seen_at.isoformat(timespec="seconds"),
                "address": one.address,
                "agent": one.agent,
                "way": one.way,
            }
            for one in kb.sessions.listed(SYSTEM, user)
        ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("\t".join(row.values()))


def _print(make: Callable[[KnowledgeBase], str]) -> None:
    """Print what is made with the opened knowledge base, and nothing else."""
    with open_kb() as kb:
        typer.echo(make(kb))
