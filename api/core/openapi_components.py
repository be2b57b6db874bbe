"""The schema components of the OpenAPI document: what apispec makes of the schemas, made fit for generators.

A generated client reads answers strictly and writes requests freely, so the two kinds of schemas differ. An answer
always has all of its fields, and may gain more in a later version. A request has no unknown fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, fields

from api.core.enumerations import Enumeration
from api.core.fields import POSSIBLE_DAY

_PREFIX = "#/components/schemas/"
_MARK = "x-enumeration"


PATH_PARAMETERS = {
    "uuid": {"schema": {"type": "string", "format": "uuid"}, "description": "The id of the thing."},
    "day": {"schema": {"type": "string", "format": "date", "pattern": f"^{POSSIBLE_DAY}$"}, "description": "The day."},
}
"""The parts of a parameter in a path, by the converter of its route."""


def enumeration_properties(_: object, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
    """Return the mark of an enumeration, an attribute function of apispec. `resolve_enumerations` replaces it."""
    enumeration = getattr(field, "enumeration", None)
    if isinstance(field, fields.Dict) and (keys := getattr(field.key_field, "enumeration", None)):
        return {"propertyNames": {_MARK: keys}}
    return {_MARK: enumeration} if enumeration else {}


def pattern_properties(_: object, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
    """Return the pattern of a field's text, an attribute function of apispec."""
    pattern = getattr(field, "pattern", None)
    return {"pattern": pattern} if pattern else {}


def resolve_enumerations(document: dict[str, Any]) -> None:
    """Replace each marked schema by a reference to the component of its enumeration, and add those components."""
    used: dict[str, Enumeration] = {}
    for parent, key, schema in list(_marked(document)):
        enumeration = schema[_MARK]
        assert used.setdefault(enumeration.name, enumeration) is enumeration, enumeration.name
        parent[key] = _reference(enumeration.name, schema)
    schemas = document["components"]["schemas"]
    assert not used.keys() & schemas.keys(), used.keys() & schemas.keys()
    schemas.update({name: used[name].to_openapi() for name in sorted(used)})


def _marked(node: Any) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for key, child in children:
        if isinstance(child, dict) and _MARK in child:
            yield node, key, child
        else:
            yield from _marked(child)


def _reference(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    reference: dict[str, Any] = {"$ref": _PREFIX + name}
    if isinstance(schema.get("type"), list):
        reference = {"anyOf": [reference, {"type": "null"}]}
    # Generators ignore most keys beside a reference. These three are for readers.
    kept = {key: schema[key] for key in ("description", "default", "examples") if schema.get(key) is not None}
    return {**reference, **kept}


def finish_schemas(document: dict[str, Any], classes: dict[str, type[Schema]]) -> None:
    """Make the schemas of answers and of requests different. `classes` are the marshmallow classes by component name.

    Raises AssertionError for a schema that is used in both.
    """
    schemas = document["components"]["schemas"]
    answers, requests = set[str](), set[str]()
    for path in document["paths"].values():
        for operation in path.values():
            _collect(operation["responses"], schemas, answers)
            _collect(operation.get("requestBody"), schemas, requests)
    _collect(document["components"].get("responses"), schemas, answers)
    both = {name for name in answers & requests if schemas[name]["type"] == "object"}
    assert not both, f"{both} are requests and answers: a client needs two schemas"
    for name, schema in schemas.items():
        if schema["type"] != "object":
            continue
        for value in schema.get("properties", {}).values():
            if value.get("default", ...) is None:
                del value["default"]  # generators would send the text "null"
        if name in classes:
            schema["description"] = _description(classes[name])
            schema.update(getattr(classes[name], "openapi", {}))
        if name in answers:
            _finish_answer(schema, name in classes)


def _finish_answer(schema: dict[str, Any], is_complete: bool) -> None:
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]
    if is_complete:  # The export and the problem name their own required fields.
        schema["required"] = list(schema["properties"])


def _description(schema: type[Schema]) -> str:
    return " ".join((schema.__doc__ or "").split())


def _collect(node: Any, schemas: dict[str, Any], names: set[str]) -> None:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            name = reference.removeprefix(_PREFIX)
            if name not in names:
                names.add(name)
                _collect(schemas[name], schemas, names)
        for child in node.values():
            _collect(child, schemas, names)
    elif isinstance(node, list):
        for child in node:
            _collect(child, schemas, names)
