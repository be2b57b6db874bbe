"""Export: a ZIP of a person's data, in two parts (see export_ordinary.py and export_private.py).

It holds `rekindle.json`, its JSON schema `schema.json`, and the agreed dates as `dates.ics`. The private part has the
person's photos, too.

All data is read in one snapshot, into a file that moves to the disk once it is large. The ZIP is made afterwards,
outside the transaction. So a long history or a slow disk delays no other request, and memory stays bounded.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import peewee

from planner import clock
from planner.accounts import accounts, data_keys, security_events
from planner.accounts.accounts import Person
from planner.calendars import date_events, ics_export
from planner.calendars.ics_export import CalendarEvent
from planner.contact.viewer import Viewer
from planner.couples import couples, former_couples
from planner.dates import state_machine
from planner.photos import photos
from planner.privacy import export_photos
from planner.privacy.export_account import ACCOUNT
from planner.privacy.export_answers import ANSWERS
from planner.privacy.export_days import DAYS
from planner.privacy.export_format import INSTANT, PAGE, PARTS, PRIVATE, ExportScope, Section, columns
from planner.privacy.export_memories import MEMORIES
from planner.privacy.export_photos import PHOTOS
from planner.privacy.export_private import OWN
from planner.privacy.export_reactions import REACTIONS
from planner.privacy.export_reflections import REFLECTIONS
from planner.privacy.export_requests import REQUESTS
from planner.privacy.export_shared import SHARED, plans
from planner.privacy.export_support import SUPPORT
from planner.privacy.export_talks import TALKS
from planner.storage import db

FORMAT, VERSION = "rekindle-export", 1
"""The version goes up when a program for the last version could fail."""

SECTIONS = (
    *SHARED,
    *TALKS,
    *OWN,
    *REACTIONS,
    *REQUESTS,
    *MEMORIES,
    *REFLECTIONS,
    *PHOTOS,
    *SUPPORT,
    *ANSWERS,
    *DAYS,
    *ACCOUNT,
)

_IN_MEMORY = 4 * 1024 * 1024
_PERSON = columns(Person.id, Person.sign_in_name, Person.display_name, Person.zone, Person.created_at)


class Export(NamedTuple):
    """A ZIP, positioned at its beginning; the reader closes it."""

    name: str
    file: IO[bytes]
    size: int


def create_export(viewer: Viewer, part: str, password: str, now: datetime) -> Export:
    """Return one part of the viewer's data. The caller has checked the password, which opens the reflections."""
    key = data_keys.open_with_password(viewer.id, password) if part == PRIVATE else None
    with db.write((Person, [viewer.id])):
        security_events.record(viewer.id, security_events.DATA_EXPORTED, now)
    with _spool() as spool, _spool() as pictures:
        with db.snapshot():
            scope = _scope(viewer, now)._replace(key=key)
            _write(spool, scope, part)
            dates = _calendar_events(scope, part)
            photo_sizes = _write_photos(pictures, viewer.id) if part == PRIVATE else {}
        spool.seek(0)
        pictures.seek(0)
        return _zipped(_Contents(spool, dates, pictures, photo_sizes), viewer, part, now)


class _Contents(NamedTuple):
    """What goes into the ZIP: the document, the dates, and the photos one after another, with their sizes."""

    document: IO[bytes]
    dates: list[CalendarEvent]
    photos: IO[bytes]
    photo_sizes: Mapping[UUID, int]


def _write_photos(file: IO[bytes], person: UUID) -> dict[UUID, int]:
    """Write the photos of a person one after another, and return their sizes."""
    return {photo_id: file.write(photos.file_of(photo_id, "large")) for photo_id in export_photos.list_ids(person)}


def _calendar_events(scope: ExportScope, part: str) -> list[CalendarEvent]:
    agreed = (state_machine.ACCEPTED, state_machine.COMPLETED)
    date_ids = [plan.id for plan in plans(scope, part) if plan.state in agreed]
    return [event for some_ids in peewee.chunked(date_ids, PAGE) for event in date_events.read(some_ids)]


def _scope(viewer: Viewer, now: datetime) -> ExportScope:
    """Read the viewer anew inside the snapshot: the couple may have changed a moment ago."""
    alone = viewer._replace(pair=None, partner_name=None, former=None)
    former = former_couples.list_former_couples(viewer.id, now)
    pair = couples.find_pair(viewer.id)
    if pair is None:
        return ExportScope(alone, former, now)
    # In the viewer's space, the viewer still reads the earlier name.
    name = viewer.partner_name if viewer.couple == pair.couple else couples.get_partner_name(pair)
    return ExportScope(alone._replace(pair=pair, partner_name=name), former, now)


def _write(file: IO[bytes], scope: ExportScope, part: str) -> None:
    row = accounts.get(scope.viewer.id)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "part": part,
        "exported_at": scope.now,
        "person": {name: getattr(row, name) for name in _PERSON},
    }
    file.write(_json(head)[:-1])
    for section in _sections(part):
        file.write(b",\n" + _json(section.name) + b":[")
        for number, thing in enumerate(section.read(scope)):
            file.write((b",\n" if number else b"\n") + _json(thing))
        file.write(b"]")
    file.write(b"}\n")


def _sections(part: str) -> Iterable[Section]:
    return (section for section in SECTIONS if section.part == part)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat(timespec="minutes")
        return value.astimezone(clock.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    assert isinstance(value, date), f"no way to write {value!r}"
    return value.isoformat()


def _zipped(contents: _Contents, viewer: Viewer, part: str, now: datetime) -> Export:
    file = _spool()
    day = clock.to_zone(now, viewer.zone)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:

        def begin(name: str, compression: int = ZIP_DEFLATED) -> IO[bytes]:
            entry = ZipInfo(name, day.timetuple()[:6])
            entry.compress_type = compression
            return archive.open(entry, "w", force_zip64=True)

        with begin("rekindle.json") as entry:
            shutil.copyfileobj(contents.document, entry)
        with begin("schema.json") as entry:
            entry.write(json.dumps(schema(), indent=2, ensure_ascii=False).encode())
        with begin("dates.ics") as entry:
            for piece in ics_export.calendar(contents.dates):
                entry.write(piece)
        for photo_id, bytes_of_photo in contents.photo_sizes.items():
            with begin(export_photos.file_name(photo_id), ZIP_STORED) as entry:
                entry.write(contents.photos.read(bytes_of_photo))
    size = file.tell()
    file.seek(0)
    return Export(f"rekindle-{part}-{day:%Y-%m-%d}.zip", file, size)


def _spool() -> IO[bytes]:
    # On the disk the file has no name: no other process can open it, and it goes with this one.
    return SpooledTemporaryFile(_IN_MEMORY)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of rekindle.json as a document of its own."""
    definitions = schemas("#/$defs/")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **definitions.pop("DataExport"),
        "$defs": definitions,
    }


def schemas(where: str) -> dict[str, dict[str, Any]]:
    """Return the schemas by name: "DataExport" is the file; the others are referenced as `where` + their name."""
    head = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "part": {"enum": list(PARTS)},
        "exported_at": INSTANT,
        "person": {"$ref": f"{where}ExportedPerson"},
    }
    lists = {
        section.name: {
            "type": "array",
            "items": {"$ref": where + section.thing},
            "description": f"{section.about} In the {section.part} part.",
        }
        for section in SECTIONS
    }
    whole = {
        "title": "A Rekindle export",
        "type": "object",
        "properties": {**head, **lists},
        "required": list(head),
        "allOf": [_required(part) for part in PARTS],
        "additionalProperties": False,
    }
    things = {section.thing: _object(section.about, section.columns) for section in SECTIONS}
    return {"DataExport": whole, "ExportedPerson": _object("Whose export it is.", _PERSON), **things}


def _required(part: str) -> dict[str, Any]:
    """Return the rule that a part holds all of its lists, and none of the second part."""
    own = [section.name for section in _sections(part)]
    others = {section.name: False for section in SECTIONS if section.part != part}
    return {"if": {"properties": {"part": {"const": part}}}, "then": {"required": own, "properties": others}}


def _object(about: str, properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
