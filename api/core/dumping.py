"""Writing answers: what a schema's `dump` does, with all that depends on the schema alone worked out once.

marshmallow looks for each field's name, accessor and value anew in every item of a list, which took longer than all
else on a page of notes. What is written is the same; only `pre_dump` and `post_dump` are not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from marshmallow import Schema, fields
from marshmallow.decorators import POST_DUMP, PRE_DUMP

Write = Callable[[Any], Any]

_MISSING = object()


def writer(schema: Schema) -> Write:
    """The function that turns a thing (a mapping, or an object with attributes) into what the schema says of it."""
    assert not schema._hooks[PRE_DUMP]
    assert not schema._hooks[POST_DUMP]
    parts = [
        (field.data_key or name, field.attribute or name, _field_writer(name, field))
        for name, field in schema.dump_fields.items()
    ]

    def write(thing: Any) -> dict[str, Any]:
        read = thing.get if isinstance(thing, dict) else partial(getattr, thing)
        found = {}
        for key, name, write_one in parts:
            value = read(name, _MISSING)
            if value is not _MISSING:
                found[key] = None if value is None else write_one(value)
        return found

    return write


def _field_writer(name: str, field: fields.Field[Any]) -> Write:
    # Exactly these types: what inherits from them may write in its own way.
    if type(field) is fields.Nested:
        return writer(field.schema)
    if type(field) is fields.List:
        one = _field_writer(name, field.inner)
        return lambda values: [one(value) for value in values]
    if type(field) is fields.String:
        return str
    return lambda value: field._serialize(value, name, None)
