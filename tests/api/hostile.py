"""Make hostile values for each kind of field from the schemas, so that new routes are tested automatically."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
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
    Month,
    Number,
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
from api.passkey_assertions import Base64Url
from api.sign_ins import DeviceMark

LIMIT = 64 * 1024


class Raw(NamedTuple):
    """A text that the test sends unchanged as a body. It is JSON or nearly JSON that our encoder would never write."""

    text: str

    def __repr__(self) -> str:
        return f"Raw({self.text[:30]})"


DEEP = Raw("[" * 100_000 + "]" * 100_000)
# As deep as the limit of size allows, so that the parser itself reads it.
DEEPEST = (Raw("[" * 32_000 + "]" * 32_000), Raw('{"a":' * 10_000 + "1" + "}" * 10_000))
NESTED = Raw("[" * 900 + "]" * 900)

# Wrong for every field: no field takes a fraction, a truth value or a value of another shape.
ANYWHERE: tuple[Any, ...] = (True, 3.9, 1e300, [], [1], {}, {"$ne": None}, [None], 2**63, -(2**63) - 1)
# Wrong in any place: the body is refused as a whole.
NO_JSON = (Raw("1e400"), Raw("NaN"), Raw("Infinity"), Raw("-Infinity"), Raw("9" * 5000))
# No JSON at all. All routes parse a body with one function, so a route for each limit of size is enough.
UNREADABLE = (Raw("{'a': 1}"), Raw('{"a": 1,}'), DEEP, *DEEPEST)
MISSING = object()
TEXTS = ("\x00", "nul\x00inside", "\ud800", "a\udfffb", "", "   ", "\u200b", "\x1b[2J", "x" * 60_000)
NO_IDS = ("1", "", "not-a-uuid", f"{{{uuid4()}}}", uuid4().hex, f"urn:uuid:{uuid4()}", "0" * 36, "\x00" * 36)
NO_WALLS = (
    "0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-11-28T19:00Z",
    "2026-11-28", "2026-02-30T10:00", "2026-11-28T24:00", "2026-11-28T19:00:30", "٢٠٢٦-11-28T19:00", "now",
    "1999-12-31T23:59", "2200-01-01T00:00", "+2026-11-28T19:00",
)  # fmt: skip
NO_MOMENTS = (
    *NO_WALLS[:4], "2026-11-28T19:00", "2026-11-28T19:00:00", "2026-11-28", "NOW", "now ", "2026-11-28 19:00:00Z",
    "2026-02-30T10:00:00Z", "2026-11-28T19:00:00+99:00", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "", "\x00",
    "2026-11-28T19:00:00.1234567890Z", "٢٠٢٦-11-28T19:00:00Z", 1795893600,
)  # fmt: skip
NO_SPANS = (
    "", "/", "2026-11-28T14:00", "2026-11-28T14:00/", "2026-11-28T14:00/2026-11-28T14:00", "2026-11-28/2026-11-29",
    "2026-11-28T22:00/2026-11-28T14:00", "2026-11-28T14:00/2026-11-28T22:00/2026-11-29T22:00",
    "2026-11-28T14:00/2026-12-28T22:00", *(f"{wall}/2199-12-31T23:59" for wall in NO_WALLS),
)  # fmt: skip
NO_MONTHS = ("2026", "2026-13", "2026-00", "2026-1", "1999-12", "2300-01", "2026-11-01", "２０２６-11", 202611, {})
NO_DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "2026-1-1", "20261128", "2026-11-28T00:00", "today", "२०२६-11-28")
NO_MONTHS = ("0001-01", "9999-12", "2026-13", "2026-1", "202611", "2026-11-28", "now", "２０２６-11")
NO_TIMES = ("24:00", "7:00", "18:60", "18:30:00", "18:30+14:00", "１８:30", "noon")
NO_ZONES = ("localtime", "../../../etc/passwd", "/etc/localtime", "Europe/Nowhere", "UTC+14", "europe/lisbon\x00")
NO_TRUTHS = ("true", "yes", "on", "", "1", 0, "\x00")
NO_NUMBERS = ("5", "", "five", "0x10", "٥")


def bodies(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield pairs (what is hostile, a body) for a schema. Each body has one fault, or is wrong as a whole."""
    example = example_of(schema)
    for body in ([], [example], None, "text", 7, True, Raw(""), Raw("{")):
        yield f"top level {body!r:.40}", body
    if any(field.required for field in schema.fields.values()):
        yield "no field at all", {}
    yield "an unknown field", {**example, "unknown_field": 1}
    yield "a lone surrogate as a key", {**example, "\ud800": 1}
    yield "NUL as a key", {**example, "\x00": 1}
    yield "a key of another object", {**example, "__proto__": {}, "_schema": 1}
    for key, first in example.items():
        yield f"{key} twice", Raw(f"{{{json.dumps(key)}: {json.dumps(first)}, {json.dumps(example)[1:]}")
        yield f"{key} = {NESTED}", {**example, key: NESTED}
    # The parser refuses these before it knows their key, so one key for each is enough.
    yield from (
        (f"{key} = {value}", {**example, key: value}) for key, value in zip(cycle(example), NO_JSON, strict=False)
    )


class Faulty(NamedTuple):
    """An object with several hostile fields, and their paths. The refusal must name each of them."""

    paths: list[str]
    body: dict[str, Any]


def faults(schema: Schema) -> Iterator[Faulty]:
    """Yield objects for a schema. In each, all fields are hostile at once, until each had all of its values.

    A request for each value would take five times as long, and would not show that all faults are listed.
    """
    good = example_of(schema)
    columns = {field.data_key or name: hostile(field) for name, field in schema.fields.items()}
    columns = {key: column for key, column in columns.items() if column}
    for row in range(max(map(len, columns.values()), default=0)):
        # The fields have the same value in different rows: the long texts of all fields would be too large a body.
        chosen = {key: column[(row + place) % len(column)] for place, (key, column) in enumerate(columns.items())}
        body = {**good, **chosen}
        yield Faulty(list(chosen), {key: value for key, value in body.items() if value is not MISSING})
    for name, field in schema.fields.items():
        key, inner = field.data_key or name, field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            within = key if inner is field else f"{key}.0"
            unknown = Faulty(["unknown_field"], {**example_of(inner.schema), "unknown_field": 1})
            for paths, value in (unknown, *faults(inner.schema)):
                yield Faulty(
                    [f"{within}.{path}" for path in paths], {**good, key: value if inner is field else [value]}
                )


def hostile(field: fields.Field[Any]) -> list[Any]:
    """Return all values that a field must refuse."""
    refused = [value for value in (*ANYWHERE, *values(field)) if not _is_good(field, value)]
    return [*refused, *([] if field.allow_none else [None]), *([MISSING] if field.required else [])]


def _is_good(field: fields.Field[Any], value: Any) -> bool:
    if isinstance(field, StrictBoolean) and value is True:
        return True
    if value == [1] and isinstance(field, fields.List) and isinstance(field.inner, Number):
        return True
    return may_be_empty(field) and (_visible(value) if isinstance(value, str) else value) == EMPTY.get(type(field))


# The empty values that some fields accept.
EMPTY: dict[type, Any] = {fields.List: [], fields.Dict: {}, Text: ""}


def may_be_empty(field: fields.Field[Any]) -> bool:
    """Tell whether a field takes an empty value: its shortest length is zero."""
    lengths = [validator.min for validator in field.validators if isinstance(validator, validate.Length)]
    return lengths == [0] or (isinstance(field, fields.Dict) and not lengths)


def values(field: fields.Field[Any]) -> tuple[Any, ...]:
    """Return what a field of this kind must refuse, beyond what every field refuses."""
    if isinstance(field, ClientUuid):
        return (*NO_IDS, str(uuid1()), str(UUID(int=0)), "1ec9414c-232a-6b00-b3c8-9e6bdeced846")
    for kind, hostile_values in (
        (Uuid, NO_IDS), (LocalDateTime, NO_WALLS), (Day, NO_DAYS), (Month, NO_MONTHS), (TimeOfDay, NO_TIMES),
        (TimeZoneName, NO_ZONES),
        (StrictBoolean, NO_TRUTHS), (DateTimeOrNow, NO_MOMENTS), (UtcDateTime, NO_MOMENTS),
        (LocalInterval, NO_SPANS), (Month, NO_MONTHS),
        (Choice, ("nonsense", "", "\x00", "\ud800")),
        ((DeviceMark, Base64Url), (*TEXTS, "a=", "a+b", "\u00e9" * 43)),
    ):  # fmt: skip
        if isinstance(field, kind):
            return tuple(hostile_values)
    if isinstance(field, StrictBoolean):
        return (0, 1, "true", "yes", "")
    if isinstance(field, Number):
        return (*NO_NUMBERS, *beyond(field), 2**31)
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
    if isinstance(field, fields.Nested):
        return ("text", 7, [], [{}])
    raise LookupError(f"no hostile values for {type(field).__name__}: add them here")


def beyond(field: Number) -> Iterator[int]:
    """Yield the numbers just outside the bounds of a field."""
    for validator in field.validators:
        if isinstance(validator, validate.Range):
            yield from (validator.min - 1, validator.max + 1)


def longest(field: Text) -> int:
    """Return the most characters that a text may have."""
    return next(validator.max for validator in field.validators if isinstance(validator, validate.Length))


def queries(schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield pairs (parameter, value) that a query must refuse, one at a time."""
    for name, field in schema.fields.items():
        key = field.data_key or name
        hostile_values: tuple[Any, ...]
        if isinstance(field, DelimitedList):
            hostile_values = ("nonsense", "home,nonsense", ",", "\x00", "home;out")
        elif isinstance(field, QueryBoolean):
            hostile_values = ("True", "1", "yes", "on", "", "null")
        elif isinstance(field, Number):
            hostile_values = (
                "abc", "", " ", "1e9", "1e400", "3.9", "5.0", "-0.0", "NaN", "Infinity", "true", "0x10", "٥", "1_0",
                "9" * 5000, str(2**63), "1\x00", "+5", *map(str, beyond(field)),
            )  # fmt: skip
        else:
            hostile_values = values(field)
        for value in hostile_values:
            empty = may_be_empty(field) and isinstance(value, str) and not _visible(value)
            if isinstance(value, str) and not _surrogate(value) and not empty:
                yield key, value


def _visible(text: str) -> str:
    return text.strip(" \u200b")


def _surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def written(value: Any) -> bytes:
    """Encode a body as JSON. Insert every Raw part unchanged."""
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


def in_turn(operations: Iterable[Operation], texts: Sequence[str], count: int) -> Iterator[tuple[Operation, list[str]]]:
    """Yield each operation with some of the texts: as many as `count`, and the next ones for the next operation.

    One function reads such texts for all operations, so each operation need not get each text.
    """
    rest = cycle(texts)
    for operation in operations:
        yield operation, list(islice(rest, count))


def writes(operations: tuple[Operation, ...]) -> list[Operation]:
    """Return the operations that take a body."""
    return [operation for operation in operations if operation.body]
