"""Helpers of tests that send photos: files of each kind, with words and a place beside the picture, and uploads."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from uuid import uuid4

import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from planner.photos import photo_readings
from planner.photos.photo_readings import PhotoFiles
from tests.people import Person

SECRET = "Planted-Harbour-7"
"""Words in the metadata of each file, which must appear nowhere."""
PLACE = struct.pack("<6I", 48, 1, 12, 1, 61, 2)
"""The latitude in the metadata of each file: 48 degrees, 12 minutes, 30.5 seconds."""
_XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:title>{SECRET}</dc:title></x:xmpmeta>'.encode()
FAKE = PhotoFiles(b"RIFF large WEBP", b"RIFF small WEBP", 640, 480)
"""What a reading returns in tests that are not about decoding, which takes a process."""

pillow_heif.register_heif_opener()


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Return a picture that is red on its left and blue on its right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """Return metadata with a place, a camera and words."""
    data = Image.Exif()
    data[0x010E] = SECRET
    data[0x0110] = f"{SECRET} camera"
    data[0x0112] = orientation
    data.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 30.5), 3: "E", 4: (16.0, 22.0, 11.25)})
    return data


def encoded(kind: str, image: Image.Image | None = None, orientation: int = 1, **more: Any) -> bytes:
    """Return a file of a kind, with words planted wherever it takes them."""
    file, image = BytesIO(), image or picture()
    planted: dict[str, Any] = {"exif": exif(orientation).tobytes()}
    if kind == "JPEG":
        planted |= {"comment": SECRET.encode(), "xmp": _XMP, "quality": 90}
    elif kind == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("XML:com.adobe.xmp", SECRET)
        planted |= {"pnginfo": text}
    else:
        planted |= {"xmp": _XMP}
    image.save(file, kind, **{**planted, **more})
    return file.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims a size, and whose pixels are all there: zeros that pack well."""
    packer = zlib.compressobj(9)
    row, data = bytes(1 + (width + 7) // 8), b""
    for _ in range(height):
        data += packer.compress(row)
    data += packer.flush()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def upload(person: Person, status: int = 201, data: bytes | None = None, **more: Any) -> Any:
    """Add a photo to a note, a date or an idea."""
    text = base64.b64encode(PIXEL if data is None else data).decode()
    return person.post("/photos", {"data": text, **more}, status)


def photo_of(**about: Any) -> dict[str, Any]:
    """Return the body of an upload, with an id of its own."""
    return {"id": str(uuid4()), "data": base64.b64encode(PIXEL).decode(), **about}


@contextmanager
def read_none() -> Iterator[None]:
    """Read no photo within a block: each has the files of FAKE, and takes no process."""
    read, photo_readings.read = photo_readings.read, lambda data: FAKE
    try:
        yield
    finally:
        photo_readings.read = read


def memory(person: Person, **more: Any) -> Any:
    """Write a private memory."""
    return person.post("/notes", {"kind": "memory", "body": "The bench by the river.", **more}, 201)


PIXEL = encoded("PNG", Image.new("RGB", (1, 1), "white"))
