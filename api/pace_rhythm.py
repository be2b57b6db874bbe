"""Pace and rhythm: your private choices, and what counts for the two of you."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Number, StrictBoolean
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.contact import pace, rhythm
from planner.contact.pace import Pace
from planner.contact.rhythm import Rhythm
from planner.couples.contact_rules import PACES
from planner.errors import Conflict, Invalid, NotFound

routes = Routes("pacing")

_STEPS = "; ".join(f"{pace} {words}" for pace, words in PACES.items())


def _quietly() -> StrictBoolean:
    return StrictBoolean(
        load_default=False,
        metadata={
            "description": "Only for you, and only for a lower choice. Your partner sees no change. What they send"
            " beyond it is accepted, and held back from you.",
            "examples": [False],
        },
    )


class PacePut(Schema):
    """The pace that you want. A lower one counts at once, one step more only when both of you asked for it."""

    pace = Number(min(PACES), max(PACES), required=True, metadata={"description": _STEPS, "examples": [2]})
    quietly = _quietly()


class PaceChoiceOut(Schema):
    """Your choices of pace. Your partner never sees it, except for `pace` itself."""

    pace = fields.Integer(metadata={"examples": [3], "description": f"What counts for the two of you. {_STEPS}"})
    own_pace = fields.Integer(metadata={"examples": [3], "description": "What counts for what you see and propose."})
    max_pace = fields.Integer(metadata={"examples": [3], "description": "The highest pace that you agreed to."})
    quiet_pace = fields.Integer(allow_none=True, metadata={"examples": [None], "description": "Chosen quietly."})
    requested_pace = fields.Integer(
        allow_none=True,
        metadata={
            "examples": [4],
            "description": "The pace that you asked for, until you take it back or the pace changes.",
        },
    )


class RhythmPut(Schema):
    """The rhythm that you want. A calmer one counts at once, a livelier one from the day after both chose it."""

    rhythm = Choice(enumerations.RHYTHM, required=True, metadata={"examples": ["gentle"]})
    quietly = _quietly()


class RhythmChoiceOut(Schema):
    """Your choices of rhythm. Your partner never sees it, except for `rhythm` itself."""

    rhythm = EnumField(
        enumerations.RHYTHM, metadata={"examples": ["gentle"], "description": "What counts for the two of you."}
    )
    own_rhythm = EnumField(
        enumerations.RHYTHM, metadata={"examples": ["gentle"], "description": "What counts for what you send."}
    )
    choice = EnumField(
        enumerations.RHYTHM, metadata={"examples": ["together"], "description": "Your choice; the calmer one counts."}
    )
    quiet_rhythm = EnumField(
        enumerations.RHYTHM, allow_none=True, metadata={"examples": [None], "description": "Chosen quietly."}
    )


@routes.get("/me/pace", access=SIGNED_IN, answer=PaceChoiceOut(), no_store=True, problems=[NotFound])
def get_pace(context: RequestContext) -> Pace:
    """Read your choice of pace, and the pace that counts."""
    return pace.read(context.viewer)


@routes.put(
    "/me/pace", access=SIGNED_IN, body=PacePut(), answer=PaceChoiceOut(), no_store=True, problems=[Invalid, Conflict]
)
def put_pace(context: RequestContext) -> Pace:
    """Choose a lower pace, openly or quietly, or ask for one step more.

    A lower pace counts at once. Your partner does not see that you asked for more. When both of you asked, the step
    begins at noon in UTC on the next day. Until then you may take it back. In the rhythm together it begins at once.
    """
    return pace.choose(context.viewer, context.body["pace"], context.body["quietly"], context.now)


@routes.get("/me/rhythm", access=SIGNED_IN, answer=RhythmChoiceOut(), no_store=True, problems=[NotFound])
def get_rhythm(context: RequestContext) -> Rhythm:
    """Read your choice of rhythm, and the rhythm that counts."""
    return rhythm.read(context.viewer)


@routes.put(
    "/me/rhythm",
    access=SIGNED_IN,
    body=RhythmPut(),
    answer=RhythmChoiceOut(),
    no_store=True,
    problems=[Invalid, Conflict],
)
def put_rhythm(context: RequestContext) -> Rhythm:
    """Choose a rhythm. A calmer one counts at once, openly or quietly.

    A livelier one counts from noon in UTC on the day after both of you chose it.
    """
    return rhythm.choose(context.viewer, context.body["rhythm"], context.body["quietly"], context.now)
