"""Activities: the catalogue, your own ideas, and those that your partner has shown you."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Number, Text, Uuid, new_id
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page_of, page_of_list
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import Length
from api.filters import FilterQuery, limits
from api.instance_info import hemisphere_of
from planner.catalogue import activities, own_activities
from planner.catalogue.activities import ActivityEntry, VisibleActivities
from planner.contact.viewer import Viewer
from planner.errors import Conflict, IdTaken, Invalid, NotFound, VersionConflict, VersionMissing
from planner.recommender import matrix_cache, votes
from planner.recommender.model.filters import predicate
from planner.recommender.model.request import RecommendationRequest
from planner.sun import daylight
from seeds import vocabulary as v

routes = Routes("activities")


def _words(*examples: Any, text: str = "") -> dict[str, Any]:
    return {"examples": list(examples), "description": text} if text else {"examples": list(examples)}


class ActivityOut(Schema):
    """An activity. Its text contains everything that is needed to do it."""

    id = Uuid(metadata=_words("9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"))
    slug = fields.String(metadata=_words("market-stall-lunch"))
    title = fields.String(metadata=_words("Market-stall lunch"))
    summary = fields.String(metadata=_words("Share three small dishes from three stalls and vote for the best."))
    category = EnumField(enumerations.CATEGORY, metadata=_words("cook_taste"))
    tags = fields.List(EnumField(enumerations.TAG), metadata=_words(["food", "walk"]))
    party = EnumField(enumerations.ACTIVITY_AUDIENCE, attribute="for", data_key="for", metadata=_words("two"))
    setting = EnumField(enumerations.SETTING, metadata=_words("out"))
    shelter = EnumField(enumerations.SHELTER, metadata=_words("either"))
    duration_min = fields.Integer(metadata=_words(45, text="Minutes."))
    duration_max = fields.Integer(metadata=_words(90, text="Minutes."))
    cost_band = fields.Integer(metadata=_words(1, text="0 free, 2 about a simple meal for two, 4 more than four."))
    energy = fields.Integer(metadata=_words(2, text="1 to 5."))
    novelty = fields.Integer(metadata=_words(3, text="1 to 5."))
    pace = fields.Integer(metadata=_words(2, text="1 afar, 2 light, 3 shared, 4 home, 5 close."))
    lead_days = fields.Integer(metadata=_words(0, text="Days of preparation."))
    seasons = fields.List(EnumField(enumerations.SEASON), metadata=_words(["spring", "summer"]))
    weather = EnumField(enumerations.ACTIVITY_WEATHER, metadata=_words("any"))
    time_of_day = fields.List(EnumField(enumerations.TIME_OF_DAY), metadata=_words(["morning", "afternoon"]))
    light = EnumField(enumerations.LIGHT, metadata=_words("day"))
    with_children = EnumField(enumerations.WITH_CHILDREN, metadata=_words("yes"))
    fun_for = fields.List(
        EnumField(enumerations.CHILD_AGE), metadata=_words(["school"], text="Ages of children who enjoy it.")
    )
    accessibility = fields.Dict(
        EnumField(enumerations.ACCESS_FEATURE),
        EnumField(enumerations.ACCESS_LEVEL),
        metadata=_words({"step_free": "yes"}),
    )
    steps = fields.List(fields.String(), metadata=_words(["Pick a market.", "Each choose a stall."]))
    starter = fields.String(metadata=_words("Which stall would you send a visitor to?"))
    variations = fields.List(fields.String(), metadata=_words(["Bring your own bread and buy one thing to share."]))
    safety = fields.List(fields.String(), metadata=_words([]))
    ending = fields.String(
        allow_none=True,
        metadata=_words("Part at the gate.", text="How to end it, at your rhythm. Null without a partner."),
    )
    source = EnumField(enumerations.ACTIVITY_SOURCE, metadata=_words("catalogue"))
    vote = EnumField(enumerations.VOTE, allow_none=True, metadata=_words(None, text="Your own vote."))
    version = fields.Integer(metadata=_words(1))


class IdeaPatch(Schema):
    """The fields of your own idea. A missing field stays unchanged, or takes the default in a new idea."""

    title = Text(60, metadata=_words("Feed the ducks, name the ducks"))
    summary = Text(240, least=0, metadata=_words("Oats in a bag, two names each."))
    category = Choice(enumerations.CATEGORY, metadata=_words("outdoors"))
    tags = fields.List(Choice(enumerations.TAG), validate=Length(0, 8), metadata=_words(["nature"]))
    party = Choice(enumerations.ACTIVITY_AUDIENCE, data_key="for", metadata=_words("two"))
    setting = Choice(enumerations.SETTING, metadata=_words("out"))
    shelter = Choice(enumerations.SHELTER, metadata=_words("outdoor"))
    duration_min = Number(5, 20160, metadata=_words(30, text="Minutes."))
    duration_max = Number(5, 20160, metadata=_words(60, text="Minutes."))
    cost_band = Number(0, 4, metadata=_words(0))
    energy = Number(1, 5, metadata=_words(1))
    novelty = Number(1, 5, metadata=_words(2))
    pace = Number(1, 5, metadata=_words(2))
    lead_days = Number(0, 365, metadata=_words(0))
    seasons = fields.List(Choice(enumerations.SEASON), validate=Length(1, 4), metadata=_words(["spring"]))
    weather = Choice(enumerations.ACTIVITY_WEATHER, metadata=_words("dry"))
    time_of_day = fields.List(Choice(enumerations.TIME_OF_DAY), validate=Length(1, 4), metadata=_words(["morning"]))
    light = Choice(enumerations.LIGHT, metadata=_words("day"))
    with_children = Choice(enumerations.WITH_CHILDREN, metadata=_words("yes"))
    fun_for = fields.List(Choice(enumerations.CHILD_AGE), validate=Length(0, 3), metadata=_words(["small"]))
    accessibility = fields.Dict(
        Choice(enumerations.ACCESS_FEATURE), Choice(enumerations.ACCESS_LEVEL), metadata=_words({"step_free": "yes"})
    )
    steps = fields.List(Text(300), validate=Length(0, 6), metadata=_words(["Bring oats."]))
    starter = Text(160, least=0, metadata=_words("Which duck would you vote for?"))
    variations = fields.List(Text(300), validate=Length(0, 3), metadata=_words([]))
    safety = fields.List(Text(300), validate=Length(0, 3), metadata=_words([]))


class IdeaIn(IdeaPatch):
    """A new idea of your own. A title and a category are enough."""

    id = new_id()
    title = Text(60, required=True, metadata=_words("Feed the ducks, name the ducks"))
    category = Choice(enumerations.CATEGORY, required=True, metadata=_words("outdoors"))


# The values of a new idea for each field that its author leaves out.
_DEFAULTS: dict[str, Any] = {
    "summary": "",
    "tags": [],
    "party": "either",
    "setting": "out",
    "shelter": "either",
    "duration_min": 60,
    "duration_max": 120,
    "cost_band": 1,
    "energy": 2,
    "novelty": 3,
    "pace": 2,
    "lead_days": 0,
    "seasons": list(v.SEASONS),
    "weather": "any",
    "time_of_day": list(v.TIMES_OF_DAY),
    "light": "any",
    "with_children": "no",
    "fun_for": [],
    "steps": [],
    "starter": "",
    "variations": [],
    "safety": [],
    "evidence": None,
}


class ActivitiesQuery(FilterQuery, PageQuery):
    """The words to search for, and the limits. All are optional."""

    words = Text(
        80,
        least=0,
        load_default="",
        data_key="q",
        metadata=_words("gal pic", text="Words or their beginnings. Accents do not matter."),
    )
    party = Choice(
        enumerations.AUDIENCE, data_key="for", load_default=None, metadata=_words("two", text="For one or for two.")
    )
    pace = Number(1, 5, digits=True, load_default=None, metadata=_words(3, text="At most."))
    tag = Choice(enumerations.TAG, load_default=None, metadata=_words("nature", text="Only with this tag."))
    vote = Choice(enumerations.VOTE, load_default=None, metadata=_words("never", text="Only what you gave this vote."))


# The limits that each parameter of a search sets. Limits of absent parameters are not computed.
_LIMITS_OF: dict[str, tuple[str, ...]] = {
    "party": ("party",),
    "pace": ("pace",),
    "minutes": ("minutes",),
    "cost_band": ("cost_band",),
    "energy": ("energy",),
    "settings": ("setting",),
    "categories": ("category",),
    "children": ("children",),
    "weather": ("weather",),
    "step_free": ("step_free",),
    "start": ("window",),
    # Without a day, the search covers the whole year. With one, its season and the lead time count.
    "day": ("season", "lead_days"),
}

_activity = ActivityOut()
_TEXTS = [name for name in _activity.fields if name not in ("id", "source", "vote", "ending")]


@lru_cache(maxsize=4096)
def _render(entry: ActivityEntry) -> dict[str, Any]:
    """Return the JSON of an activity. It is the same for all viewers, so the cache renders each version once."""
    content = {name: getattr(entry.content, name) for name in _TEXTS}
    rendered: dict[str, Any] = _activity.dump(
        {**content, "for": entry.content.party, "id": entry.id, "source": "catalogue"}
    )
    return rendered


def show(viewer: Viewer, entry: ActivityEntry, vote: str | None) -> Versioned:
    """Return an activity as the viewer sees it, with their own vote."""
    source = "catalogue" if entry.owner is None else "me" if entry.owner == viewer.id else "partner"
    return Versioned(_render(entry), source=source, vote=vote, ending=ending_for(viewer, entry))


def ending_for(viewer: Viewer, entry: ActivityEntry) -> str | None:
    """Return the ending for the viewer's rhythm: a plain one for "together", otherwise an easy way to part."""
    if viewer.pair is None:
        return None
    content = entry.content
    return content.ending_together if viewer.own_rhythm == "together" else content.ending


def _show_one(viewer: Viewer, entry: ActivityEntry) -> Versioned:
    return show(viewer, entry, votes.get_own(viewer, [entry.id]).get(entry.id))


class Rendered(fields.Nested):
    """An activity that `show` has already rendered. It is not dumped again."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        return value


@routes.get(
    "/activities", access=SIGNED_IN, query=ActivitiesQuery(), answer=page_of(ActivityOut, Rendered), problems=[Invalid]
)
def search_activities(context: RequestContext) -> Page[Versioned]:
    """Search the catalogue, your own ideas, and those that your partner has shown you."""
    query, today = context.query, context.viewer.today(context.now)
    hemisphere = hemisphere_of(context.viewer.zone)
    request = RecommendationRequest(
        party=query["party"] or "",
        day=query["day"] or today,
        today=today,
        pace=query["pace"] or 5,
        hemisphere=hemisphere,
        daylight=daylight(context.viewer.zone, query["day"], hemisphere) if query["day"] else None,
        **limits(query),
    )
    limit_names = [limit for name, set_limits in _LIMITS_OF.items() if _is_given(query[name]) for limit in set_limits]
    words, tag, vote = query["words"] or "", query["tag"], query["vote"]
    own_votes = votes.list_own(context.viewer)

    def matches(visible: VisibleActivities) -> Callable[[ActivityEntry], bool]:
        is_within_limits = predicate(matrix_cache.matrix_of(visible.snapshot), request, limit_names)
        return lambda entry: (
            is_within_limits(entry)
            and (tag is None or tag in entry.content.tags)
            and (vote is None or own_votes.get(entry.id) == vote)
        )

    found = page_of_list(query, activities.search(context.viewer, words, matches), itemgetter(0), _read_key)
    return Page([show(context.viewer, entry, own_votes.get(entry.id)) for _, entry in found.items], found.next)


def _read_key(text: str) -> str:
    if not text.startswith(("0 ", "1 ")):  # the rank and the folded title
        raise ValueError
    return text


def _is_given(value: Any) -> bool:
    return value is not None and value != [] and value is not False


@routes.get("/activities/<uuid:activity_id>", access=OWNER, answer=ActivityOut(), problems=[NotFound])
def get_activity(context: RequestContext, activity_id: UUID) -> Versioned:
    """Read one activity."""
    return _show_one(context.viewer, activities.find(context.viewer, activity_id))


@routes.post(
    "/activities",
    access=SIGNED_IN,
    body=IdeaIn(),
    answer=ActivityOut(),
    status=201,
    location="/activities/{id}",
    example={"source": "me"},
    problems=[Invalid, IdTaken, Conflict],
)
def create_activity(context: RequestContext) -> Versioned:
    """Write your own idea. Only you see it. When you propose it, your partner gets a copy that never changes."""
    values = with_defaults(context.body)
    idea_id = values.pop("id")
    return _show_one(context.viewer, own_activities.write(context.viewer, values, idea_id, context.now))


def with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a new idea, with a default for each that its author left out."""
    values = {**_DEFAULTS, **given}
    if given.get("party") == "one":
        values["pace"] = given.get("pace", 1)
    values["accessibility"] = {**dict.fromkeys(v.ACCESS_FEATURES, "unknown"), **given.get("accessibility", {})}
    if "duration_min" in given or "duration_max" in given:
        _fit_durations(values, given)
    return values


@routes.patch(
    "/activities/<uuid:activity_id>",
    access=OWNER,
    body=IdeaPatch(),
    answer=ActivityOut(),
    versioned=True,
    example={"source": "me"},
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit_activity(context: RequestContext, activity_id: UUID) -> Versioned:
    """Change your own idea. Your partner still sees the copy that you proposed, until you propose it again."""
    return _show_one(
        context.viewer, own_activities.edit(context.viewer, activity_id, if_match(), context.body, context.now)
    )


@routes.delete("/activities/<uuid:activity_id>", access=OWNER, problems=[NotFound, Conflict])
def retire_activity(context: RequestContext, activity_id: UUID) -> None:
    """Retire your own idea, and the copies that your partner has. Dates about it still show its name."""
    own_activities.retire(context.viewer, activity_id, context.now)


def _fit_durations(values: dict[str, Any], given: dict[str, Any]) -> None:
    """Move the default of a missing minimum or maximum so that the two stay in order."""
    values["duration_max"] = given.get("duration_max", max(values["duration_max"], values["duration_min"]))
    values["duration_min"] = given.get("duration_min", min(values["duration_min"], values["duration_max"]))
