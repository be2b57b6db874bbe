"""Pace and rhythm as you chose them. The answers hold your own choices and what counts; nobody else reads them."""

from __future__ import annotations

from marshmallow import Schema, fields

from api.edge import PERSON, Call, Routes
from api.fields import Choice, Number, Truth
from planner.errors import Invalid, NotFound, WrongState
from planner.people import paces, rhythms
from planner.people.paces import Pace
from planner.people.pacing import PACES, RHYTHMS
from planner.people.rhythms import Rhythm

routes = Routes("pacing")

_STEPS = "; ".join(f"{pace} {words}" for pace, words in PACES.items())


def _quietly() -> Truth:
    return Truth(
        load_default=False,
        metadata={
            "description": "For you alone: nothing that your partner can see changes. What they send beyond it is"
            " accepted, and held back from you. For less only.",
            "examples": [False],
        },
    )


class PacePut(Schema):
    """The pace that you want. Less counts at once; one step more is a wish, which counts once you both have it."""

    pace = Number(min(PACES), max(PACES), required=True, metadata={"description": _STEPS, "examples": [2]})
    quietly = _quietly()


class PaceOut(Schema):
    """How you stand to the pace. Your partner never sees it, except for `pace` itself."""

    pace = fields.Integer(metadata={"examples": [3], "description": f"What counts for the two of you. {_STEPS}"})
    own_pace = fields.Integer(metadata={"examples": [3], "description": "What counts for what you see and propose."})
    ceiling = fields.Integer(metadata={"examples": [3], "description": "As far as you said that you would go."})
    quiet_pace = fields.Integer(allow_none=True, metadata={"examples": [None], "description": "Chosen quietly."})
    wish = fields.Integer(
        allow_none=True,
        metadata={
            "examples": [4],
            "description": "Your wish, until you take it back, the pace is lowered, or both have it on a Monday.",
        },
    )


class RhythmPut(Schema):
    """The rhythm that you want. Calmer counts at once; livelier from a Monday on, once both of you chose it."""

    rhythm = Choice(*RHYTHMS, required=True, metadata={"examples": ["steady"]})
    quietly = _quietly()


class RhythmOut(Schema):
    """How you stand to the rhythm. Your partner never sees it, except for `rhythm` itself."""

    rhythm = fields.String(metadata={"examples": ["steady"], "description": "What counts for the two of you."})
    own_rhythm = fields.String(metadata={"examples": ["steady"], "description": "What counts for what you send."})
    choice = fields.String(metadata={"examples": ["together"], "description": "Your choice; the calmer one counts."})
    quiet_rhythm = fields.String(allow_none=True, metadata={"examples": [None], "description": "Chosen quietly."})


@routes.get("/me/pace", access=PERSON, answer=PaceOut(), problems=[NotFound])
def read_pace(call: Call) -> Pace:
    """Read your choice of pace, and the pace that counts."""
    return paces.read(call.actor)


@routes.put("/me/pace", access=PERSON, body=PacePut(), answer=PaceOut(), problems=[Invalid, WrongState])
def put_pace(call: Call) -> Pace:
    """Choose a pace: less at once, openly or quietly; one step more as a wish, which stays sealed.

    When both wish for the same step, it begins on the next Monday that both have. Until then you may take it back.
    """
    return paces.choose(call.actor, call.body["pace"], call.body["quietly"], call.now)


@routes.get("/me/rhythm", access=PERSON, answer=RhythmOut(), problems=[NotFound])
def read_rhythm(call: Call) -> Rhythm:
    """Read your choice of rhythm, and the rhythm that counts."""
    return rhythms.read(call.actor)


@routes.put("/me/rhythm", access=PERSON, body=RhythmPut(), answer=RhythmOut(), problems=[Invalid, WrongState])
def put_rhythm(call: Call) -> Rhythm:
    """Choose a rhythm: calmer at once, openly or quietly; livelier from the next Monday on, once both chose it."""
    return rhythms.choose(call.actor, call.body["rhythm"], call.body["quietly"], call.now)
