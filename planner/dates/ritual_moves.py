"""What people do to a whole ritual: stop it, or change it from some day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from planner import inbox
from planner.contact import contact_log
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.dates import (
    proposals,
    recurrence,
    ritual_dates,
    ritual_views,
    rituals,
    slots,
    state_machine,
    transitions,
    views,
)
from planner.dates.dates import Date
from planner.dates.recurrence import Rule
from planner.dates.ritual_views import RitualView
from planner.dates.rituals import Ritual, RitualChange, RitualRow
from planner.dates.slots import SlotRequest
from planner.dates.views import DateView
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.storage import db


class WantedChange(NamedTuple):
    """What a person wants to change of a ritual: its first time, and its rule.

    Without a rule, the old one goes on. It counts from the ritual's date `since` on; None: from the next one on.
    """

    slot: SlotRequest
    rule: Rule | None = None
    since: UUID | None = None


def stop(viewer: Viewer, ritual: UUID, now: datetime) -> RitualView:
    """End a ritual at once. Its dates ahead are off, and the partner finds one sentence. A repeat changes nothing.

    Raise NotFound, or Conflict for a ritual that is only offered.
    """
    with couples.locked(viewer.id) as pair:
        row = _find(viewer.id, pair and pair.couple, ritual)
        if row.state(now) not in (rituals.RUNNING, rituals.ENDED):
            raise Conflict("ritual_not_agreed")
        if not row.ended_at:
            ritual_dates.end(row, now)
            _close_changes(row.id, now)
            if pair and row.couple_id:
                inbox.add(pair.partner, "ritual_stopped", row.date_id, now)
        return ritual_views.find(viewer.as_of(pair), ritual, now)


def _close_changes(ritual: UUID, now: datetime) -> None:
    """Let the open offers to change a ritual lapse. This counts as no answer."""
    changes = Ritual.select(Date.id).join(Date).where(Ritual.replaces == ritual, Date.state == state_machine.PROPOSED)
    for (date_id,) in db.fetch_all(changes):
        values: dict[Any, Any] = {Date.state: state_machine.LAPSED, Date.awaiting: None, Date.moved_at: now}
        values |= {Date.version: Date.version + 1, Date.last_request_digest: ritual_dates.ENDED}
        Date.update(values).where(Date.id == date_id).execute()
        contact_log.close_proposal(date_id, ritual_dates.ENDED, now)
        inbox.delete_about(date_id)


def change(viewer: Viewer, ritual: UUID, wanted: WantedChange, date_id: UUID | None, now: datetime) -> DateView:
    """Change a ritual from some day on. Alone at once; for two it is a proposal, and the old times hold until a yes.

    The new ritual begins with the date that this returns. A repeat returns the date as it is now. Raise NotFound,
    Invalid, IdTaken, AbovePace or QuotaExceeded. Raise Conflict for a ritual that does not run or has changed already.
    """
    date_id = date_id or uuid4()
    request = transitions.digest("change", str(ritual), slots.to_json([wanted.slot]), repr(wanted[1:]))
    with couples.locked(viewer.id) as pair:
        if repeated := proposals.find_repeated(viewer.as_of(pair), date_id, request, now):
            return repeated
        row = _find(viewer.id, pair and pair.couple, ritual)
        if row.state(now) != rituals.RUNNING or rituals.is_replaced(row.id):
            raise Conflict("ritual_moved_on")
        since = _first_day(row, wanted.since, now)
        change = RitualChange(row, since, wanted.rule or _rest_of_rule(row, since, wanted.slot), wanted.slot)
        if pair and row.couple_id:
            proposals.propose_change(pair, change, date_id, request, now)
        else:
            proposals.change_solo(viewer.id, change, date_id, request, now)
        return views.find(viewer.as_of(pair), date_id, now)


def _find(person: UUID, couple: UUID | None, ritual: UUID) -> RitualRow:
    row = rituals.find_row(person, couple, ritual)
    if row is None:
        raise NotFound
    return row


def _first_day(row: RitualRow, since: UUID | None, now: datetime) -> date:
    """Return the day by the rule of the date from which a ritual changes, or of its next time."""
    if since is None:
        following = next(recurrence.iterate(row.rule, row.start, row.zone, now), None)
        if following is None:
            raise Conflict("ritual_moved_on")
        return following.wall.date()
    occurrences = {made.date: made.occurrence for made in rituals.made_dates([row.id], now)}
    if since not in occurrences:
        raise Invalid(FieldError("since", "not_of_this_ritual"))
    return datetime.fromisoformat(occurrences[since]).date()


def _rest_of_rule(row: RitualRow, since: date, slot: SlotRequest) -> Rule:
    """Return the rule of a ritual from a day on. Of a count, those before it are done.

    Of several weekdays, that of the day becomes that of the new slot.
    """
    rule = row.rule
    if rule.weekdays:
        moved = {*rule.weekdays} - {since.weekday()} | {slot.local_time.weekday()}
        rule = replace(rule, weekdays=tuple(sorted(moved)))
    return replace(rule, count=recurrence.count_left(row.rule, row.start, datetime.combine(since, time())))
