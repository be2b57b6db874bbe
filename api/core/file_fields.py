"""The fields of files in JSON bodies. The files go to their readers, and are not stored as they are."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from api.core.fields import Text
from api.core.validators import InvalidValue, TextLength


class CalendarFile(Text):
    """The content of an .ics file as it is, of at most `most` characters. It goes to its reader, and is not stored."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(most, **kwargs)
        self.pattern = "BEGIN:VCALENDAR"
        self.validators = [TextLength(1, most, count=len)]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if self.pattern not in value:
            raise InvalidValue("not_a_calendar")
        return value


class FileInBase64(Text):
    """A photo file of at most `most` bytes, in base64. It becomes bytes."""

    def __init__(self, most: int, **kwargs: Any) -> None:
        letters = -(-most // 3) * 4
        super().__init__(letters, **kwargs)
        self.pattern = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
        self.validators = [TextLength(1, letters, count=len)]
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not value:
            raise InvalidValue("empty")
        if len(value) > -(-self._most // 3) * 4:
            raise InvalidValue("photo_too_large", most=self._most // 1_000_000)
        try:
            return base64.b64decode(value, validate=True)
        except ValueError:
            raise InvalidValue("not_encoded") from None

    def _validate(self, value: Any) -> None:
        """Accept the bytes: the validators are for the document, which describes the text."""
