"""The fields that all schemas are made of. What a driver or a clock would choke on is refused here, once.

NUL bytes, unpaired surrogates, numbers beyond 32 bits, dates outside our century: each passes marshmallow's own fields
and would surface as a database error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from planner import clock

_YEARS = range(2000, 2200)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u2028\u2029]")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Text(fields.String):
    """Text of `least` to `most` characters after trimming; one line unless `lines`."""

    def __init__(self, most: int, least: int = 1, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(least, most), **kwargs)
        self._refused = _CONTROL if lines else _CONTROL_OR_BREAK

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        text = text.replace("\r\n", "\n")
        if self._refused.search(text):
            raise ValidationError("This holds characters that cannot be kept.")
        return text.strip()


class Password(Text):
    """A password or code as it was typed: not trimmed."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        super()._deserialize(value, attr, data, **kwargs)
        return str(value)


class Choice(fields.String):
    """One of a fixed set of words."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf(choices, error="Must be one of: {choices}."), **kwargs)


class Number(fields.Integer):
    """A whole number within bounds. From a JSON body it must be a number; in a query (`text`) it is written out."""

    def __init__(self, least: int, most: int, text: bool = False, **kwargs: Any) -> None:
        super().__init__(strict=not text, validate=validate.Range(least, most), **kwargs)
        self._text = text

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if self._text and not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value)):
            raise self.make_error("invalid", input=value)
        if not self._text and (isinstance(value, bool | str) or not isinstance(value, int)):
            raise self.make_error("invalid", input=value)
        return int(value)


class QueryBoolean(fields.Boolean):
    """true or false, and nothing else that some languages take for it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        raise self.make_error("invalid", input=value)


class StrictBoolean(fields.Boolean):
    """true or false in a JSON body: "yes", 1 and the like are somebody's guess."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Uuid(fields.UUID):
    """The id of something that exists, in the usual form with hyphens."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> UUID:
        if not isinstance(value, str) or len(value) != 36:
            raise self.make_error("invalid_uuid")
        found: UUID = super()._deserialize(value, attr, data, **kwargs)
        return found

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class ClientUuid(Uuid):
    """An id that the client makes, at random: any other version would tell when, or where, a thing was made."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> UUID:
        found = super()._deserialize(value, attr, data, **kwargs)
        if found.version != 4:
            raise ValidationError("Must be a random UUID (version 4).")
        return found


class UtcDateTime(fields.Field[datetime]):
    """An instant in an answer: UTC, with milliseconds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        text: str = value.isoformat(timespec="milliseconds")
        return text[:-6] + "Z"


class DateTimeOrNow(fields.Field[datetime]):
    """An instant that a person names: with an offset, or "now", which comes in as an instant that has long passed."""

    LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if value == "now":
            return self.LONG_AGO
        try:
            if not isinstance(value, str) or not _MOMENT.fullmatch(value):
                raise ValueError
            found = datetime.fromisoformat(value)
            if found.year not in _YEARS:
                raise ValueError
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError('Must be "now", or an instant such as 2026-11-28T17:00:00Z.') from None


class LocalDateTime(fields.Field[datetime]):
    """A wall time without an offset, to the minute: 2026-11-28T19:00."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?", value, re.ASCII):
                raise ValueError
            found = datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError("Must be a time on the wall, such as 2026-11-28T19:00, without an offset.") from None
        if found.year not in _YEARS:
            raise ValidationError("Must be within our century.")
        return found

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.replace(tzinfo=None).isoformat(timespec="minutes")


class LocalInterval(fields.Field[tuple[datetime, datetime]]):
    """From and to on the wall, parted by a slash: 2026-11-28T14:00/2026-11-28T22:00."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[datetime, datetime]:
        parts = value.split("/") if isinstance(value, str) else []
        if len(parts) != 2:
            raise ValidationError("Must be two times parted by a slash: 2026-11-28T14:00/2026-11-28T22:00.")
        begins, ends = (LocalDateTime().deserialize(part) for part in parts)
        if ends <= begins:
            raise ValidationError("Must end after it begins.")
        return begins, ends


class Day(fields.Field[date]):
    """A calendar day: 2026-11-28."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                raise ValueError
            found = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("Must be a day, such as 2026-11-28.") from None
        if found.year not in _YEARS:
            raise ValidationError("Must be within our century.")
        return found

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class TimeOfDay(fields.Field[time]):
    """A time on the wall: 18:30."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
            raise ValidationError("Must be a time, such as 18:30.")
        return time.fromisoformat(value)


class TimeZoneName(fields.String):
    """The name of an IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not clock.is_known_zone(value):
            raise ValidationError("Must be the name of a time zone, such as Europe/Lisbon.")
        return value


EXAMPLE_ID = "0b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11"


def new_id() -> ClientUuid:
    """The optional id of a create: the key by which a repeat is known."""
    return ClientUuid(
        load_default=None,
        metadata={
            "description": "Made by the client, at random; repeating a create with it is safe.",
            "examples": [EXAMPLE_ID],
        },
    )
