"""The profile: what you like and care about. Only you see it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.edge import PERSON, Call, Routes
from api.fields import Choice
from planner.errors import Invalid
from planner.picking import profiles
from planner.picking.profiles import Profile
from seeds.vocabulary import CAUSES, INTERESTS

routes = Routes("profiles")


class ProfileIO(Schema):
    """Interests and causes, from the words that GET /v1/catalogue lists."""

    interests = fields.List(
        Choice(*INTERESTS), required=True, validate=validate.Length(0, len(INTERESTS)),
        metadata={"examples": [["garden", "music"]]},
    )  # fmt: skip
    causes = fields.List(
        Choice(*CAUSES), required=True, validate=validate.Length(0, len(CAUSES)),
        metadata={"examples": [["cause_nature"]]},
    )  # fmt: skip


_profile = ProfileIO()


@routes.get("/me/profile", access=PERSON, answer=_profile)
def read(call: Call) -> Profile:
    """Read your profile."""
    return profiles.read(call.actor)


@routes.put("/me/profile", access=PERSON, body=_profile, answer=_profile, problems=[Invalid])
def put(call: Call) -> Profile:
    """Replace your profile."""
    return profiles.put(call.actor, Profile(tuple(call.body["interests"]), tuple(call.body["causes"])))
