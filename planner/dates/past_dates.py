"""Past and planned dates as suggestions, prompts and new proposals need them: what was done, planned or declined."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.catalogue import activities
from planner.catalogue.activities import Activity
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import state_machine
from planner.dates.views import Date, listed
from planner.storage import db


class PastDate(NamedTuple):
    """A past date, for the ranking.

    `when` is the start of an agreed date, else the instant of the last move. `end` is None unless a slot was agreed.
    """

    activity: UUID
    state: str
    answer: str | None
    with_partner: bool
    sent_by_me: bool
    when: datetime
    end: datetime | None


def list_since(viewer: Viewer, since: datetime) -> list[PastDate]:
    """Return the viewer's dates since an instant, for the ranking."""
    rows = _history(viewer.id, viewer.couple, since)
    return [
        PastDate(activity, state, answer, couple is not None, sender == viewer.id, start or moved_at, end)
        for activity, state, answer, couple, sender, start, end, moved_at in rows
    ]


def declined_at(couple: UUID, sender: UUID, activity: UUID) -> datetime | None:
    """Return when the partner last declined the sender's offer of an activity or a copy of it, or None.

    Only the answers in COOLDOWN_ANSWERS count. "Another time" is not one of them.
    """
    rows = _declined(couple, sender, activity, list(contact_rules.COOLDOWN_ANSWERS))
    return rows[0][0] if rows else None


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


@db.cached_query
def _history(me: Any, couple: Any, since: Any) -> Any:
    moment = peewee.fn.COALESCE(Date.start, Date.moved_at)
    columns = (Date.state, Date.answer, Date.couple, Date.sender, Date.start, Date.end, Date.moved_at)
    query = Date.select(activities.as_known(me), *columns).join(Activity)
    return query.where(listed(me, couple), moment >= since.typed_as(Date.moved_at))
