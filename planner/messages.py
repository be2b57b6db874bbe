"""The messages: every short fixed text, from one catalogue file a language in planner/languages.

The planner and the command line speak English. api/core/languages.py chooses the language of an answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
FOLDER = Path(__file__).with_name("languages")


def text(section: str, key: str, language: str = ENGLISH, /, **params: object) -> str:
    """Return a text with its params filled in; in English if the language lacks it. Raise KeyError."""
    name = f"{section}.{key}"
    template = catalogues().get(language, {}).get(name) or catalogues()[ENGLISH][name]
    return template.format(**{name: _shown(value, language) for name, value in params.items()}) if params else template


def detail(kind: str, reason: str, language: str = ENGLISH, /, **params: object) -> str:
    """Return the sentence of a problem: that of its reason, else that of its kind."""
    if f"reasons.{kind}.{reason}" in catalogues()[ENGLISH]:
        return text(f"reasons.{kind}", reason, language, **params)
    return text("problems", f"{kind}.detail", language, **params)


def keys(section: str) -> list[str]:
    """Return the keys of a section, in the order of the English catalogue."""
    prefix = f"{section}."
    return [name.removeprefix(prefix) for name in catalogues()[ENGLISH] if name.startswith(prefix)]


def languages() -> list[str]:
    """Return the languages that have a catalogue, English first."""
    return sorted(catalogues(), key=lambda language: (language != ENGLISH, language))


@cache
def catalogues() -> dict[str, dict[str, str]]:
    """Return the texts of each language by their dotted names. The files are read once."""
    return {file.stem: dict(_flat(tomllib.loads(file.read_text("utf-8")))) for file in FOLDER.glob("*.toml")}


def short_day(day: date, language: str = ENGLISH) -> str:
    """Return a day in few letters: "Sat 19 Dec"."""
    weekday = text("short_weekdays", str(day.isoweekday()), language)
    month = text("short_months", str(day.month), language)
    return text("formats", "short_day", language, weekday=weekday, day=day.day, month=month)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: object, language: str) -> object:
    """Return a param as it reads in a sentence: lists with commas, days with the name of the month."""
    if isinstance(value, date):
        month = text("months", str(value.month), language)
        return text("formats", "day", language, day=value.day, month=month, year=value.year)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
