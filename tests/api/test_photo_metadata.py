"""Test that what lies beside the pixels of a photo is stored nowhere: words, comments, the place, a second file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from planner.storage import backups, db
from tests import postgresql
from tests.dates import agreed
from tests.exports import ask, unzip
from tests.people import Cast, Person
from tests.photos import PLACE, SECRET, encoded, memory, upload

KINDS = ("JPEG", "PNG", "WEBP", "HEIF")
PLANTED = (SECRET.encode(), PLACE)


def planted_in(content: bytes) -> list[bytes]:
    """Return what is found in a content, also in the hexadecimal form of a dump."""
    return [planted for planted in PLANTED if planted in content or planted.hex().encode() in content]


def files_of(person: Person) -> dict[str, bytes]:
    """Return all files of both parts of an export, and the archives themselves."""
    files = {}
    for part in ("ordinary", "private"):
        answer = ask(person, part)
        archive = unzip(answer)
        files[part] = answer.data
        files |= {f"{part}/{name}": archive.read(name) for name in archive.namelist()}
    return files


def backup_of(folder: Path) -> bytes:
    """Return the content of a new backup, as text if it is a dump."""
    backups.make(folder / "backup")
    if not db.proxy.for_update:
        return (folder / "backup").read_bytes()
    command = [str(Path(postgresql.programs()) / "pg_restore"), "-f", "-", str(folder / "backup")]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.both_databases
@pytest.mark.usefixtures("real_photos")
def test_metadata_is_in_no_byte_of_the_database_a_backup_or_an_export(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgresql.programs()}:{os.environ['PATH']}")
    note, date = memory(cast.alice), agreed(cast.alice, cast.bob)
    photos = []
    for about in ({"note_id": note["id"]}, {"date_id": date["id"]}):
        for kind in KINDS:
            data = encoded(kind) + SECRET.encode()
            assert set(planted_in(data)) == set(PLANTED), kind
            photos.append(upload(cast.alice, data=data, **about))
    cast.alice.post(f"/notes/{note['id']}/share", {"version": cast.alice.get(f"/notes/{note['id']}")["version"]})
    for person in (cast.alice, cast.bob):
        files = files_of(person)
        assert len([name for name in files if name.startswith("private/photos/")]) == (8 if person is cast.alice else 0)
        assert {name: found for name, content in files.items() if (found := planted_in(content))} == {}
    with db.connection():
        backup = backup_of(tmp_path)
        assert photos[0]["id"].encode() in backup or photos[0]["id"].replace("-", "").encode() in backup
        assert planted_in(backup) == []
        if not db.proxy.for_update:
            stored = Path(db.proxy.database)
            content = {file.name: file.read_bytes() for file in stored.parent.glob(f"{stored.name}*")}
            assert len(content[f"{stored.name}-wal"]) > 10_000
            assert {name for name, data in content.items() if planted_in(data)} == set()
