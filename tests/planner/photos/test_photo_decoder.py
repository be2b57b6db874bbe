"""Reading photos: what comes out, what does not, and what a hostile file can cost."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from planner.child_readers import ReadingFault
from planner.photos import photo_decoder, photo_readings, webp_scaling
from tests import photos
from tests.photos import SECRET, encoded, picture, png_claiming

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def fault(data: bytes) -> str:
    with pytest.raises(ReadingFault) as raised:
        photo_readings.read(data)
    return raised.value.reason


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_pixels_of_a_photo_come_back(kind: str) -> None:
    data = encoded(kind, picture(1000, 600)) + SECRET.encode()
    assert data.count(SECRET.encode()) > 1
    files = photo_readings.read(data)
    assert (files.width, files.height) == (1000, 600)
    for content, size in ((files.large, (1000, 600)), (files.small, (480, 288))):
        image = opened(content)
        assert (image.format, image.mode, image.size) == ("WEBP", "RGB", size)
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
        assert b"EXIF" not in content
        assert SECRET.encode() not in content
        red, blue = image.getpixel((10, 10)), image.getpixel((size[0] - 10, 10))
        assert red[0] > 200 > 60 > red[2], red
        assert blue[2] > 200 > 60 > blue[0], blue


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_back_upright(kind: str) -> None:
    images = photo_decoder.decode(encoded(kind, picture(300, 200), orientation=6))
    assert images[0].size == (200, 300)
    top, bottom = images[0].getpixel((100, 5)), images[0].getpixel((100, 295))
    assert top[0] > 200, "what was on the left of the sensor is now at the top"
    assert bottom[2] > 200


def test_a_large_photo_is_reduced_to_two_sizes() -> None:
    for kind, size, small_size in (("JPEG", (4500, 3000), (480, 320)), ("HEIF", (2500, 500), (480, 96))):
        large, small = photo_decoder.decode(encoded(kind, picture(*size)))
        assert (large.width, small.size) == (2048, small_size), kind


def test_a_large_webp_is_decoded_in_a_smaller_size() -> None:
    """Read it as a small one: its colors, its way up, its transparent parts, and whether it is whole."""
    data = encoded("WEBP", picture(3600, 2400), orientation=6, method=0)
    large, small = photo_decoder.decode(data)
    assert (large.size, small.size) == ((1365, 2048), (320, 480))
    top, bottom = large.getpixel((600, 5)), large.getpixel((600, 2040))
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]
    clear = Image.new("RGBA", (3600, 2400), (255, 0, 0, 0))
    assert photo_decoder.decode(encoded("WEBP", clear, lossless=True, method=0))[0].getpixel((5, 5)) == (255, 255, 255)
    for broken in (data[: len(data) // 2], data[:40] + b"\0" * 400):
        assert fault(broken) == "photo_damaged"
    files = photo_readings.read(data + SECRET.encode())
    assert SECRET.encode() not in files.large + files.small


def test_a_webp_with_another_size_inside_is_refused() -> None:
    inside = bytearray(encoded("WEBP", picture(3600, 2400), method=0))
    assert inside[12:16] == b"VP8X"
    inside[24:30] = (2999).to_bytes(3, "little") * 2
    assert fault(bytes(inside)) == "photo_damaged"


def test_without_scaling_a_large_webp_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webp_scaling, "_library", lambda: None)
    with pytest.raises(photo_decoder.BadPhoto, match="webp_too_many_pixels"):
        photo_decoder.decode(encoded("WEBP", picture(3600, 2400), method=0))


def test_transparent_parts_become_white_and_other_modes_are_read() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    assert photo_decoder.decode(encoded("PNG", clear))[0].getpixel((5, 5)) == (255, 255, 255)
    palette = picture().quantize(4)
    for image in (palette, picture().convert("L"), Image.new("LA", (9, 9), 255), Image.new("1", (9, 9), 1)):
        assert photo_decoder.decode(encoded("PNG", image))[0].size == image.size
    deep = photo_decoder.decode(encoded("PNG", Image.new("I;16", (9, 9), 0xFFFF)))[0].getpixel((2, 2))
    assert min(deep) > 250
    assert photo_decoder.decode(encoded("JPEG", Image.new("CMYK", (9, 9))))[0].size == (9, 9)


def test_a_color_profile_is_applied_and_a_damaged_one_is_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for damaged in (profile, b"\0" * 200, b"x"):
        assert photo_decoder.decode(encoded("PNG", picture(), icc_profile=damaged))[0].size == (64, 48)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"GIF89a" + b"\0" * 40, b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\3\4",
        b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"\0\0\0\x20ftypavif" + b"\0" * 40, b"<html>", b"\0" * 1000,
    ],
)  # fmt: skip
def test_the_kind_of_a_file_is_judged_by_its_content(data: bytes) -> None:
    with pytest.raises(photo_decoder.BadPhoto, match="not_a_photo"):
        photo_decoder.decode(data)


def test_damaged_photos_are_refused() -> None:
    for kind in KINDS:
        data = encoded(kind, picture(400, 300))
        assert fault(data[: len(data) // 2]) == "photo_damaged", kind
    assert fault(b"\xff\xd8\xff" + b"\0" * 100) == "photo_damaged"
    assert fault(b"RIFF\0\0\0\0WEBPVP8X") == "photo_damaged"


def animation(kind: str, size: tuple[int, int] = (80, 60)) -> bytes:
    file = BytesIO()
    method = {"method": 0} if kind == "WEBP" else {}  # the fastest one
    picture(*size).save(file, kind, save_all=True, append_images=[Image.new("RGB", size)], duration=100, **method)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_becomes_its_first_picture(kind: str) -> None:
    image = photo_decoder.decode(animation(kind))[0]
    assert image.getpixel((5, 5))[0] > 200
    assert getattr(image, "n_frames", 1) == 1


def test_a_second_file_behind_the_picture_is_gone() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("page.html", f"<script>{SECRET}</script>")
    for kind in ("JPEG", "PNG"):
        both = encoded(kind) + archive.getvalue()
        assert zipfile.is_zipfile(BytesIO(both))
        files = photo_readings.read(both)
        assert not zipfile.is_zipfile(BytesIO(files.large))
        assert SECRET.encode() not in files.large + files.small


def noise(size: int) -> Image.Image:
    """Return a square picture of noise, which packs badly. Tiles of a small one take less time."""
    image, tile = Image.new("RGB", (size, size)), Image.effect_noise((250, 250), 20).convert("RGB")
    for left in range(0, size, tile.width):
        for top in range(0, size, tile.height):
            image.paste(tile, (left, top))
    return image


_READ_ALL = """
import resource, sys
from planner.child_readers import ReadingFault
from planner.photos import photo_readings
def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
for path in sys.argv[1:]:
    before = cpu()
    try:
        outcome = str(max(photo_readings.read(open(path, "rb").read())[2:]))
    except ReadingFault as fault:
        outcome = fault.reason
    print(outcome, cpu() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""
BOMBS = {
    "81 megapixels in 10 kB": (lambda: png_claiming(9000, 9000), "too_many_pixels"),
    "one long row": (lambda: png_claiming(24_000_000, 1), "too_many_pixels"),
    "a WebP that claims 268": (lambda: b"RIFF....WEBPVP8X" + b"." * 8 + b"\xff\x3f\0" * 2, "too_many_pixels"),
    "too many bytes": (lambda: b"\xff\xd8\xff" + b"\0" * 10_000_000, "photo_too_large"),
    "25 megapixels with transparency": (
        lambda: encoded("PNG", Image.new("RGBA", (5000, 5000)), compress_level=1),
        "2048",
    ),
    "a WebP of 7": (lambda: encoded("WEBP", Image.new("RGB", (3500, 2000)), method=0), "2048"),
    "a WebP of 25": (lambda: encoded("WEBP", noise(5000), method=0), "2048"),
    "a lossless WebP of 25": (
        lambda: encoded("WEBP", Image.new("RGBA", (5000, 5000), (200, 30, 30, 120)), lossless=True, method=0),
        "2048",
    ),
    "a large WebP that moves": (lambda: animation("WEBP", (3000, 2400)), "webp_too_many_pixels"),
    "a progressive JPEG": (lambda: encoded("JPEG", Image.new("RGB", (5000, 5000)), progressive=True), "2048"),
}


@pytest.mark.real_time
def test_bombs_are_refused_by_their_header_or_cost_little(tmp_path: Path) -> None:
    for name, (data, _) in BOMBS.items():
        (tmp_path / name).write_bytes(data())
    assert (tmp_path / "81 megapixels in 10 kB").stat().st_size < 12_000
    # From a small process: the memory of a child is counted from that of its parent at the start.
    command = [sys.executable, "-c", _READ_ALL, *(str(tmp_path / name) for name in BOMBS)]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    for (name, (_, expected)), line in zip(BOMBS.items(), lines, strict=True):
        outcome, cpu_seconds, megabytes = line.split()
        assert outcome == expected, name
        assert float(cpu_seconds) < 2, name
        assert float(megabytes) < 200, name


def test_a_child_that_fails_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (("/nowhere",), ("false",), ("true",), ("echo", "nonsense")):
        monkeypatch.setattr(photo_readings._reader, "command", command)
        assert fault(photos.PIXEL) == "photo_too_hard"
