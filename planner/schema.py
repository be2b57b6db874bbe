"""All tables, written down by hand, and how a database is brought to them.

Migrations are files in planner/migrations, applied in the order of their numbers under a lock, so that several
starters do not run them at once. A test compares what they build with what the tables say.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Runner

from planner.catalogue.activities import Activity
from planner.catalogue.prompts import Prompt
from planner.consent.help import HelpRow
from planner.dates.agenda import Date, SlotRow
from planner.dates.attendances import Attendance
from planner.dates.outcomes import Outcome
from planner.inbox import Item
from planner.notes.notes import Note, Share
from planner.notes.prompt_days import PromptDay
from planner.people import server_keys
from planner.people.accounts import Person
from planner.people.attempts import Attempt
from planner.people.blocks import Block, ClosedDoor
from planner.people.contacts import Contact
from planner.people.couples import Couple, Member
from planner.people.invitations import Invitation
from planner.people.kept import Kept
from planner.people.records import Record
from planner.people.server_keys import ServerKey
from planner.people.sign_ins import SignIn
from planner.people.spaces import Discard, Space
from planner.people.switches import Switch
from planner.picking.decks import Dealt
from planner.picking.matches import Match
from planner.picking.profiles import ProfileRow
from planner.picking.slates import SlateRow
from planner.picking.tastes import Taste
from planner.reminders.deliveries import Delivery
from planner.storage import db

TABLES: list[type[db.Model]] = [
    ServerKey, Switch, Person, SignIn, Couple, Member, Invitation, Contact, Record, Space, Discard, Attempt,
    Kept, Block, ClosedDoor,
    Item, Delivery,
    Activity, Prompt,
    Date, SlotRow, Outcome, Attendance,
    Note, Share, PromptDay,
    ProfileRow, Taste, Dealt, Match, SlateRow,
    HelpRow,
]  # fmt: skip

KEYS = (
    "attempts", "recovery", "codes", "code hashes", "check words", "blocks", "rests", "slates", "matches",
)  # fmt: skip

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x52454B49  # "REKI": any fixed number that nothing else in the database uses


def upgrade() -> list[str]:
    """Apply what is missing; the names of what was applied. Safe to call from many processes at once."""
    with _alone():
        applied: list[str] = Runner(db.proxy.obj, str(_MIGRATIONS)).up()
        server_keys.make(*KEYS)
    return applied


def pending() -> list[str]:
    """The names of migrations that this database still lacks."""
    with db.connection():
        rows = Runner(db.proxy.obj, str(_MIGRATIONS)).status()
        return [row.name for row in rows if not row.applied]


@contextmanager
def _alone() -> Iterator[None]:
    """Connected, one upgrade at a time: an advisory lock on PostgreSQL, a lock file beside the SQLite file."""
    if db.proxy.for_update:
        with db.connection():
            db.proxy.execute_sql("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
            try:
                yield
            finally:
                db.proxy.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))
        return
    with Path(f"{db.proxy.database}.lock").open("w") as file:
        # Before the first connection: several at once that turn a new file into one with a WAL refuse each other,
        # and SQLite does not wait there.
        fcntl.flock(file, fcntl.LOCK_EX)
        with db.connection():
            yield
