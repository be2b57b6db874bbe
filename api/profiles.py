"""Your profile: what you like, care about and need. Only you see it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import Enumeration
from api.core.fields import Choice, Number, StrictBoolean
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from planner.errors import Invalid
from planner.recommender import profiles
from planner.recommender.profiles import Profile

routes = Routes("profiles")


def _words(text: str, *examples: Any) -> dict[str, Any]:
    return {"description": text, "examples": list(examples)}


def _list(choices: Enumeration, text: str, example: list[str], **more: Any) -> fields.List[Any]:
    return fields.List(Choice(choices), validate=Length(0, len(choices.values)), metadata=_words(text, example), **more)


class ProfilePut(Schema):
    """What you like and need, in the values of GET /v1/catalogue. A missing field means none.

    Your limits count at once for suggestions to you alone, and from tomorrow for the two of you. Your partner is never
    told of them. Over time, they may still notice what is never suggested. What you like and dislike shapes your own
    suggestions only.
    """

    interests = _list(enumerations.INTEREST, "What you like.", ["garden", "music"], required=True)
    causes = _list(enumerations.CAUSE, "What you would like to help with.", ["cause_nature"], required=True)
    dislikes = _list(enumerations.INTEREST, "What you like less.", ["sport"], load_default=list)
    access = _list(
        enumerations.ACCESS_FEATURE, "What you need: for hearing, sight or steps.", ["step_free"], load_default=list
    )
    settings = _list(enumerations.SETTING, "The settings that are possible. Empty: all.", ["home"], load_default=list)
    cost_band = Number(0, 4, load_default=None, allow_none=True, metadata=_words("At most; null: no limit.", 1))
    children = Choice(
        enumerations.CHILDREN,
        load_default=None,
        allow_none=True,
        metadata=_words("Whether children are usually there. A question may say otherwise.", "asleep"),
    )
    child_ages = _list(enumerations.CHILD_AGE, "How old the children are.", ["school"], load_default=list)
    lives_together = StrictBoolean(
        load_default=None,
        allow_none=True,
        metadata=_words("Whether you share a home with your partner. true: without ideas for two homes.", True),
    )
    prompt_kinds = _list(
        enumerations.PROMPT_KIND,
        "The kinds of your prompt of the day, from tomorrow on. Empty: all but reflections.",
        ["memory", "self_care"],
        load_default=list,
    )
    cadence = Choice(
        enumerations.CADENCE,
        load_default=None,
        allow_none=True,
        metadata=_words(
            "How often you would like a date. The rarer of your wish and your partner's decides how long after another "
            "date of you two the ideas for soon begin. From that, a partner with a more frequent wish can work out "
            "yours.",
            "weekly",
        ),
    )
    alcohol_free = StrictBoolean(load_default=False, metadata=_words("Leave out ideas that mention alcohol.", False))

    @validates_schema
    def _check_no_overlap(self, data: dict[str, Any], **kwargs: Any) -> None:
        if set(data["interests"]) & set(data["dislikes"]):
            raise InvalidValue("liked_and_disliked", "dislikes")


class ProfileOut(ProfilePut):
    """Your profile, in the values of GET /v1/catalogue."""


_profile = ProfileOut()


@routes.get("/me/profile", access=SIGNED_IN, answer=_profile)
def get_profile(context: RequestContext) -> Profile:
    """Read your profile."""
    return profiles.get_own(context.viewer)


@routes.put("/me/profile", access=SIGNED_IN, body=ProfilePut(), answer=_profile, problems=[Invalid])
def put_profile(context: RequestContext) -> Profile:
    """Replace your profile."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in context.body.items()
    }
    return profiles.save(context.viewer, Profile(**values), context.now)
