"""Appreciation notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validates_schema

from api.edge import MINE, PERSON, Call, Routes, if_match
from api.fields import Choice, Id, Instant, Number, Text, new_id
from api.pages import PageQuery, Slice, page, page_of
from planner.errors import IdTaken, Invalid, NotFound, TooSoon, VersionConflict, VersionMissing, WrongState
from planner.notes import notes
from planner.notes.notes import KINDS, Draft, Page

routes = Routes("notes")

_BODY = {"examples": ["You called my mother back, although you were tired."]}


class NoteIn(Schema):
    """What you appreciated, in your own words."""

    id = new_id()
    kind = Choice(*KINDS, required=True, metadata={"examples": ["kindness"]})
    body = Text(4000, lines=True, required=True, metadata=_BODY)
    prompt = Id(load_default=None, allow_none=True, metadata={"examples": [None], "description": "What you answered."})
    date = Id(load_default=None, allow_none=True, metadata={"examples": [None], "description": "What it belongs to."})


class NotePatch(Schema):
    """Other words, or another kind."""

    kind = Choice(*KINDS, metadata={"examples": ["effort"]})
    body = Text(4000, lines=True, metadata=_BODY)

    @validates_schema
    def _something(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise ValidationError("Send a kind or a body.")


class ShareIn(Schema):
    """The version that you want seen."""

    version = Number(1, 2**31 - 1, required=True, metadata={"examples": [1]})


class NotesQuery(PageQuery):
    """Whose notes to list."""

    source = Choice("me", "partner", load_default="me", data_key="from", metadata={"examples": ["partner"]})


class NoteOut(Schema):
    """A note as you see it. Of your partner's you learn nothing from before it was shared."""

    id = Id(metadata={"examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"]})
    mine = fields.Boolean(metadata={"examples": [True]})
    kind = fields.String(metadata={"examples": ["kindness"]})
    body = fields.String(metadata=_BODY)
    prompt = Id(allow_none=True, metadata={"examples": [None]})
    date = Id(allow_none=True, metadata={"examples": [None]})
    version = fields.Integer(allow_none=True, metadata={"examples": [1]})
    state = fields.String(metadata={"examples": ["private"], "description": "private, shared or recalled."})
    created_at = Instant(allow_none=True, metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    shared_at = Instant(allow_none=True, metadata={"examples": [None]})
    recalled_at = Instant(allow_none=True, metadata={"examples": [None]})
    actions = fields.List(
        fields.String(),
        metadata={
            "examples": [["edit", "delete", "share"]],
            "description": "You can take a note out of view; you cannot unsay it.",
        },
    )


_note = NoteOut()


@routes.post("/notes", access=PERSON, body=NoteIn(), answer=_note, status=201, problems=[Invalid, IdTaken])
def write(call: Call) -> Page:
    """Write a note. It is private until you share it."""
    body = call.body
    draft = Draft(body["kind"], body["body"], body["prompt"], body["date"])
    return notes.write(call.actor, draft, body["id"], call.now)


@routes.get("/notes", access=PERSON, query=NotesQuery(), answer=page_of(NoteOut), problems=[Invalid])
def listed(call: Call) -> Slice[Page]:
    """List your own notes, or those that your partner shared, newest first."""
    if call.query["source"] == "me":
        return page(call.query, lambda limit, after: notes.own(call.actor, limit, after), _written)
    return page(call.query, lambda limit, after: notes.received(call.actor, limit, after), _shared)


@routes.get("/notes/<uuid:note_id>", access=MINE, answer=_note, problems=[NotFound])
def read(call: Call, note_id: UUID) -> Page:
    """Read a note: your own, or one that is shared with you."""
    return notes.find(call.actor, note_id)


@routes.patch(
    "/notes/<uuid:note_id>", access=MINE, body=NotePatch(), answer=_note, versioned=True,
    problems=[Invalid, NotFound, WrongState, TooSoon, VersionMissing, VersionConflict],
)  # fmt: skip
def edit(call: Call, note_id: UUID) -> Page:
    """Change your note. In your partner's view, that costs one shared thing."""
    return notes.edit(call.actor, note_id, if_match(), call.body, call.now)


@routes.delete("/notes/<uuid:note_id>", access=MINE, problems=[NotFound, WrongState])
def delete(call: Call, note_id: UUID) -> None:
    """Delete your note; it also leaves your partner's view. What was shared, you cannot unsay: see recall."""
    notes.delete(call.actor, note_id, call.now)


@routes.post(
    "/notes/<uuid:note_id>/share", access=MINE, body=ShareIn(), answer=_note,
    problems=[Invalid, NotFound, WrongState, TooSoon],
)  # fmt: skip
def share(call: Call, note_id: UUID) -> Page:
    """Put your note before your partner, once. You can take it out of view later; you cannot unsay it."""
    return notes.share(call.actor, note_id, call.body["version"], call.now)


@routes.post("/notes/<uuid:note_id>/recall", access=MINE, answer=_note, problems=[NotFound, WrongState])
def recall(call: Call, note_id: UUID) -> Page:
    """Take your note out of your partner's view. You cannot unsay it: their own record keeps it for twelve months."""
    return notes.recall(call.actor, note_id, call.now)


def _written(one: Page) -> Any:
    return one.created_at, one.id


def _shared(one: Page) -> Any:
    return one.shared_at, one.id
