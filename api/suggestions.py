"""Suggestions: activities that fit, with reasons and possible times."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates

from api import enumerations
from api.activities import ActivityOut, Rendered, show
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, LocalDateTime, LocalInterval, Number
from api.core.languages import short_day, text
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.filters import FilterQuery, TimeQuery, limits
from api.instance_info import hemisphere_of
from planner.contact.viewer import Viewer
from planner.errors import Conflict, Invalid, NotFound
from planner.recommender import free_times, suggestions
from planner.recommender.model import free_slots
from planner.recommender.model.free_slots import Window
from planner.recommender.model.request import SOON_DAYS, RecommendationRequest
from planner.recommender.suggestions import MAX_EXTRA_PAGES, Suggestion, SuggestionQuery
from planner.sun import daylight

routes = Routes("suggestions")


class SlotsQuery(TimeQuery):
    """For whom, when and how long. All are optional."""

    party = Choice(
        enumerations.AUDIENCE,
        data_key="for",
        load_default=None,
        metadata={"examples": ["two"], "description": "Default: two, with a partner."},
    )
    when = LocalInterval(
        load_default=None,
        metadata={
            "examples": ["2026-11-28T14:00/2026-11-28T22:00"],
            "description": "An interval of at most 14 days in your local time, for slots in it. "
            "With it, day, from and to are ignored.",
        },
    )

    @validates("when")
    def _length(self, value: Any, data_key: str) -> None:
        if value is not None and value[1] - value[0] > free_slots.LONGEST:
            raise InvalidValue("interval_too_long", days=free_slots.LONGEST.days)


class SuggestionsQuery(SlotsQuery, FilterQuery):
    """For whom, when, and the limits. All are optional."""

    page = Number(
        0,
        MAX_EXTRA_PAGES,
        digits=True,
        load_default=0,
        metadata={"examples": [1], "description": "Which further list of ideas: the `next_page` of the list before."},
    )


class SuggestionReasonOut(Schema):
    """One reason: a stable code with its params, and the words for it in English."""

    code = EnumField(enumerations.REASON, metadata={"examples": ["cost"]})
    params = fields.Dict(fields.String(), fields.Raw(), metadata={"examples": [{"cost_band": 0}]})
    text = fields.String(metadata={"examples": ["free"]})


class FreeSlotOut(Schema):
    """A time that fits, in the form of a slot of POST /v1/dates."""

    local_time = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    minutes = fields.Integer(metadata={"examples": [90]})


class FreeSlotsOut(Schema):
    """Times at which you have no plans, the earliest first. At most eight, on different days if possible."""

    slots = fields.List(fields.Nested(FreeSlotOut))


class SuggestionOut(Schema):
    """One idea, why it fits, and from which day on.

    With `when`, it has one to three slots. For soon, it has some if you have set your availability and one fits: times
    that suit you, and your partner if you both agreed to that.
    """

    activity = Rendered(ActivityOut)
    reasons = fields.List(fields.Nested(SuggestionReasonOut))
    first_day = Day(
        metadata={
            "examples": ["2026-12-19"],
            "description": "The first day, of those asked for, on which you can do it: after its preparation, in its "
            "season, and at its time of day. GET /v1/activities/{activity_id}/slots names times.",
        }
    )
    lead_days = fields.Integer(
        metadata={"examples": [10], "description": "How many days of booking or preparation it needs."}
    )
    first_day_text = fields.String(
        metadata={"examples": ["plan about 10 days ahead: from Sat 19 Dec"], "description": "Both in a sentence."}
    )
    slots = fields.List(fields.Nested(FreeSlotOut))


class RelaxableLimitOut(Schema):
    """One limit, and how many activities would fit without it."""

    limit = EnumField(enumerations.LIMIT, metadata={"examples": ["minutes"]})
    matching = fields.Integer(
        attribute="fitting",
        metadata={"examples": [12], "description": "How many would then fit you. For the two of you it may be fewer."},
    )


class SuggestionsOut(Schema):
    """At most five ideas. The same query returns the same ideas all day."""

    party = EnumField(enumerations.AUDIENCE, data_key="for", metadata={"examples": ["two"]})
    day = Day(
        metadata={
            "examples": ["2026-11-28"],
            "description": "The first day asked for. Without `day` and `when`: today, or later (see `spaced`).",
        }
    )
    last_day = Day(metadata={"examples": ["2026-12-11"], "description": "The last day asked for."})
    spaced = fields.Boolean(
        metadata={
            "examples": [False],
            "description": "true: the list begins later than today, to leave time between your dates together. See "
            "`cadence` in PUT /v1/me/profile.",
        }
    )
    items = fields.List(fields.Nested(SuggestionOut))
    next_page = fields.Integer(
        allow_none=True, metadata={"examples": [1], "description": "Send it as `page` for other ideas; null: no more."}
    )
    relax = fields.List(
        fields.Nested(RelaxableLimitOut),
        metadata={
            "description": "If there are few ideas: which limits exclude most, the most first. None is of your partner."
        },
    )


@routes.get(
    "/suggestions", access=SIGNED_IN, query=SuggestionsQuery(), answer=SuggestionsOut(), problems=[Invalid, Conflict]
)
def list_suggestions(context: RequestContext) -> dict[str, Any]:
    """Get ideas for the two of you, or for you alone.

    Without `day` and `when`, they are for soon: the next two weeks. Then one or two of five need booking or
    preparation, if such ideas fit. Each idea names its first day. With `day` or `when`, all are possible then. If you
    ask for two days, the second list prefers other ideas.
    """
    return suggest(context, context.query)


@routes.get(
    "/activities/<uuid:activity_id>/slots",
    access=OWNER,
    query=SlotsQuery(),
    answer=FreeSlotsOut(),
    problems=[Invalid, NotFound, Conflict],
)
def list_slots(context: RequestContext, activity_id: UUID) -> dict[str, Any]:
    """Find times for one activity, in the form of the slots of a suggestion.

    Without when, day, from and to: in two weeks, which begin now or after the days of preparation. With from and to
    alone: today. With `minutes`, no slot is longer.
    """
    viewer, query = context.viewer, context.query
    request = request_of(viewer, query, context.now, minutes=query["minutes"])
    return {
        "slots": free_times.find_slots(viewer, activity_id, request, _window(viewer, query, context.now), context.now)
    }


def first_idea(context: RequestContext) -> dict[str, Any] | None:
    """Return the first idea of a request without limits, or None. The day's slate is the same as for the route."""
    items = suggest(context, _NO_LIMITS, is_preview=True)["items"]
    return items[0] if items else None


_NO_LIMITS: dict[str, Any] = SuggestionsQuery().load({})


def suggest(context: RequestContext, query: dict[str, Any], is_preview: bool = False) -> dict[str, Any]:
    """Return the answer to a loaded SuggestionsQuery. Raises Conflict without a partner to ask for.

    `is_preview`: only the first idea will be shown.
    """
    viewer, today = context.viewer, context.viewer.today(context.now)
    when = _when(*query["when"]) if query["when"] else {"day": query["day"] or today, "is_soon": query["day"] is None}
    request = request_of(viewer, query, context.now, **{**limits(query), **when})
    window = Window(query["when"][0], query["when"][1], viewer.zone) if query["when"] else None
    suggested = suggestions.suggest(viewer, SuggestionQuery(request, query["page"], window, is_preview), context.now)
    first = request.day + timedelta(days=suggested.wait_days)
    return {
        "party": request.party,
        "day": window.begins.date() if window else first,
        "last_day": first + timedelta(days=SOON_DAYS - 1) if request.is_soon else request.day,
        "spaced": suggested.wait_days > 0,
        "items": [_show(viewer, idea, request) for idea in suggested.ideas],
        "next_page": query["page"] + 1 if suggested.more else None,
        "relax": suggested.relax,
    }


def _show(viewer: Viewer, idea: Suggestion, request: RecommendationRequest) -> dict[str, Any]:
    return {
        "activity": show(viewer, idea.card, idea.vote),
        "reasons": idea.reasons,
        "first_day": idea.first_day,
        "lead_days": idea.card.content.lead_days,
        "first_day_text": _first_day_text(idea, request),
        "slots": idea.slots,
    }


def _first_day_text(idea: Suggestion, request: RecommendationRequest) -> str:
    """Return the sentence on the first day of an idea. Only for soon does the preparation decide it."""
    day, lead_days = short_day(idea.first_day), idea.card.content.lead_days
    if idea.first_day == request.today:
        return text("first_days", "today")
    if not request.is_soon:
        return text("first_days", "from" if request.first_day else "on", day=day)
    if lead_days > 1:
        return text("first_days", "lead_days", days=lead_days, day=day)
    return text("first_days", "lead_day" if lead_days else "from", day=day)


def request_of(viewer: Viewer, query: dict[str, Any], now: datetime, **wishes: Any) -> RecommendationRequest:
    """Return the request of a viewer. Raises Conflict without a partner to ask for."""
    party = query["party"] or ("two" if viewer.couple else "one")
    if party == "two" and viewer.couple is None:
        raise Conflict("no_partner")
    today, hemisphere = viewer.today(now), hemisphere_of(viewer.zone)
    return RecommendationRequest(
        party=party,
        today=today,
        pace=(viewer.own_pace or 5) if party == "two" else 5,
        hemisphere=hemisphere,
        daylight=daylight(viewer.zone, wishes.get("day") or today, hemisphere),
        **wishes,
    )


def _window(viewer: Viewer, query: dict[str, Any], now: datetime) -> Window | None:
    """Return the interval or the hours of a day that a query names, or None."""
    if query["when"]:
        begins, ends = query["when"]
        return Window(begins, ends, viewer.zone)
    if query["day"] is None and query["start"] is None:
        return None
    day: date = query["day"] or viewer.today(now)
    begins, ends = (datetime.combine(day, query[name] or time()) for name in ("start", "end"))
    # Hours past midnight end on the next day, and so does a whole day.
    return Window(begins, ends if begins < ends else ends + timedelta(days=1), viewer.zone)


def _when(begins: datetime, ends: datetime) -> dict[str, Any]:
    """Return the day and the hours of a request for an interval."""
    if ends - begins <= timedelta(days=1):
        return {"day": begins.date(), "start": begins.time(), "end": ends.time()}
    # With several days, use the last one, because it leaves most time to prepare. The slots of each idea name the day.
    return {"first_day": begins.date(), "day": ends.date(), "start": None, "end": None}
