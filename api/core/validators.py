"""The errors of fields: each has a stable code with its params, also those that marshmallow raises itself.

api/core/problems.py finds the sentence of a code in the language of the request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from marshmallow.exceptions import SCHEMA
from webargs.fields import DelimitedList

from planner import text
from planner.accounts import passwords
from planner.errors import Invalid


class Code(str):
    """A code in the place of a message. marshmallow collects messages, so the params travel with it."""

    params: dict[str, object]

    @classmethod
    def of(cls, code: str, params: dict[str, object]) -> Code:
        """Return a code with its params."""
        message = cls(code)
        message.params = params
        return message


class InvalidValue(ValidationError):
    """A value that a field or a schema rejects."""

    def __init__(self, code: str, field: str = SCHEMA, /, **params: object) -> None:
        super().__init__([Code.of(code, params)], field)

    @classmethod
    def of(cls, problem: Invalid) -> InvalidValue:
        """Return the error for one field that the planner found invalid."""
        (fault,) = problem.faults
        return cls(fault.code, **fault.params)


class Length(validate.Length):
    """The bounds of the length of a list."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least, most)
        self._least, self._most = least, most

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise InvalidValue."""
        if not value and self._least:
            raise InvalidValue("empty")
        if len(value) < self._least:
            raise InvalidValue("too_few", least=self._least)
        if len(value) > self._most:
            raise InvalidValue("too_many", most=self._most)
        return value


class TextLength(Length):
    """The bounds of the length of a text, in letters as a person counts them, or by another `count`.

    In the document they are bounds in code points, of which a letter has at least one. So a `least` above 1 needs
    `len` as its count.
    """

    def __init__(self, least: int, most: int, count: Callable[[str], int] = text.count_letters) -> None:
        super().__init__(least, most)
        self._count = count

    def __call__(self, value: Any) -> Any:
        """Return the text, or raise InvalidValue."""
        if self._least and not text.has_visible(value):
            raise InvalidValue("empty")
        letters = self._count(value)
        if letters < self._least:
            raise InvalidValue("too_short", least=self._least)
        if letters > self._most:
            raise InvalidValue("too_long", most=self._most)
        return value


class UncommonPassword(TextLength):
    """A password of at least `least` code points that is not among the first that a stranger would try."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least, most, count=len)

    def __call__(self, value: Any) -> Any:
        """Return the password, or raise InvalidValue."""
        super().__call__(value)
        if passwords.is_common(value):
            raise InvalidValue("common_password")
        return value


class Range(validate.Range):
    """The bounds of a number."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least, most)
        self._least, self._most = least, most

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise InvalidValue."""
        if not self._least <= value <= self._most:
            raise InvalidValue("out_of_range", least=self._least, most=self._most)
        return value


class OneOf(validate.OneOf):
    """A fixed set of words."""

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise InvalidValue."""
        if value not in self.choices:
            raise InvalidValue("not_a_choice", choices=list(self.choices))
        return value


# Replace the sentences of marshmallow's own checks by codes, as its documentation advises.
fields.Field.default_error_messages |= {"required": "required", "null": "null", "validator_failed": "not_accepted"}
fields.Nested.default_error_messages |= {"type": "not_an_object"}
fields.Mapping.default_error_messages |= {"invalid": "not_an_object"}
fields.List.default_error_messages |= {"invalid": "not_a_list"}
fields.String.default_error_messages |= {"invalid": "not_text", "invalid_utf8": "not_text"}
fields.UUID.default_error_messages |= {"invalid_uuid": "not_an_id"}
fields.Number.default_error_messages |= {"invalid": "not_a_number", "too_large": "not_a_number"}
fields.Integer.default_error_messages |= {"invalid": "not_a_number"}
fields.Boolean.default_error_messages |= {"invalid": "not_a_boolean"}
DelimitedList.default_error_messages |= {"invalid": "not_a_list"}
Schema.error_messages = {"type": "not_an_object", "unknown": "unknown_field"}
