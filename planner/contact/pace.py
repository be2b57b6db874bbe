"""The pace: how close ideas for a couple may come, as each partner chooses it.

A lower pace counts at once, openly for both partners, or quietly for the viewer alone. A raise is one step. It begins
on the day after both partners asked, or at once in the rhythm "together". The partner never sees a request.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import peewee

from planner.contact import contact_log, scheduled_raises, visible_inbox
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Member, Pair
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.storage import db


class Pace(NamedTuple):
    """A person's choices of pace. `pace` counts for the couple, `own_pace` in this person's own view."""

    pace: int
    own_pace: int
    max_pace: int
    quiet_pace: int | None
    requested_pace: int | None


def read(viewer: Viewer) -> Pace:
    """Return the viewer's choices and the pace that counts. Raises NotFound for a person without a partner."""
    rows = _own_choices(viewer.id)
    if not rows:
        raise NotFound
    pace, max_pace, quiet, requested_pace = rows[0]
    return Pace(pace, contact_rules.own_pace(pace, quiet), max_pace, quiet, requested_pace)


@db.cached_query
def _own_choices(person: Any) -> Any:
    query = Member.select(Couple.pace, Member.max_pace, Member.quiet_pace, Member.requested_pace).join(Couple)
    return query.where(Member.person == person, Member.left_at.is_null())


def choose(viewer: Viewer, asked: int, quietly: bool, now: datetime) -> Pace:
    """Choose a pace, which replaces every earlier choice of the viewer.

    A lower pace counts at once, for both partners or `quietly` for the viewer alone. One step up is a request.
    Raises Conflict for a person without a partner, Invalid for more than one step or a quiet choice that is not lower.
    """
    with couples.locked(viewer.id) as pair:
        if pair is None:
            raise Conflict("no_partner")
        if asked > pair.pace and not quietly:
            pair = scheduled_raises.apply_if_due(pair, now)
        choice = contact_rules.pace_choice(asked, pair.pace, quietly)
        if choice is None:
            raise Invalid(_refusal(pair, quietly))
        _CHOICES[choice](pair, asked, now)
        return read(viewer)


def _refusal(pair: Pair, quietly: bool) -> FieldError:
    if quietly:
        return FieldError("pace", "quiet_pace_not_lower", shared=pair.pace)
    return FieldError("pace", "one_step_at_a_time", next=pair.pace + 1)


def _lower_for_both(pair: Pair, asked: int, now: datetime) -> None:
    """Lower the couple's pace. Both requests end, because they named another step."""
    if not Couple.update(pace=asked).where(Couple.id == pair.couple, Couple.pace > asked).execute():
        raise Conflict("pace_changed")
    # One statement for both members reads neither of them. A quiet choice at or above the new pace is obsolete.
    view_changes = Member.quiet_pace.is_null() | (Member.quiet_pace > asked)
    Member.update(
        requested_pace=None,
        quiet_pace=peewee.Case(None, [(Member.quiet_pace >= asked, None)], Member.quiet_pace),
        pace_since=peewee.Case(None, [(view_changes, Member.pace_since.db_value(now))], Member.pace_since),
    ).where(Member.couple == pair.couple, Member.left_at.is_null()).execute()
    _save_own_choice(pair, now, asked, max_pace=asked)
    contact_log.excuse_above(pair.couple, asked, now)
    couples.notify_both(pair.couple, (pair.me, pair.partner), "pace_lowered", now)


def _lower_privately(pair: Pair, asked: int, now: datetime) -> None:
    _save_own_choice(pair, now, asked, quiet_pace=asked)


def _leave_unchanged(pair: Pair, asked: int, now: datetime) -> None:
    _save_own_choice(pair, now, asked)


def _request_raise(pair: Pair, asked: int, now: datetime) -> None:
    own_row = Member.couple == pair.couple, Member.person == pair.me
    if db.fetch_one(Member.select(Member.id).where(*own_row, Member.requested_pace == asked)):
        return  # A repeated request must not put the review off to another day.
    _save_own_choice(pair, now, pair.pace, requested_pace=asked)
    scheduled_raises.schedule_review(pair, now)


def _save_own_choice(pair: Pair, now: datetime, own_pace: int, **values: Any) -> None:
    """Save a choice instead of every earlier one. `own_pace` is the new pace in the viewer's own view."""
    if own_pace != pair.own_pace:
        values["pace_since"] = now
    if pair.quiet_pace is not None and values.get("quiet_pace") is None:
        visible_inbox.suppress_notifications(pair.me, now)  # held items show up without a notification
    couples.update_own_choices(pair, **{"quiet_pace": None, "requested_pace": None, **values})


_CHOICES = {
    contact_rules.LOWER_FOR_BOTH: _lower_for_both,
    contact_rules.LOWER_PRIVATELY: _lower_privately,
    contact_rules.UNCHANGED: _leave_unchanged,
    contact_rules.REQUEST_RAISE: _request_raise,
}
