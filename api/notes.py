"""Appreciation notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Text, UtcDateTime, Uuid, new_id
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.parsing import if_match
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.photos import PhotoOut
from planner.contact.viewer import Viewer
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, VersionConflict, VersionMissing
from planner.notes import notes, reactions
from planner.notes.notes import Draft, NoteFilter, NoteView

routes = Routes("notes")

_BODY = {"examples": ["You called my mother back, although you were tired."]}


class NoteIn(Schema):
    """What you appreciated, in your own words."""

    id = new_id()
    kind = Choice(enumerations.NOTE_KIND, required=True, metadata={"examples": ["kindness"]})
    body = Text(4000, lines=True, required=True, metadata=_BODY)
    prompt_id = Uuid(
        load_default=None, allow_none=True, metadata={"examples": [None], "description": "The prompt that it answers."}
    )
    date_id = Uuid(
        load_default=None, allow_none=True, metadata={"examples": [None], "description": "The date that it is about."}
    )


class NotePatch(Schema):
    """A new text, or another kind."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    kind = Choice(enumerations.NOTE_KIND, metadata={"examples": ["effort"]})
    body = Text(4000, lines=True, metadata=_BODY)

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["kind", "body"])


class NotesQuery(PageQuery):
    """Which notes to list: your own or your partner's, of one kind, or about one date."""

    kind = Choice(
        enumerations.NOTE_KIND,
        load_default=None,
        metadata={"examples": ["kindness"], "description": "Only of this kind."},
    )
    date_id = Uuid(
        load_default=None,
        metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"], "description": "The date they are about."},
    )
    source = Choice(
        enumerations.SIDE,
        load_default="me",
        data_key="from",
        metadata={"examples": ["partner"], "description": "Whose notes."},
    )


class NoteOut(Schema):
    """A note as you see it. You see nothing of your partner's note from before they shared it."""

    id = Uuid(metadata={"examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"]})
    mine = fields.Boolean(metadata={"examples": [True]})
    kind = EnumField(enumerations.NOTE_KIND, metadata={"examples": ["kindness"]})
    body = fields.String(metadata=_BODY)
    prompt_id = Uuid(attribute="prompt", allow_none=True, metadata={"examples": [None]})
    date_id = Uuid(attribute="date", allow_none=True, metadata={"examples": [None]})
    version = fields.Integer(allow_none=True, metadata={"examples": [1]})
    state = EnumField(enumerations.NOTE_STATE, metadata={"examples": ["private"]})
    created_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    shared_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    recalled_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    photos = fields.List(fields.Nested(PhotoOut), metadata={"examples": [[]], "description": "Of a memory."})
    actions = fields.List(
        EnumField(enumerations.NOTE_ACTION),
        metadata={
            "examples": [["edit", "delete", "share"]],
            "description": "What you can do now. You can take a note out of view, but you cannot unsay it.",
        },
    )
    reaction = EnumField(
        enumerations.REACTION,
        allow_none=True,
        metadata={"examples": [None], "description": "How its receiver reacted, while it is shared."},
    )
    reactions_offered = fields.List(
        EnumField(enumerations.REACTION),
        metadata={"examples": [[]], "description": "How you can react now, as its receiver."},
    )


_note = NoteOut()


@routes.post(
    "/notes",
    access=SIGNED_IN,
    body=NoteIn(),
    answer=_note,
    status=201,
    location="/notes/{id}",
    problems=[Invalid, IdTaken, Conflict],
)
def create_note(context: RequestContext) -> NoteView:
    """Write a note. It is private until you share it."""
    body = context.body
    draft = Draft(body["kind"], body["body"], body["prompt_id"], body["date_id"])
    return notes.write(context.viewer, draft, body["id"], context.now)


@routes.get("/notes", access=SIGNED_IN, query=NotesQuery(), answer=page_of(NoteOut), problems=[Invalid])
def list_notes(context: RequestContext) -> Page[NoteView]:
    """List your own notes, or those that your partner shared, newest first."""
    viewer, query = context.viewer, context.query
    wanted = NoteFilter(
        (query["kind"],) if query["kind"] else (),
        (query["date_id"],) if query["date_id"] else (),
    )
    if query["source"] == "me":
        return page(query, lambda limit, after: _list(notes.list_own, viewer, limit, after, wanted), _by_creation)
    return page(query, lambda limit, after: _list(notes.list_received, viewer, limit, after, wanted), _by_sharing)


def _list(read: Callable[..., list[NoteView]], viewer: Viewer, *place: Any) -> list[NoteView]:
    return reactions.show(viewer, read(viewer, *place))


@routes.get("/notes/<uuid:note_id>", access=OWNER, answer=_note, problems=[NotFound])
def get_note(context: RequestContext, note_id: UUID) -> NoteView:
    """Read a note: your own, or one that is shared with you."""
    return reactions.show(context.viewer, [notes.find(context.viewer, note_id)])[0]


@routes.patch(
    "/notes/<uuid:note_id>",
    access=OWNER,
    body=NotePatch(),
    answer=_note,
    versioned=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit_note(context: RequestContext, note_id: UUID) -> NoteView:
    """Change your private note. A note that was shared cannot be edited: recall it and write a new one."""
    return notes.edit(context.viewer, note_id, if_match(), context.body)


@routes.delete("/notes/<uuid:note_id>", access=OWNER, problems=[NotFound, Conflict])
def delete_note(context: RequestContext, note_id: UUID) -> None:
    """Delete your note. It also leaves your partner's view. You cannot unsay a shared note: see recall."""
    notes.delete(context.viewer, note_id, context.now)


@routes.post(
    "/notes/<uuid:note_id>/share",
    access=OWNER,
    answer=_note,
    versioned=True,
    example={"state": "shared", "shared_at": "2026-11-23T08:05:00.000Z", "actions": ["delete", "recall"]},
    problems=[NotFound, Conflict, QuotaExceeded, VersionMissing, VersionConflict],
)
def share_note(context: RequestContext, note_id: UUID) -> NoteView:
    """Share your note with your partner. You can take it out of view later, but you cannot unsay it."""
    return reactions.show(context.viewer, [notes.share(context.viewer, note_id, if_match(), context.now)])[0]


@routes.post(
    "/notes/<uuid:note_id>/recall",
    access=OWNER,
    answer=_note,
    example={
        "state": "recalled",
        "shared_at": "2026-11-23T08:05:00.000Z",
        "recalled_at": "2026-11-23T09:00:00.000Z",
        "actions": ["delete"],
    },
    problems=[NotFound, Conflict],
)
def recall_note(context: RequestContext, note_id: UUID) -> NoteView:
    """Take your note out of your partner's view. You cannot unsay it: their own record has it for twelve months."""
    return notes.recall(context.viewer, note_id, context.now)


def _by_creation(note: NoteView) -> Any:
    return note.created_at, note.id


def _by_sharing(note: NoteView) -> Any:
    return note.shared_at, note.id
