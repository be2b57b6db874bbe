"""Memories: the dates that took place, each as one page. What you two did in a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, Month, QueryBoolean, StrictBoolean, Text, Uuid
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page_of, page_of_search
from api.core.routing import Routes
from api.notes import NoteOut
from api.photos import PhotoOut
from planner.catalogue.activities import ActivityEntry
from planner.errors import Invalid, NotFound
from planner.notes import looking_back, memories
from planner.notes.looking_back import LookBack
from planner.notes.memories import Memory, MemoryFilter, Place

routes = Routes("memories")


class MemoriesQuery(PageQuery):
    """Which memories to list."""

    month = Month(
        load_default=None, metadata={"examples": ["2026-11"], "description": "Only dates that began in this month."}
    )
    place = Text(
        140,
        load_default=None,
        metadata={"examples": ["The bridge by the mill"], "description": "Only this place, in any spelling."},
    )
    category = Choice(
        enumerations.CATEGORY,
        load_default=None,
        metadata={"examples": ["cook_taste"], "description": "Only this kind of activity."},
    )
    q = Text(
        100,
        load_default=None,
        metadata={"examples": ["river"], "description": "Words in the title, the place or the notes."},
    )
    hidden = QueryBoolean(
        load_default=False,
        metadata={"examples": [False], "description": "true: only those that you have hidden."},
    )


class MemoryActivityOut(Schema):
    """What you did."""

    id = Uuid(metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    category = EnumField(enumerations.CATEGORY, metadata={"examples": ["cook_taste"]})


class MemoryOut(Schema):
    """A date that took place, with what you two wrote about it. Or a note of the kind memory about no such date."""

    id = Uuid(
        metadata={
            "examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"],
            "description": "That of the date, or without an activity that of the note.",
        }
    )
    activity = fields.Nested(
        MemoryActivityOut,
        allow_none=True,
        metadata={"description": "Null, in lists, for a note about no such date: it is the one in `notes`."},
    )
    party = EnumField(enumerations.AUDIENCE, data_key="for", metadata={"examples": ["two"]})
    day = Day(
        metadata={
            "examples": ["2026-11-28"],
            "description": "The day on which it began, there. Of a note: of writing or sharing it.",
        }
    )
    days = fields.Integer(
        allow_none=True,
        metadata={"examples": [None], "description": "How many whole days it was, if it was whole days."},
    )
    place = fields.String(allow_none=True, metadata={"examples": ["The bridge by the mill"]})
    notes = fields.List(
        fields.Nested(NoteOut),
        metadata={
            "description": "Your notes, and those that your partner shared. In lists the first three, on the page of a "
            "memory the first fifty. Only you see those of yours that are private."
        },
    )
    photos = fields.List(fields.Nested(PhotoOut), metadata={"examples": [[]], "description": "Those of the date."})
    hidden = fields.Boolean(
        metadata={"examples": [False], "description": "Whether you have hidden it. Only you see that."}
    )


class OnThisDayOut(Schema):
    """What you did on this day in earlier years."""

    items = fields.List(fields.Nested(MemoryOut))


class MemoryPlaceOut(Schema):
    """A place of your memories."""

    place = fields.String(metadata={"examples": ["The bridge by the mill"]})
    memories = fields.Integer(metadata={"examples": [3]})
    last_day = Day(metadata={"examples": ["2026-11-28"]})


class MemoryPlacesOut(Schema):
    """The places of your newest thousand memories, the most frequent first."""

    items = fields.List(fields.Nested(MemoryPlaceOut))


class MemoryHiddenPut(Schema):
    """Whether to hide a memory from your lists."""

    hidden = StrictBoolean(required=True, metadata={"examples": [True]})


_memory = MemoryOut()


@routes.get("/memories", access=SIGNED_IN, query=MemoriesQuery(), answer=page_of(MemoryOut), problems=[Invalid])
def list_memories(context: RequestContext) -> Page[dict[str, Any]]:
    """List what took place and the notes that are memories, newest first. A search may end a page early."""
    viewer, query = context.viewer, context.query
    wanted = MemoryFilter(query["month"], query["place"], query["category"], query["q"] or "", query["hidden"])

    def read(limit: int, after: tuple[datetime, UUID] | None) -> tuple[Sequence[Memory], Memory | None]:
        return memories.list_memories(viewer, limit, after, wanted)

    found = page_of_search(query, read, lambda memory: (memory.end, memory.id))
    return Page([_show(memory) for memory in found.items], found.next)


@routes.get("/memories/on-this-day", access=SIGNED_IN, answer=OnThisDayOut())
def list_on_this_day(context: RequestContext) -> dict[str, Any]:
    """List what took place on this day in earlier years. Empty below pace 4, and in space."""
    return {"items": [_show(memory) for memory in memories.list_on_this_day(context.viewer, context.now)]}


@routes.get("/memories/places", access=SIGNED_IN, answer=MemoryPlacesOut())
def list_memory_places(context: RequestContext) -> dict[str, Sequence[Place]]:
    """List the places of your memories."""
    return {"items": memories.list_places(context.viewer)}


@routes.get("/memories/<uuid:date_id>", access=COUPLE, answer=_memory, problems=[NotFound])
def get_memory(context: RequestContext, date_id: UUID) -> dict[str, Any]:
    """Read a memory, also one that you have hidden."""
    return _show(memories.find(context.viewer, date_id))


@routes.put(
    "/memories/<uuid:date_id>/hidden",
    access=COUPLE,
    body=MemoryHiddenPut(),
    answer=_memory,
    example={"hidden": True},
    problems=[Invalid, NotFound],
)
def put_memory_hidden(context: RequestContext, date_id: UUID) -> dict[str, Any]:
    """Hide a memory from your lists for good, or show it again. Your partner sees no difference."""
    return _show(memories.set_hidden(context.viewer, date_id, context.body["hidden"], context.now))


def _show(memory: Memory) -> dict[str, Any]:
    return {
        **memory._asdict(),
        "activity": _activity(memory.activity) if memory.activity else None,
        "party": "two" if memory.with_partner else "one",
    }


def _activity(activity: ActivityEntry) -> dict[str, Any]:
    return {"id": activity.id, "title": activity.content.title, "category": activity.content.category}


class MonthCountOut(Schema):
    """How many dates began in a month."""

    month = Month(metadata={"examples": ["2026-11"]})
    dates = fields.Integer(metadata={"examples": [2]})


class KindCountOut(Schema):
    """How many dates were of a kind."""

    category = EnumField(enumerations.CATEGORY, metadata={"examples": ["cook_taste"]})
    dates = fields.Integer(metadata={"examples": [2]})


class OwnCountsOut(Schema):
    """What you did alone in these twelve months. Only you see it."""

    notes = fields.Integer(metadata={"examples": [9]})
    shared_notes = fields.Integer(metadata={"examples": [4], "description": "Those of them that your partner sees."})
    dates_alone = fields.Integer(metadata={"examples": [3]})


class UsOut(Schema):
    """Your last twelve months: your dates as a couple, or without a partner your dates alone."""

    months = fields.List(fields.Nested(MonthCountOut), metadata={"description": "Twelve months, oldest first."})
    kinds = fields.List(fields.Nested(KindCountOut), metadata={"description": "The kinds that you tried."})
    memories = fields.Integer(metadata={"examples": [2], "description": "The dates that took place in these months."})
    first_day = Day(
        allow_none=True, metadata={"examples": ["2026-11-07"], "description": "The day of the first date of all."}
    )
    own = fields.Nested(OwnCountsOut)


@routes.get("/us", access=SIGNED_IN, answer=UsOut())
def get_us(context: RequestContext) -> LookBack:
    """Look back on twelve months. There is no score, and nothing is compared."""
    return looking_back.read(context.viewer, context.now)
