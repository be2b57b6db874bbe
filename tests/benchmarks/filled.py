"""Fill a database as after some years on a busy server, by bulk inserts through the product's tables."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple
from uuid import UUID

from api.app import create_app
from planner.accounts.accounts import Person
from planner.accounts.sessions import Session
from planner.catalogue import activities, prompts, sync
from planner.catalogue.activities import ActivityEntry
from planner.clock import local_day, start_of_day, to_utc
from planner.contact.contact_log import PROPOSAL, SHARED, ContactEvent
from planner.couples.contact_rules import ANSWER_NOTICE
from planner.couples.couples import Couple, Member
from planner.dates import state_machine
from planner.dates.dates import Date, SlotRow
from planner.dates.feedback import FEELINGS, FeedbackRow
from planner.dates.reminders import FEEDBACK_LIFE, FEEDBACK_WAIT
from planner.inbox import Item
from planner.notes.daily_prompt import PromptDay
from planner.notes.notes import KINDS, Note, Share
from planner.notifications.deliveries import Delivery
from planner.recommender.decks import DealtCard
from planner.recommender.votes import VOTES, VoteRow
from planner.schema import upgrade
from planner.settings import Settings
from planner.storage import db
from seeds import reader
from tests.benchmarks.bulk import Tables, quickly


class Size(NamedTuple):
    """How many couples there are, and how many things of each kind belong to a couple, or to a person."""

    couples: int = 1_000
    notes: int = 100
    dates: int = 20
    prompts: int = 30
    cards: int = 30

    def __str__(self) -> str:
        """Return what there is in all."""
        notes, dates = self.couples * self.notes, self.couples * self.dates
        return f"{self.couples:,} couples, {notes:,} notes, {dates:,} dates"


USUAL = Size()


def of_many(couples: int) -> Size:
    """Return a size with so many couples, who have used the product for some weeks."""
    return Size(couples, notes=10, dates=4, prompts=3, cards=10)


_BATCH = 1_000
"""How many couples are written at a time."""
_ZONE = "Europe/Lisbon"
_RHYTHMS = ("together",) * 7 + ("gentle",) * 2 + ("apart",)
_PACES = {"together": 5, "gentle": 3, "apart": 2}
# The states of a couple's twenty dates, the oldest first.
_STATES = (
    (state_machine.COMPLETED,) * 11
    + (state_machine.DECLINED,) * 2
    + (state_machine.WITHDRAWN, state_machine.CANCELLED, state_machine.LAPSED)
    + (state_machine.ACCEPTED,) * 3
    + (state_machine.PROPOSED,)
)
_FEW_STATES = (state_machine.COMPLETED, state_machine.COMPLETED, state_machine.ACCEPTED, state_machine.PROPOSED)
_BODY = (
    "You called my mother although you were tired, and you listened. The kitchen was warm, there was tea, and the long "
    "way home in the rain became a walk. You remembered the letter without being asked, and we laughed about the song."
)


class Two(NamedTuple):
    """A couple: both persons, and the token of each."""

    couple: UUID
    rhythm: str
    persons: tuple[UUID, UUID]
    tokens: tuple[str, str]


def fill(url: str, now: datetime, size: Size = USUAL, asking: int | None = None) -> list[Two]:
    """Create the tables at `url`, fill them with the same data each time, and return the couples.

    So many couples, `asking`, have asked for suggestions today: see `some`. By default, all have.
    """
    chance = random.Random(1)
    db.open_database(url)
    upgrade()
    with db.connection(), db.without_timeouts(), quickly():
        sync.sync(reader.shipped(), now - timedelta(days=800))
        couples = [_couple(chance) for _ in range(size.couples)]
        light = [
            card for card in activities.snapshot().active if card.content.party == "two" and card.content.pace <= 2
        ]
        tables = Tables()
        with db.write():
            for first in range(0, len(couples), _BATCH):
                batch = couples[first : first + _BATCH]
                for two in batch:
                    _people(tables, two, now, size)
                tables.write()
                for two, number in product(batch, range(size.dates)):
                    _date(tables, chance, two, number, light, now, size)
                tables.write()
                for two, number in product(batch, range(size.notes)):
                    _note(tables, chance, two, number, now)
                tables.write()
        if db.proxy.for_update:
            db.proxy.execute_sql("ANALYZE")  # autovacuum would do it a little later
    db.dispose()
    db.open_database(url)
    _request_suggestions(couples if asking is None else some(couples, asking))
    db.dispose()
    return couples


def some(couples: Sequence[Two], count: int) -> Sequence[Two]:
    """Return so many couples, from everywhere in the tables."""
    return couples[:: max(1, len(couples) // count)][:count]


def database_version(url: str) -> str:
    """Return the database's name and version."""
    if url.startswith("sqlite:"):
        return f"SQLite {sqlite3.sqlite_version}"
    db.open_database(url)
    with db.connection():
        version = db.proxy.execute_sql("SHOW server_version").fetchone()[0]
    db.dispose()
    return f"PostgreSQL {version.split()[0]}"


def _couple(chance: random.Random) -> Two:
    tokens = (f"{chance.getrandbits(256):064x}", f"{chance.getrandbits(256):064x}")
    return Two(_id(chance), chance.choice(_RHYTHMS), (_id(chance), _id(chance)), tokens)


def _people(tables: Tables, two: Two, now: datetime, size: Size) -> None:
    began = now - timedelta(days=700)
    pace = _PACES[two.rhythm]
    tables.add(Couple, id=two.couple, rhythm=two.rhythm, pace=pace, began_at=began)
    for person, token in zip(two.persons, two.tokens, strict=True):
        chance = random.Random(token)
        token_hash = hashlib.sha256(token.encode()).hexdigest()
        tables.add(
            Person,
            id=person,
            sign_in_name=f"bench-{person.hex}",
            display_name="Robin",
            password_hash="-",
            recovery_hash="-",
            zone=_ZONE,
            version=1,
            created_at=began,
        )
        tables.add(
            Session,
            id=_id(chance),
            person=person,
            token_hash=token_hash,
            device="phone",
            created_at=began,
            used_on=local_day(now, _ZONE),
        )
        tables.add(
            Member, id=_id(chance), couple=two.couple, person=person, name="Robin", rhythm=two.rhythm, max_pace=pace
        )
        _votes(tables, chance, person, now, size.cards)
        # Prompts of a month and of today: the first request of a day draws and writes, and is not measured.
        for days, card in enumerate(chance.sample(prompts.snapshot().active, size.prompts)):
            day = local_day(now, _ZONE) - timedelta(days=days)
            tables.add(PromptDay, id=_id(chance), person=person, day=day, prompt=card.id)


def _votes(tables: Tables, chance: random.Random, person: UUID, now: datetime, cards: int) -> None:
    """Add decks of ten cards, with votes on most cards."""
    begins = local_day(now, _ZONE) - timedelta(days=400)
    for number, card in enumerate(chance.sample(activities.snapshot().active, cards)):
        day = begins + timedelta(days=number // 10)
        tables.add(DealtCard, id=_id(chance), person=person, activity=card.id, day=day, position=number % 10)
        if number % 6:
            vote, effective_from = chance.choice(VOTES[:2] * 4 + VOTES[2:]), start_of_day(day, _ZONE)
            tables.add(
                VoteRow, id=_id(chance), person=person, activity=card.id, vote=vote, effective_from=effective_from
            )


def _request_suggestions(couples: Sequence[Two]) -> None:
    """Ask for suggestions once today for each person, because the benchmark measures later requests."""
    client = create_app(Settings()).test_client()
    for token in (token for two in couples for token in two.tokens):
        answer = client.get("/v1/suggestions", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.get_data(as_text=True)


def _date(
    tables: Tables, chance: random.Random, two: Two, number: int, light: Sequence[ActivityEntry], now: datetime,
    size: Size,
) -> None:  # fmt: skip
    states = _STATES if size.dates >= len(_STATES) else _FEW_STATES
    state, date = states[number % len(states)], _id(chance)
    sender, receiver = chance.sample(two.persons, 2)
    ahead = state in (state_machine.ACCEPTED, state_machine.PROPOSED)
    # A refused idea rests for 14 days.
    days = timedelta(days=chance.randint(8, 60) if ahead else -chance.randint(15, 600))
    wall = datetime.combine(now.date() + days, datetime.min.time()).replace(hour=chance.randint(9, 20))
    start = to_utc(wall, _ZONE)
    created = min(start, now) - timedelta(minutes=chance.randint(60, 4 * 1440))
    settled = state in (state_machine.ACCEPTED, state_machine.COMPLETED, state_machine.CANCELLED)
    end = start + timedelta(minutes=90)
    expires = min(created + timedelta(days=7), start - ANSWER_NOTICE["together"])
    alone = state == state_machine.COMPLETED and number % 5 == 0  # an own date, which the partner never sees
    tables.add(
        Date,
        id=date,
        couple=None if alone else two.couple,
        proposer=sender,
        sender=sender,
        awaiting=receiver if state == state_machine.PROPOSED else None,
        activity=chance.choice(light).id,
        state=state,
        version=1,
        request="-",
        last_request_digest="-",
        answer="no" if state == state_machine.DECLINED else None,
        created_at=created,
        moved_at=created,
        expires_at=expires,
        start=start if settled else None,
        end=end if settled else None,
    )
    for more in range(1 if settled else 3):
        later = timedelta(days=more)
        tables.add(
            SlotRow,
            id=_id(chance),
            date=date,
            start=start + later,
            end=end + later,
            zone=_ZONE,
            local_time=(wall + later).isoformat(timespec="minutes"),
        )
    if not alone:
        outcome = None if state == state_machine.PROPOSED else state
        tables.add(
            ContactEvent,
            id=_id(chance),
            person=sender,
            couple=two.couple,
            kind=PROPOSAL,
            subject=date,
            at=created,
            open_until=expires,
            outcome=outcome,
        )
    if state == state_machine.PROPOSED:
        _item(tables, chance, receiver, "date_proposed", date, created, expires, now)
    if state == state_machine.ACCEPTED:
        for person in two.persons:
            _item(tables, chance, person, "date_tomorrow", date, start - timedelta(days=1), start, now)
            _item(tables, chance, person, "date_soon", date, start - timedelta(hours=2), start, now)
    if state in (state_machine.ACCEPTED, state_machine.COMPLETED):
        feedback_at = end + FEEDBACK_WAIT
        for person in [sender] if alone else two.persons:
            _item(tables, chance, person, "date_feedback", date, feedback_at, feedback_at + FEEDBACK_LIFE, now)
    if state == state_machine.COMPLETED:
        tables.add(
            FeedbackRow,
            id=_id(chance),
            date=date,
            person=sender,
            feeling=chance.choice(FEELINGS),
            rating=4,
            noted_at=end,
        )


def _note(tables: Tables, chance: random.Random, two: Two, number: int, now: datetime) -> None:
    note, author = _id(chance), two.persons[number % 2]
    created = now - timedelta(minutes=chance.randint(60, 700 * 1440))
    body = _BODY[: chance.randint(30, len(_BODY))]
    tables.add(
        Note, id=note, author=author, kind=chance.choice(KINDS), body=body, version=1, request="-", created_at=created
    )
    if number % 5 == 0:
        shared = created + timedelta(minutes=30)
        tables.add(
            Share,
            id=_id(chance),
            note=note,
            couple=two.couple,
            shared_at=shared,
            recalled_at=shared + timedelta(minutes=20) if number % 50 == 0 else None,
        )
        tables.add(ContactEvent, id=_id(chance), person=author, couple=two.couple, kind=SHARED, subject=note, at=shared)
        _item(tables, chance, two.persons[1 - number % 2], "note_shared", note, shared, None, now)


def _item(
    tables: Tables,
    chance: random.Random,
    person: UUID,
    kind: str,
    subject: UUID,
    visible: datetime,
    expires: datetime | None,
    now: datetime,
) -> None:
    """Add an inbox item. One that is visible already was announced, delivered, and mostly seen."""
    item, past = _id(chance), visible <= now
    tables.add(
        Item,
        id=item,
        person=person,
        kind=kind,
        subject=subject,
        visible_at=visible,
        expires_at=expires,
        seen_at=visible if past and chance.random() < 0.9 else None,
        queued_at=visible if past else None,
    )
    if past and visible > now - timedelta(days=30):
        tables.add(Delivery, id=_id(chance), item=item, channel="log", tries=1, done_at=visible)


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def today() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)
