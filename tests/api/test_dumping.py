"""Compare the writer of answers with the dump of marshmallow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
import pytest
from marshmallow import Schema, fields, post_dump

from api.core.dumping import writer
from api.core.fields import Day, LocalDateTime, UtcDateTime, Uuid

AT = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


class PlaceOut(Schema):
    id = Uuid()
    name = fields.String()
    level = fields.Integer(allow_none=True)


class WalkOut(Schema):
    id = Uuid(allow_none=True)
    title = fields.String(allow_none=True)
    at = UtcDateTime(allow_none=True)
    wall = LocalDateTime(allow_none=True)
    day = Day(allow_none=True)
    open = fields.Boolean()
    words = fields.List(fields.String(), allow_none=True)
    grades = fields.Dict(fields.String(), fields.String())
    start = fields.Nested(PlaceOut, allow_none=True)
    stops = fields.List(fields.Nested(PlaceOut))
    renamed = fields.String(data_key="other", attribute="label")


class Place(NamedTuple):
    id: UUID
    name: str
    level: int | None

    @property
    def unknown(self) -> str:
        return "not part of the schema"


FULL: dict[str, Any] = {
    "id": uuid4(), "title": "Along the río", "at": AT, "local_time": AT.replace(tzinfo=None), "day": date(2026, 11, 23),
    "label": "L", "open": True,
    "words": ("slow", "warm"), "grades": {"step_free": "yes"}, "start": Place(uuid4(), "Door", None),
    "stops": [Place(uuid4(), "Bench", 2), {"id": uuid4(), "name": "Gate", "level": 0}],
}  # fmt: skip
EMPTY = {name: None for name in FULL if name not in ("grades", "stops")} | {"grades": {}, "stops": []}


@pytest.mark.parametrize("thing", [FULL, EMPTY, {"title": "only this"}, {"title": 7, "unknown": 1}])
def test_the_writer_equals_the_dump_of_the_schema(thing: dict[str, Any]) -> None:
    assert orjson.loads(orjson.dumps(writer(WalkOut())(thing))) == WalkOut().dump(thing)


def test_the_writer_reads_attributes_of_an_object() -> None:
    place = Place(uuid4(), "Bench", 2)
    assert PlaceOut().dump(place) == {"id": str(place.id), "name": "Bench", "level": 2}
    assert writer(PlaceOut())(place) == {**PlaceOut().dump(place), "id": place.id}


def test_a_schema_with_a_hook_is_refused() -> None:
    class Hooked(PlaceOut):
        @post_dump
        def more(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
            return {**data, "more": 1}

    with pytest.raises(AssertionError):
        writer(Hooked())
