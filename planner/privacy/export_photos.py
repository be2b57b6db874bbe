"""What an export has of photos: a list of the person's own, and their large files beside the document."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from planner.photos import photos
from planner.photos.photos import Photo, PhotoFile, PhotoRow
from planner.privacy.export_format import (
    PRIVATE,
    TEXT,
    ExportScope,
    Section,
    Thing,
    columns,
    described,
    maybe,
    pages,
)

FOLDER = "photos"


def list_sizes(person: UUID) -> dict[UUID, int]:
    """Return the bytes of the large file of each photo of a person, in the order of the list."""
    return photos.sizes_of_large([row.id for row in _own(person)])


def _own(person: UUID) -> Iterator[PhotoRow]:
    return pages(lambda limit, after: photos.list_own(person, limit, after), lambda photo: (photo.created_at, photo.id))


def _photos(scope: ExportScope) -> Iterator[Thing]:
    for row in _own(scope.viewer.id):
        view = photos.view(row, scope.viewer.id)
        yield {
            "id": row.id,
            "file": file_name(row.id),
            "caption": row.caption,
            "note": view.note,
            "date": view.date,
            "activity": view.activity,
            "created_at": row.created_at,
        }


def file_name(photo_id: UUID) -> str:
    """Return the name of a photo's file in the ZIP."""
    return f"{FOLDER}/{photo_id}.webp"


_SUBJECT = maybe(columns(Photo.subject)["subject"])

PHOTOS: tuple[Section, ...] = (
    Section(
        "photos",
        "ExportedPhoto",
        PRIVATE,
        "Your photos. The files are in the ZIP.",
        {
            **columns(Photo.id, Photo.caption, Photo.created_at),
            "file": described(TEXT, "The name of its file in the ZIP."),
            **dict.fromkeys(("note", "date", "activity"), _SUBJECT),
        },
        (Photo, PhotoFile),
        _photos,
    ),
)
