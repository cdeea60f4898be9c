"""Signing in by an LDAP directory: the name and password that somebody typed are tried there, never kept here.

The package ``ldap3`` is an extra (``pip install qianjian[ldap]``). Either the DN of a user follows from its name
(``KB_LDAP_USER_DN``), or it is searched for, with an account of the site's own or anonymously, and then tried.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from typing import Any, Final

from kb.access import Role
from kb.config import Settings
from kb.directory_users import Person, Rules
from kb.errors import N_, InvalidInput, SignInUnavailable
from web.directory_rules import pairs, roles

_log = logging.getLogger(__name__)

SOURCE: Final = "ldap"
# A directory on the same network answers within milliseconds; a visitor waits no longer than this, in seconds.
_SECONDS: Final = 10
# The one attribute that each entry has exactly one of, by RFC 4530; it outlives renaming.
_NUMBER: Final = "entryUUID"
_NAMES: Final = ("displayName", "cn")

Connect = Callable[[Settings, str, str], Any]


def person(
    settings: Settings, name: str, password: str, connect: Connect | None = None
) -> Person | None:
    """Who the directory says this is; None where name and password do not belong together.

    Args:
        settings: where the directory is and how to ask it.
        name: as typed.
        password: as typed; an empty one, which many servers take for an anonymous visitor, is refused here.
        connect: opens a connection with a DN and a password; tests give their own.

    Raises:
        SignInUnavailable: the directory does not answer, or ``ldap3`` is not installed.
        InvalidInput: the settings do not say how to find a user.
    """
    if not name or not password:
        return None
    try:
        from ldap3.core.exceptions import LDAPException  # noqa: PLC0415  an extra
    except ImportError as error:
        raise SignInUnavailable(reason=N_("the package ldap3 is not installed")) from error
    opened = connect or _connected
    try:
        found = _entry(settings, name, password, opened)
    except LDAPException as error:
        # Its text may hold what was typed; the log gets the kind only.
        _log.warning("The LDAP server could not be asked: %s", type(error).__name__)
        raise SignInUnavailable(reason=N_("the directory does not answer")) from error
    if found is None:
        return None
    dn, attributes = found
    shown = next((first(attributes, key) for key in _NAMES if first(attributes, key)), name)
    return Person(
        issuer=settings.ldap_url,
        subject=first(attributes, _NUMBER) or dn.lower(),
        user_id=name,
        name=shown,
        email=first(attributes, "mail"),
        groups=frozenset(_group(text) for text in _all(attributes, settings.ldap_groups_attribute)),
    )


def rules(settings: Settings) -> Rules:
    """What of a directory's word is believed."""
    return Rules(
        source=SOURCE,
        role=Role(settings.ldap_role),
        roles=roles(settings.ldap_roles),
        groups=pairs(settings.ldap_groups),
    )


def first(attributes: Any, key: str) -> str:
    """The first value of an attribute, as text; empty without one."""
    return next(iter(_all(attributes, key)), "")


def _entry(settings: Settings, name: str, password: str, opened: Connect) -> tuple[str, Any] | None:
    """DN and attributes of a user whose password is right."""
    from ldap3.utils.conv import escape_filter_chars  # noqa: PLC0415  an extra
    from ldap3.utils.dn import escape_rdn  # noqa: PLC0415  an extra

    wanted = [*_NAMES, "mail", _NUMBER, settings.ldap_groups_attribute]
    if settings.ldap_user_dn:
        dn = settings.ldap_user_dn.replace("{name}", escape_rdn(name))
        own = opened(settings, dn, password)
        if not own.bind():
            return None
        own.search(dn, "(objectClass=*)", "BASE", attributes=wanted)
        attributes = own.response[0]["raw_attributes"] if own.response else {}
        own.unbind()
        return dn, attributes
    if not settings.ldap_base:
        raise InvalidInput(field="KB_LDAP_BASE", reason=N_("it has to say where users are"))
    asking = opened(settings, settings.ldap_bind_dn, settings.ldap_bind_password.get_secret_value())
    if not asking.bind():
        raise SignInUnavailable(reason=N_("the directory does not let this site search"))
    query = settings.ldap_filter.replace("{name}", escape_filter_chars(name))
    asking.search(settings.ldap_base, query, attributes=wanted, size_limit=2)
    entries = [entry for entry in asking.response if entry.get("type") == "searchResEntry"]
    asking.unbind()
    # Of two who answer to one name neither is let in.
    if len(entries) != 1:
        return None
    own = opened(settings, entries[0]["dn"], password)
    right = own.bind()
    own.unbind()
    return (entries[0]["dn"], entries[0]["raw_attributes"]) if right else None


def _connected(settings: Settings, dn: str, password: str) -> Any:
    import ldap3  # noqa: PLC0415  an extra

    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=str(settings.ldap_ca_file) if settings.ldap_ca_file else None,
    )
    server = ldap3.Server(settings.ldap_url, tls=tls, connect_timeout=_SECONDS, get_info=ldap3.NONE)
    connection = ldap3.Connection(
        server,
        user=dn or None,
        password=password or None,
        receive_timeout=_SECONDS,
        read_only=True,
        check_names=False,
    )
    if not server.ssl and settings.ldap_start_tls:
        connection.start_tls()
    return connection


def _all(attributes: Any, key: str) -> list[str]:
    value = attributes.get(key, []) if attributes else []
    values = value if isinstance(value, list | tuple) else [value]
    return [
        each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in values
    ]


def _group(dn: str) -> str:
    """The name of a group: the first part of its DN, ``pmo`` of ``cn=pmo,ou=groups,dc=example``."""
    from ldap3.core.exceptions import LDAPInvalidDnError  # noqa: PLC0415  an extra
    from ldap3.utils.dn import parse_dn  # noqa: PLC0415  an extra

    try:
        return str(parse_dn(dn)[0][1])
    except LDAPInvalidDnError:
        return dn
