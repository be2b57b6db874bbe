"""Pictures for the demo, drawn from a few soft shapes. Each is a PNG file."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

_WIDTH, _HEIGHT = 320, 240
_UNIT = 1.5
"""How far apart two pixels are. The shapes are laid out on 480 by 360."""

_EDGE = _UNIT / 2
"""How far outside of a shape its soft edge ends."""

Colour = tuple[int, int, int]


class Form(NamedTuple):
    """A function that tells how far inside a point is, and a box around all points that it colours."""

    inside: Callable[[float, float], float]
    left: float = 0
    top: float = 0
    right: float = _WIDTH * _UNIT
    bottom: float = _HEIGHT * _UNIT


Shape = tuple[Colour, Form]


def _ellipse(x: float, y: float, width: float, height: float) -> Form:
    narrow = min(width, height)
    wide, high = width * (1 + _EDGE / narrow), height * (1 + _EDGE / narrow)

    def inside(at_x: float, at_y: float) -> float:
        return (1 - math.hypot((at_x - x) / width, (at_y - y) / height)) * narrow

    return Form(inside, x - wide, y - high, x + wide, y + high)


def _below(y: float, height: float, length: float, phase: float = 0) -> Form:
    """Return the ground below a wave."""
    return Form(lambda at_x, at_y: at_y - y - height * math.sin(at_x / length + phase), top=y - height - _EDGE)


def _box(left: float, top: float, right: float, bottom: float) -> Form:
    def inside(x: float, y: float) -> float:
        return min(x - left, right - x, y - top, bottom - y)

    return Form(inside, left - _EDGE, top - _EDGE, right + _EDGE, bottom + _EDGE)


def duck_on_pond() -> bytes:
    """Draw a duck on a pond in the evening."""
    beak, white, dark = (232, 140, 50), (250, 246, 236), (50, 48, 56)
    return _draw(
        ((255, 206, 150), (246, 232, 206)),
        [
            ((255, 240, 190), _ellipse(360, 90, 42, 42)),
            ((122, 148, 110), _below(150, 14, 60)),
            ((92, 124, 92), _below(176, 9, 38, 2)),
            ((96, 146, 168), _below(205, 3, 90)),
            ((128, 172, 188), _ellipse(300, 300, 190, 16)),
            ((120, 165, 182), _ellipse(120, 330, 110, 9)),
            (white, _ellipse(210, 250, 72, 38)),
            (white, _ellipse(146, 222, 26, 20)),
            (white, _ellipse(268, 196, 30, 28)),
            (white, _ellipse(252, 224, 24, 30)),
            ((222, 214, 198), _ellipse(196, 246, 38, 20)),
            (beak, _ellipse(306, 202, 22, 8)),
            (dark, _ellipse(276, 190, 4, 4)),
        ],
    )


def path_through_park() -> bytes:
    """Draw a path between trees."""
    trees: list[Shape] = []
    for x, y, size in ((70, 150, 58), (150, 165, 40), (335, 160, 46), (420, 140, 64)):
        trees += [((110, 84, 66), _box(x - size / 9, y, x + size / 9, y + size * 1.6))]
        trees += [((190, 120, 60), _ellipse(x, y, size, size))]
        trees += [((214, 150, 74), _ellipse(x - 8, y - 10, size * 0.7, size * 0.6))]
    ground: Shape = ((132, 156, 98), _below(208, 6, 70, 1))
    return _draw(((176, 206, 226), (236, 238, 226)), [ground, ((226, 206, 172), Form(_path, top=208 - _EDGE)), *trees])


def _path(x: float, y: float) -> float:
    half = (y - 205) * 0.62 + 14
    return min(half - abs(x - 240 - 26 * math.sin(y / 40)), y - 208)


def _draw(sky: tuple[Colour, Colour], shapes: list[Shape]) -> bytes:
    """Return a PNG of shapes, the last one in front, before a sky that goes from one colour to another."""
    picture: list[list[tuple[float, ...]]] = []
    for y in range(_HEIGHT):
        behind = tuple(top + (bottom - top) * y / _HEIGHT for top, bottom in zip(*sky, strict=True))
        picture.append([behind] * _WIDTH)
    for colour, form in shapes:
        _paint(picture, colour, form)
    rows = b"".join(b"\0" + bytes(map(int, chain.from_iterable(row))) for row in picture)
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _paint(picture: list[list[tuple[float, ...]]], colour: Colour, form: Form) -> None:
    columns = range(max(0, math.floor(form.left / _UNIT)), min(_WIDTH, math.ceil(form.right / _UNIT) + 1))
    for y in range(max(0, math.floor(form.top / _UNIT)), min(_HEIGHT, math.ceil(form.bottom / _UNIT) + 1)):
        row = picture[y]
        for x in columns:
            cover = form.inside(x * _UNIT, y * _UNIT) / _UNIT + 0.5
            if cover >= 1:
                row[x] = colour
            elif cover > 0:
                row[x] = tuple(part + (own - part) * cover for own, part in zip(colour, row[x], strict=True))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
