"""Appreciation notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api.core.fields import Choice, Number, Text, UtcDateTime, Uuid, new_id
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.parsing import if_match
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, VersionConflict, VersionMissing
from planner.notes import notes
from planner.notes.notes import KINDS, Draft, NoteView

routes = Routes("notes")

_BODY = {"examples": ["You called my mother back, although you were tired."]}


class NoteIn(Schema):
    """What you appreciated, in your own words."""

    id = new_id()
    kind = Choice(*KINDS, required=True, metadata={"examples": ["kindness"]})
    body = Text(4000, lines=True, required=True, metadata=_BODY)
    prompt = Uuid(
        load_default=None, allow_none=True, metadata={"examples": [None], "description": "The prompt that it answers."}
    )
    date = Uuid(
        load_default=None, allow_none=True, metadata={"examples": [None], "description": "The date that it is about."}
    )


class NotePatch(Schema):
    """A new text, or another kind."""

    kind = Choice(*KINDS, metadata={"examples": ["effort"]})
    body = Text(4000, lines=True, metadata=_BODY)

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["kind", "body"])


class ShareIn(Schema):
    """The version of the note that you want to share."""

    version = Number(1, 2**31 - 1, required=True, metadata={"examples": [1]})


class NotesQuery(PageQuery):
    """The author of the notes to list: you or your partner."""

    source = Choice("me", "partner", load_default="me", data_key="from", metadata={"examples": ["partner"]})


class NoteOut(Schema):
    """A note as you see it. You see nothing of your partner's note from before they shared it."""

    id = Uuid(metadata={"examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"]})
    mine = fields.Boolean(metadata={"examples": [True]})
    kind = fields.String(metadata={"examples": ["kindness"]})
    body = fields.String(metadata=_BODY)
    prompt = Uuid(allow_none=True, metadata={"examples": [None]})
    date = Uuid(allow_none=True, metadata={"examples": [None]})
    version = fields.Integer(allow_none=True, metadata={"examples": [1]})
    state = fields.String(metadata={"examples": ["private"], "description": "private, shared or recalled."})
    created_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    shared_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    recalled_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    actions = fields.List(
        fields.String(),
        metadata={
            "examples": [["edit", "delete", "share"]],
            "description": "What you can do now. You can take a note out of view, but you cannot unsay it.",
        },
    )


_note = NoteOut()


@routes.post("/notes", access=SIGNED_IN, body=NoteIn(), answer=_note, status=201, problems=[Invalid, IdTaken])
def write(context: RequestContext) -> NoteView:
    """Write a note. It is private until you share it."""
    body = context.body
    draft = Draft(body["kind"], body["body"], body["prompt"], body["date"])
    return notes.write(context.viewer, draft, body["id"], context.now)


@routes.get("/notes", access=SIGNED_IN, query=NotesQuery(), answer=page_of(NoteOut), problems=[Invalid])
def listed(context: RequestContext) -> Page[NoteView]:
    """List your own notes, or those that your partner shared, newest first."""
    if context.query["source"] == "me":
        return page(context.query, lambda limit, after: notes.list_own(context.viewer, limit, after), _by_creation)
    return page(context.query, lambda limit, after: notes.list_received(context.viewer, limit, after), _by_sharing)


@routes.get("/notes/<uuid:note_id>", access=OWNER, answer=_note, problems=[NotFound])
def read(context: RequestContext, note_id: UUID) -> NoteView:
    """Read a note: your own, or one that is shared with you."""
    return notes.find(context.viewer, note_id)


@routes.patch(
    "/notes/<uuid:note_id>",
    access=OWNER,
    body=NotePatch(),
    answer=_note,
    versioned=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit(context: RequestContext, note_id: UUID) -> NoteView:
    """Change your private note. A note that was shared cannot be edited: recall it and write a new one."""
    return notes.edit(context.viewer, note_id, if_match(), context.body)


@routes.delete("/notes/<uuid:note_id>", access=OWNER, problems=[NotFound, Conflict])
def delete(context: RequestContext, note_id: UUID) -> None:
    """Delete your note. It also leaves your partner's view. You cannot unsay a shared note: see recall."""
    notes.delete(context.viewer, note_id, context.now)


@routes.post(
    "/notes/<uuid:note_id>/share",
    access=OWNER,
    body=ShareIn(),
    answer=_note,
    problems=[Invalid, NotFound, Conflict, QuotaExceeded],
)
def share(context: RequestContext, note_id: UUID) -> NoteView:
    """Share your note with your partner. You can take it out of view later, but you cannot unsay it."""
    return notes.share(context.viewer, note_id, context.body["version"], context.now)


@routes.post("/notes/<uuid:note_id>/recall", access=OWNER, answer=_note, problems=[NotFound, Conflict])
def recall(context: RequestContext, note_id: UUID) -> NoteView:
    """Take your note out of your partner's view. You cannot unsay it: their own record has it for twelve months."""
    return notes.recall(context.viewer, note_id, context.now)


def _by_creation(note: NoteView) -> Any:
    return note.created_at, note.id


def _by_sharing(note: NoteView) -> Any:
    return note.shared_at, note.id
