"""Restores: notice that a backup took the place of the database, and end the sign-ins that it brings back.

The database has a number that grows while people write, and the log of erasures knows the highest one (see
erasure_log.py). A restored backup has a lower number. It also has sign-ins that were ended since, perhaps because a
token was stolen. So all sign-ins end. It does not know what was sent since, so nothing of the past is sent again. What
else people did since the backup is lost: the operator has to tell them. Passwords and passkeys are as they were then,
as there is no other way in. A security event tells each person to check them.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import peewee

from planner.accounts import security_events
from planner.accounts.account_mails import AccountMail
from planner.accounts.accounts import Person
from planner.accounts.sessions import Session
from planner.errors import StartFault, Unavailable
from planner.inbox import Item
from planner.notifications.deliveries import Delivery
from planner.privacy import erasure_log
from planner.privacy.erasure_log import LogUnavailable
from planner.storage import db, faults

_INTERVAL = timedelta(minutes=1)


class RestoreMark(db.Model):
    """The only row: its id names this database, and its mark only grows."""

    mark = peewee.BigIntegerField()

    class Meta:
        table_name = "restore_marks"


class _Progress:
    """What this process knows of its last mark: when it was, and how many writes there were before it."""

    def __init__(self) -> None:
        self.generation = db.generation()
        self.commits = 0
        self.at: datetime | None = None


_progress = _Progress()


def ensure_mark() -> None:
    """Give a new database its id and its first mark. Call under the lock of upgrades."""
    if not RestoreMark.select().exists():
        RestoreMark.create(mark=0)


def check_loss() -> None:
    """Raise StartFault if the SQLite file is missing, although there was one. A new one would hide the loss."""
    path = erasure_log.marks_beside_database()
    if path is not None and path.exists() and not Path(db.proxy.database).exists():
        raise StartFault(
            f"{db.proxy.database} is missing, but {path} shows that there was one. Put the file or a backup in its"
            f" place. To begin anew, remove {path}"
        )


def notice(now: datetime, is_restored: bool = False) -> bool:
    """End all sign-ins, and send nothing of the past again, if a backup was restored. Return whether it was.

    Each start does this before it serves anyone, and a restore says so itself. Raises LogUnavailable if the log cannot
    be read or written.
    """
    # Read the log first: another host may raise both marks, first the one in the database.
    marks = erasure_log.read_marks()
    with db.write():
        database, mark = _mark()
        known = marks.get(database)
        restored = is_restored or (mark < known if known is not None else _is_older_than_marks(mark, marks))
        if restored:
            Session.delete().execute()
            AccountMail.delete().execute()  # a code that was used after the backup must not work again
            _forget_deliveries(now)
            security_events.record_for_all(security_events.BACKUP_RESTORED, now)
            RestoreMark.update(mark=max(mark, known or 0)).execute()
    _raise_marks()
    return restored


def _forget_deliveries(now: datetime) -> None:
    """Cancel what was due before the restore: the phones have perhaps got it. It stays in the inbox of the app."""
    is_past = Item.visible_at <= now
    Item.update(queued_at=now).where(Item.queued_at.is_null(), is_past).execute()
    past = Item.select(Item.id).where(Item.id == Delivery.item, is_past)
    Delivery.update(next_at=None, lease_until=None, tries=Delivery.tries + 1).where(
        Delivery.next_at.is_null(False), peewee.fn.EXISTS(past)
    ).execute()


def _is_older_than_marks(mark: int, marks: dict[UUID, int]) -> bool:
    """Tell whether a database that has just got its first mark is a backup from before there were marks."""
    return bool(marks) and mark == 0 and Person.select().exists()


def advance(now: datetime) -> None:
    """Raise the marks if people wrote since the last time, at most once a minute. The clock calls this."""
    global _progress
    if _progress.generation != db.generation():
        _progress = _Progress()
    if _progress.at and timedelta() <= now - _progress.at < _INTERVAL:
        return
    _progress.at = now
    _advance_if_changed()


def shut_down() -> None:
    """Raise the marks a last time, and close the database, at the end of this process."""
    with suppress(Unavailable):  # the storage logs the cause
        _advance_if_changed()
    db.shut_down()


def _advance_if_changed() -> None:
    if db.commits() == _progress.commits:
        return
    try:
        with db.connection():
            _raise_marks()
    except LogUnavailable as error:
        faults.warn(f"the log of erasures: {error}")


def _raise_marks() -> None:
    """Raise the mark in the database, then in the log. A crash between them is no restore."""
    commits = db.commits()
    with db.write():
        RestoreMark.update(mark=RestoreMark.mark + 1).execute()
        database, mark = _mark()
    _progress.commits = commits + 1  # its own
    erasure_log.raise_mark(database, mark)


def _mark() -> tuple[UUID, int]:
    row = db.fetch_one(RestoreMark.select(RestoreMark.id, RestoreMark.mark))
    assert row, "the upgrade creates it"
    return row[0], row[1]
