"""Photos of memories, dates and own ideas. The server keeps the pixels only, in two sizes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import rate_limits
from api.core.fields import Choice, Text, UtcDateTime, Uuid, new_id
from api.core.file_fields import FileInBase64
from api.core.operations import COUPLE, OWNER, SIGNED_IN, File, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.rendering import Picture
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, RateLimited, Unavailable
from planner.notes import shown_photos
from planner.photos import photo_readings, photos
from planner.photos.photos import PhotoView, Subject

routes = Routes("photos")

MAX_PHOTO_BODY = 14_000_000
"""Bytes of a request with a photo. Base64 takes four letters for three bytes."""
_CAPTION = {"examples": ["The bench by the river."], "description": "What the photo shows, for who cannot see it."}
_NOTE = {"examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"], "description": "The note that it belongs to."}
_DATE = {"examples": [None], "description": "The date that it belongs to."}
_ACTIVITY = {"examples": [None], "description": "The own idea that it belongs to."}
# A white pixel.
_EXAMPLE_FILE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="
_SUBJECTS = {"note_id": photos.NOTE, "date_id": photos.DATE, "activity_id": photos.IDEA}


class PhotoIn(Schema):
    """A photo, and the one thing that it belongs to: a private memory, an agreed date, or an own idea."""

    id = new_id()
    note_id = Uuid(load_default=None, allow_none=True, metadata=_NOTE)
    date_id = Uuid(load_default=None, allow_none=True, metadata=_DATE)
    activity_id = Uuid(load_default=None, allow_none=True, metadata=_ACTIVITY)
    caption = Text(300, least=0, load_default="", metadata=_CAPTION)
    data = FileInBase64(
        photo_readings.MOST_BYTES,
        required=True,
        metadata={
            "examples": [_EXAMPLE_FILE],
            "description": "A JPEG, PNG, WebP or HEIC file in base64, of at most 10 MB and 25 megapixels, "
            "or 7 if it moves. Where it was taken, with which camera, and all else beside the picture is not kept.",
        },
    )

    @validates_schema
    def _check_subject(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(data[name] is not None for name in _SUBJECTS) != 1:
            raise InvalidValue("only_one", names=list(_SUBJECTS))


class PhotoOut(Schema):
    """A photo. `GET /v1/photos/{id}/file` has the picture."""

    id = Uuid(metadata={"examples": ["8e2d1c0e-9a55-4d6c-8a8e-2f4f6f0f7b99"]})
    mine = fields.Boolean(metadata={"examples": [True]})
    note_id = Uuid(attribute="note", allow_none=True, metadata=_NOTE)
    date_id = Uuid(attribute="date", allow_none=True, metadata=_DATE)
    activity_id = Uuid(attribute="activity", allow_none=True, metadata=_ACTIVITY)
    caption = fields.String(metadata=_CAPTION)
    width = fields.Integer(metadata={"examples": [2048], "description": "Of the large picture, in pixels."})
    height = fields.Integer(metadata={"examples": [1536]})
    created_at = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": ["2026-11-23T08:00:00.000Z"],
            "description": "Null for a photo of your partner's note or idea.",
        },
    )


class PhotoListOut(Schema):
    """All photos of one thing that you see, in the order in which they were added."""

    items = fields.List(fields.Nested(PhotoOut))


class PhotoFileQuery(Schema):
    """The size of the picture."""

    size = Choice(
        enumerations.PHOTO_SIZE,
        load_default="large",
        metadata={"examples": ["small"], "description": "large: at most 2048 pixels a side. small: at most 480."},
    )


PICTURE = File("image/webp", "The picture.", is_cached=True)


@routes.post(
    "/photos",
    access=SIGNED_IN,
    body=PhotoIn(),
    max_body=MAX_PHOTO_BODY,
    answer=PhotoOut(),
    status=201,
    location="/photos/{id}",
    problems=[Invalid, IdTaken, NotFound, Conflict, QuotaExceeded, RateLimited, Unavailable],
)
def create_photo(context: RequestContext) -> PhotoView:
    """Add a photo to a private memory, an agreed date or an own idea.

    Your partner sees the photos of a memory when you share it. A photo of a date of you two reaches your partner at
    once, and costs one of your shared things. The photos of an idea go with it when you propose it.
    """
    viewer, now, body = context.viewer, context.now, context.body
    rate_limits.count(rate_limits.photos(str(viewer.id)), now)
    (about,) = (Subject(kind, body[name]) for name, kind in _SUBJECTS.items() if body[name])
    return shown_photos.add(viewer, about, body["caption"], body["data"], body["id"], now)


@routes.get("/photos", access=SIGNED_IN, query=PageQuery(), answer=page_of(PhotoOut), problems=[Invalid])
def list_photos(context: RequestContext) -> Page[PhotoView]:
    """List all of your own photos, newest first."""
    viewer = context.viewer
    return page(context.query, lambda limit, after: shown_photos.list_own(viewer, limit, after), _by_creation)


@routes.get("/photos/<uuid:photo_id>", access=OWNER, answer=PhotoOut(), problems=[NotFound])
def get_photo(context: RequestContext, photo_id: UUID) -> PhotoView:
    """Read about a photo: your own, or one that your partner shows you."""
    return shown_photos.find(context.viewer, photo_id)


@routes.get(
    "/photos/<uuid:photo_id>/file", access=OWNER, query=PhotoFileQuery(), file=PICTURE, problems=[Invalid, NotFound]
)
def get_photo_file(context: RequestContext, photo_id: UUID) -> Picture:
    """Read the picture of a photo, as WebP. Once it is withdrawn, the answer is 404."""
    size = context.query["size"]
    photo = shown_photos.find(context.viewer, photo_id)
    return Picture(f"{photo.id.hex}{size}", lambda: photos.file_of(photo.id, size))


@routes.delete("/photos/<uuid:photo_id>", access=OWNER, problems=[NotFound, Conflict])
def delete_photo(context: RequestContext, photo_id: UUID) -> None:
    """Withdraw your photo: it is deleted here at once, for both of you. Your partner may have made a copy of it."""
    shown_photos.withdraw(context.viewer, photo_id, context.now)


@routes.get("/dates/<uuid:date_id>/photos", access=COUPLE, answer=PhotoListOut(), problems=[NotFound])
def list_photos_of_date(context: RequestContext, date_id: UUID) -> dict[str, Any]:
    """List the photos of a date: your own, and those of your partner."""
    return {"items": shown_photos.list_of_date(context.viewer, date_id, context.now)}


@routes.get("/activities/<uuid:activity_id>/photos", access=OWNER, answer=PhotoListOut(), problems=[NotFound])
def list_photos_of_activity(context: RequestContext, activity_id: UUID) -> dict[str, Any]:
    """List the photos of your own idea, or of your partner's idea as it was proposed to you."""
    return {"items": shown_photos.list_of_activity(context.viewer, activity_id)}


def _by_creation(photo: PhotoView) -> Any:
    return photo.created_at, photo.id
