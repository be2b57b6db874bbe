"""Imports: what a person wrote and chose on another server, from the export that they made there.

Everything comes back as the person's own. Notes are private, and past dates are dates alone: the partner was another
account, and shared nothing here. What the partner wrote stays in the export. A repeat adds nothing twice, so an import
that was cut off can be repeated. Each kind of thing is one transaction or more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from planner.accounts import security_events
from planner.accounts.accounts import Person
from planner.calendars import availability
from planner.calendars.free_windows import Availability
from planner.catalogue import activities, own_activities
from planner.contact.viewer import Viewer
from planner.dates import feedback, imported_dates, proposals, slots
from planner.dates.feedback import Feedback
from planner.dates.imported_dates import ImportedDate
from planner.dates.proposals import DateRequest
from planner.dates.slots import Defaults, SlotRequest
from planner.errors import Conflict, IdTaken, Invalid, NotFound
from planner.notes import imported_notes
from planner.notes.imported_notes import ImportedNote
from planner.recommender import profiles, votes, voting
from planner.recommender.profiles import Profile
from planner.storage import db

_DAY = timedelta(days=1)


class ActivityRef(NamedTuple):
    """How an export names an activity. Only an own idea is found by its id: each server has its own catalogue."""

    id: UUID
    slug: str | None
    title: str | None


class ArchivedDate(NamedTuple):
    """A date of the export. `with_partner` tells whether it was one of two."""

    id: UUID
    activity: ActivityRef
    slot: SlotRequest
    start: datetime
    end: datetime
    state: str
    message: str | None
    place: str | None
    created_at: datetime
    with_partner: bool


class Archive(NamedTuple):
    """The readable part of an export, with the ids of the server from which it comes."""

    ideas: Mapping[UUID, dict[str, Any]]
    dates: Collection[ArchivedDate]
    notes: Collection[ImportedNote]
    feedback: Mapping[UUID, Feedback]
    votes: Collection[tuple[ActivityRef, str]]
    profile: Profile | None
    availability: Availability | None


class Imported(NamedTuple):
    """How many things of one kind were added, were here already, and could not be taken over."""

    kind: str
    added: int
    present: int
    skipped: int


def run(viewer: Viewer, archive: Archive, now: datetime) -> list[Imported]:
    """Add what is not here yet, and return the numbers by kind. Raise Conflict at a cap: earlier kinds stay added."""
    with db.write((Person, [viewer.id])):
        security_events.record(viewer.id, security_events.DATA_IMPORTED, now)
    find = _Finder(viewer, archive)
    return [
        _each("ideas", archive.ideas.items(), lambda idea: _add_idea(viewer, idea[0], idea[1], now)),
        _add_past_dates(viewer, archive, find, now),
        _each("plans", _ahead(archive, now), lambda date: _plan(viewer, date, find, now)),
        _add_notes(viewer, archive, now),
        _each("feedback", archive.feedback.items(), lambda item: _add_feedback(viewer, item[0], item[1], now)),
        _each("votes", archive.votes, lambda vote: _cast(viewer, find(vote[0]), vote[1], now)),
        _each("profile", [archive.profile] if archive.profile else [], lambda own: _add_profile(viewer, own, now)),
        _each(
            "availability",
            [archive.availability] if archive.availability else [],
            lambda own: _add_availability(viewer, own, now),
        ),
    ]


def own_id(viewer: Viewer, other: UUID) -> UUID:
    """Return the id here of a thing of another server: the same at each import, and another for each person."""
    return uuid5(viewer.id, str(other))


def _each(kind: str, things: Collection[Any], add: Callable[[Any], bool]) -> Imported:
    """Add the things one by one. `add` returns whether a thing is new, and raises Invalid if it does not fit here."""
    added = skipped = 0
    for thing in things:
        try:
            added += add(thing)
        except (Invalid, NotFound):
            skipped += 1
    return Imported(kind, added, len(things) - added - skipped, skipped)


class _Finder:
    """It finds the activities of an export in this server's catalogue, and among the imported ideas."""

    def __init__(self, viewer: Viewer, archive: Archive) -> None:
        self._ideas = {idea: own_id(viewer, idea) for idea in archive.ideas}
        entries = activities.snapshot().by_id.values()
        self._by_slug = {entry.content.slug: entry.id for entry in entries}
        self._by_title = {entry.content.title: entry.id for entry in entries}

    def __call__(self, ref: ActivityRef) -> UUID:
        """Return the id here. Raise NotFound."""
        activity = self._ideas.get(ref.id) or self._by_slug.get(ref.slug or "") or self._by_title.get(ref.title or "")
        if activity is None:
            raise NotFound
        return activity


def _add_idea(viewer: Viewer, idea: UUID, values: dict[str, Any], now: datetime) -> bool:
    here = own_id(viewer, idea)
    try:
        activities.find(viewer, here)
    except NotFound:
        pass
    else:
        return False
    try:
        own_activities.write(viewer, values, here, now)
    except IdTaken:  # deleted here since
        return False
    return True


def _add_past_dates(viewer: Viewer, archive: Archive, find: _Finder, now: datetime) -> Imported:
    past = [date for date in archive.dates if date.end <= now]
    readable = []
    for date in past:
        try:
            readable.append(_past(viewer, date, find(date.activity), now))
        except (Invalid, NotFound):
            continue
    added = imported_dates.add(viewer, readable, now)
    return Imported("dates", added, len(readable) - added, len(past) - len(readable))


def _past(viewer: Viewer, date: ArchivedDate, activity: UUID, now: datetime) -> ImportedDate:
    # The wall time counts, and the instants follow from it. Nothing but the past is checked against the present.
    (slot,) = slots.build([date.slot], Defaults(viewer.zone, 60), date.start - _DAY)
    if slot.end > now:
        raise Invalid
    return ImportedDate(own_id(viewer, date.id), activity, slot, date.message, date.place, date.created_at)


def _ahead(archive: Archive, now: datetime) -> list[ArchivedDate]:
    return [date for date in archive.dates if date.end > now]


def _plan(viewer: Viewer, date: ArchivedDate, find: _Finder, now: datetime) -> bool:
    """Plan a date ahead that was the person's alone. One of two needs the yes of the partner here."""
    if date.with_partner:
        raise Invalid
    request = DateRequest(find(date.activity), [date.slot], date.message, date.place)
    here = own_id(viewer, date.id)
    try:
        is_here = proposals.find_repeated(viewer, here, request.digest("one"), now) is not None
        if not is_here:
            proposals.plan_solo(viewer, request, here, now)
    except IdTaken:
        return False
    return not is_here


def _add_notes(viewer: Viewer, archive: Archive, now: datetime) -> Imported:
    here = imported_dates.list_own(viewer)
    mine = []
    for note in archive.notes:
        date = own_id(viewer, note.date) if note.date else None
        mine.append(note._replace(id=own_id(viewer, note.id), date=date if date in here else None))
    added = imported_notes.add(viewer, mine, now)
    return Imported("notes", added, len(mine) - added, 0)


def _add_feedback(viewer: Viewer, date: UUID, given: Feedback, now: datetime) -> bool:
    here = own_id(viewer, date)
    if feedback.get_own(viewer, [here]):
        return False
    try:
        feedback.put(viewer, here, given, now)
    except Conflict as error:  # of a date ahead
        raise NotFound from error
    return True


def _cast(viewer: Viewer, activity: UUID, vote: str, now: datetime) -> bool:
    if votes.get_own(viewer, [activity]):
        return False
    voting.cast(viewer, activity, vote, now)
    return True


def _add_profile(viewer: Viewer, profile: Profile, now: datetime) -> bool:
    if profiles.get_own(viewer) != Profile():
        return False
    profiles.save(viewer, profile, now)
    return True


def _add_availability(viewer: Viewer, windows: Availability, now: datetime) -> bool:
    if availability.get_own(viewer).version:
        return False
    availability.save(viewer, [0], windows, now)
    return True
