"""Enumerations: closed lists of words with a name, shared by requests and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields


class Enumeration:
    """A list of words, and its name in the OpenAPI document.

    Its words never change their meaning. A later version may add words, so a client needs a default for unknown ones.
    `meanings` explain each word.
    """

    def __init__(self, name: str, values: Iterable[str], about: str, meanings: Mapping[str, str] | None = None) -> None:
        self.name, self.values, self.about, self.meanings = name, tuple(values), about, meanings

    def to_openapi(self) -> dict[str, Any]:
        """Return the schema component of this enumeration."""
        meanings = {"x-enum-descriptions": [self.meanings[value] for value in self.values]} if self.meanings else {}
        return {
            "type": "string",
            "enum": list(self.values),
            "description": f"{self.about} Later versions may add values: treat an unknown value as a default.",
            "x-extensible": True,
            **meanings,
        }


class EnumField(fields.String):
    """One word of an enumeration in an answer."""

    def __init__(self, enumeration: Enumeration, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.enumeration = enumeration
