"""Space: a pause that one person starts, changes and ends alone, at once and without a reason.

Of a quiet space, the server gives the partner no sign. For an announced space, the partner finds one of four fixed
sentences. In both, the server accepts what the partner sends and holds it (see planner/contact/holds.py). Only "This
date is off" still comes through.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.calendars import feeds
from planner.clock import local_day
from planner.contact import contact_log, hold_sync, holds, pauses, visible_inbox
from planner.contact.pauses import OpenPause, Pause
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.dates import lifecycle, reminders, rituals, rsvps
from planner.dates.dates import find_row, slots_of
from planner.dates.rsvps import UpcomingDate
from planner.errors import Conflict, FieldError, Invalid, QuotaExceeded
from planner.notifications import deliveries

QUIET, SAID = "quiet", "said"
SENTENCES = ("time", "full", "slow", "pause")
"""The keys of the sentences for an announced space. The partner sees the one that the person chose."""
SAY_AGAIN = timedelta(days=7)
MOST_WORDS = 100
"""The number of dates that need a decision at the start of a space, the next first.

Later dates need none, so that a full calendar delays no one. Without a decision, such a date is cancelled in time.
"""
MOST_PAUSES = 500
"""The quiet pauses of a person that are remembered after their end. A pause is never refused."""
_HORIZON = timedelta(days=366)
# A pause begins this much earlier. The partner's request may wait for the lock while the pause starts; what it then
# writes is held. Things that are there already stay visible, because the person may have read them.
_UNDER_WAY = timedelta(seconds=10)
_NEXT = timedelta(microseconds=1)


class SpaceChoice(NamedTuple):
    """The kind of space, the sentence for the partner if it is announced, and the planned last day."""

    kind: str
    sentence: str | None = None
    until: date | None = None


class DateDecision(NamedTuple):
    """A decision on a date: to go, or to cancel it at `off_at`. None means a drawn instant two to four hours before."""

    date: UUID
    going: bool
    off_at: datetime | None = None


class SpaceView(NamedTuple):
    """The viewer's own space and the dates to decide on. Before the start, this is the preview."""

    pause: OpenPause | None
    say_again_at: datetime | None
    dates: tuple[UpcomingDate, ...]


def preview(viewer: Viewer, now: datetime) -> SpaceView:
    """Return the viewer's current space, or the dates that starting one would ask about."""
    pause = pauses.current(viewer.id)
    ahead = rsvps.list_upcoming(viewer.id, viewer.couple, now) if viewer.couple else []
    # Leave out dates that the partner accepted during the space: they are held.
    known_dates = [upcoming for upcoming in ahead if upcoming.said or pause is None]
    said_at = pauses.last_said(viewer.id, viewer.couple) if viewer.couple else None
    say_again_at = said_at + SAY_AGAIN if said_at and said_at + SAY_AGAIN > now else None
    return SpaceView(pause, say_again_at, tuple(known_dates[:MOST_WORDS]))


def start_or_change(viewer: Viewer, choice: SpaceChoice, decisions: Collection[DateDecision], now: datetime) -> None:
    """Start a space, or change the current one. A repeat changes nothing.

    A start needs a decision on each upcoming agreed date. Raise Invalid, also for missing decisions. Raise Conflict
    without a partner. Raise QuotaExceeded when the viewer announced a space less than a week ago.
    """
    with couples.locked(viewer.id) as pair:
        if pair is None:
            raise Conflict("no_partner")
        pause = pauses.current(pair.me)
        ahead = {upcoming.date: upcoming for upcoming in rsvps.list_upcoming(pair.me, pair.couple, now)}
        faults = _faults(viewer, choice, now) + _decision_faults(pair, decisions, ahead, now)
        if pause is None:
            faults += _missing_decisions(decisions, ahead)
        if faults:
            raise Invalid(*faults)
        pause = pause or _begin(pair, now)
        _change(pair, pause, choice, now)
        of_date = {decision.date: decision for decision in decisions}
        for upcoming in ahead.values():
            if decision := of_date.get(upcoming.date):
                _apply_decision(pair, decision, upcoming, now)


def _begin(pair: Pair, now: datetime) -> OpenPause:
    last_event_at = contact_log.latest_event_at(pair.partner, pair.couple)
    started_at = min(now, max(now - _UNDER_WAY, last_event_at + _NEXT)) if last_event_at else now - _UNDER_WAY
    name = couples.get_partner_name(pair)
    holds.forget_pauses(pair.me, MOST_PAUSES)
    row = Pause.create(person=pair.me, couple=pair.couple, kind=QUIET, started_at=started_at, partner_name=name)
    for date_id in rsvps.just_begun(pair.couple, started_at, now):
        # No decision is asked for a date that has just begun. It is not cancelled: the person may be there already.
        rsvps.set_rsvp(pair.me, date_id, None)
    feeds.revoke([pair.me])
    visible_inbox.suppress_notifications(pair.me, now)
    deliveries.cancel_from_partner(pair.me)
    return OpenPause(row.id, QUIET, None, None, None, started_at)


def _change(pair: Pair, pause: OpenPause, choice: SpaceChoice, now: datetime) -> None:
    if choice == (pause.kind, pause.sentence, pause.until):
        return
    said_at = pause.said_at
    if choice.kind == SAID:
        last_said_at = pauses.last_said(pair.me, pair.couple)
        if last_said_at and last_said_at + SAY_AGAIN > now:
            raise QuotaExceeded("space_said_recently", last_said_at + SAY_AGAIN)
        said_at = now
        inbox.replace(pair.partner, "space_said", pause.id, now)
    else:
        inbox.withdraw(pause.id, ["space_said"])
    values = {**choice._asdict(), "said_at": said_at}
    if not Pause.update(**values).where(Pause.id == pause.id, Pause.ended_at.is_null()).execute():
        raise Conflict("space_ended")


def _apply_decision(pair: Pair, decision: DateDecision, upcoming: UpcomingDate, now: datetime) -> None:
    if decision.going:
        rsvps.set_rsvp(pair.me, upcoming.date, None)
        visible_inbox.show_date(pair.me, upcoming.date)
        _remind(pair.me, upcoming.date, now)
        return
    off_at = decision.off_at or rsvps.drawn_off_at(pair.me, upcoming.date, upcoming.start)
    if off_at <= now and not rsvps.is_too_close(pair.me, upcoming.date, pair.couple, now):
        lifecycle.call_off(pair, upcoming.date, now)
        return
    rsvps.set_rsvp(pair.me, upcoming.date, max(off_at, now))
    inbox.withdraw(upcoming.date, inbox.REMINDERS, pair.me)


def _remind(person: UUID, date_id: UUID, now: datetime) -> None:
    reminders.remind([person], date_id, slots_of([date_id])[date_id][0], now)


def _faults(viewer: Viewer, choice: SpaceChoice, now: datetime) -> list[FieldError]:
    today = local_day(now, viewer.zone)
    if choice.until and not today <= choice.until <= today + _HORIZON:
        return [FieldError("until", "day_out_of_range")]
    return []


def _decision_faults(
    pair: Pair, decisions: Collection[DateDecision], ahead: dict[UUID, UpcomingDate], now: datetime
) -> list[FieldError]:
    faults, seen = [], set[UUID]()
    for position, decision in enumerate(decisions):
        upcoming = ahead.get(decision.date)
        if decision.date in seen:
            faults.append(FieldError(f"dates.{position}.date_id", "date_listed_twice"))
        elif upcoming is None and not _was_agreed(pair, decision.date):
            faults.append(FieldError(f"dates.{position}.date_id", "not_an_agreed_date"))
        elif upcoming and decision.off_at and decision.off_at > upcoming.latest(now):
            faults.append(FieldError(f"dates.{position}.off_at", "off_too_late"))
        seen.add(decision.date)
    return faults


def _was_agreed(pair: Pair, date_id: UUID) -> bool:
    """Return whether the couple had agreed on this date. After it was cancelled or began, a decision has no effect."""
    row = find_row(pair.me, pair.couple, date_id)
    return row is not None and row.couple_id is not None and row.start is not None


def _missing_decisions(decisions: Collection[DateDecision], ahead: dict[UUID, UpcomingDate]) -> list[FieldError]:
    decided = {decision.date for decision in decisions}
    missing = [date_id for date_id in list(ahead)[:MOST_WORDS] if date_id not in decided]
    if not missing:
        return []
    return [FieldError("dates", "decisions_missing", missing=[str(date_id) for date_id in missing])]


def end(viewer: Viewer, now: datetime) -> None:
    """End the viewer's space. What arrived in it stays held until the viewer decides. A repeat changes nothing.

    Dates that were to be cancelled later take place again, and their reminders come back. Those that were to be
    cancelled now are still cancelled.
    """
    with couples.locked(viewer.id) as pair:
        pause = pauses.current(viewer.id)
        if pause is None:
            return
        hold_sync.apply(viewer.id)
        visible_inbox.end_pause(viewer.id, pause.id)
        # After the clock was set back, the pause must not end before it begins.
        Pause.update(ended_at=max(now, pause.started_at), partner_name=None).where(
            Pause.id == pause.id, Pause.ended_at.is_null()
        ).execute()
        inbox.withdraw(pause.id, ["space_said"])
        ahead = {upcoming.date for upcoming in rsvps.list_upcoming(viewer.id, pair.couple, now)} if pair else set()
        # The clock made dates of rituals without reminders, if it did not know whether the person knows of the ritual.
        for date_id in {*rsvps.delete_rsvps(viewer.id, now), *rituals.of_dates(ahead)}:
            if date_id in ahead:
                _remind(viewer.id, date_id, now)


def cancel_due_dates(now: datetime) -> int:
    """Cancel the dates that people in space do not go to, and return their number. The partner finds "off"."""
    return sum(_cancel_date(due.person, due.date, now) for due in rsvps.list_due(now))


def next_cancellation(now: datetime, until: datetime) -> datetime | None:
    """Return the next instant until `until` at which a date is to be cancelled, or None."""
    return min((due.at for due in rsvps.list_due(now, until)), default=None)


def _cancel_date(person: UUID, date_id: UUID, now: datetime) -> bool:
    with suppress(Conflict), couples.locked(person) as pair:
        # Check again under the lock: the person may have decided to go, or have ended the space. Of several dates that
        # are due, the others now wait for their gaps.
        if pair and any((due.person, due.date) == (person, date_id) for due in rsvps.list_due(now)):
            return lifecycle.call_off(pair, date_id, now)
    return False  # no longer due, or left to the next tick so that the remaining dates are not delayed
