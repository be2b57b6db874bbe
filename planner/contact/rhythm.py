"""The rhythm: how often a person may put something before the partner. Each chooses it; the calmer choice counts.

A calmer rhythm counts at once, openly for both partners, or quietly for what the viewer sends. A livelier rhythm counts
from the day after both partners chose it. The partner never sees a choice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from planner.contact import scheduled_raises, visible_inbox
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Member, Pair
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.storage import db


class Rhythm(NamedTuple):
    """A person's choices of rhythm. `rhythm` counts for the couple, `own_rhythm` for what this person sends."""

    rhythm: str
    own_rhythm: str
    choice: str
    quiet_rhythm: str | None


def read(viewer: Viewer) -> Rhythm:
    """Return the viewer's choices and the rhythm that counts. Raises NotFound for a person without a partner."""
    rows = _own_choices(viewer.id)
    if not rows:
        raise NotFound
    rhythm, choice, quiet = rows[0]
    return Rhythm(rhythm, contact_rules.own_rhythm(rhythm, quiet), choice, quiet)


@db.cached_query
def _own_choices(person: Any) -> Any:
    query = Member.select(Couple.rhythm, Member.rhythm, Member.quiet_rhythm).join(Couple)
    return query.where(Member.person == person, Member.left_at.is_null())


def choose(viewer: Viewer, asked: str, quietly: bool, now: datetime) -> Rhythm:
    """Choose a rhythm, which replaces every earlier choice of the viewer.

    A calmer rhythm counts at once, for both partners or `quietly` for the viewer alone. A livelier one is a request.
    Raises Conflict for a person without a partner, Invalid for a quiet choice that is not calmer.
    """
    with couples.locked(viewer.id) as pair:
        if pair is None:
            raise Conflict("no_partner")
        if contact_rules.rhythm_choice(asked, pair.rhythm, quietly) == contact_rules.REQUEST_RAISE:
            pair = scheduled_raises.apply_if_due(pair, now)
        choice = contact_rules.rhythm_choice(asked, pair.rhythm, quietly)
        if choice is None:
            raise Invalid(FieldError("rhythm", "quiet_rhythm_not_calmer", shared=pair.rhythm))
        _CHOICES[choice](pair, asked, now)
        return read(viewer)


def _lower_for_both(pair: Pair, asked: str, now: datetime) -> None:
    # A rhythm calmer than the couple's is calmer than both choices, so the partner's choice is not read.
    if not Couple.update(rhythm=asked).where(Couple.id == pair.couple, Couple.rhythm == pair.rhythm).execute():
        raise Conflict("rhythm_changed")
    _save_own_choice(pair, now, rhythm=asked)
    couples.notify_both(pair.couple, (pair.me, pair.partner), "rhythm_calmer", now)


def _lower_privately(pair: Pair, asked: str, now: datetime) -> None:
    """Lower the viewer's own rhythm. A request for a livelier one ends."""
    own_row = Member.select(Member.rhythm, Member.quiet_rhythm, Member.quiet_rhythm_since).where(
        Member.couple == pair.couple, Member.person == pair.me
    )
    ((choice, quiet, since),) = db.fetch_all(own_row)
    _save_own_choice(
        pair,
        now,
        rhythm=contact_rules.calmer(choice, pair.rhythm),
        quiet_rhythm=asked,
        quiet_rhythm_since=since if quiet == asked else now,
    )


def _leave_unchanged(pair: Pair, asked: str, now: datetime) -> None:
    _save_own_choice(pair, now, rhythm=asked)


def _request_raise(pair: Pair, asked: str, now: datetime) -> None:
    if pair.quiet_rhythm is None and couples.find_chosen_rhythm(pair.me) == asked:
        return  # A repeated request must not put the review off to another day.
    _save_own_choice(pair, now, rhythm=asked)
    scheduled_raises.schedule_review(pair, now)


def _save_own_choice(pair: Pair, now: datetime, **values: Any) -> None:
    """Save a choice instead of every earlier one."""
    if pair.quiet_rhythm is not None and values.get("quiet_rhythm") is None:
        visible_inbox.suppress_notifications(pair.me, now)  # held items show up without a notification
    couples.update_own_choices(pair, **{"quiet_rhythm": None, "quiet_rhythm_since": None, **values})


_CHOICES = {
    contact_rules.LOWER_FOR_BOTH: _lower_for_both,
    contact_rules.LOWER_PRIVATELY: _lower_privately,
    contact_rules.UNCHANGED: _leave_unchanged,
    contact_rules.REQUEST_RAISE: _request_raise,
}
