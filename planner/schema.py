"""The list of all tables, and the migrations that create them.

The migrations in planner/migrations run in the order of their numbers, under a lock: several processes may start at
once. A test compares the migrated database with the tables.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Runner

from planner.accounts import server_keys
from planner.accounts.account_mails import AccountMail
from planner.accounts.accounts import Person
from planner.accounts.data_keys import DataKey
from planner.accounts.device_marks import DeviceMark
from planner.accounts.email_addresses import EmailAddress
from planner.accounts.instance_flags import InstanceFlag
from planner.accounts.passkeys import Passkey
from planner.accounts.rate_limits import RateLimitCounter
from planner.accounts.security_events import SecurityEvent
from planner.accounts.server_keys import ServerKey
from planner.accounts.sessions import Session
from planner.calendars.availability import AvailabilityRow
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.calendars.feeds import CalendarFeed
from planner.catalogue.activities import Activity
from planner.catalogue.prompts import Prompt
from planner.contact.contact_log import ContactEvent
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples.blocks import Block, GlobalBlock
from planner.couples.couples import Couple, Member
from planner.couples.former_couples import FormerCoupleAccess
from planner.couples.invitations import Invitation
from planner.dates.dates import Date, DateText, Reschedule, SlotRow
from planner.dates.feedback import FeedbackRow
from planner.dates.important_days import ImportantDay
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.rsvps import Rsvp
from planner.errors import StartFault
from planner.inbox import Item
from planner.notes.commitments import Commitment, CommitmentDay
from planner.notes.couple_questions import CoupleQuestion, QuestionAnswer
from planner.notes.daily_prompt import PromptDay
from planner.notes.memories import HiddenMemory
from planner.notes.notes import Note, Share
from planner.notes.reactions import Reaction
from planner.notes.reflection_days import ReflectionDay
from planner.notes.requests import Request
from planner.notifications.deliveries import Delivery
from planner.notifications.devices import Device
from planner.notifications.preferences import PreferencesRow
from planner.photos.photos import Photo, PhotoFile
from planner.privacy import restores
from planner.privacy.restores import RestoreMark
from planner.recommender.decks import DealtCard
from planner.recommender.matches import Match
from planner.recommender.profiles import ProfileRow
from planner.recommender.recommendation_log import RecommendationRow
from planner.recommender.someday_list import SomedayItem
from planner.recommender.votes import VoteRow
from planner.reflections.reflections import Reflection
from planner.storage import db
from planner.storage.leases import Lease
from planner.support.checklists import ChecklistRow
from planner.support.help_cards import HelpRow
from planner.support.plan_steps import ChosenPlan, PlanStep
from planner.talks.talks import Talk

TABLES: list[type[db.Model]] = [
    ServerKey,
    Lease,
    InstanceFlag,
    RestoreMark,
    Person,
    Session,
    EmailAddress,
    AccountMail,
    DeviceMark,
    Passkey,
    DataKey,
    SecurityEvent,
    Couple,
    Member,
    Invitation,
    ContactEvent,
    ReceivedCopy,
    Pause,
    Hold,
    RateLimitCounter,
    FormerCoupleAccess,
    Block,
    GlobalBlock,
    Item,
    PreferencesRow,
    Device,
    Delivery,
    Activity,
    Prompt,
    Date,
    Reschedule,
    SlotRow,
    DateText,
    FeedbackRow,
    Rsvp,
    Ritual,
    RitualDate,
    ImportantDay,
    AvailabilityRow,
    CalendarFeed,
    BusyCalendar,
    BusyTime,
    Note,
    Share,
    Reaction,
    Request,
    Commitment,
    CommitmentDay,
    PromptDay,
    HiddenMemory,
    ReflectionDay,
    Reflection,
    Talk,
    Photo,
    PhotoFile,
    CoupleQuestion,
    QuestionAnswer,
    ProfileRow,
    VoteRow,
    DealtCard,
    Match,
    SomedayItem,
    RecommendationRow,
    HelpRow,
    ChosenPlan,
    PlanStep,
    ChecklistRow,
]

KEYS = (
    "attempts",
    "recovery",
    "decoys",
    "device marks",
    "passkey challenges",
    "codes",
    "code hashes",
    "check words",
    "blocks",
    "offs",
    "rests",
    "slates",
    "matches",
    "mail codes",
    "unsubscribe",
    "push",
)

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x52454B49  # "REKI": any fixed number that nothing else in the database uses


def upgrade() -> list[str]:
    """Apply the missing migrations, and return their names. Many processes may call it at once.

    Raises StartFault for a database of a newer version.
    """
    with _upgrade_lock():
        runner = Runner(db.proxy.obj, str(MIGRATIONS))
        refuse_newer(applied())
        names: list[str] = runner.up()
        server_keys.ensure(*KEYS)
        restores.ensure_mark()
    return names


def refuse_newer(names: Iterable[str]) -> None:
    """Raise StartFault if a database has migrations that this version does not know."""
    newer = sorted(set(names) - {path.stem for path in MIGRATIONS.glob("*.py")})
    if newer:
        raise StartFault(
            f"a newer version of Rekindle has changed the database (migration {newer[-1]}): start that version, or"
            " restore a backup from before it"
        )


def pending() -> list[str]:
    """Return the names of the missing migrations. Hold a connection."""
    rows = Runner(db.proxy.obj, str(MIGRATIONS)).status()
    return [row.name for row in rows if not row.applied]


def applied() -> list[str]:
    """Return the names of the migrations that the database has. Hold a connection."""
    return [row.name for row in Runner(db.proxy.obj, str(MIGRATIONS)).status() if row.applied]


@contextmanager
def _upgrade_lock() -> Iterator[None]:
    """Hold a connection, and an advisory lock on PostgreSQL or a lock file beside the SQLite file."""
    if db.proxy.for_update:
        with db.connection(), db.without_timeouts():
            db.proxy.execute_sql("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
            try:
                yield
            finally:
                db.proxy.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))
        return
    with Path(f"{db.proxy.database}.lock").open("w") as file:
        # Lock before the first connection. Several connections that switch a new file to WAL mode at once fail,
        # because SQLite does not wait there.
        fcntl.flock(file, fcntl.LOCK_EX)
        db.create_file()
        with db.connection():
            yield
