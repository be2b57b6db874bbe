"""Imports: what is yours alone, from an export that you made on another server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.archives import MAX_ARCHIVE, ArchiveReader, ImportIn
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes, bearer_token
from planner.errors import Conflict, Invalid, RateLimited
from planner.notes.imported_photos import ImportedPhoto
from planner.photos import photos
from planner.privacy import imports

routes = Routes("imports")


class ImportedOut(Schema):
    """How many things of one kind came over."""

    kind = EnumField(enumerations.IMPORT_KIND, metadata={"examples": ["notes"]})
    added = fields.Integer(metadata={"examples": [212], "description": "Of photos, 0: you send them one by one."})
    present = fields.Integer(metadata={"examples": [0], "description": "They are here already."})
    skipped = fields.Integer(
        metadata={"examples": [1], "description": "They cannot be read, or do not fit here. The export still has them."}
    )


class PhotoToSendOut(Schema):
    """A photo of the export that has a place here. `POST /v1/photos` takes all values but `file` as they are."""

    id = Uuid(metadata={"examples": ["8e2d1c0e-9a55-4d6c-8a8e-2f4f6f0f7b99"]})
    note_id = Uuid(allow_none=True, metadata={"examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"]})
    date_id = Uuid(allow_none=True, metadata={"examples": [None]})
    activity_id = Uuid(allow_none=True, metadata={"examples": [None]})
    caption = fields.String(metadata={"examples": ["The bench by the river."]})
    file = fields.String(
        metadata={
            "examples": ["photos/0b7c6a52-6f4e-4a55-9a4f-7d0f4c7c1e11.webp"],
            "description": "The name of its file in the ZIP.",
        }
    )


class ImportResultOut(Schema):
    """What came over, by kind. Kinds without a thing are left out."""

    items = fields.List(fields.Nested(ImportedOut))
    photos = fields.List(
        fields.Nested(PhotoToSendOut), metadata={"description": "Photos to send, the oldest first. A repeat adds none."}
    )


@routes.post(
    "/me/imports",
    access=SIGNED_IN,
    body=ImportIn(),
    answer=ImportResultOut(),
    max_body=MAX_ARCHIVE,
    problems=[Invalid, Conflict, RateLimited],
)
def create_import(context: RequestContext) -> dict[str, Any]:
    """Take over your things from another server. A repeat adds nothing twice. Your partner sees nothing of it.

    Reflections are encrypted anew, so unlock them first. Photos are not in the body: the answer lists what to send.
    """
    rate_limits.count(rate_limits.imports(str(context.viewer.id)), context.now)
    reader = ArchiveReader(context.body)
    result = imports.run(context.viewer, bearer_token(), reader.archive(), context.now)
    by_kind = {each.kind: each for each in result.kinds}
    items = [each._replace(skipped=each.skipped + reader.skipped[kind]) for kind, each in by_kind.items()]
    return {
        "items": [item for item in items if item.added or item.present or item.skipped],
        "photos": [_to_send(photo) for photo in result.photos],
    }


def _to_send(photo: ImportedPhoto) -> Mapping[str, Any]:
    names = {photos.NOTE: "note_id", photos.DATE: "date_id", photos.IDEA: "activity_id"}
    about = {**dict.fromkeys(names.values()), names[photo.about.kind]: photo.about.id}
    return {"id": photo.id, **about, "caption": photo.caption, "file": photo.file}
