"""Availability: when a person is usually free and never free, and whether it may find times for two.

Only its owner reads the windows. If both partners of a couple agree, a search for times for two counts the windows and
plans of both. The partner gets common times only, and learns of the consent only when both gave it.
"""

from __future__ import annotations

import json
from collections.abc import Container
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.calendars.free_windows import Availability, DayWindow, WeekWindow
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Couple
from planner.errors import Conflict, VersionConflict
from planner.storage import db

MAX_WINDOWS = 40
MAX_DAYS = 100


class AvailabilityRow(db.Model):
    """One person's windows; no row means none. `shared_in` is the couple in which they may find times for two."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    shared_in = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
    windows = peewee.TextField()  # JSON object
    version = peewee.IntegerField()

    class Meta:
        table_name = "availability"


class AvailabilityView(NamedTuple):
    """A person's own availability. `common`: the partner agreed, too, so times for two suit both."""

    windows: Availability
    shared: bool
    common: bool
    version: int

    @property
    def week(self) -> tuple[WeekWindow, ...]:
        """Return the windows of each week."""
        return self.windows.week

    @property
    def days(self) -> tuple[DayWindow, ...]:
        """Return the windows of single days."""
        return self.windows.days


class PartnerAvailability(NamedTuple):
    """The windows of a partner, in a couple in which both agreed to find common times."""

    person: UUID
    zone: str
    availability: Availability


class Known(NamedTuple):
    """What a search for the viewer may read: the viewer's own windows, and the partner's if both agreed."""

    own: AvailabilityView
    partner: PartnerAvailability | None


class _Row(NamedTuple):
    """One stored row, with the zone of its person."""

    person: UUID
    zone: str
    windows: str
    shared_in: UUID | None
    version: int


def get_own(viewer: Viewer) -> AvailabilityView:
    """Return the viewer's availability. One query."""
    return read(viewer).own


def read(viewer: Viewer) -> Known:
    """Return the viewer's availability, and the partner's if both agreed. One query.

    In the viewer's space, the partner's is left out. In the partner's space nothing changes for the viewer.
    """
    rows = {row[0]: _Row(*row) for row in _known(viewer.id, viewer.couple, viewer.partner)}
    mine, theirs = rows.get(viewer.id), rows.get(viewer.partner) if viewer.partner else None
    if mine is None:
        return Known(AvailabilityView(Availability(), False, False, 0), None)
    shared = viewer.couple is not None and mine.shared_in == viewer.couple
    own = AvailabilityView(_load(mine.windows), shared, theirs is not None, mine.version)
    if theirs is None or viewer.space_since:
        return Known(own, None)
    return Known(own, PartnerAvailability(theirs.person, theirs.zone, _load(theirs.windows)))


def save(viewer: Viewer, versions: Container[int], windows: Availability, now: datetime) -> AvailabilityView:
    """Replace the viewer's windows of one of these versions. A repeat changes nothing. Raises VersionConflict.

    Days that are over are left out.
    """
    since = viewer.today(now) - timedelta(days=1)  # yesterday's hours may pass midnight
    days = sorted(day for day in set(windows.days) if day.day >= since)
    with db.write((Person, [viewer.id])):
        present, wanted = get_own(viewer), windows._replace(days=tuple(days))
        if present.version and _dump(present.windows) == _dump(wanted):
            return present  # a repeat, whose first answer may have been lost
        if present.version not in versions:
            raise VersionConflict
        _save(viewer.id, windows=_dump(wanted), version=present.version + 1)
        return get_own(viewer)


def share(viewer: Viewer, shared: bool) -> AvailabilityView:
    """Give or take back the viewer's consent to find times for two. A repeat changes nothing.

    Raises Conflict to give it without a partner.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        if shared and pair is None:
            raise Conflict("no_partner")
        _save(viewer.id, shared_in=pair.couple if shared and pair else None)
        return get_own(viewer)


def _save(person: UUID, **values: Any) -> None:
    new = {"windows": _dump(Availability()), "version": 1, **values}
    AvailabilityRow.insert(person=person, **new).on_conflict(
        conflict_target=[AvailabilityRow.person], update=values
    ).execute()


def end_sharing(couple: UUID) -> None:
    """Take back both consents when a couple ends. Call inside that transaction."""
    AvailabilityRow.update(shared_in=None).where(AvailabilityRow.shared_in == couple).execute()


@db.cached_query
def _known(me: Any, couple: Any, partner: Any) -> Any:
    mine = AvailabilityRow.alias()
    i_agreed = peewee.fn.EXISTS(mine.select(mine.id).where(mine.person == me, mine.shared_in == couple))
    theirs = (AvailabilityRow.person == partner) & (AvailabilityRow.shared_in == couple) & i_agreed
    return (
        AvailabilityRow.select(
            AvailabilityRow.person,
            Person.zone,
            AvailabilityRow.windows,
            AvailabilityRow.shared_in,
            AvailabilityRow.version,
        )
        .join(Person, on=(AvailabilityRow.person == Person.id))
        .where((AvailabilityRow.person == me) | theirs)
    )


def _dump(availability: Availability) -> str:
    """Return the JSON of the windows: their hours and days as text."""
    return json.dumps(availability._asdict(), default=str)


def _load(windows: str) -> Availability:
    data = json.loads(windows)
    week = (
        WeekWindow(kind, tuple(weekdays), time.fromisoformat(begins), time.fromisoformat(ends), label)
        for kind, weekdays, begins, ends, label in data["week"]
    )
    days = (
        DayWindow(kind, date.fromisoformat(day), time.fromisoformat(begins), time.fromisoformat(ends))
        for kind, day, begins, ends in data["days"]
    )
    return Availability(tuple(week), tuple(days))
