"""The child process that reads one photo: `python -m planner.photos.photo_decoder`.

A photo comes from anywhere. So each is decoded in a process of its own. Only its pixels come back, on a fresh canvas:
no place, no device, no comment, and no second file behind the picture. Only this file and webp_scaling.py import
Pillow.

The input is the file. The output is a line of JSON, then the WebP of each size in the order of `SIZES`. The line has
the width and height of the large one and the number of bytes of each, or a fault.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from planner.child_readers import limit_process
from planner.photos import webp_scaling

CPU_SECONDS = 4
MEMORY_BYTES = 400_000_000
"""Addresses, which are twice the memory in use."""
SIZES = (("large", 2048), ("small", 480))
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_ANIMATION = 7_000_000
"""Of a WebP. Pillow takes four times the memory of other pictures for it."""
_LONGEST_SIDE = 20_000
_QUALITY = {"large": 80, "small": 72}
_BAND_PIXELS = 1_000_000
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ORIENTATION = 0x0112
_PLAIN_MODES = ("RGB", "L")

Image.MAX_IMAGE_PIXELS = None  # `_check_size` judges the size


class BadPhoto(Exception):
    """A file that is no photo, or too large a one. The message is a word."""


class Picture(NamedTuple):
    """A picture whose header was read. `bands` decodes it, and yields its rows in bands of this many."""

    size: tuple[int, int]
    bands: Callable[[int], Iterator[Image.Image]]
    profile: bytes | None
    orientation: int


def decode(data: bytes) -> list[Image.Image]:
    """Return a photo in each of the sizes: upright, in sRGB, and without anything but pixels. Raises BadPhoto."""
    picture = _open(data)
    width, height = picture.size
    factor = max(1, max(width, height) // SIZES[0][1])
    image = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    top = 0
    for band in picture.bands(factor * max(1, _BAND_PIXELS // (width * factor))):
        reduced = _flat(band).reduce(factor)
        image.paste(reduced, (0, top))
        top += reduced.height
    image = _upright(_in_srgb(image, picture.profile), picture.orientation)
    sizes = []
    for _, longest in SIZES:
        image.thumbnail((longest, longest), Image.Resampling.BICUBIC)
        fresh = Image.new("RGB", image.size)
        fresh.paste(image)
        sizes.append(fresh)
    return sizes


def _open(data: bytes) -> Picture:
    """Read the header of a photo, by its content and not by its name. Raises BadPhoto."""
    if data[:3] == b"\xff\xd8\xff":
        return _pillow(data, ["JPEG", "MPO"])
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _pillow(data, ["PNG"])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return _heic(data)
    raise BadPhoto("not_a_photo")


def _pillow(data: bytes, formats: list[str]) -> Picture:
    try:
        image = Image.open(BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        raise BadPhoto("photo_damaged") from None
    _check_size(*image.size)
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (SIZES[0][1], SIZES[0][1]))  # decodes fewer pixels of a large one

    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "P") else None
    return Picture(image.size, partial(_bands, image), profile, _orientation(image.getexif))


def _bands(image: Image.Image, rows: int) -> Iterator[Image.Image]:
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _orientation(read_exif: Callable[[], Image.Exif]) -> int:
    try:
        return int(read_exif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata, which is dropped anyway
        return 1


def _webp(data: bytes) -> Picture:
    """Read a WebP: a large one in a smaller size at once. Pillow would take its memory as soon as it opens it."""
    width, height = _webp_size(data)
    _check_size(width, height)
    if width * height <= MOST_PIXELS_OF_ANIMATION:
        return _pillow(data, ["WEBP"])
    image = webp_scaling.decode(data, SIZES[0][1], MOST_PIXELS)
    if image is None:
        raise BadPhoto("webp_too_many_pixels")
    beside = dict(_webp_chunks(data))

    def read_exif() -> Image.Exif:
        exif = Image.Exif()
        exif.load(beside.get(b"EXIF", b""))
        return exif

    return Picture(image.size, partial(_bands, image), beside.get(b"ICCP"), _orientation(read_exif))


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the content of each chunk of a WebP, as far as they are whole."""
    at = 12
    while len(head := data[at : at + 8]) == 8:
        size = int.from_bytes(head[4:], "little")
        yield head[:4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _heic(data: bytes) -> Picture:
    image: Any = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
    _check_size(*image.size)

    def bands(rows: int) -> Iterator[Image.Image]:
        # Not as one picture of Pillow, which would take its memory beside that of the decoder.
        (width, height), stride, pixels = image.size, image.stride, memoryview(image.data)
        for top in range(0, height, rows):
            count = min(rows, height - top)
            band = bytes(pixels[top * stride : (top + count) * stride])
            yield Image.frombuffer(image.mode, (width, count), band, "raw", image.mode, stride, 1)

    return Picture(image.size, bands, image.info.get("icc_profile"), 1)  # its decoder has turned it already


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise BadPhoto("photo_damaged")
    if width * height > MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
        raise BadPhoto("too_many_pixels")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return the width and height in the first chunk of a WebP. Raises BadPhoto."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise BadPhoto("photo_damaged")
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise BadPhoto("photo_damaged")


def _flat(band: Image.Image) -> Image.Image:
    """Return a band in RGB, on white where it is transparent."""
    if band.mode in _PLAIN_MODES:
        return band.convert("RGB")
    if band.mode.startswith("I"):  # 16 bits
        return band.point(lambda value: value / 256).convert("L").convert("RGB")
    if not band.has_transparency_data:
        return band.convert("RGB")
    band = band.convert("RGBA")
    white = Image.new("RGBA", band.size, "white")
    return Image.alpha_composite(white, band).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a damaged profile, or one of another color space


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[_ORIENTATION] = orientation
    return ImageOps.exif_transpose(image)


def _answer(data: bytes) -> bytes:
    try:
        images = decode(data)
    except BadPhoto as fault:
        return json.dumps({"fault": str(fault)}).encode() + b"\n"
    except MemoryError:
        return b'{"fault": "photo_too_hard"}\n'
    except Exception:  # the libraries raise errors of many kinds for a damaged file
        return b'{"fault": "photo_damaged"}\n'
    files = []
    for (name, _), image in zip(SIZES, images, strict=True):
        file = BytesIO()
        image.save(file, "WEBP", quality=_QUALITY[name], method=2)
        files.append(file.getvalue())
    head = {"width": images[0].width, "height": images[0].height, "sizes": [len(file) for file in files]}
    return json.dumps(head).encode() + b"\n" + b"".join(files)


def main() -> None:
    """Read a photo from the standard input, and write it in each size to the standard output."""
    limit_process(CPU_SECONDS, MEMORY_BYTES)
    pillow_heif.options.DECODE_THREADS = 1
    sys.stdout.buffer.write(_answer(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
