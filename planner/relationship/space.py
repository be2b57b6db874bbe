"""Space: how somebody takes it, changes it and comes back. One side, alone, at once, without a reason.

Quiet: the server gives the other no sign of it. Said: the other finds one of four fixed sentences. In both, what the
other sends is accepted and held (see people/holds.py); only "this date is off" still comes through.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.clock import local_day
from planner.contact import contact_log, hold_sync, pauses, visible_inbox
from planner.contact.pauses import OpenPause, Pause
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.dates import lifecycle, rsvps, views
from planner.dates.rsvps import UpcomingDate
from planner.errors import Conflict, FieldError, Invalid, QuotaExceeded
from planner.notifications import deliveries

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


class SpaceChoice(NamedTuple):
    """What kind of space, and what the other finds if it is said."""

    kind: str
    sentence: str | None = None
    until: date | None = None


class DateDecision(NamedTuple):
    """Go, or off: at an hour, or (None) at the latest moment."""

    date: UUID
    going: bool
    off_at: datetime | None = None


class SpaceView(NamedTuple):
    """One's own space, and what there is to decide: before it starts, this is the preview."""

    pause: OpenPause | None
    say_again_at: datetime | None
    dates: tuple[UpcomingDate, ...]


def preview(viewer: Viewer, now: datetime) -> SpaceView:
    """The viewer's space as it stands, or what starting one would ask about."""
    pause = pauses.current(viewer.id)
    ahead = rsvps.list_upcoming(viewer.id, viewer.couple, now) if viewer.couple else []
    # What the other agreed to meanwhile is not told.
    known = [one for one in ahead if one.said or pause is None]
    said = pauses.last_said(viewer.id, viewer.couple) if viewer.couple else None
    again = said + SAY_AGAIN if said and said + SAY_AGAIN > now else None
    return SpaceView(pause, again, tuple(known[:MOST_WORDS]))


def start_or_change(viewer: Viewer, chosen: SpaceChoice, words: Collection[DateDecision], now: datetime) -> None:
    """Start a space, or change the one that the viewer is in. Repeated, it changes nothing.

    Starting needs a word on each agreed date ahead. Raises Invalid (also for words that are missing), WrongState
    without a partner, TooSoon when something was said to the other less than a week ago.
    """
    with couples.locked(viewer.id) as pair:
        if pair is None:
            raise Conflict("You are nobody's partner here. What you do here is yours alone already.")
        pause = pauses.current(pair.me)
        ahead = {one.date: one for one in rsvps.list_upcoming(pair.me, pair.couple, now)}
        faults = _faults(viewer, chosen, now) + _word_faults(pair, words, ahead, now)
        if pause is None:
            faults += _missing(words, ahead)
        if faults:
            raise Invalid(*faults)
        pause = pause or _begin(pair, now)
        _change(pair, pause, chosen, now)
        for word in words:
            if word.date in ahead:
                _keep(pair, word, ahead[word.date], now)


def _begin(pair: Pair, now: datetime) -> OpenPause:
    last = contact_log.latest_event_at(pair.partner, pair.couple)
    since = min(now, max(now - _UNDER_WAY, last + _NEXT)) if last else now - _UNDER_WAY
    made = Pause.create(person=pair.me, couple=pair.couple, kind=QUIET, started_at=since)
    for date_id in rsvps.just_begun(pair.couple, since, now):
        # Nobody is asked about it any more, and its person may sit at the table: it is not called off.
        rsvps.set_rsvp(pair.me, date_id, None)
    visible_inbox.suppress_notifications(pair.me, now)
    deliveries.cancel_from_partner(pair.me)
    return OpenPause(made.id, QUIET, None, None, None, since)


def _change(pair: Pair, pause: OpenPause, chosen: SpaceChoice, now: datetime) -> None:
    if chosen == (pause.kind, pause.sentence, pause.until):
        return
    said_at = pause.said_at
    if chosen.kind == SAID:
        last = pauses.last_said(pair.me, pair.couple)
        if last and last + SAY_AGAIN > now:
            raise QuotaExceeded(
                "You have said something less than a week ago. Quiet is possible at any time.", last + SAY_AGAIN
            )
        said_at = now
        inbox.replace(pair.partner, "space_said", pause.id, now)
    else:
        inbox.withdraw(pause.id, ["space_said"])
    values = {**chosen._asdict(), "said_at": said_at}
    if not Pause.update(**values).where(Pause.id == pause.id, Pause.ended_at.is_null()).execute():
        raise Conflict("This space has ended. Look again.")


def _keep(pair: Pair, word: DateDecision, one: UpcomingDate, now: datetime) -> None:
    if word.going:
        rsvps.set_rsvp(pair.me, one.date, None)
        visible_inbox.show_date(pair.me, one.date)
        _remind(pair.me, one.date, now)
        return
    off_at = word.off_at or one.latest(now)
    if off_at <= now:
        lifecycle.call_off(pair, one.date, now)
        return
    rsvps.set_rsvp(pair.me, one.date, off_at)
    inbox.withdraw(one.date, inbox.REMINDERS, pair.me)


def _remind(person: UUID, date_id: UUID, now: datetime) -> None:
    lifecycle.remind([person], date_id, views.slots_of([date_id])[date_id][0], now)


def _faults(viewer: Viewer, chosen: SpaceChoice, now: datetime) -> list[FieldError]:
    today = local_day(now, viewer.zone)
    if chosen.until and not today <= chosen.until <= today + _HORIZON:
        return [FieldError("until", "Choose a day from today on, within a year.")]
    return []


def _word_faults(
    pair: Pair, words: Collection[DateDecision], ahead: dict[UUID, UpcomingDate], now: datetime
) -> list[FieldError]:
    faults, seen = [], set[UUID]()
    for at, word in enumerate(words):
        found = ahead.get(word.date)
        if word.date in seen:
            faults.append(FieldError(f"dates.{at}.date", "This date stands there twice."))
        elif found is None and not _was_agreed(pair, word.date):
            faults.append(FieldError(f"dates.{at}.date", "This is no agreed date of the two of you."))
        elif found and word.off_at and word.off_at > found.latest(now):
            faults.append(FieldError(f"dates.{at}.off_at", "Off is possible up to two hours before it starts, or now."))
        seen.add(word.date)
    return faults


def _was_agreed(pair: Pair, date_id: UUID) -> bool:
    """Whether this is a date of the two that is off or has begun meanwhile: a word on it has nothing left to do."""
    row = views.find_row(pair.me, pair.couple, date_id)
    return row is not None and row.couple_id is not None and row.start is not None


def _missing(words: Collection[DateDecision], ahead: dict[UUID, UpcomingDate]) -> list[FieldError]:
    said = {word.date for word in words}
    wanted = [one for one in list(ahead)[:MOST_WORDS] if one not in said]
    if not wanted:
        return []
    ids = ", ".join(map(str, wanted))
    return [FieldError("dates", f"Say of each agreed date whether you will go. Not said yet: {ids}.")]


def end(viewer: Viewer, now: datetime) -> None:
    """End the viewer's space. What arrived in it stays held until the viewer decides. Repeated, it changes nothing.

    Dates that were to be called off later stand again, and their reminders with them.
    """
    with couples.locked(viewer.id) as pair:
        pause = pauses.current(viewer.id)
        if pause is None:
            return
        hold_sync.apply(viewer.id)
        visible_inbox.end_pause(viewer.id, pause.id)
        # A clock that was set back must not leave a window that ends before it begins.
        Pause.update(ended_at=max(now, pause.started_at)).where(
            Pause.id == pause.id, Pause.ended_at.is_null()
        ).execute()
        inbox.withdraw(pause.id, ["space_said"])
        ahead = {one.date for one in rsvps.list_upcoming(viewer.id, pair.couple, now)} if pair else set()
        for date_id in rsvps.delete_rsvps(viewer.id):
            if date_id in ahead:
                _remind(viewer.id, date_id, now)


def cancel_due_dates(now: datetime) -> int:
    """The clock's part: call off what people in space do not go to; the number of dates. The other finds "off"."""
    return sum(_cancel_date(person, date_id, now) for person, date_id in rsvps.list_due(now))


def _cancel_date(person: UUID, date_id: UUID, now: datetime) -> bool:
    with suppress(Conflict), couples.locked(person) as pair:
        # Meanwhile they may have said that they will go, or come back.
        if pair and (person, date_id) in rsvps.list_due(now):
            return lifecycle.call_off(pair, date_id, now)
    return False  # it is not due any more, or comes with the next tick: no date may keep the others waiting
