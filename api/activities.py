"""Activities: what there is to do."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.edge import PERSON, Call, Routes
from api.fields import Choice, Id
from api.pages import PageQuery, Place, Slice, page, page_of
from planner.catalogue import activities
from planner.catalogue.activities import ActivityCard
from planner.errors import Invalid, NotFound
from seeds.vocabulary import CATEGORIES

routes = Routes("activities")


def _words(*examples: Any, text: str = "") -> dict[str, Any]:
    return {"examples": list(examples), "description": text} if text else {"examples": list(examples)}


class ActivityOut(Schema):
    """An activity, complete enough to be done from its own text."""

    id = Id(metadata=_words("9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"))
    slug = fields.String(metadata=_words("market-stall-lunch"))
    title = fields.String(metadata=_words("Market-stall lunch"))
    summary = fields.String(metadata=_words("Share three small dishes from three stalls and vote for the best."))
    category = fields.String(metadata=_words("cook_taste"))
    tags = fields.List(fields.String(), metadata=_words(["food", "outdoors"]))
    party = fields.String(metadata=_words("two", text="one, two or either."))
    setting = fields.String(metadata=_words("out", text="home, out or away."))
    shelter = fields.String(metadata=_words("either"))
    duration_min = fields.Integer(metadata=_words(45, text="Minutes."))
    duration_max = fields.Integer(metadata=_words(90, text="Minutes."))
    cost_band = fields.Integer(metadata=_words(1, text="0 free, 2 about a simple meal for two, 4 more than four."))
    energy = fields.Integer(metadata=_words(2, text="1 to 5."))
    novelty = fields.Integer(metadata=_words(3, text="1 to 5."))
    pace = fields.Integer(metadata=_words(2, text="1 afar, 2 light, 3 shared, 4 home, 5 close."))
    lead_days = fields.Integer(metadata=_words(0, text="Days of preparation."))
    seasons = fields.List(fields.String(), metadata=_words(["spring", "summer"]))
    weather = fields.String(metadata=_words("any"))
    time_of_day = fields.List(fields.String(), metadata=_words(["morning", "afternoon"]))
    with_children = fields.String(metadata=_words("yes", text="no, asleep or yes."))
    accessibility = fields.Dict(fields.String(), fields.String(), metadata=_words({"step_free": "yes"}))
    steps = fields.List(fields.String(), metadata=_words(["Pick a market.", "Each choose a stall."]))
    starter = fields.String(metadata=_words("Which stall would you send a visitor to?"))
    variations = fields.List(fields.String(), metadata=_words(["Bring your own bread and buy one thing to share."]))
    safety = fields.List(fields.String(), metadata=_words([]))


class ActivitiesQuery(PageQuery):
    """Which activities to list."""

    category = Choice(*CATEGORIES, load_default=None, metadata=_words("outdoors"))


_activity = ActivityOut()
# Ids order the list; the cursor's instant is the same for all.
_ORDER = datetime(2000, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def rendered(card: ActivityCard) -> dict[str, Any]:
    """An activity as it goes out. Rendered once a version: the same texts go to everybody."""
    names = (name for name in _activity.fields if name != "id")
    content = {name: getattr(card.content, name) for name in names}
    found: dict[str, Any] = _activity.dump({**content, "id": card.id})
    return found


class Rendered(fields.Nested):
    """An activity that is rendered already: it goes out as it is."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        return value


@routes.get(
    "/activities", access=PERSON, query=ActivitiesQuery(), answer=page_of(ActivityOut, Rendered), problems=[Invalid]
)
def listed(call: Call) -> Slice[dict[str, Any]]:
    """List the activities of this server."""
    category = call.query["category"]

    def read(limit: int, after: Place | None) -> list[dict[str, Any]]:
        found = [card for card in activities.deck().living if category in (None, card.content.category)]
        return [rendered(card) for card in found if after is None or card.id > after[1]][:limit]

    return page(call.query, read, lambda item: (_ORDER, UUID(item["id"])))


@routes.get("/activities/<uuid:activity_id>", access=PERSON, answer=ActivityOut(), problems=[NotFound])
def read(call: Call, activity_id: UUID) -> dict[str, Any]:
    """Read one activity."""
    return rendered(activities.find(activity_id))
