"""Past dates, and those ahead: what suggestions, the daily prompt and new proposals know of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

import peewee

from planner import text
from planner.accounts import caps
from planner.catalogue import activities
from planner.catalogue.activities import Activity
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import dates, state_machine
from planner.dates.dates import Date
from planner.dates.rituals import RitualDate
from planner.storage import db
from planner.storage.cached_queries import Reading

MOST = 200
"""The most past dates to read, of a person alone and of a couple: years, for most people."""


class PastDate(NamedTuple):
    """A date of the viewer, past or ahead. `when` is the start of an agreed date, else the instant of the last move.

    `end` is that of an agreed date.
    """

    activity: UUID
    state: str
    answer: str | None
    with_partner: bool
    sent_by_me: bool
    when: datetime
    end: datetime | None


def list_since(viewer: Viewer, since: datetime, now: datetime) -> list[PastDate]:
    """Return the viewer's next dates, and the newest ones since an instant. Leave out held offers."""
    return [PastDate(*row) for row in past_reading(viewer, since, now).rows()]


def past_reading(viewer: Viewer, since: datetime, now: datetime) -> Reading:
    """Return the reading of the viewer's next dates, and the newest ones since an instant."""
    return _since.on(viewer.id, viewer.couple, since, now)


def has_declined_since(viewer: Viewer, answer: str, since: datetime) -> bool:
    """Return whether the partner has declined an offer of the viewer with this answer since an instant."""
    return bool(_declined_since(viewer.id, viewer.couple, answer, since))


def count_ahead(person: UUID, couple: UUID | None, now: datetime) -> int:
    """Return how many dates are ahead for a person: agreed ones, and the person's own open proposals."""
    return int(_count_ahead(person, couple, now)[0][0])


@db.cached_query
def _count_ahead(me: Any, couple: Any, now: Any) -> Any:
    # Offers of the partner do not count: they may be held. Rituals have a cap of their own.
    of_ritual = peewee.fn.EXISTS(RitualDate.select(RitualDate.id).where(RitualDate.date == Date.id))
    counted = ((Date.state != state_machine.PROPOSED) | (Date.sender == me)) & ~of_ritual
    ahead = [each & counted for each in dates.ahead(me, couple, now)]
    return Date.select(peewee.fn.COUNT(Date.id)).where(dates.in_one_of(ahead))


def has_too_many_alone(person: UUID, more: int = 1) -> bool:
    """Return whether a person has no room for `more` dates alone. Past and cancelled ones count."""
    most = caps.most("dates_alone") - more + 1
    # The first count reads an index only. It includes proposals to the partner, so it may be too high.
    return bool(_count_proposed(person)[0][0] >= most and _count_alone(person)[0][0] >= most)


@db.cached_query
def _count_proposed(me: Any) -> Any:
    return Date.select(peewee.fn.COUNT(Date.proposer)).where(Date.proposer == me)


@db.cached_query
def _count_alone(me: Any) -> Any:
    return Date.select(peewee.fn.COUNT(Date.id)).where(dates.scopes(me, None)[0])


@db.cached_query
def _since(me: Any, couple: Any, since: Any, now: Any) -> Any:
    # The database compares the ids, because to convert two of them takes as long as to read the row.
    moment = peewee.fn.COALESCE(Date.start, Date.moved_at)
    columns = (Date.state, Date.answer, Date.couple.is_null(False), Date.sender == me, moment, Date.end)
    coming = dates.each_of(dates.ahead(me, couple, now), soonest=MOST)
    listed = dates.in_any([*coming, *dates.each_of([*dates.scopes(me, couple)], newest=MOST)])
    query = Date.select(activities.as_known(me), *columns).join(Activity)
    return query.where(listed, ~is_held(me, Date.id), moment >= since.typed_as(Date.moved_at))


@db.cached_query
def _declined_since(me: Any, couple: Any, answer: Any, since: Any) -> Any:
    mine = (Date.couple == couple) & (Date.sender == me) & (Date.state == state_machine.DECLINED)
    return Date.select(Date.id).where(mine, Date.answer == answer, Date.moved_at >= since).limit(1)


def declined_at(couple: UUID, sender: UUID, activity: UUID) -> datetime | None:
    """Return when the partner last declined the sender's offer of an activity or a copy of it, or None.

    Only the answers in COOLDOWN_ANSWERS count. "Another time" is not one of them.
    """
    rows = _declined(couple, sender, activity, list(contact_rules.COOLDOWN_ANSWERS))
    return rows[0][0] if rows else None


def title_declined_at(couple: UUID, sender: UUID, title: str, since: datetime) -> datetime | None:
    """Return when the partner last declined the sender's offer of a title since then, or None.

    It is for one-offs: each has an activity of its own, so their titles are compared.
    """
    wording = text.fold_wording(title)
    for moved_at, content in _declined_titles(couple, sender, list(contact_rules.COOLDOWN_ANSWERS), since):
        if text.fold_wording(json.loads(content)["title"]) == wording:
            return cast(datetime, moved_at)
    return None


@db.cached_query
def _declined_titles(couple: Any, sender: Any, answers: Any, since: Any) -> Any:
    query = Date.select(Date.moved_at, Activity.content).join(Activity)
    query = query.where(Date.couple == couple, Date.sender == sender, Date.state == state_machine.DECLINED)
    return query.where(Date.answer.in_(answers), Date.moved_at > since).order_by(Date.moved_at.desc())


@db.cached_query
def _declined(couple: Any, sender: Any, activity: Any, answers: Any) -> Any:
    offered = Activity.alias()
    original_id = offered.select(peewee.fn.COALESCE(offered.copy_of, offered.id)).where(offered.id == activity)
    return (
        Date.select(Date.moved_at)
        .join(Activity)
        .where(
            Date.couple == couple,
            Date.sender == sender,
            peewee.fn.COALESCE(Activity.copy_of, Activity.id) == original_id,
        )
        .where(Date.state == state_machine.DECLINED, Date.answer.in_(answers))
        .order_by(Date.moved_at.desc())
        .limit(1)
    )
