"""Hostile values for each kind of field, made from the schemas: a new route gets its own without anybody's doing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid1, uuid4

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from api.core.fields import (
    Choice,
    ClientUuid,
    DateTimeOrNow,
    Day,
    LocalDateTime,
    LocalInterval,
    Number,
    Password,
    QueryBoolean,
    StrictBoolean,
    Text,
    TimeOfDay,
    TimeZoneName,
    UtcDateTime,
    Uuid,
)
from api.core.openapi import example_of
from api.core.operations import Operation

LIMIT = 64 * 1024


class Raw(NamedTuple):
    """JSON, or what somebody takes for it, that goes out as it stands: no encoder of ours would write it."""

    text: str

    def __repr__(self) -> str:
        return f"Raw({self.text[:30]})"


DEEP = Raw("[" * 100_000 + "]" * 100_000)
# As deep as fits under the limit of size, so that the parser itself meets it.
DEEPEST = (Raw("[" * 32_000 + "]" * 32_000), Raw('{"a":' * 10_000 + "1" + "}" * 10_000))
NESTED = Raw("[" * 900 + "]" * 900)

# Wrong for every field: nothing here takes a fraction, a truth value or something of another shape.
ANYWHERE: tuple[Any, ...] = (
    True, 3.9, -0.0, 1e300, [], [1], {}, {"$ne": None}, [None], 2**63, -(2**63) - 1, NESTED,
    Raw("1e400"), Raw("NaN"), Raw("Infinity"), Raw("-Infinity"), Raw("9" * 5000),
)  # fmt: skip
BLANK = "   "  # a password may be that; other texts are trimmed, and nothing is left
TEXTS = ("\x00", "nul\x00inside", "\ud800", "a\udfffb", "", BLANK, "\x1b[2J", "x" * 60_000)
NO_IDS = ("1", "", "not-a-uuid", f"{{{uuid4()}}}", uuid4().hex, f"urn:uuid:{uuid4()}", "0" * 36, "\x00" * 36)
NO_WALLS = (
    "0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-11-28T19:00Z",
    "2026-11-28", "2026-02-30T10:00", "2026-11-28T24:00", "2026-11-28T19:00:30", "٢٠٢٦-11-28T19:00", "now",
    "1999-12-31T23:59", "2200-01-01T00:00", "+2026-11-28T19:00",
)  # fmt: skip
NO_MOMENTS = (
    *NO_WALLS[:4], "2026-11-28T19:00", "2026-11-28T19:00:00", "2026-11-28", "NOW", "now ", "2026-11-28 19:00:00Z",
    "2026-02-30T10:00:00Z", "2026-11-28T19:00:00+99:00", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "", "\x00",
    "2026-11-28T19:00:00.1234567Z", "٢٠٢٦-11-28T19:00:00Z", 1795893600,
)  # fmt: skip
NO_SPANS = (
    "", "/", "2026-11-28T14:00", "2026-11-28T14:00/", "2026-11-28T14:00/2026-11-28T14:00", "2026-11-28/2026-11-29",
    "2026-11-28T22:00/2026-11-28T14:00", "2026-11-28T14:00/2026-11-28T22:00/2026-11-29T22:00",
    "2026-11-28T14:00/2026-12-28T22:00", *(f"{wall}/2199-12-31T23:59" for wall in NO_WALLS),
)  # fmt: skip
NO_DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "2026-1-1", "20261128", "2026-11-28T00:00", "today", "२०२६-11-28")
NO_TIMES = ("24:00", "7:00", "18:60", "18:30:00", "18:30+14:00", "１８:30", "noon")
NO_ZONES = ("localtime", "../../../etc/passwd", "/etc/localtime", "Europe/Nowhere", "UTC+14", "europe/lisbon\x00")
NO_TRUTHS = ("true", "yes", "on", "", "1", 0, "\x00")
NO_NUMBERS = ("5", "", "five", "0x10", "٥")


def bodies(schema: Schema) -> Iterator[tuple[str, Any]]:
    """(what is hostile, a body) for a schema: each is an example with one thing wrong, or wrong as a whole."""
    good = example_of(schema, loading=True)
    for whole in (
        [],
        [good],
        None,
        "text",
        7,
        True,
        Raw(""),
        Raw("{"),
        Raw("{'a': 1}"),
        Raw('{"a": 1,}'),
        DEEP,
        *DEEPEST,
    ):
        yield f"top level {whole!r:.40}", whole
    if any(field.required for field in schema.fields.values()):
        yield "no field at all", {}
    yield "an unknown field", {**good, "unknown_field": 1}
    yield "a lone surrogate as a key", {**good, "\ud800": 1}
    yield "NUL as a key", {**good, "\x00": 1}
    yield "a key of another object", {**good, "__proto__": {}, "_schema": 1}
    for key, first in good.items():
        yield f"{key} twice", Raw(f"{{{json.dumps(key)}: {json.dumps(first)}, {json.dumps(good)[1:]}")
    yield from faults(schema, good)


def faults(schema: Schema, good: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(where and what, the object) with each field in turn hostile, nested ones, too."""
    for name, field in schema.fields.items():
        key = field.data_key or name
        if field.required:
            yield f"{key} missing", {other: value for other, value in good.items() if other != key}
        for value in (*ANYWHERE, *values(field)):
            if isinstance(field, StrictBoolean) and value is True:
                continue
            if may_be_empty(field) and (value.strip() if isinstance(value, str) else value) == EMPTY.get(type(field)):
                continue
            if value is True and isinstance(field, StrictBoolean):
                continue
            yield f"{key} = {value!r:.60}", {**good, key: value}
        if not field.allow_none:
            yield f"{key} = null", {**good, key: None}
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            example = example_of(inner.schema, loading=True)
            nested = [("unknown inside", {**example, "unknown_field": 1}), *faults(inner.schema, example)]
            for path, value in nested:
                yield f"{key}.{path}", {**good, key: [value] if inner is not field else value}


# What some fields take for "nothing of it".
EMPTY: dict[type, Any] = {fields.List: [], fields.Dict: {}, Text: ""}


def may_be_empty(field: fields.Field[Any]) -> bool:
    """Whether a field takes an empty value: its shortest length is none."""
    lengths = [one.min for one in field.validators if isinstance(one, validate.Length)]
    return lengths == [0] or (isinstance(field, fields.Dict) and not lengths)


def values(field: fields.Field[Any]) -> tuple[Any, ...]:
    """What a field of this kind must refuse, beyond what every field refuses."""
    if isinstance(field, ClientUuid):
        return (*NO_IDS, str(uuid1()), str(UUID(int=0)), "1ec9414c-232a-6b00-b3c8-9e6bdeced846")
    for kind, found in (
        (Uuid, NO_IDS), (LocalDateTime, NO_WALLS), (Day, NO_DAYS), (TimeOfDay, NO_TIMES), (TimeZoneName, NO_ZONES),
        (StrictBoolean, NO_TRUTHS), (DateTimeOrNow, NO_MOMENTS), (UtcDateTime, NO_MOMENTS),
        (LocalInterval, NO_SPANS),
        (Choice, ("nonsense", "", "\x00", "\ud800")),
    ):  # fmt: skip
        if isinstance(field, kind):
            return tuple(found)
    if isinstance(field, StrictBoolean):
        return (0, 1, "true", "yes", "")
    if isinstance(field, Number):
        return (*NO_NUMBERS, *beyond(field), 2**31)
    if isinstance(field, Password):
        return (*(text for text in TEXTS if text != BLANK), "x" * (longest(field) + 1))
    if isinstance(field, Text):
        return (*TEXTS, "x" * (longest(field) + 1))
    if isinstance(field, fields.List):
        return ("text", [{}] * 1000, [[]], [None])
    if isinstance(field, fields.Dict):
        return (
            "text",
            {"": ""},
            {"nonsense": "yes"},
            {"\ud800": "yes"},
            {"step_free": "nonsense"},
            {"step_free": None},
        )
    raise LookupError(f"no hostile values for {type(field).__name__}: add them here")


def beyond(field: Number) -> Iterator[int]:
    """The numbers just outside a field's bounds."""
    for found in field.validators:
        if isinstance(found, validate.Range):
            yield from (found.min - 1, found.max + 1)


def longest(field: Text) -> int:
    """The most characters that a text may have."""
    return next(found.max for found in field.validators if isinstance(found, validate.Length))


def queries(schema: Schema) -> Iterator[tuple[str, str]]:
    """(parameter, value) pairs that a query must refuse, one at a time."""
    for name, field in schema.fields.items():
        key = field.data_key or name
        found: tuple[Any, ...]
        if isinstance(field, DelimitedList):
            found = ("nonsense", "home,nonsense", ",", "\x00", "home;out")
        elif isinstance(field, QueryBoolean):
            found = ("True", "1", "yes", "on", "", "null")
        elif isinstance(field, Number):
            found = (
                "abc", "", " ", "1e9", "1e400", "3.9", "5.0", "-0.0", "NaN", "Infinity", "true", "0x10", "٥", "1_0",
                "9" * 5000, str(2**63), "1\x00", "+5", *map(str, beyond(field)),
            )  # fmt: skip
        else:
            found = values(field)
        for value in found:
            empty = may_be_empty(field) and isinstance(value, str) and not value.strip()
            if isinstance(value, str) and not _surrogate(value) and not empty:
                yield key, value


def _surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def written(value: Any) -> bytes:
    """A body on the wire: JSON, with what is Raw left as it stands."""
    raws: list[str] = []

    def mark(part: Any) -> Any:
        if isinstance(part, Raw):
            raws.append(part.text)
            return f"@raw{len(raws) - 1}@"
        if isinstance(part, dict):
            return {key: mark(inner) for key, inner in part.items()}
        return [mark(inner) for inner in part] if isinstance(part, list) else part

    text = json.dumps(mark(value))
    for number, raw in enumerate(raws):
        text = text.replace(f'"@raw{number}@"', raw)
    return text.encode()


def writes(operations: tuple[Operation, ...]) -> list[Operation]:
    """The operations that take a body."""
    return [one for one in operations if one.body]
