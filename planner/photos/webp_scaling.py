"""Decode a still WebP in a smaller size, with the libwebp that Pillow brings.

Pillow reads each WebP as an animation: that takes 400 MB for 25 megapixels. libwebp scales a still picture while it
decodes, which takes 130 MB. Its interface has not changed since 2011. If Pillow has another one, there is no scaling.
"""

from __future__ import annotations

import ctypes
from typing import Any

from PIL import Image, _webp

_ABI = 0x0200
"""The version of the structures below. libwebp compares its first byte."""
_RGBA = 1
_DONE = 0
_INT = ctypes.c_int


class _Features(ctypes.Structure):
    _fields_ = (
        *((name, _INT) for name in ("width", "height", "has_alpha", "has_animation", "format")),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Pixels(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("stride", _INT), ("size", ctypes.c_size_t))


class _Planes(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p * 4), ("strides", _INT * 4), ("sizes", ctypes.c_size_t * 4))


class _Either(ctypes.Union):
    _fields_ = (("pixels", _Pixels), ("planes", _Planes))


class _Output(ctypes.Structure):
    _fields_ = (
        *((name, _INT) for name in ("colorspace", "width", "height", "is_external")),
        ("either", _Either),
        ("pad", ctypes.c_uint32 * 4),
        ("own_memory", ctypes.c_void_p),
    )


class _Options(ctypes.Structure):
    _fields_ = (
        *((name, _INT) for name in ("bypass_filtering", "no_fancy_upsampling")),
        *((name, _INT) for name in ("use_cropping", "left", "top", "crop_width", "crop_height")),
        *((name, _INT) for name in ("use_scaling", "scaled_width", "scaled_height")),
        *((name, _INT) for name in ("use_threads", "dithering", "flip", "alpha_dithering")),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Config(ctypes.Structure):
    _fields_ = (("input", _Features), ("output", _Output), ("options", _Options))


def decode(data: bytes, longest: int, most_pixels: int) -> Image.Image | None:
    """Return a still WebP with `longest` pixels on its longer side, or None where that is impossible.

    Raises OSError for a damaged one, and for one of more pixels than its first chunk says.
    """
    config, library = _Config(), _library()
    if library is None or not library.WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI):
        return None
    features, output, options = config.input, config.output, config.options
    file = ctypes.c_char_p(data), ctypes.c_size_t(len(data))
    if library.WebPGetFeaturesInternal(*file, ctypes.byref(features), _ABI) != _DONE:
        raise OSError("damaged")
    if features.has_animation:
        return None
    width, height = features.width, features.height
    if width * height > most_pixels:
        raise OSError("too many pixels")
    ratio = min(1, longest / max(width, height))
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    options.use_scaling, (options.scaled_width, options.scaled_height) = 1, size
    output.colorspace = _RGBA
    if library.WebPDecode(*file, ctypes.byref(config)) != _DONE:
        raise OSError("damaged")
    pixels = output.either.pixels
    rows = ctypes.string_at(pixels.data, pixels.stride * (size[1] - 1) + 4 * size[0])
    library.WebPFreeDecBuffer(ctypes.byref(output))
    return Image.frombuffer("RGBA", size, rows, "raw", "RGBA", pixels.stride, 1)


def _library() -> Any:
    """Return libwebp, which the module of Pillow loads. None if it is a part of that module."""
    library = ctypes.CDLL(_webp.__file__)
    return library if hasattr(library, "WebPInitDecoderConfigInternal") else None
