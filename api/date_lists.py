"""Lists of dates: by state and by day, for a month view, with the later times of rituals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validates_schema
from webargs.fields import DelimitedList

from api import enumerations
from api.core.fields import Choice, Day
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import PageQuery, page, page_of
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.dates import PlannedDateOut, show
from api.repeats import RitualTimeOut, show_time
from planner.clock import start_of_day
from planner.dates import ritual_views, views
from planner.dates.date_filter import DateFilter
from planner.dates.ritual_views import RitualTime
from planner.errors import Invalid

routes = Routes("date_lists")

MOST_DAYS = 100
"""The most days from `from` to `to` for which a list of dates has the later times of rituals."""


class DatesQuery(PageQuery):
    """Which dates to list: in some states, on some days, or those that are open or ahead."""

    since = Day(
        load_default=None,
        data_key="from",
        metadata={
            "examples": ["2026-11-01"],
            "description": "Dates with a time on this day of your zone or later: agreed, or offered. Those that began "
            "earlier and go on are among them.",
        },
    )
    until = Day(
        load_default=None,
        data_key="to",
        metadata={"examples": ["2026-11-30"], "description": "Dates with a time on this day or earlier."},
    )
    states = DelimitedList(
        Choice(enumerations.DATE_STATE),
        load_default=list,
        data_key="state",
        metadata={"examples": [["proposed", "accepted"]], "description": "Default: all."},
    )
    show = Choice(
        enumerations.DATE_LIST,
        load_default="all",
        metadata={"examples": ["upcoming"], "description": "Which list, and its order."},
    )

    @validates_schema
    def _check_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["since"] and data["until"] and data["until"] < data["since"]:
            raise InvalidValue("ends_too_early", "to")


_RITUAL_TIMES = fields.List(
    fields.Nested(RitualTimeOut),
    metadata={
        "description": f"With from and to at most {MOST_DAYS} days apart, on the first page: the times of your rituals"
        " on these days that are not dates yet. Else empty."
    },
)


@routes.get(
    "/dates",
    access=SIGNED_IN,
    query=DatesQuery(),
    answer=page_of(PlannedDateOut, ritual_times=_RITUAL_TIMES),
    problems=[Invalid],
)
def list_dates(context: RequestContext) -> dict[str, Any]:
    """List the dates of your couple, and those just for you."""
    wanted = _wanted(context)
    if context.query["show"] == "upcoming":
        dates = page(
            context.query,
            lambda limit, after: views.list_upcoming(context.viewer, context.now, limit, after, wanted),
            lambda date: (date.moment, date.id),
        )
    else:
        dates = page(
            context.query,
            lambda limit, after: views.list_recent(context.viewer, context.now, limit, after, wanted),
            lambda date: (date.created_at, date.id),
        )
    return {
        "items": show(context.viewer, dates.items),
        "next": dates.next,
        "ritual_times": [show_time(time, context.viewer) for time in _ritual_times(context, wanted)],
    }


def _ritual_times(context: RequestContext, wanted: DateFilter) -> list[RitualTime]:
    since, until = wanted.since, wanted.until
    if context.query["after"] or not since or not until or until - since > timedelta(days=MOST_DAYS + 1):
        return []
    return ritual_views.list_times(context.viewer, since, until, context.now)


def _wanted(context: RequestContext) -> DateFilter:
    query, zone = context.query, context.viewer.zone
    return DateFilter(
        frozenset(query["states"]),
        start_of_day(query["since"], zone) if query["since"] else None,
        start_of_day(query["until"] + timedelta(days=1), zone) if query["until"] else None,
    )
