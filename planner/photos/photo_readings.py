"""Readings of photos: a file is given to a child process, and its pixels come back in two sizes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from planner.child_readers import ChildReader, ReadingFault

MOST_BYTES = 10_000_000
MOST_MEGAPIXELS = 25
MOST_MEGAPIXELS_OF_ANIMATION = 7
_MOST_WAITING = 4
"""Photos at once, with the one that is being read."""

_reader = ChildReader("planner.photos.photo_decoder", _MOST_WAITING)


class PhotoFiles(NamedTuple):
    """The two WebP files of a photo, and the width and height of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def read(data: bytes) -> PhotoFiles:
    """Return the pixels of a photo in two sizes. Raises ReadingFault or Unavailable."""
    if len(data) > MOST_BYTES:
        raise ReadingFault("photo_too_large")
    try:
        head, _, files = _reader.answer(data).partition(b"\n")
        answer: dict[str, Any] = json.loads(head)
    except (ReadingFault, ValueError):
        raise ReadingFault("photo_too_hard") from None
    if "fault" in answer:
        raise ReadingFault(answer["fault"])
    large, small = answer["sizes"]
    return PhotoFiles(files[:large], files[large : large + small], answer["width"], answer["height"])
