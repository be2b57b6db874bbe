"""The limits on activities that a viewer may set in a search or for suggestions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validates_schema
from webargs.fields import DelimitedList

from api import enumerations
from api.core.fields import Choice, Day, Number, QueryBoolean, TimeOfDay
from api.core.validators import InvalidValue


class TimeQuery(Schema):
    """The day, the hours and the length. All are optional."""

    day = Day(
        load_default=None,
        metadata={
            "examples": ["2026-11-28"],
            "description": "A day in your zone. Default: the next two weeks; in a search, the whole year.",
        },
    )
    start = TimeOfDay(
        load_default=None, data_key="from", metadata={"examples": ["18:00"], "description": "Not before."}
    )
    end = TimeOfDay(load_default=None, data_key="to", metadata={"examples": ["22:00"], "description": "Not after."})
    minutes = Number(5, 20160, digits=True, load_default=None, metadata={"examples": [120], "description": "At most."})

    @validates_schema
    def _check_hours(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["start"] is None) != (data["end"] is None):
            raise InvalidValue("both_needed", "to" if data["end"] is None else "from", first="from", second="to")


class FilterQuery(TimeQuery):
    """The day, the hours and the limits. All are optional."""

    cost_band = Number(0, 4, digits=True, load_default=None, metadata={"examples": [1], "description": "At most."})
    energy = Number(1, 5, digits=True, load_default=None, metadata={"examples": [3], "description": "At most."})
    settings = DelimitedList(
        Choice(enumerations.SETTING),
        load_default=list,
        data_key="setting",
        metadata={"examples": [["home", "out"]], "description": "Only in these settings."},
    )
    categories = DelimitedList(
        Choice(enumerations.CATEGORY),
        load_default=list,
        data_key="category",
        metadata={"examples": [["outdoors"]], "description": "Only of these categories."},
    )
    children = Choice(
        enumerations.CHILDREN_ASKED,
        load_default=None,
        metadata={
            "examples": ["asleep"],
            "description": "Whether children are there. It overrides the profiles of both. fun: what they enjoy, too.",
        },
    )
    child_ages = DelimitedList(
        Choice(enumerations.CHILD_AGE),
        load_default=list,
        metadata={"examples": [["school"]], "description": "With children=fun: fun for all of these ages."},
    )
    weather = Choice(
        enumerations.WEATHER, load_default=None, metadata={"examples": ["wet"], "description": "What works in it."}
    )
    step_free = QueryBoolean(
        load_default=False, metadata={"examples": [True], "description": "true: only what works without steps."}
    )


def limits(query: dict[str, Any]) -> dict[str, Any]:
    """Return the limits of a loaded query as keyword arguments of a RecommendationRequest."""
    values = {name: query[name] for name in ("start", "end", "minutes", "cost_band", "energy", "children", "weather")}
    sets = {name: frozenset(query[name]) or None for name in ("settings", "categories")}
    sets["child_ages"] = frozenset(query["child_ages"])
    return {**values, **sets, "access": frozenset({"step_free"} if query["step_free"] else ())}
