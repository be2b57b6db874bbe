"""The limits that somebody may set on activities, in a search and in suggestions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, validates_schema
from webargs.fields import DelimitedList

from api.core.fields import Choice, Day, Number, QueryBoolean, TimeOfDay
from seeds.vocabulary import CATEGORIES, SETTINGS


class FilterQuery(Schema):
    """When, and the limits to keep; each may be left out."""

    day = Day(
        load_default=None,
        metadata={
            "examples": ["2026-11-28"],
            "description": "Your calendar. Default: today; in a search, the whole year.",
        },
    )
    start = TimeOfDay(load_default=None, data_key="from", metadata={"examples": ["18:00"]})
    end = TimeOfDay(load_default=None, data_key="to", metadata={"examples": ["22:00"]})
    minutes = Number(5, 20160, text=True, load_default=None, metadata={"examples": [120], "description": "At most."})
    cost_band = Number(0, 4, text=True, load_default=None, metadata={"examples": [1], "description": "At most."})
    energy = Number(1, 5, text=True, load_default=None, metadata={"examples": [3], "description": "At most."})
    settings = DelimitedList(
        Choice(*SETTINGS), load_default=list, data_key="setting", metadata={"examples": [["home", "out"]]}
    )
    categories = DelimitedList(
        Choice(*CATEGORIES), load_default=list, data_key="category", metadata={"examples": [["outdoors"]]}
    )
    children = Choice("asleep", "present", load_default=None, metadata={"examples": ["asleep"]})
    weather = Choice(
        "wet",
        "dry",
        "mild",
        load_default=None,
        metadata={"examples": ["wet"], "description": "What it will be like outside; mild is dry and warm."},
    )
    step_free = QueryBoolean(load_default=False, metadata={"examples": [True]})

    @validates_schema
    def _window(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["start"] is None) != (data["end"] is None):
            raise ValidationError("A window needs both ends.", "to" if data["end"] is None else "from")


def limits(query: dict[str, Any]) -> dict[str, Any]:
    """The limits of a loaded query, as a Question takes them."""
    found = {name: query[name] for name in ("start", "end", "minutes", "cost_band", "energy", "children", "weather")}
    chosen = {name: frozenset(query[name]) or None for name in ("settings", "categories")}
    return {**found, **chosen, "access": frozenset({"step_free"} if query["step_free"] else ())}
