"""Settings come from the environment (`REKINDLE_*`) and have working defaults. A wrong one stops the start by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class BadSetting(Exception):
    """A wrong setting. The message names it and says which values are valid."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. The variable of a field is REKINDLE_ and its name in capitals."""

    database_url: str = "sqlite:///data/rekindle.sqlite3"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 8
    sign_up: str = "open"
    operator_name: str | None = None
    operator_contact: str | None = None
    hemisphere: str = "north"
    trusted_proxies: int = 0
    origins: tuple[str, ...] = ()
    outbound_origins: tuple[str, ...] = ()
    push_hosts: tuple[str, ...] = ()
    public_url: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    password_cost: str = "standard"  # noqa: S105  # a cost, not a password
    catalogue_dir: Path | None = None
    erasures: str | None = None
    support_file: Path | None = None
    backup_dir: Path | None = None
    backup_keep: int = 7
    max_notes: int = 20_000
    max_reflections: int = 5_000
    max_requests: int = 20
    max_commitments: int = 1_000
    max_ideas: int = 2_000
    max_dates: int = 200
    max_dates_alone: int = 20_000
    max_rituals: int = 50
    max_important_days: int = 200
    max_blocks: int = 200
    max_busy_calendars: int = 20
    max_devices: int = 20
    max_sign_ins: int = 50
    max_sign_ins_an_hour: int = 20
    max_passkeys: int = 20
    max_talks: int = 200
    max_photo_megabytes: int = 500
    log_level: str = "info"
    log_format: str = "text"
    access_log: str = "off"
    metrics: tuple[str, int] | None = None
    clock: str = "on"


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of: {', '.join(choices)}")
        return value

    return read


def _integer(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return read


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _database_url(value: str) -> str:
    kind, _, rest = value.partition("://")
    # A database in memory would be a different one for each connection. A file has no options after a "?".
    if kind == "sqlite" and len(rest) > 1 and rest.startswith("/") and ":memory:" not in rest and "?" not in rest:
        return value
    if _is_postgresql(value):
        return value
    raise ValueError(f"must be sqlite:///<file> or {_POSTGRESQL}")


_POSTGRESQL = "postgresql://<user>:<password>@<host>/<database> (percent-encode special characters in the password)"


def _is_postgresql(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # its message would show a part of the password
        return False
    # A "/", "?" or "#" in the password moves the "@" out of its place.
    is_whole = "@" not in f"{parts.path}{parts.query}" and not parts.fragment and port != 0
    return parts.scheme == "postgresql" and bool(parts.path.strip("/")) and is_whole


def _folder(value: str) -> Path:
    if not value or not Path(value).is_dir():
        raise ValueError("must be a folder that exists")
    return Path(value)


def _new_folder(value: str) -> Path:
    if not value.strip() or (Path(value).exists() and not Path(value).is_dir()):
        raise ValueError("must be a folder; it is made if it does not exist")
    return Path(value)


def _erasures(value: str) -> str:
    if "://" in value:
        if _is_postgresql(value):
            return value
    elif value.strip() and not Path(value).is_dir():
        return value
    raise ValueError(f"must be a file, not a folder, or {_POSTGRESQL}")


# As a browser sends it: lower case, no path, no slash at the end. An app in a WebView has an origin such as
# capacitor://localhost.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in value.split(","))
    if "*" in origins:
        raise ValueError("cannot be *: list the origins of the web apps that you trust")
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be origins such as https://app.example.org, without a path, separated by commas")
    return origins


def _outbound_origins(value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in value.split(","))
    if not all(re.match("https?://", origin) and _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be places such as http://nextcloud.local:8080, without a path, separated by commas")
    return origins


_PLACE = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?")


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(","))
    if not all(_PLACE.fullmatch(host) for host in hosts):
        raise ValueError("must be hosts such as ntfy.example.org or ntfy.local:8443, separated by commas")
    return hosts


def _public_url(value: str) -> str:
    if not re.match("https?://", value) or not _ORIGIN.fullmatch(value):
        raise ValueError("must be the address of this server, such as https://rekindle.example.org, without a path")
    return value


_SMTP = (
    "smtp://<user>:<password>@<host>:587 or smtps://<user>:<password>@<host>:465 (percent-encode special characters in"
    " the password)"
)


def _smtp_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # its message would show a part of the password
        raise ValueError(f"must be {_SMTP}") from None
    has_both = (parts.username is None) == (parts.password is None) and parts.username != ""
    # A "/", "?" or "#" in the password moves the "@" out of its place.
    is_whole = parts.path in ("", "/") and not parts.query and not parts.fragment and port != 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not has_both or not is_whole:
        raise ValueError(f"must be {_SMTP}")
    return value


_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)


def _mail_from(value: str) -> str:
    name, address = parseaddr(value)
    if not _MAILBOX.fullmatch(address) or not name.isprintable() or not value.isprintable():
        raise ValueError("must be an address such as rekindle@example.org, or Rekindle <rekindle@example.org>")
    return formataddr((name, address))


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host.strip("[] ") or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
        raise ValueError("must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464")
    return host.strip("[]"), int(port)


def _existing_file(value: str) -> Path:
    if not value or not Path(value).is_file():
        raise ValueError("must be a file that exists")
    return Path(value)


_READERS: dict[str, Callable[[str], Any]] = {
    "database_url": _database_url,
    "host": _text,
    "port": _integer(1, 65535),
    "workers": _integer(1, 64),
    "threads": _integer(1, 128),
    "sign_up": _one_of("open", "closed"),
    "operator_name": _text,
    "operator_contact": _text,
    "hemisphere": _one_of("north", "south"),
    "trusted_proxies": _integer(0, 10),
    "origins": _origins,
    "outbound_origins": _outbound_origins,
    "push_hosts": _hosts,
    "public_url": _public_url,
    "smtp_url": _smtp_url,
    "mail_from": _mail_from,
    # "cheapest" is for tests: argon2 at its lowest cost is no protection.
    "password_cost": _one_of("standard", "high", "cheapest"),
    "catalogue_dir": _folder,
    "erasures": _erasures,
    "support_file": _existing_file,
    "backup_dir": _new_folder,
    "backup_keep": _integer(1, 1_000),
    "max_notes": _integer(1, 1_000_000),
    "max_reflections": _integer(1, 100_000),
    "max_requests": _integer(1, 1_000),
    "max_commitments": _integer(5, 100_000),
    "max_ideas": _integer(1, 10_000),
    "max_dates": _integer(1, 10_000),
    "max_dates_alone": _integer(1, 1_000_000),
    "max_rituals": _integer(1, 1_000),
    "max_important_days": _integer(1, 1_000),
    "max_blocks": _integer(1, 10_000),
    "max_busy_calendars": _integer(1, 200),
    "max_devices": _integer(1, 200),
    "max_sign_ins": _integer(1, 1_000),
    "max_sign_ins_an_hour": _integer(1, 1_000),
    "max_passkeys": _integer(1, 1_000),
    "max_talks": _integer(1, 10_000),
    "max_photo_megabytes": _integer(1, 1_000_000),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("text", "json"),
    "access_log": _one_of("off", "on"),
    "metrics": _address,
    "clock": _one_of("on", "off"),
}


_SECRETS = {"REKINDLE_DATABASE_URL", "REKINDLE_ERASURES", "REKINDLE_SMTP_URL"}
"""The variables whose value can be in a file: others may see an environment."""


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`. Raises BadSetting with every wrong or unknown REKINDLE_ variable."""
    known = {f"REKINDLE_{field.name.upper()}": field.name for field in fields(Settings)}
    variables = {key: value for key, value in environment.items() if key.startswith("REKINDLE_")}
    wrong = _read_secret_files(variables)
    wrong += [f"{key} is not a setting" for key in sorted(variables.keys() - known.keys())]
    values: dict[str, Any] = {}
    for key in sorted(variables.keys() & known.keys()):
        name = known[key]
        try:
            values[name] = _READERS[name](variables[key])
        except ValueError as error:
            # The message ends in logs, where the password in a database URL does not belong.
            given = "" if key in _SECRETS or "://" in variables[key] else f", not {variables[key]!r}"
            wrong.append(f"{key} {error}{given}")
        except OSError as error:  # a path in a folder of another user
            wrong.append(f"{key} cannot be used ({error.strerror})")
    settings = Settings(**values)
    if wrong or (wrong := list(_missing(settings))):
        raise BadSetting("; ".join(wrong))
    return settings


def _missing(settings: Settings) -> Iterator[str]:
    """Yield what is missing beside other settings."""
    if settings.mail_from and not settings.smtp_url:
        yield "REKINDLE_MAIL_FROM needs REKINDLE_SMTP_URL beside it"
    if settings.smtp_url and not settings.mail_from:
        yield "REKINDLE_SMTP_URL needs REKINDLE_MAIL_FROM beside it: the address that sends the mails"
    if settings.smtp_url and not settings.public_url:
        yield "REKINDLE_SMTP_URL needs REKINDLE_PUBLIC_URL beside it: mails contain links to this server"


def _read_secret_files(variables: dict[str, str]) -> list[str]:
    """Replace each variable that names a file with a secret by the text of the file. Return what is wrong."""
    wrong = []
    for key in _SECRETS & {key.removesuffix("_FILE") for key in variables if key.endswith("_FILE")}:
        path = variables.pop(f"{key}_FILE")
        if key in variables:
            wrong.append(f"{key} and {key}_FILE are both set: remove one")
            continue
        try:
            variables[key] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            wrong.append(f"{key}_FILE must be a file that can be read")
    return wrong
