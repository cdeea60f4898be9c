"""Settings: everything that may differ between two installations, and the only reader of the environment.

Every setting is an environment variable ``KB_<NAME>``; the README lists them all and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT: Final = Path(__file__).resolve().parent.parent
# In a checkout both folders stand beside the packages; in a wheel they travel inside `web`.
_BUNDLED: Final = _ROOT / "web" / "_bundled"
_SHARED: Final = _BUNDLED if _BUNDLED.is_dir() else _ROOT

MIB: Final = 1024 * 1024


class Settings(BaseSettings):
    """One installation's settings; ``Settings()`` reads the environment, keyword arguments win over it."""

    model_config = SettingsConfigDict(env_prefix="KB_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder that holds everything: the database, the original files, the index, the secret.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL, e.g. postgresql+psycopg://…; empty means SQLite in the data folder.",
    )
    search_url: str = Field(
        default="",
        description="Search engine; empty means Whoosh in the data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs sign-in cookies; empty means one is made once and kept in the data folder.",
    )
    anonymous_role: Literal["", "none", "reader", "contributor", "curator"] = Field(
        default="",
        description="What a visitor who has not signed in may do: none, reader, contributor, curator; "
        "empty means none, and contributor in a demonstration.",
    )
    password_chars: int = Field(
        default=15,
        ge=8,
        le=64,
        description="Fewest characters of a new password: 15 where it is all that is asked for, at least 8.",
    )
    second_factor: Literal["off", "administrators", "everyone"] = Field(
        default="off",
        description="Of whom a second factor is required beside a password kept here: off (anybody may have one), "
        "administrators, everyone.",
    )
    session_idle_hours: int = Field(
        default=168, gt=0, description="Hours unused after which a browser is signed out."
    )
    session_hours: int = Field(
        default=720,
        gt=0,
        description="Hours after which a browser has to sign in again in any case.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of the reverse proxies whose X-Forwarded-For and -Proto are "
        "believed, by commas; empty believes none.",
    )
    searches_per_minute: int = Field(
        default=600,
        ge=0,
        description="Searches and suggestions that one user or address may ask for in a minute; 0 means no "
        "limit. This machine itself has none.",
    )
    imports_per_minute: int = Field(
        default=120,
        ge=0,
        description="Uploads that one user or address may send in a minute; 0 means no limit. This machine "
        "itself has none.",
    )
    reads_per_minute: int = Field(
        default=1200,
        ge=0,
        description="Pages and calls of the API that one user may ask for in a minute, or one address where "
        "nobody has signed in (an office of 60 that turns 20 pages each); 0 means no limit. This machine itself "
        "has none.",
    )
    writes_per_minute: int = Field(
        default=240,
        ge=0,
        description="Forms that one user may send in a minute (comments, questions, drafts that save "
        "themselves); 0 means no limit.",
    )
    exports_per_minute: int = Field(
        default=60,
        ge=0,
        description="Exports that one user or address may take out in a minute; 0 means no limit.",
    )
    oidc_discovery_url: str = Field(
        default="",
        description="Discovery address of an OpenID Connect provider "
        "(…/.well-known/openid-configuration); empty means none.",
    )
    oidc_client_id: str = Field(default="", description="How the provider knows this site.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret shared with the provider; empty for a public client.",
    )
    oidc_label: str = Field(
        default="OpenID Connect",
        description="What the button on the sign-in page calls the provider.",
    )
    oidc_scope: str = Field(
        default="openid profile email", description="What the provider is asked to tell, by spaces."
    )
    oidc_name_claim: str = Field(
        default="preferred_username", description="Claim that becomes the sign-in name."
    )
    oidc_groups_claim: str = Field(default="groups", description="Claim that holds the groups.")
    oidc_groups: str = Field(
        default="",
        description="Groups taken over and their names here (theirs=ours, by commas); empty takes all.",
    )
    oidc_roles: str = Field(
        default="",
        description="Roles by group of the provider (theirs=curator, by commas); empty leaves roles to "
        "administrators here.",
    )
    oidc_role: Literal["none", "reader", "contributor", "curator"] = Field(
        default="reader",
        description="Role of whoever comes from the provider and is in none of those groups.",
    )
    ldap_url: str = Field(
        default="", description="LDAP server, e.g. ldaps://directory.example.com; empty means none."
    )
    ldap_start_tls: bool = Field(
        default=True, description="Whether a connection by ldap:// is protected by StartTLS first."
    )
    ldap_ca_file: Path | None = Field(
        default=None,
        description="Certificates that the LDAP server's is checked by; empty: the system's.",
    )
    ldap_user_dn: str = Field(
        default="",
        description="DN of a user, with {name} for the sign-in name; empty means it is searched for.",
    )
    ldap_bind_dn: str = Field(
        default="", description="DN to search with; empty searches anonymously."
    )
    ldap_bind_password: SecretStr = Field(default=SecretStr(""), description="Password of that DN.")
    ldap_base: str = Field(default="", description="Where below users are searched for.")
    ldap_filter: str = Field(
        default="(uid={name})", description="What finds a user, with {name} for the sign-in name."
    )
    ldap_groups_attribute: str = Field(
        default="memberOf", description="Attribute of a user that holds the groups' DNs."
    )
    ldap_groups: str = Field(default="", description="As KB_OIDC_GROUPS, for LDAP.")
    ldap_roles: str = Field(default="", description="As KB_OIDC_ROLES, for LDAP.")
    ldap_role: Literal["none", "reader", "contributor", "curator"] = Field(
        default="reader",
        description="Role of whoever comes from LDAP and is in none of those groups.",
    )
    max_file_mib: int = Field(default=100, gt=0, description="Largest file taken, in MiB.")
    file_seconds: int = Field(
        default=60, gt=0, description="Longest time the reading of one file may take, in seconds."
    )
    file_memory_mib: int = Field(
        default=2048, gt=0, description="Most memory the reading of one file may take, in MiB."
    )
    workers: int = Field(
        default=0, ge=0, description="Processes that read files; 0 means one for each core."
    )
    posting_cache_mib: int = Field(
        default=128, ge=0, description="Memory for decoded postings of the index, in MiB."
    )
    query_log_days: int = Field(
        default=365,
        ge=0,
        description="Days that questions are kept, without names; 0 records none.",
    )
    public_url: str = Field(
        default="",
        description="Address under which this site is reached, for links in mails, e.g. https://kb.example.com.",
    )
    smtp_host: str = Field(
        default="", description="Mail server for notifications; empty means no mails are sent."
    )
    smtp_port: int = Field(
        default=0, ge=0, le=65535, description="Its port; 0 means the usual one: 465, 587 or 25."
    )
    smtp_user: str = Field(
        default="", description="Sign-in name at the mail server; empty for none."
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="Password at the mail server."
    )
    smtp_from: str = Field(
        default="", description="Sender of the mails; empty means qianjian@ and the host's name."
    )
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection to the mail server is protected: starttls, tls or none.",
    )
    audit_days: int = Field(
        default=1095,
        ge=0,
        description="Days that the audit log is kept; 0 keeps it for ever.",
    )
    syslog: str = Field(
        default="",
        description="Where warnings and the audit log are sent too, line by line: host:port of a syslog server "
        "(UDP), or the path of one on this machine such as /dev/log; empty sends nothing.",
    )
    alert_minutes: int = Field(
        default=60,
        gt=0,
        description="Minutes looked back over for unusual activity; administrators are told once in that time.",
    )
    alert_refusals: int = Field(
        default=100,
        ge=0,
        description="Refused requests and failed sign-ins of one user or address within that time, from which "
        "on administrators are told (five times as many of all together); 0 never.",
    )
    alert_readings: int = Field(
        default=300,
        ge=0,
        description="Exports, and readings of what is not for everyone, of one user within that time, from "
        "which on administrators are told; 0 never.",
    )
    question_days: int = Field(
        default=3,
        ge=0,
        description=(
            "Working days until those asked are reminded of a question, and as many again until the PMO is; 0 never."
        ),
    )
    templates_dir: Path = Field(
        default=_SHARED / "templates", description="Folder of the Jinja2 templates."
    )
    corpus_dir: Path = Field(
        default=_SHARED / "corpus", description="Folder of the bundled corpus."
    )
    house_style: Path | None = Field(
        default=None,
        description="Word file whose styles exported documents take; empty means the bundled one.",
    )
    max_upload_mib: int = Field(
        default=4096,
        gt=0,
        description="Most that one upload may hold, all its files together, in MiB.",
    )

    @property
    def effective_database_url(self) -> str:
        """The database URL in force: the one set, else SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'qianjian.sqlite3'}"

    @property
    def sends_mail(self) -> bool:
        """Whether there is a mail server."""
        return bool(self.smtp_host)

    @property
    def files_dir(self) -> Path:
        """Folder of the stored files, named by the hash of their content."""
        return self.data_dir / "files"

    @property
    def index_dir(self) -> Path:
        """Folder of the search index."""
        return self.data_dir / "search"
