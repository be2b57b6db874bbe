"""A ZIP that is sent while it is written. Its size is known before its last files are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024


class ZipStream:
    """A ZIP that forgets its pieces once they are taken."""

    def __init__(self, at: datetime) -> None:
        """Begin a ZIP. `at` is the time of its files."""
        self._at = at.timetuple()[:6]
        self._file = spool()
        self._taken = 0
        self._archive = ZipFile(self, "w")

    def begin(self, name: str) -> IO[bytes]:
        """Return a compressed file of any size in the ZIP, to write to and to close."""
        return self._archive.open(self._entry(name, ZIP_DEFLATED), "w", force_zip64=True)

    def add(self, name: str, data: bytes) -> None:
        """Add a file that is small already."""
        self._archive.writestr(self._entry(name, ZIP_STORED), data)

    def finish(self) -> None:
        """Write the end of the ZIP."""
        self._archive.close()

    def size_with(self, more: Iterable[tuple[str, int]]) -> int:
        """Return the bytes of the whole ZIP once files of these names and sizes are added to it."""
        measure = _Measure(self.tell())
        with ZipFile(measure, "w") as planned:  # type: ignore[call-overload]  # see above
            planned.infolist().extend(self._archive.infolist())
            for name, size in more:
                with planned.open(self._entry(name, ZIP_STORED), "w"):
                    measure.position += size
        return measure.position

    def take(self) -> Iterator[bytes]:
        """Yield what was added, in pieces, and forget it."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            self._taken += len(piece)
            yield piece
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Drop the ZIP, whether it is whole or not."""
        self._archive.close()  # else it would do so by itself, later
        self._file.close()

    def write(self, data: bytes) -> int:
        """Write at the current position."""
        return self._file.write(data)

    def tell(self) -> int:
        """Return the current position in the whole ZIP."""
        return self._taken + self._file.tell()

    def seek(self, position: int) -> None:
        """Go to a position that was not taken yet. The ZIP corrects the head of the file that it has just written."""
        self._file.seek(position - self._taken)

    def flush(self) -> None:
        """Do nothing: the pieces are taken from the same file."""

    def _entry(self, name: str, compression: int) -> ZipInfo:
        entry = ZipInfo(name, self._at)
        entry.compress_type = compression
        return entry


class _Measure:
    """A file that holds nothing but its position."""

    def __init__(self, position: int) -> None:
        self.position = position

    def write(self, data: bytes) -> int:
        self.position += len(data)
        return len(data)

    def tell(self) -> int:
        return self.position

    def seek(self, position: int) -> None:
        self.position = position

    def flush(self) -> None:
        pass


def spool() -> IO[bytes]:
    """Return a file in memory that moves to the disk once it is large."""
    # On the disk the file has no name: no other process can open it, and it goes with this one.
    return SpooledTemporaryFile(_IN_MEMORY)
