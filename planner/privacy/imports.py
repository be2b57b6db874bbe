"""Imports: what a person wrote and chose on another server, from the export that they made there.

Everything comes back as the person's own. Notes are private, and past dates are dates alone: the partner was another
account, and shared nothing here. What the partner wrote stays in the export. A repeat adds nothing twice, so an import
that was cut off can be repeated. Each kind of thing is one transaction or more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from planner import messages
from planner.accounts import security_events
from planner.accounts.accounts import Person
from planner.accounts.data_keys import OpenKey
from planner.calendars import availability, busy_calendars, calendar_refresh
from planner.calendars.free_windows import Availability
from planner.catalogue import activities, own_activities, prompts
from planner.catalogue.one_offs import OneOff
from planner.clock import to_utc, to_zone
from planner.contact.viewer import Viewer
from planner.dates import feedback, important_days, imported_dates, proposals, slots
from planner.dates.feedback import Feedback
from planner.dates.imported_dates import ImportedDate, KnownByTitle
from planner.dates.proposals import DateRequest
from planner.dates.slots import Defaults
from planner.errors import Conflict, IdTaken, Invalid, NotFound
from planner.notes import imported_commitments, imported_notes, imported_photos, memories
from planner.notes.imported_commitments import ImportedCommitment
from planner.notes.imported_notes import ImportedNote
from planner.notes.imported_photos import ImportedPhoto
from planner.notifications import preferences
from planner.notifications.preferences import Preferences
from planner.privacy.archives import ActivityRef, Archive, ArchivedDate, CalendarAddress
from planner.recommender import profiles, votes, voting
from planner.recommender.profiles import Profile
from planner.reflections import reflections
from planner.storage import db
from planner.support import checklists, imported_plans
from planner.support.checklists import Checklist
from planner.support.imported_plans import ImportedPlan, ImportedStep

_DAY = timedelta(days=1)


class Imported(NamedTuple):
    """How many things of one kind were added, were here already, and could not be taken over."""

    kind: str
    added: int
    present: int
    skipped: int


class Result(NamedTuple):
    """What came over by kind, and the photos that the person can send now."""

    kinds: list[Imported]
    photos: list[ImportedPhoto]


def run(viewer: Viewer, token: str, archive: Archive, now: datetime) -> Result:
    """Add what is not here yet, and return the numbers by kind.

    Raise Conflict for an export of this very account, for reflections while they are locked in this session, and at a
    cap: earlier kinds stay added.
    """
    if archive.person == str(viewer.id):
        raise Conflict("export_of_this_account")
    key = reflections.open_key(viewer, token) if archive.reflections else None
    with db.write((Person, [viewer.id])):
        security_events.record(viewer.id, security_events.DATA_IMPORTED, now)
    find = _Finder(viewer, archive)
    kinds = [
        _each("ideas", archive.ideas.items(), lambda idea: _add_idea(viewer, idea[0], idea[1], now)),
        _add_past_dates(viewer, archive, find, now),
        _each("self_care_plans", archive.plans, lambda plan: _add_plan(viewer, plan, archive, now)),
        _each("plans", _ahead(archive, now), lambda date: _plan(viewer, date, find, now)),
        _add_notes(viewer, archive, now),
        _add_reflections(viewer, key, archive, now),
        _each("commitments", archive.commitments, lambda promise: _add_commitment(viewer, promise, now)),
        _each("important_days", archive.important_days, lambda day: _add_important_day(viewer, day, now)),
        _each("feedback", archive.feedback.items(), lambda item: _add_feedback(viewer, item[0], item[1], now)),
        _each("hidden_memories", archive.hidden, lambda date: _hide(viewer, date, now)),
        _each("votes", archive.votes, lambda vote: _cast(viewer, find(vote[0]), vote[1], now)),
        _each("profile", _listed(archive.profile), lambda own: _add_profile(viewer, own, now)),
        _each("availability", _listed(archive.availability), lambda own: _add_availability(viewer, own, now)),
        _each("checklists", archive.checklists, lambda ticks: _tick(viewer, ticks, now)),
        _each("preferences", _listed(archive.preferences), lambda own: _add_preferences(viewer, own, now)),
        _each("calendars", archive.calendars, lambda calendar: _subscribe(viewer, calendar, now)),
    ]
    photos = imported_photos.sort_out(viewer, [_photo_here(viewer, photo) for photo in archive.photos])
    return Result([*kinds, Imported("photos", 0, photos.present, photos.homeless)], photos.to_send)


def own_id(person: UUID, other: UUID | str) -> UUID:
    """Return the id here of a thing of another server: the same at each import, and another for each person.

    It has the form of a random id, because a create takes no others.
    """
    return UUID(bytes=uuid5(person, str(other)).bytes, version=4)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else [value]


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
        self._viewer, self._archive = viewer, archive
        self._own = own_activities.list_ids(viewer) | {own_id(viewer.id, idea) for idea in archive.ideas}
        entries = activities.snapshot().by_id.values()
        self._by_slug = {entry.content.slug: entry.id for entry in entries}
        self._by_title = {entry.content.title: entry.id for entry in entries}

    def __call__(self, ref: ActivityRef) -> UUID:
        """Return the id here. Raise NotFound."""
        own = own_id(self._viewer.id, self._original(ref))
        known = self._by_slug.get(ref.slug) or self._by_title.get(ref.title or "") if ref.slug else None
        if own not in self._own and known is None:
            raise NotFound
        return own if known is None else known

    def for_date(self, date: ArchivedDate) -> UUID | KnownByTitle:
        """Return the activity of a date, or what to make of one that no list here has. Raise NotFound."""
        original = self._original(date.activity)
        if retired := self._archive.retired.get(original):
            return KnownByTitle(own_id(self._viewer.id, original), retired)
        try:
            return self(date.activity)
        except NotFound:
            if not date.activity.title:
                raise
        party, minutes = "two" if date.with_partner else "one", date.slot.minutes or _WHOLE_DAY
        one_off = OneOff(date.activity.title, "", _OF_NO_KIND, party, 1, minutes)
        return KnownByTitle(own_id(self._viewer.id, f"activity of {date.id}"), one_off)

    def _original(self, ref: ActivityRef) -> UUID:
        return self._archive.copies.get(ref.id, ref.id)


_OF_NO_KIND = "everyday"
_WHOLE_DAY = 24 * 60


def _add_idea(viewer: Viewer, idea: UUID, values: dict[str, Any], now: datetime) -> bool:
    here = own_id(viewer.id, idea)
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
            readable.append(_past(viewer, date, find.for_date(date), now))
        except (Invalid, NotFound):
            continue
    added = imported_dates.add(viewer, readable, now)
    return Imported("dates", added, len(readable) - added, len(past) - len(readable))


def _past(viewer: Viewer, date: ArchivedDate, activity: UUID | KnownByTitle, now: datetime) -> ImportedDate:
    # The wall time counts, and the instants follow from it. Nothing but the past is checked against the present.
    (slot,) = slots.build([date.slot], Defaults(viewer.zone, 60), date.start - _DAY)
    if slot.end > now:
        raise Invalid
    return ImportedDate(own_id(viewer.id, date.id), activity, slot, date.message, date.place, date.created_at)


def _ahead(archive: Archive, now: datetime) -> list[ArchivedDate]:
    """Return the dates ahead, without those that self-care plans make again."""
    of_plans = {step.date for plan in archive.plans for step in plan.steps}
    return [date for date in archive.dates if date.end > now and date.id not in of_plans]


def _plan(viewer: Viewer, date: ArchivedDate, find: _Finder, now: datetime) -> bool:
    """Plan a date ahead that was the person's alone. One of two needs the yes of the partner here."""
    if date.with_partner:
        raise Invalid
    activity = find.for_date(date)
    wanted = activity.one_off if isinstance(activity, KnownByTitle) else activity
    request = DateRequest(wanted, [date.slot], date.message, date.place)
    here = own_id(viewer.id, date.id)
    try:
        is_here = proposals.find_repeated(viewer, here, request.digest("one"), now) is not None
        if not is_here:
            proposals.plan_solo(viewer, request, here, now)
    except IdTaken:
        return False
    return not is_here


def _add_notes(viewer: Viewer, archive: Archive, now: datetime) -> Imported:
    here = imported_dates.list_own(viewer)
    questions = {entry.content.text: entry.id for entry in prompts.snapshot().by_id.values()}
    mine = []
    for note in archive.notes:
        date = own_id(viewer.id, note.date) if note.date else None
        about = {"date": date if date in here else None, "prompt": questions.get(note.prompt or "")}
        mine.append(ImportedNote(own_id(viewer.id, note.id), note.kind, note.body, note.created_at, **about))
    added = imported_notes.add(viewer, mine, now)
    return Imported("notes", added, len(mine) - added, 0)


def _add_plan(viewer: Viewer, plan: ImportedPlan, archive: Archive, now: datetime) -> bool:
    agreed = {date.id: date for date in archive.dates}
    steps = [_step(viewer, step, agreed.get(step.date) if step.date else None, now) for step in plan.steps]
    try:
        return imported_plans.add(viewer, plan._replace(id=own_id(viewer.id, plan.id), steps=steps), now)
    except Conflict as error:  # two others run already
        raise NotFound from error


def _step(viewer: Viewer, step: ImportedStep, date: ArchivedDate | None, now: datetime) -> ImportedStep:
    """Return a step with what becomes of its date. One that was called off stays off."""
    if date is None:
        return step._replace(date=None)
    if date.end <= now:
        return step._replace(date=own_id(viewer.id, date.id))
    zone = date.slot.zone or viewer.zone
    wall = to_zone(to_utc(date.slot.local_time, zone), viewer.zone).replace(tzinfo=None)
    return step._replace(local_time=wall, date=None, is_planned=True)


def _add_reflections(viewer: Viewer, key: OpenKey | None, archive: Archive, now: datetime) -> Imported:
    mine = [reflection._replace(id=own_id(viewer.id, reflection.id)) for reflection in archive.reflections]
    added = reflections.bring_in(viewer, key, mine, now) if key else 0
    return Imported("reflections", added, len(mine) - added, 0)


def _add_commitment(viewer: Viewer, promise: ImportedCommitment, now: datetime) -> bool:
    try:
        return imported_commitments.add(viewer, promise._replace(id=own_id(viewer.id, promise.id)), now)
    except Conflict as error:  # as many are open as a person can have
        if error.reason != "too_many_open_commitments":
            raise
        raise NotFound from error


def _add_important_day(viewer: Viewer, day: important_days.Draft, now: datetime) -> bool:
    """Add a day unless the person has it, from whatever source. Exports have no ids of days: their values make one."""
    here = own_id(viewer.id, repr(day))
    if day.birthday_of == "partner":  # whether the partner here is the same person, no one knows
        day = day._replace(birthday_of="other", title=day.title or messages.text("important_days", day.kind))
    for own in important_days.list_own(viewer.id):
        if own.id == here or tuple(getattr(own, name) for name in day._fields) == day:
            return False
    important_days.add(viewer, day, here, now)
    return True


def _hide(viewer: Viewer, date: UUID, now: datetime) -> bool:
    here = own_id(viewer.id, date)
    if memories.find(viewer, here).hidden:
        return False
    memories.set_hidden(viewer, here, True, now)
    return True


def _tick(viewer: Viewer, ticks: Checklist, now: datetime) -> bool:
    if any(present.kind == ticks.kind for present in checklists.list_checklists(viewer)):
        return False
    checklists.save(viewer, *ticks, now)
    return True


def _add_preferences(viewer: Viewer, chosen: Preferences, now: datetime) -> bool:
    if preferences.of([viewer.id]):
        return False
    preferences.save(viewer.id, chosen, now)
    return True


def _subscribe(viewer: Viewer, calendar: CalendarAddress, now: datetime) -> bool:
    if calendar.address in busy_calendars.list_addresses(viewer.id):
        return False
    calendar_refresh.subscribe(viewer.id, None, *calendar, now)
    return True


def _photo_here(viewer: Viewer, photo: ImportedPhoto) -> ImportedPhoto:
    about = photo.about._replace(id=own_id(viewer.id, photo.about.id))
    return photo._replace(id=own_id(viewer.id, photo.id), about=about)


def _add_feedback(viewer: Viewer, date: UUID, given: Feedback, now: datetime) -> bool:
    here = own_id(viewer.id, date)
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
