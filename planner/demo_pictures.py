"""Pictures for the demo, drawn from a few soft shapes. Each is a PNG file."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable

_WIDTH, _HEIGHT = 320, 240
_UNIT = 1.5
"""How far apart two pixels are. The shapes are laid out on 480 by 360."""

Colour = tuple[int, int, int]
Shape = tuple[Colour, Callable[[float, float], float]]
"""A colour, and how far a point is inside of the shape. Outside it is negative."""


def _ellipse(x: float, y: float, width: float, height: float) -> Callable[[float, float], float]:
    narrow = min(width, height)
    return lambda at_x, at_y: (1 - math.hypot((at_x - x) / width, (at_y - y) / height)) * narrow


def _below(y: float, height: float, length: float, phase: float = 0) -> Callable[[float, float], float]:
    """Return the ground below a wave."""
    return lambda at_x, at_y: at_y - y - height * math.sin(at_x / length + phase)


def _box(left: float, top: float, right: float, bottom: float) -> Callable[[float, float], float]:
    return lambda x, y: min(x - left, right - x, y - top, bottom - y)


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
    return _draw(((176, 206, 226), (236, 238, 226)), [ground, ((226, 206, 172), _path), *trees])


def _path(x: float, y: float) -> float:
    half = (y - 205) * 0.62 + 14
    return min(half - abs(x - 240 - 26 * math.sin(y / 40)), y - 208)


def _draw(sky: tuple[Colour, Colour], shapes: list[Shape]) -> bytes:
    """Return a PNG of shapes, the last one in front, before a sky that goes from one colour to another."""
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)
        share = y / _HEIGHT
        behind = [top + (bottom - top) * share for top, bottom in zip(*sky, strict=True)]
        for x in range(_WIDTH):
            red, green, blue = behind
            for colour, inside in shapes:
                cover = inside(x * _UNIT, y * _UNIT) / _UNIT + 0.5
                if cover > 0:
                    cover = min(cover, 1.0)
                    red += (colour[0] - red) * cover
                    green += (colour[1] - green) * cover
                    blue += (colour[2] - blue) * cover
            rows += bytes((int(red), int(green), int(blue)))
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
