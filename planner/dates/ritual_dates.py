"""The dates of rituals. The clock makes them some weeks ahead, and they are then dates like all others.

A ritual of two gets its dates from the clock only: for a person in space it does something that the partner must not
cause (see `_announce`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from planner import inbox
from planner.contact import pauses, visible_inbox
from planner.couples import couples
from planner.couples.couples import Pair
from planner.dates import date_history, recurrence, reminders, reschedules, rituals, rsvps, state_machine
from planner.dates.dates import Date, insert_slots
from planner.dates.recurrence import Occurrence
from planner.dates.rituals import Ritual, RitualDate, RitualRow
from planner.dates.slots import Slot
from planner.errors import Conflict
from planner.storage import db

HORIZON = timedelta(weeks=8)
"""How far ahead dates are made. The next one is made in any case."""
ENDED = "ended"
"""The last request digest of a date that went off with its ritual."""


def begin(date_id: UUID, now: datetime) -> None:
    """Let a ritual run whose first date is agreed, and end the ritual that it replaces.

    Call it inside the transaction of the agreement. Raise Conflict when that ritual has ended or changed since.
    """
    row = rituals.find_offered(date_id)
    if row is None or row.has_begun:
        return
    if row.replaces_id and row.replaces_from:
        _end_from(row.replaces_id, row.replaces_from, now)
    Ritual.update(due_at=now).where(Ritual.id == row.id).execute()


def begin_alone(date_id: UUID, now: datetime) -> None:
    """Let a ritual of a person alone run, and make its dates, inside the transaction that creates it."""
    begin(date_id, now)
    row = rituals.find_offered(date_id)
    assert row is not None
    make_dates(row, None, now)


def _end_from(ritual: UUID, since: date, now: datetime) -> None:
    """End a ritual before a day. The clock ends it when its last date is over."""
    row = rituals.get(ritual)
    if row is None or row.ended_at or rituals.is_replaced(ritual):
        raise Conflict("ritual_moved_on")
    until = since - timedelta(days=1)
    if until < row.start.date():
        end(row, now)
        return
    text = recurrence.to_text(replace(row.rule, count=None, until=until), row.start)
    Ritual.update(rule=text, due_at=now).where(Ritual.id == ritual).execute()
    _drop_dates(row, now, rituals.to_text(datetime.combine(since, datetime.min.time())))


def end(row: RitualRow, now: datetime) -> None:
    """End a ritual at once, inside the caller's transaction. Its dates ahead go without a word."""
    Ritual.update(due_at=None, ended_at=now).where(Ritual.id == row.id).execute()
    _drop_dates(row, now)


def _drop_dates(row: RitualRow, now: datetime, since: str = "") -> None:
    """Delete the dates of a ritual that have not begun, from a wall time on. Cancel the first one: it was proposed."""
    query = RitualDate.select(Date.id).join(Date).where(RitualDate.ritual == row.id, RitualDate.occurrence >= since)
    agreed = query.where(Date.state == state_machine.ACCEPTED, Date.start > now)
    dates = [date_id for (date_id,) in db.fetch_all(agreed)]
    # This locks the rows of the dates before their contact log, as every move does: the order prevents deadlocks.
    Date.update(moved_at=now).where(Date.id.in_(dates)).execute()
    for date_id in dates:
        reschedules.close(date_id, "withdrawn", now)
        inbox.delete_about(date_id)
        if date_id == row.date_id:
            values = {Date.state: state_machine.CANCELLED, Date.last_request_digest: ENDED, Date.moved_at: now}
            Date.update({**values, Date.version: Date.version + 1}).where(Date.id == date_id).execute()
        else:
            Date.delete().where(Date.id == date_id).execute()


def top_up(now: datetime) -> int:
    """Make the dates that are due, and end the rituals that are over. Return the number of rituals."""
    due = Ritual.select(Ritual.id, Date.proposer).join(Date).where(Ritual.due_at <= now)
    return sum(_top_up(ritual, proposer, now) for ritual, proposer in db.fetch_all(due))


def next_due() -> datetime | None:
    """Return when the next ritual has something to do, or None."""
    query = Ritual.select(Ritual.due_at).where(Ritual.due_at.is_null(False)).order_by(Ritual.due_at)
    row = db.fetch_one(query)
    return row[0] if row else None


def _top_up(ritual: UUID, proposer: UUID, now: datetime) -> bool:
    with suppress(Conflict), couples.locked(proposer) as pair:
        row = rituals.get(ritual)
        if row and row.due_at and row.due_at <= now:
            make_dates(row, pair, now)
            return True
    return False  # another process was faster, or the couple changes: the next tick tries again


def make_dates(row: RitualRow, pair: Pair | None, now: datetime) -> None:
    """Make the dates of a ritual up to HORIZON, and set when it is due again. Call it inside `couples.locked`."""
    is_full = row.couple_id is None and date_history.has_too_many_alone(row.proposer_id)
    occurrences, following = ([], None) if is_full else _next_ones(row, now)
    made = {made.occurrence for made in rituals.made_dates([row.id], now)}
    for occurrence in occurrences:
        if rituals.to_text(occurrence.wall) not in made:
            _make_date(row, pair, occurrence, now)
    due_at = None
    if occurrences:
        last = occurrences[-1].at
        due_at = min(following.at - HORIZON, last) if following else last + row.length
    Ritual.update(due_at=due_at, ended_at=None if due_at else now).where(Ritual.id == row.id).execute()


def _next_ones(row: RitualRow, now: datetime) -> tuple[list[Occurrence], Occurrence | None]:
    """Return the occurrences up to HORIZON, at least one, and the one that follows."""
    occurrences: list[Occurrence] = []
    for occurrence in recurrence.iterate(row.rule, row.start, row.zone, now):
        if occurrences and occurrence.at > now + HORIZON:
            return occurrences, occurrence
        occurrences.append(occurrence)
    return occurrences, None


def _make_date(row: RitualRow, pair: Pair | None, occurrence: Occurrence, now: datetime) -> None:
    slot = Slot(uuid4(), occurrence.at, occurrence.at + row.length, occurrence.wall, row.zone)
    date_id = uuid4()
    values: dict[str, Any] = {
        "couple": row.couple_id,
        "proposer": row.proposer_id,
        "sender": row.sender_id,
        "awaiting": None,
        "activity": row.activity_id,
        "message": row.message,
        "place": row.place,
        "guide": row.guide,
        "state": state_machine.ACCEPTED,
        "request": "-",
        "last_request_digest": "-",
        "created_at": now,
        "moved_at": now,
        "start": slot.start,
        "end": slot.end,
    }
    db.insert_if_absent(Date, id=date_id, **values)
    insert_slots(date_id, [slot])
    rituals.add_date(row.id, date_id, occurrence.wall)
    people = [pair.me, pair.partner] if row.couple_id and pair else [row.proposer_id]
    _announce(row, people, date_id, slot, now)


def _announce(row: RitualRow, people: Iterable[UUID], date_id: UUID, slot: Slot, now: datetime) -> None:
    """Schedule the reminders of each person. In space, a date is off unless the person says otherwise.

    The person does not know of a ritual whose acceptance is held back, so nothing about its dates may show.
    """
    for person in people:
        pause = pauses.current(person) if row.couple_id else None
        if pause is None:
            reminders.remind([person], date_id, slot, now)
        elif not visible_inbox.has_news_since(person, "date_accepted", row.date_id, pause.started_at):
            rsvps.set_rsvp(person, date_id, rsvps.drawn_off_at(person, date_id, slot.start))
