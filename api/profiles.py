"""The profile: what you like, care about and need. Only you see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.core.fields import Choice, Number, StrictBoolean
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.errors import Invalid
from planner.recommender import profiles
from planner.recommender.profiles import Profile
from seeds.vocabulary import ACCESS_FEATURES, CAUSES, INTERESTS, SETTINGS

routes = Routes("profiles")


def _words(text: str, *examples: Any) -> dict[str, Any]:
    return {"description": text, "examples": list(examples)}


def _list(choices: Collection[str], text: str, example: list[str], **more: Any) -> fields.List[Any]:
    return fields.List(
        Choice(*choices), validate=validate.Length(0, len(choices)), metadata=_words(text, example), **more
    )


class ProfileIO(Schema):
    """What you like and what you need, in the words that GET /v1/catalogue lists. What is left out is none.

    Your limits hold for whatever is suggested to you, and, from tomorrow on, to the two of you. Your partner is never
    told of them; over time, what is never suggested may still be noticed.
    """

    interests = _list(INTERESTS, "What you like.", ["garden", "music"], required=True)
    causes = _list(CAUSES, "What you would lend a hand for.", ["cause_nature"], required=True)
    dislikes = _list(INTERESTS, "What you like less.", ["sport"], load_default=list)
    access = _list(ACCESS_FEATURES, "What has to be possible: hearing, sight, steps.", ["step_free"], load_default=list)
    settings = _list(SETTINGS, "How far: the places that are possible. None named: all.", ["home"], load_default=list)
    cost_band = Number(0, 4, load_default=None, allow_none=True, metadata=_words("At most; null: no limit.", 1))
    children = Choice(
        "asleep", "present", load_default=None, allow_none=True, metadata=_words("Children who are there.", "asleep")
    )
    alcohol_free = StrictBoolean(load_default=False, metadata=_words("Leave out what names a drink.", False))

    @validates_schema
    def _either(self, data: dict[str, Any], **kwargs: Any) -> None:
        if set(data["interests"]) & set(data["dislikes"]):
            raise ValidationError("These are among your interests as well.", "dislikes")


_profile = ProfileIO()


@routes.get("/me/profile", access=SIGNED_IN, answer=_profile)
def read(context: RequestContext) -> Profile:
    """Read your profile."""
    return profiles.get_own(context.viewer)


@routes.put("/me/profile", access=SIGNED_IN, body=_profile, answer=_profile, problems=[Invalid])
def put(context: RequestContext) -> Profile:
    """Replace your profile."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in context.body.items()
    }
    return profiles.save(context.viewer, Profile(**given), context.now)
