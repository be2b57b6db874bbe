"""The language of an answer: the best of Accept-Language that has a catalogue of messages, else English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Response, g, request
from marshmallow import Schema, fields

from api.core.headers import vary_by
from planner import messages


class CatalogueText(fields.String):
    """A text of the catalogue in the language of the answer. The value in `attribute` is its key."""

    def __init__(self, section: str, attribute: str, example: str) -> None:
        # dump_only: marshmallow loads each attribute into one field only, and here the key is a field as well.
        super().__init__(attribute=attribute, dump_only=True, metadata={"examples": [messages.text(section, example)]})
        self._section = section

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return text(self._section, value)


class FixedTextOut(Schema):
    """A fixed text in the language of the answer, and its stable key."""

    key = fields.String(metadata={"examples": ["time"]})
    text = fields.String(metadata={"examples": [messages.text("sentences", "time")]})


def text(section: str, key: str, /, **params: object) -> str:
    """Return a text of the catalogue in the language of this request."""
    return messages.text(section, key, _language(), **params)


def short_day(day: date) -> str:
    """Return a day in few letters, in the language of this request."""
    return messages.short_day(day, _language())


def detail(kind: str, reason: str, params: Mapping[str, object]) -> str:
    """Return the sentence of a problem in the language of this request."""
    return messages.detail(kind, reason, _language(), **params)


def fixed_texts(section: str, keys: Iterable[str] | None = None) -> list[dict[str, str]]:
    """Return texts of a section in the form of `FixedTextOut`; without `keys`, all."""
    return [{"key": key, "text": text(section, key)} for key in (messages.keys(section) if keys is None else keys)]


def add_language_headers(answer: Response) -> Response:
    """Name the language of an answer with text of the catalogue, so that a cache tells the languages apart."""
    language: Any = g.get("language")
    if language:
        answer.headers["Content-Language"] = language
        vary_by(answer, "Accept-Language")
    return answer


def _language() -> str:
    if "language" not in g:
        g.language = request.accept_languages.best_match(messages.languages(), messages.ENGLISH)
    language: str = g.language
    return language
