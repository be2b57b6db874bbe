"""The marshmallow fields of all schemas. They reject values that the database or the clock cannot store.

Marshmallow's own fields accept NUL bytes, unpaired surrogates, numbers beyond 32 bits and dates outside our century.
Each would become a database error later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from uuid import UUID

from marshmallow import fields

from api.core.enumerations import Enumeration
from api.core.validators import InvalidValue, OneOf, Range, TextLength, UncommonPassword
from planner import clock, text
from planner.errors import Invalid

_YEARS = range(2000, 2200)
# What planner/text.py rejects, and what it does not count as visible, in the words of JSON Schema.
_CONTROL = r"\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f"
_LINE_ENDS = r"\n-\r\u0085\u2028\u2029"
_INVISIBLE = (
    r"\s\u0085\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    r"\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)

# The forms of the texts, for the checks below and for the OpenAPI document. Each class has its own as `pattern`.
_DAY = r"\d{4}-\d{2}-\d{2}"
_MINUTE = r"([01]\d|2[0-3]):[0-5]\d"
_WALL_TIME = rf"{_DAY}T{_MINUTE}(:00(\.0{{1,9}})?)?"
POSSIBLE_DAY = r"2[01]\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"  # of _YEARS, for the document
_POSSIBLE_WALL_TIME = _WALL_TIME.replace(_DAY, POSSIBLE_DAY)
_MOMENT = rf"{_DAY}T{_MINUTE}:[0-5]\d(\.\d{{1,9}})?(Z|[+-]\d{{2}}:\d{{2}})"


class Text(fields.String):
    """Text of at most `most` letters in its normal form (planner/text.py); one line unless `lines`.

    `least` is 0 for a text that may be empty.
    """

    def __init__(self, most: int, least: Literal[0, 1] = 1, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(validate=TextLength(least, most), **kwargs)
        self._normalize = text.normalize if lines else text.normalize_line
        forbidden = _CONTROL if lines else _CONTROL + _LINE_ENDS
        visible = f"[^{forbidden}{_INVISIBLE}][^{forbidden}]*" if least else ""
        self.pattern = f"^[^{forbidden}]*{visible}$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        typed: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self._normalize(typed)
        except Invalid as problem:
            raise InvalidValue.of(problem) from None


class Name(Text):
    """A person's name: letters of any script, with what stands between them in names.

    Its pattern knows the letters of Latin-1 only, because JSON Schema has no portable class of all letters.
    """

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(most, **kwargs)
        self._normalize = text.normalize_name
        letter = r"A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\uffff"
        allowed = rf"[ '\-\u00a0\u00b7{letter}]"
        self.pattern = f"^{allowed}*[{letter}]{allowed}*$"


class EmailAddress(Text):
    """An e-mail address in Latin letters. Its domain is stored in lower case.

    A domain in another script has to come as Punycode. The form leaves out what no person has: quotes, comments, and
    computers without a name.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(254, **kwargs)
        word = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
        label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        self.pattern = rf"^{word}(\.{word})*@({label}\.)+[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(self.pattern, typed):
            raise InvalidValue("not_an_email_address")
        name, _, domain = typed.rpartition("@")
        return f"{name}@{domain.lower()}"


class Password(Text):
    """A password exactly as the person typed it, not trimmed. Its length is in code points."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(most, **kwargs)
        self.validators = [TextLength(1, most, count=len)]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        super()._deserialize(value, attr, data, **kwargs)
        return str(value)


class PushKey(Text):
    """A key of a push subscription: a fixed number of bytes in base64url, as browsers give them."""

    def __init__(self, length: int, **kwargs: Any) -> None:
        letters = -(-length * 8 // 6)
        super().__init__(letters + 2, **kwargs)
        self.pattern = f"^[A-Za-z0-9_-]{{{letters}}}={{0,2}}$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not re.fullmatch(self.pattern, value):
            raise InvalidValue("not_encoded")
        return value


class NewPassword(Password):
    """A password to set: at least ten characters, no rules about kinds of letters, and not a common one."""

    def __init__(self) -> None:
        text = "At least 10 characters, and not among the passwords that strangers try first."
        super().__init__(256, required=True, metadata={"examples": ["correct horse battery"], "description": text})
        self.validators = [UncommonPassword(10, 256)]


class Choice(fields.String):
    """One word of an enumeration in a request."""

    def __init__(self, enumeration: Enumeration, **kwargs: Any) -> None:
        one_of = OneOf(enumeration.values)
        super().__init__(validate=one_of, **kwargs)
        self.enumeration = enumeration


class Number(fields.Integer):
    """A whole number within bounds: a JSON number in a body, `digits` in a query."""

    def __init__(self, least: int, most: int, digits: bool = False, **kwargs: Any) -> None:
        super().__init__(strict=not digits, validate=Range(least, most), **kwargs)
        self._is_valid = _is_digits if digits else _is_whole

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not self._is_valid(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class NumberChoice(Number):
    """One of a few whole numbers."""

    def __init__(self, *choices: int, **kwargs: Any) -> None:
        super().__init__(min(choices), max(choices), **kwargs)
        self.validators = [OneOf(choices)]


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"-?[0-9]{1,9}", value))


def _is_whole(value: Any) -> bool:
    """Return whether a value is an integer of JSON, which can be written 90 or 90.0."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


class QueryBoolean(fields.Boolean):
    """`true` or `false` in a query. Other spellings, such as `1` or `yes`, are rejected."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        raise self.make_error("invalid", input=value)


class StrictBoolean(fields.Boolean):
    """true or false in a JSON body. Marshmallow's own field would also accept "yes" and 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Uuid(fields.UUID):
    """The id of an existing thing, in the usual form with hyphens."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> UUID:
        if not isinstance(value, str) or len(value) != 36:
            raise self.make_error("invalid_uuid")
        parsed: UUID = super()._deserialize(value, attr, data, **kwargs)
        return parsed

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class ClientUuid(Uuid):
    """An id that the client makes: random, or random after a time. Other versions can reveal the client's machine."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> UUID:
        parsed = super()._deserialize(value, attr, data, **kwargs)
        if parsed.version not in (4, 7):
            raise InvalidValue("not_a_random_id")
        return parsed


def _instant(value: Any) -> datetime:
    if not isinstance(value, str) or not re.fullmatch(_MOMENT, value, re.ASCII):
        raise ValueError
    instant = datetime.fromisoformat(value)
    if instant.year not in _YEARS:
        raise ValueError
    return instant.astimezone(UTC)


class UtcDateTime(fields.Field[datetime]):
    """An instant. In an answer it is in UTC, with milliseconds; a request may use any offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            return _instant(value)
        except (ValueError, OverflowError):
            raise InvalidValue("not_an_instant") from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else self.write(value)

    @staticmethod
    def write(instant: datetime) -> str:
        """Return an instant in UTC as an answer has it."""
        return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


class DateTimeOrNow(fields.Field[datetime]):
    """An instant with an offset, or "now", which becomes `LONG_AGO`."""

    pattern = f"^(now|{_MOMENT.replace(_DAY, POSSIBLE_DAY)})$"

    LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if value == "now":
            return self.LONG_AGO
        try:
            return _instant(value)
        except (ValueError, OverflowError):
            raise InvalidValue("not_an_instant_or_now") from None


class LocalDateTime(fields.Field[datetime]):
    """A wall time without an offset, to the minute: 2026-11-28T19:00."""

    pattern = f"^{_POSSIBLE_WALL_TIME}$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            if not isinstance(value, str) or not re.fullmatch(_WALL_TIME, value, re.ASCII):
                raise ValueError
            wall_time = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValue("not_a_local_time") from None
        if wall_time.year not in _YEARS:
            raise InvalidValue("year_out_of_range", least=_YEARS[0], most=_YEARS[-1])
        return wall_time

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.replace(tzinfo=None).isoformat(timespec="minutes")


class LocalInterval(fields.Field[tuple[datetime, datetime]]):
    """Two wall times, separated by a slash: 2026-11-28T14:00/2026-11-28T22:00."""

    pattern = f"^{_POSSIBLE_WALL_TIME}/{_POSSIBLE_WALL_TIME}$"

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[datetime, datetime]:
        parts = value.split("/") if isinstance(value, str) else []
        if len(parts) != 2:
            raise InvalidValue("not_an_interval")
        begins, ends = (LocalDateTime().deserialize(part) for part in parts)
        if ends <= begins:
            raise InvalidValue("ends_too_early")
        return begins, ends


class Month(fields.Field[date]):
    """A month: 2026-11. Its value is its first day."""

    pattern = r"^2[01]\d{2}-(0[1-9]|1[0-2])$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}", value, re.ASCII):
                raise ValueError
            month = date.fromisoformat(f"{value}-01")
        except ValueError:
            raise InvalidValue("not_a_month") from None
        if month.year not in _YEARS:
            raise InvalidValue("year_out_of_range", least=_YEARS[0], most=_YEARS[-1])
        return month

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{value:%Y-%m}"


class Day(fields.Field[date]):
    """A calendar day: 2026-11-28."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(_DAY, value, re.ASCII):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            raise InvalidValue("not_a_day") from None
        if day.year not in _YEARS:
            raise InvalidValue("year_out_of_range", least=_YEARS[0], most=_YEARS[-1])
        return day

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class TimeOfDay(fields.Field[time]):
    """A local time of day: 18:30."""

    pattern = f"^{_MINUTE}$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(_MINUTE, value, re.ASCII):
            raise InvalidValue("not_a_time")
        return time.fromisoformat(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat(timespec="minutes")


class TimeZoneName(fields.String):
    """The name of an IANA time zone."""

    pattern = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not clock.is_known_zone(value):
            raise InvalidValue("not_a_zone")
        return value


EXAMPLE_ID = "0b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11"


def new_id() -> ClientUuid:
    """Return the field for the optional id of a create. The server recognizes a repeat by this id."""
    return ClientUuid(
        load_default=None,
        metadata={
            "description": "A random UUID that the client makes. With it, repeating a create is safe. Version 4 is "
            "best. Version 7 contains the time when it was made: your partner can read it from the id of a thing that "
            "you share, for example when you wrote a note.",
            "examples": [EXAMPLE_ID],
        },
    )
