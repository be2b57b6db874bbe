"""Space: how somebody takes it, changes it and comes back. One side, alone, at once, without a reason.

Quiet: the server gives the other no sign of it. Said: the other finds one of four fixed sentences. In both, what the
other sends is accepted and held (people/holds.py says how); only "this date is off" still comes through.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.clock import local_day
from planner.consent import held
from planner.dates import agenda, attendances, plans
from planner.dates.attendances import Ahead
from planner.errors import Fault, Invalid, TooSoon, WrongState
from planner.people import contacts, couples, letterbox, spaces
from planner.people.couples import Pair
from planner.people.sign_ins import Actor
from planner.people.spaces import Pause, Space
from planner.reminders import deliveries

QUIET, SAID = "quiet", "said"
SENTENCES = {
    "time": "I am taking some time for myself.",
    "full": "There is a lot on my mind, and I need some quiet.",
    "slow": "I will be slow to read and to answer here.",
    "pause": "I am pausing here for a while.",
}
SAY_AGAIN = timedelta(days=7)
MOST_WORDS = 100
"""Dates that are asked about at once, the next first. Beyond them silence will do: such a date is off in time, and
nobody who needs space now is held up by a full calendar."""
_HORIZON = timedelta(days=366)
# What the other sent a moment before may be written a moment after, once it gets the lock: it finds the window open.
# What stands there already came before, and may have been read.
_UNDER_WAY = timedelta(seconds=10)
_NEXT = timedelta(microseconds=1)


class Chosen(NamedTuple):
    """What kind of space, and what the other finds if it is said."""

    kind: str
    sentence: str | None = None
    until: date | None = None


class Word(NamedTuple):
    """Go, or off: at an hour, or (None) at the latest moment."""

    date: UUID
    going: bool
    off_at: datetime | None = None


class View(NamedTuple):
    """One's own space, and what there is to decide: before it starts, this is the preview."""

    pause: Pause | None
    say_again_at: datetime | None
    dates: tuple[Ahead, ...]


def look(actor: Actor, now: datetime) -> View:
    """The actor's space as it stands, or what starting one would ask about."""
    pause = spaces.living(actor.id)
    ahead = attendances.ahead(actor.id, actor.couple, now) if actor.couple else []
    # What the other agreed to meanwhile is not told.
    known = [one for one in ahead if one.said or pause is None]
    said = spaces.last_said(actor.id, actor.couple) if actor.couple else None
    again = said + SAY_AGAIN if said and said + SAY_AGAIN > now else None
    return View(pause, again, tuple(known[:MOST_WORDS]))


def put(actor: Actor, chosen: Chosen, words: Collection[Word], now: datetime) -> None:
    """Start a space, or change the one that the actor is in. Repeated, it changes nothing.

    Starting needs a word on each agreed date ahead. Raises Invalid (also for words that are missing), WrongState
    without a partner, TooSoon when something was said to the other less than a week ago.
    """
    with couples.writing(actor.id) as pair:
        if pair is None:
            raise WrongState("You are nobody's partner here. What you do here is yours alone already.")
        pause = spaces.living(pair.me)
        ahead = {one.date: one for one in attendances.ahead(pair.me, pair.couple, now)}
        faults = _faults(actor, chosen, now) + _word_faults(actor._replace(couple=pair.couple), words, ahead, now)
        if pause is None:
            faults += _missing(words, ahead)
        if faults:
            raise Invalid(*faults)
        pause = pause or _begin(pair, now)
        _change(pair, pause, chosen, now)
        for word in words:
            if word.date in ahead:
                _keep(pair, word, ahead[word.date], now)


def _begin(pair: Pair, now: datetime) -> Pause:
    last = contacts.latest(pair.partner, pair.couple)
    since = min(now, max(now - _UNDER_WAY, last + _NEXT)) if last else now - _UNDER_WAY
    made = Space.create(person=pair.me, couple=pair.couple, kind=QUIET, started_at=since)
    for date_id in attendances.just_begun(pair.couple, since, now):
        # Nobody is asked about it any more, and its person may sit at the table: it is not called off.
        attendances.say(pair.me, date_id, None)
    letterbox.hush(pair.me, now)
    deliveries.drop(pair.me)
    return Pause(made.id, QUIET, None, None, None, since)


def _change(pair: Pair, pause: Pause, chosen: Chosen, now: datetime) -> None:
    if chosen == (pause.kind, pause.sentence, pause.until):
        return
    said_at = pause.said_at
    if chosen.kind == SAID:
        last = spaces.last_said(pair.me, pair.couple)
        if last and last + SAY_AGAIN > now:
            raise TooSoon(
                "You have said something less than a week ago. Quiet is possible at any time.", last + SAY_AGAIN
            )
        said_at = now
        inbox.replace(pair.partner, "space_said", pause.id, now)
    else:
        inbox.withdraw(pause.id, ["space_said"])
    values = {**chosen._asdict(), "said_at": said_at}
    if not Space.update(**values).where(Space.id == pause.id, Space.ended_at.is_null()).execute():
        raise WrongState("This space has ended. Look again.")


def _keep(pair: Pair, word: Word, one: Ahead, now: datetime) -> None:
    if word.going:
        attendances.say(pair.me, one.date, None)
        # Whoever goes knows of it: its reminders come.
        inbox.withdraw(one.date, ["date_accepted"], pair.me)
        _remind(pair.me, one.date, now)
        return
    off_at = word.off_at or one.latest(now)
    if off_at <= now:
        plans.call_off(pair, one.date, now)
        return
    attendances.say(pair.me, one.date, off_at)
    inbox.withdraw(one.date, inbox.REMINDERS, pair.me)


def _remind(person: UUID, date_id: UUID, now: datetime) -> None:
    plans.remind([person], date_id, agenda.slots_of([date_id])[date_id][0], now)


def _faults(actor: Actor, chosen: Chosen, now: datetime) -> list[Fault]:
    today = local_day(now, actor.zone)
    if chosen.until and not today <= chosen.until <= today + _HORIZON:
        return [Fault("until", "Choose a day from today on, within a year.")]
    return []


def _word_faults(actor: Actor, words: Collection[Word], ahead: dict[UUID, Ahead], now: datetime) -> list[Fault]:
    faults, seen = [], set[UUID]()
    for at, word in enumerate(words):
        found = ahead.get(word.date)
        if word.date in seen:
            faults.append(Fault(f"dates.{at}.date", "This date stands there twice."))
        elif found is None and not _was_agreed(actor, word.date):
            faults.append(Fault(f"dates.{at}.date", "This is no agreed date of the two of you."))
        elif found and word.off_at and word.off_at > found.latest(now):
            faults.append(Fault(f"dates.{at}.off_at", "Off is possible up to two hours before it starts, or now."))
        seen.add(word.date)
    return faults


def _was_agreed(actor: Actor, date_id: UUID) -> bool:
    """Whether this is a date of the two that is off or has begun meanwhile: a word on it has nothing left to do."""
    row = agenda.find_row(actor, date_id)
    return row is not None and row.couple_id is not None and row.start is not None


def _missing(words: Collection[Word], ahead: dict[UUID, Ahead]) -> list[Fault]:
    said = {word.date for word in words}
    wanted = [one for one in list(ahead)[:MOST_WORDS] if one not in said]
    if not wanted:
        return []
    ids = ", ".join(map(str, wanted))
    return [Fault("dates", f"Say of each agreed date whether you will go. Not said yet: {ids}.")]


def end(actor: Actor, now: datetime) -> None:
    """Come back. What came meanwhile stays held until it is looked at or set aside. Repeated, it changes nothing.

    Dates that were to be called off later stand again, and their reminders with them.
    """
    with couples.writing(actor.id) as pair:
        pause = spaces.living(actor.id)
        if pause is None:
            return
        # A clock that was set back must not leave a window that ends before it begins.
        Space.update(ended_at=max(now, pause.started_at)).where(
            Space.id == pause.id, Space.ended_at.is_null()
        ).execute()
        held.settle_if_empty(actor.id, pause.id, now)
        inbox.withdraw(pause.id, ["space_said"])
        ahead = {one.date for one in attendances.ahead(actor.id, pair.couple, now)} if pair else set()
        for date_id in attendances.forget(actor.id):
            if date_id in ahead:
                _remind(actor.id, date_id, now)


def call_off(now: datetime) -> int:
    """The clock's part: call off what people in space do not go to; the number of dates. The other finds "off"."""
    return sum(_call_off(person, date_id, now) for person, date_id in attendances.due(now))


def _call_off(person: UUID, date_id: UUID, now: datetime) -> bool:
    with suppress(WrongState), couples.writing(person) as pair:
        # Meanwhile they may have said that they will go, or come back.
        if pair and (person, date_id) in attendances.due(now):
            return plans.call_off(pair, date_id, now)
    return False  # it is not due any more, or comes with the next tick: no date may keep the others waiting
