"""The OpenAPI document as a source for generated clients: names, required fields, enumerations, examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError

from api import enumerations
from api.app import OPERATIONS
from api.core.enumerations import Enumeration
from api.core.fields import Text
from api.core.openapi import EXAMPLE_DAY, build
from tests.planner.test_text import NAMES

DOCUMENT = build(OPERATIONS)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
ROUTES = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]

# Names of core types that a generated model of the same name would hide: Kotlin, Swift, Dart, TypeScript, Python.
RESERVED = {
    "Any", "Array", "Bool", "Boolean", "Character", "Data", "Date", "DateTime", "Dictionary", "Double", "Duration",
    "Enum", "Error", "Event", "Export", "File", "Float", "Function", "Int", "Integer", "Iterable", "Iterator", "List",
    "Location", "Long", "Map", "Match", "Never", "Notification", "Null", "Number", "Object", "Operator", "Option",
    "Optional", "Pair", "Pattern", "Range", "Record", "Request", "Response", "Result", "Section", "Sequence", "Set",
    "Short", "Step", "String", "Symbol", "Table", "Task", "Text", "Type", "Union", "Unit", "Uri", "Url", "Void",
}  # fmt: skip


def objects() -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, schema) for name, schema in SCHEMAS.items() if schema["type"] == "object")


def reachable(node: Any, names: set[str]) -> set[str]:
    """Return the names of the schemas that a node of the document uses, directly or through others."""
    for name in re.findall(r"#/components/schemas/(\w+)", str(node)):
        if name not in names:
            names.add(name)
            reachable(SCHEMAS[name], names)
    return names


def answers() -> set[str]:
    return reachable([DOCUMENT["components"]["responses"], [route["responses"] for route in ROUTES]], set())


def requests() -> set[str]:
    return reachable([route.get("requestBody") for route in ROUTES], set())


def test_no_schema_hides_a_core_type():
    assert not RESERVED & SCHEMAS.keys()
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in SCHEMAS)


def test_answers_always_have_all_fields_and_may_gain_more():
    for name in answers():
        schema = SCHEMAS[name]
        if schema["type"] == "object":
            assert "additionalProperties" not in schema
            # A problem and an export have fields that depend on their type.
            if name not in ("Problem", "FieldProblem", "DataExport"):
                assert schema["required"] == list(schema["properties"]), name


def test_requests_reject_unknown_fields():
    lenient = [name for name, schema in objects() if name in requests() and schema.get("additionalProperties", True)]
    assert lenient == ["ImportIn"], "an export of a later version may have more"


def test_no_default_is_null():
    assert '"default": None' not in str(DOCUMENT).replace("'", '"')


def test_query_parameters_are_never_null():
    parameters = [parameter for route in ROUTES for parameter in route["parameters"]]
    assert parameters
    for parameter in parameters:
        assert "null" not in str(parameter["schema"]), parameter["name"]


def test_operation_ids_are_verbs_in_camel_case():
    ids = [route["operationId"] for route in ROUTES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) for name in ids)
    assert {"listDates", "acceptDate", "getToday"} <= set(ids)


def test_summaries_are_one_short_line():
    for route in ROUTES:
        assert len(route["summary"]) <= 110
        assert not route["summary"].endswith(".")
        assert route["description"].endswith(".")


def test_tags_are_global_and_described():
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert {tag for route in ROUTES for tag in route["tags"]} == tags.keys()
    assert all(tags.values())


def test_problems_are_shared_responses():
    for route in ROUTES:
        for status, response in route["responses"].items():
            assert ("$ref" in response) == (int(status) >= 300), (route["operationId"], status)


ENUMERATIONS = [value for value in vars(enumerations).values() if isinstance(value, Enumeration)]


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda enumeration: enumeration.name)
def test_enumerations_are_named_components(enumeration):
    component = SCHEMAS[enumeration.name]
    assert component["enum"] == list(enumeration.values)
    assert component["x-extensible"]


def test_each_kind_of_item_says_what_its_subject_is():
    kinds = SCHEMAS["InboxItemKind"]
    meanings = dict(zip(kinds["enum"], kinds["x-enum-descriptions"], strict=True))
    assert meanings["note_shared"] == "Your partner has shared a note with you. Its subject: the note."
    assert meanings["new_sign_in"].endswith("Its subject: none.")


def test_patterns_of_texts_reject_what_the_server_rejects():
    note, proposal = SCHEMAS["NoteIn"]["properties"]["body"], SCHEMAS["DateProposal"]["properties"]["message"]
    for text, is_note, is_message in (
        ("You waited.", True, True), ("👍", True, True), ("One.\nTwo.", True, False), (" \n ", False, False),
        ("a\x00b", False, False), ("a\u2028b", True, False), ("\u200b\u2800", False, False), ("a\x85b", True, False),
    ):  # fmt: skip
        assert bool(re.search(note["pattern"], text)) == is_note, text
        assert bool(re.search(proposal["pattern"], text)) == is_message, text


def test_the_pattern_of_a_text_knows_every_character_that_the_server_rejects():
    field = Text(10, lines=True)

    def is_accepted(character: str) -> bool:
        try:
            return bool(field.deserialize(character))
        except ValidationError:
            return False

    characters = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    matched = [character for character in characters if re.search(field.pattern, character)]
    assert matched == [character for character in characters if is_accepted(character)]


def test_the_pattern_of_a_name_rejects_digits_and_signs():
    pattern = SCHEMAS["SignUp"]["properties"]["display_name"]["pattern"]
    assert all(re.search(pattern, name) for name in NAMES)
    assert not any(re.search(pattern, name) for name in ("", "-", "R2", "a_b", "robin@example.org", "<b>", "½", "a\nb"))


def test_edits_need_at_least_one_field():
    assert (SCHEMAS["NotePatch"]["minProperties"], SCHEMAS["MePatch"]["minProperties"]) == (1, 1)


def test_no_enumeration_is_inline():
    def inline(node: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            # One word is a mark, and numbers need no names.
            words = node.get("enum")
            if isinstance(words, list) and len(words) > 1 and isinstance(words[0], str):
                yield node
            for child in node.values():
                yield from inline(child)

    assert list(inline({"paths": DOCUMENT["paths"], "objects": dict(objects())})) == [
        SCHEMAS["DataExport"]["properties"]["part"]
    ]


def test_examples_move_to_the_coming_week():
    # Ten weeks and a day later, the examples are eleven weeks later: Saturdays stay Saturdays, and none is past.
    moved = build(OPERATIONS, date(2027, 2, 2))
    example = moved["paths"]["/v1/dates"]["post"]["requestBody"]["content"]["application/json"]["examples"]["example"][
        "value"
    ]
    before = DOCUMENT["paths"]["/v1/dates"]["post"]["requestBody"]["content"]["application/json"]["examples"][
        "example"
    ]["value"]
    day, old_day = (date.fromisoformat(_day(body)) for body in (example, before))
    assert (day - old_day).days == 77
    assert day.weekday() == old_day.weekday()
    assert EXAMPLE_DAY.weekday() == 0
    assert build(OPERATIONS, EXAMPLE_DAY) == DOCUMENT


def _day(body: dict[str, Any]) -> str:
    match = re.search(r"\d{4}-\d\d-\d\d", str(body["slots"]))
    assert match
    return match[0]


def test_files_are_bytes_and_texts_are_texts():
    answers = [route["responses"].get("200", {}).get("content", {}) for route in ROUTES]
    forms = {media: content["schema"] for answer in answers for media, content in answer.items() if "json" not in media}
    assert forms["text/calendar"] == {"type": "string"}
    assert forms["application/zip"] == forms["image/webp"] == {"type": "string", "format": "binary"}
