"""The check of an installation: what is not in order, and what the operator has to do about it."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from api import addresses, processes
from planner import clock, mail, readiness, schema
from planner.errors import StartFault, Unavailable
from planner.mail import MailFault
from planner.notifications import backlog, web_push
from planner.privacy import erasure_log
from planner.privacy.erasure_log import LogUnavailable
from planner.settings import Settings
from planner.storage import backups, db, leases, start_faults

OK, ADVICE, FAULT = "ok", "advice", "fault"

_LITTLE_ROOM = 1 << 30
_NO_ROOM = 200 << 20
_SKEW = timedelta(seconds=30)
_LATE = timedelta(minutes=10)
_OLD_BACKUP = timedelta(days=2)


class Finding(NamedTuple):
    """What a check found: its kind, the part that was checked, and a sentence."""

    kind: str
    part: str
    text: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield the findings of all checks. The settings have been read, so each of them is valid by itself."""
    yield from _operator(settings)
    yield from _network(settings)
    yield from _files(settings)
    yield from _room(settings)
    yield from _erasures()
    yield from _backups(settings)
    yield from _mail()
    is_open, findings = _database()
    yield from findings
    if is_open:
        yield from _clock()
        yield from _push()


def _operator(settings: Settings) -> Iterator[Finding]:
    yield Finding(OK, "settings", "all are valid")
    if settings.operator_name is None:
        yield Finding(ADVICE, "operator", "people cannot see who runs this server: set REKINDLE_OPERATOR_NAME")
    if settings.password_cost == "cheapest":  # noqa: S105  # a cost, not a password
        yield Finding(FAULT, "passwords", "they are cheap to guess: remove REKINDLE_PASSWORD_COST")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = processes.files_wanted(settings.threads)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        text = f"a worker may open {limit} files: raise the limit to {wanted} (ulimit -Hn, or LimitNOFILE= of systemd)"
        yield Finding(ADVICE, "open files", text)


def _network(settings: Settings) -> Iterator[Finding]:
    url = urlsplit(settings.public_url or "")
    if not url.netloc:
        text = "invitation links have the address that the browser asked for: set REKINDLE_PUBLIC_URL"
        yield Finding(ADVICE, "public address", text)
    elif url.scheme == "http" and not addresses.is_loopback(url.netloc):
        text = "over plain http, phones cannot install the app: put a proxy with TLS before the server"
        yield Finding(ADVICE, "public address", text)
    else:
        yield Finding(OK, "public address", str(settings.public_url))
    yield from _proxies(settings, url.scheme)


def _proxies(settings: Settings, scheme: str) -> Iterator[Finding]:
    if scheme == "https" and not settings.trusted_proxies:
        text = (
            "a proxy must end TLS, but none is trusted, so the wrong passwords of a stranger count against everyone:"
            " set REKINDLE_TRUSTED_PROXIES=1"
        )
        yield Finding(FAULT, "proxy", text)
    elif settings.trusted_proxies and not addresses.is_loopback(settings.host):
        text = (
            f"anyone who reaches {settings.host}:{settings.port} past the proxy can claim any address: let only the"
            " proxy reach it, for example with REKINDLE_HOST=127.0.0.1"
        )
        yield Finding(ADVICE, "proxy", text)
    else:
        yield Finding(OK, "proxy", f"{settings.trusted_proxies} trusted")


_MAIL_FAULTS = {
    "no_answer": "the mail server does not answer within ten seconds",
    "not_secure": "the mail server does not encrypt with a valid certificate",
    "sign_in_refused": "the mail server refuses the user or the password",
}


def _mail() -> Iterator[Finding]:
    """Sign in at the mail server, without a mail."""
    if not mail.is_set_up():
        return
    try:
        mail.check()
    except MailFault as fault:
        text = _MAIL_FAULTS.get(fault.reason, "the mail server does not talk to this server")
        yield Finding(FAULT, "mail", f"{text}: check REKINDLE_SMTP_URL")
    else:
        yield Finding(OK, "mail", "the mail server takes mails")


def _files(settings: Settings) -> Iterator[Finding]:
    """Check who may read and write the files. PostgreSQL looks after its own."""
    open_to_others, not_ours = [], []
    for path in _private_files(settings):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError:
            not_ours.append(str(path))
            continue
        if mode & 0o077 and not stat.S_ISDIR(mode):
            open_to_others.append(str(path))
        if not os.access(path, os.R_OK | os.W_OK):
            not_ours.append(str(path))
    if not_ours:
        yield Finding(
            FAULT, "files", f"this user cannot write {', '.join(not_ours)}: run as their owner, or chown them"
        )
    if open_to_others:
        names = " ".join(open_to_others)
        yield Finding(FAULT, "files", f"other users of this machine can read them: chmod 600 {names}")
    if not open_to_others and not not_ours:
        yield Finding(OK, "files", "only this user can read them")


def _private_files(settings: Settings) -> Iterator[Path]:
    if not db.proxy.for_update:
        database = Path(db.proxy.database)
        yield database.parent
        yield from database.parent.glob(f"{database.name}*")
    if settings.erasures and "://" not in settings.erasures:
        yield Path(settings.erasures)
    if settings.backup_dir:
        yield settings.backup_dir
        yield from _stamped(settings.backup_dir) or ()


def _room(settings: Settings) -> Iterator[Finding]:
    folders = [] if db.proxy.for_update else [Path(db.proxy.database).parent]
    folders += [settings.backup_dir] if settings.backup_dir else []
    for folder in folders:
        if os.path.isdir(folder):  # the method of Path fails in a folder of another user
            free = shutil.disk_usage(folder).free
            kind = FAULT if free < _NO_ROOM else ADVICE if free < _LITTLE_ROOM else OK
            advice = "" if kind == OK else ": make room, or people cannot write soon"
            yield Finding(kind, "disk", f"{folder} has {free >> 20} MB left{advice}")


def _erasures() -> Iterator[Finding]:
    try:
        erasure_log.read_marks()
        yield Finding(OK, "log of erasures", "it can be read")
    except LogUnavailable as error:
        yield Finding(FAULT, "log of erasures", f"{error}: see REKINDLE_ERASURES")


def _backups(settings: Settings) -> Iterator[Finding]:
    if db.proxy.for_update and not shutil.which("pg_dump"):
        yield Finding(ADVICE, "backups", "pg_dump is missing: install postgresql-client for backups")
    if settings.backup_dir is None:
        yield Finding(ADVICE, "backups", "none are made each day: set REKINDLE_BACKUP_DIR")
        return
    times = _stamped(settings.backup_dir)
    if times is None:
        return  # the check of files tells of it
    newest = max(times.values(), default=None)
    if newest is None or clock.utcnow() - newest > _OLD_BACKUP:
        since = f"the newest is of {newest:%Y-%m-%d}" if newest else "there is none yet"
        yield Finding(ADVICE, "backups", f"{since}: look for the reason in the log of the server")
    else:
        yield Finding(OK, "backups", f"the newest is of {newest:%Y-%m-%d %H:%M} UTC")


def _stamped(folder: Path) -> dict[Path, datetime] | None:
    """Return the backups in a folder, or None if this user cannot read it."""
    try:
        return backups.stamped(folder)
    except FileNotFoundError:
        return {}
    except OSError:
        return None


def _push() -> Iterator[Finding]:
    with db.connection():
        has_key = web_push.public_key() is not None
    if has_key:
        yield Finding(OK, "notifications", "phones can get them")
    else:
        yield Finding(ADVICE, "notifications", "phones get none: set REKINDLE_PUBLIC_URL to an address with https")


def _database() -> tuple[bool, list[Finding]]:
    """Return whether the database has all tables, and the findings about it."""
    try:
        with db.connection():
            missing = schema.pending()
            schema.refuse_newer(schema.applied())
            skew = clock.utcnow() - leases.database_now()
    except Unavailable as error:
        return False, [Finding(FAULT, "database", start_faults.explain(error))]
    except StartFault as error:
        return False, [Finding(FAULT, "database", str(error))]
    if missing:
        text = f"{len(missing)} migrations are missing: run `flask --app wsgi db upgrade`"
        return False, [Finding(FAULT, "database", text)]
    findings = [Finding(OK, "database", "it answers, and has all migrations")]
    if abs(skew) > _SKEW:
        text = f"this host and the database differ by {abs(skew).total_seconds():.0f} s: set both by NTP"
        findings.append(Finding(FAULT, "time", text))
    else:
        findings.append(Finding(OK, "time", "this host and the database agree"))
    return True, findings


def _clock() -> Iterator[Finding]:
    with db.connection():
        age = readiness.seconds_since_tick()
        oldest = backlog.oldest_due(clock.utcnow() - _LATE)
    if age is None or age > readiness.LATE_TICK_S:
        last = "it never ticked" if age is None else f"its last tick was {age / 60:.0f} minutes ago"
        text = f"{last}: start the server, or `flask --app wsgi clock` beside servers with REKINDLE_CLOCK=off"
        yield Finding(ADVICE, "clock", text)
    else:
        yield Finding(OK, "clock", f"it ticked {age:.0f} s ago")
    if oldest:
        text = f"one is due since {oldest:%Y-%m-%d %H:%M} UTC: look for its reason in the log"
        yield Finding(ADVICE if age is None else FAULT, "deliveries", text)
