"""Memories: each completed date as one page, with its place, its photos and what the two wrote about it.

Among them are the notes of the kind memory that are about no completed date.

A memory is composed of the date and its notes at each reading. Only the wish not to see it has rows of its own. Held
things, recalled notes and the words of a former partner are in no memory.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import clock
from planner.accounts.accounts import Person
from planner.catalogue import activities, search
from planner.catalogue.activities import ActivityEntry
from planner.catalogue.search import Term
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.dates import dates, state_machine, views
from planner.dates.dates import Date, DateText, SlotRow
from planner.dates.slots import LONGEST
from planner.errors import NotFound
from planner.notes import memory_notes, notes, reactions, shown_photos
from planner.notes.memory_notes import MemoryNote
from planner.notes.notes import NoteView
from planner.photos.photos import PhotoView
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

ON_THIS_DAY_PACE = 4
MOST_SCANNED = 1000
"""The most dates that one search reads. It then ends early, and goes on from there."""
MOST_NOTES, NOTES_IN_LIST = 50, 3
_BLOCK = 100
_YEARS_BACK = 20
_MOST_ON_A_DAY = 20
_A_DAY = timedelta(days=1)


class HiddenMemory(db.Model):
    """The wish of one person not to be shown a memory any more. The partner sees no difference."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    date = peewee.ForeignKeyField(Date, on_delete="CASCADE")
    hidden_at = UtcDateTimeField()

    class Meta:
        table_name = "hidden_memories"
        indexes = ((("person", "date"), True),)


class MemoryFilter(NamedTuple):
    """Which memories to list. `month` is its first day; `text` is what a person typed."""

    month: date | None = None
    place: str | None = None
    category: str | None = None
    text: str = ""
    hidden: bool = False


ALL_MEMORIES = MemoryFilter()


class Memory(NamedTuple):
    """One completed date as its viewer reads it. `days` is set for whole days, of which `day` is the first.

    A note without such a date has no activity. Its id is that of the note, and `end` is when it was written or shared.
    """

    id: UUID
    activity: ActivityEntry | None
    with_partner: bool
    day: date
    days: int | None
    place: str | None
    hidden: bool
    end: datetime
    notes: Sequence[NoteView] = ()
    photos: Sequence[PhotoView] = ()


class Place(NamedTuple):
    """A place of memories, as its newest one spells it."""

    place: str
    memories: int
    last_day: date


class Scan(NamedTuple):
    """The memories that a search found, and where it stopped, if it stopped before the end."""

    memories: list[Memory]
    stopped_at: Memory | None


def find(viewer: Viewer, date_id: UUID) -> Memory:
    """Return the memory of a completed date, also one that the viewer has hidden. Raise NotFound."""
    memories = _memories(viewer, _by_id(viewer.id, viewer.couple, viewer.former, date_id))
    if not memories:
        raise NotFound
    return _complete(viewer, memories, MOST_NOTES)[0]


def list_memories(
    viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None, wanted: MemoryFilter = ALL_MEMORIES
) -> Scan:
    """Return a page of memories, newest first. It reads MOST_SCANNED dates at most, and then stops."""
    terms = search.query_terms(wanted.text)
    if wanted.text and not terms:
        return Scan([], None)
    matches = _matches(viewer, wanted, terms)
    found: list[Memory] = []
    scanned, last = 0, None
    for block in _blocks(viewer, limit, after, wanted):
        for memory in matches(block):
            found.append(memory)
            if len(found) == limit:
                return Scan(_complete(viewer, found, NOTES_IN_LIST), None)
        scanned, last = scanned + len(block), block[-1]
        if scanned >= MOST_SCANNED:
            return Scan(_complete(viewer, found, NOTES_IN_LIST), last)
    return Scan(_complete(viewer, found, NOTES_IN_LIST), None)


def list_places(viewer: Viewer) -> list[Place]:
    """Return the places of the newest memories, the most frequent first. Different spellings are one place."""
    places: dict[str, Place] = {}
    memories = _memories(viewer, _page(viewer, MOST_SCANNED, None, None))
    for memory in memories:
        if memory.place and not memory.hidden:
            name = search.fold(memory.place)
            newest = places.get(name, Place(memory.place, 0, memory.day))
            places[name] = newest._replace(memories=newest.memories + 1)
    return sorted(places.values(), key=lambda place: (-place.memories, place.place))


def list_on_this_day(viewer: Viewer, now: datetime) -> list[Memory]:
    """Return the memories of this day in earlier years, newest first.

    There are none below ON_THIS_DAY_PACE, in the viewer's space, or while the partner shows a sentence.
    """
    if (viewer.own_pace or 0) < ON_THIS_DAY_PACE or viewer.space_since or viewer.partner_sentence:
        return []
    today = viewer.today(now)
    days = _days_of_years_before(today)
    spans = [instant for day in days for instant in _ends_of(day, day)]
    memories = _memories(viewer, _ended_within(viewer.id, viewer.couple, spans))
    shown = [memory for memory in memories if memory.day in days and not memory.hidden]
    return _complete(viewer, shown[:_MOST_ON_A_DAY], NOTES_IN_LIST)


def set_hidden(viewer: Viewer, date_id: UUID, hidden: bool, now: datetime) -> Memory:
    """Hide a memory from its viewer's lists, or show it again. A repeat changes nothing. Raise NotFound."""
    with couples.locked(viewer.id) as pair:
        memory = find(viewer.as_of(pair), date_id)
        if hidden:
            db.insert_if_absent(HiddenMemory, person=viewer.id, date=date_id, hidden_at=now)
        else:
            HiddenMemory.delete().where(HiddenMemory.person == viewer.id, HiddenMemory.date == date_id).execute()
    return memory._replace(hidden=hidden)


def _days_of_years_before(today: date) -> list[date]:
    """Return this day in earlier years. In a year without a 29 February, that day is remembered on the 28th."""
    days = []
    for year in range(today.year - 1, today.year - 1 - _YEARS_BACK, -1):
        if (today.month, today.day) != (2, 29) or isleap(year):
            days.append(today.replace(year=year))
        if (today.month, today.day) == (2, 28) and not isleap(today.year) and isleap(year):
            days.append(date(year, 2, 29))
    return days


def _ends_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Return a stretch of time in which all dates end that begin on these days, in any zone."""
    return clock.start_of_day(first, "UTC") - _A_DAY, clock.start_of_day(last, "UTC") + 2 * _A_DAY + LONGEST


def _blocks(
    viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None, wanted: MemoryFilter
) -> Iterator[list[Memory]]:
    """Yield the viewer's memories in blocks, newest first, from a place on."""
    size = limit
    while block := _read(viewer, size, after, wanted):
        yield block
        if len(block) < size:
            return
        after = block[-1].end, block[-1].id
        size = _BLOCK


def _read(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None, wanted: MemoryFilter) -> list[Memory]:
    """Return the newest dates from a place on, and the notes unless the filter is about dates only."""
    of_dates = _memories(viewer, _page(viewer, limit, after, wanted.month))
    if wanted.place or wanted.category or wanted.hidden:
        return of_dates
    span = _ends_of(wanted.month, _next_month(wanted.month) - _A_DAY) if wanted.month else ()
    written = [_of_note(viewer, each) for each in memory_notes.list_newest(viewer, limit, after, span)]
    return sorted([*of_dates, *written], key=lambda memory: (memory.end, memory.id), reverse=True)[:limit]


def _of_note(viewer: Viewer, written: MemoryNote) -> Memory:
    note, at = written
    day = clock.to_zone(at, viewer.zone).date()
    return Memory(note.id, None, note.shared_at is not None, day, None, None, False, at, [note])


def _page(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None, month: date | None) -> Any:
    # Next to dates with a new partner, those of the former couple would confuse.
    former = None if viewer.couple else viewer.former
    place = after or ()
    if month is None:
        return _newest(viewer.id, viewer.couple, former, [], limit, *place)
    span = _ends_of(month, _next_month(month) - _A_DAY)
    return _newest(viewer.id, viewer.couple, former, [*span], limit, *place)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _matches(viewer: Viewer, wanted: MemoryFilter, terms: Sequence[Term]) -> Callable[[list[Memory]], Iterator[Memory]]:
    """Return the filter of a block of memories."""
    place = search.fold(wanted.place) if wanted.place else None

    def is_wanted(memory: Memory) -> bool:
        return (
            memory.hidden == wanted.hidden
            and (wanted.month is None or memory.day.replace(day=1) == wanted.month)
            and (wanted.category is None or _content(memory, "category") == wanted.category)
            and (place is None or (memory.place is not None and search.fold(memory.place) == place))
        )

    def matching(block: list[Memory]) -> Iterator[Memory]:
        candidates = [memory for memory in block if is_wanted(memory)]
        if not terms:
            yield from candidates
            return
        for memory in _with_notes(viewer, candidates, MOST_NOTES):
            words = (_content(memory, "title"), memory.place or "", *(note.body for note in memory.notes))
            text = search.searchable(" ".join(words))
            if search.match_rank((text, text), terms) is not None:
                yield memory

    return matching


def _content(memory: Memory, name: str) -> str:
    return str(getattr(memory.activity.content, name)) if memory.activity else ""


def _memories(viewer: Viewer, rows: Sequence[Any]) -> list[Memory]:
    entries = activities.get_many_including_retired([row[3] for row in rows])
    return [_memory(viewer, row, entries) for row in rows]


def _memory(viewer: Viewer, row: Any, entries: dict[UUID, ActivityEntry]) -> Memory:
    date_id, couple, place_author, activity, place, changed_by, changed_place, end, local_time, days, hidden = row
    if changed_by:
        place_author, place = changed_by, changed_place
    if couple and couple != viewer.couple and place_author != viewer.id:
        place = None  # the words of a former partner are out of view
    day = datetime.fromisoformat(local_time).date()
    return Memory(date_id, entries[activity], couple is not None, day, days, place, bool(hidden), end)


def _with_notes(viewer: Viewer, memories: list[Memory], most: int) -> list[Memory]:
    about = notes.list_about(viewer, [memory.id for memory in memories], most) if memories else {}
    return [memory._replace(notes=about.get(memory.id, memory.notes)) for memory in memories]


def _complete(viewer: Viewer, memories: list[Memory], most: int) -> list[Memory]:
    """Return the memories with their photos, their first notes, and the reactions to these."""
    memories = _with_notes(viewer, memories, most)
    shown = {note.id: note for note in reactions.show(viewer, [note for memory in memories for note in memory.notes])}
    photos_of = shown_photos.list_of_dates(viewer, [memory.id for memory in memories]) if memories else {}
    return [
        memory._replace(notes=[shown[note.id] for note in memory.notes], photos=photos_of.get(memory.id, ()))
        for memory in memories
    ]


@db.cached_query
def _by_id(me: Any, couple: Any, former: Any, date_id: Any) -> Any:
    is_visible = dates.visible(me, couple) | (Date.couple == former)
    return _select(me).where(Date.id == date_id, is_visible, _is_memory(me))


@db.cached_query
def _newest(me: Any, couple: Any, former: Any, span: list[Any], limit: Any, *after: Any) -> Any:
    condition = _is_memory(me)
    if span:
        condition &= (Date.end > span[0]) & (Date.end < span[1])
    if after:
        end, last = after
        condition &= (Date.end <= end) & ((Date.end < end) | (Date.id < last))
    scopes = [*dates.scopes(me, couple), Date.couple == former]
    order = Date.end.desc(), Date.id.desc()
    lists = [Date.select(Date.id).where(scope & condition).order_by(*order).limit(limit) for scope in scopes]
    return _select(me).where(dates.in_any(lists)).order_by(*order).limit(limit)


@db.cached_query
def _ended_within(me: Any, couple: Any, spans: list[Any]) -> Any:
    """Return the memories that ended in one of these stretches of time, given as pairs of instants."""
    lists = [
        Date.select(Date.id).where(scope, _is_memory(me), Date.end > begins, Date.end < ends)
        for begins, ends in zip(spans[::2], spans[1::2], strict=True)
        for scope in dates.scopes(me, couple)
    ]
    return _select(me).where(dates.in_any(lists)).order_by(Date.end.desc(), Date.id.desc())


def _is_memory(me: Any) -> Any:
    return (Date.state == state_machine.COMPLETED) & ~is_held(me, Date.id)


def _select(me: Any) -> Any:
    """Return the query of dates with their time, their newest place, and whether the viewer has hidden them."""
    place = DateText.alias()
    hidden = HiddenMemory.select(HiddenMemory.id).where(HiddenMemory.person == me, HiddenMemory.date == Date.id)
    of_date = (Date.id, Date.couple, Date.proposer, Date.activity, Date.place)
    of_slot = (Date.end, SlotRow.local_time, SlotRow.days)
    return (
        Date.select(*of_date, place.author, place.text, *of_slot, peewee.fn.EXISTS(hidden))
        .join_from(Date, SlotRow, on=(SlotRow.date == Date.id) & ~SlotRow.for_move)
        .join_from(Date, place, peewee.JOIN.LEFT_OUTER, on=(place.id == views.newest_text(me, "place", is_held)))
    )
