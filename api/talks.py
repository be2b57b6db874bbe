"""Talks: two people follow a guide, each on their own phone, and both see the same step."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.guides import GuideOut, show_guide
from planner.errors import (
    AbovePace,
    Conflict,
    IdTaken,
    Invalid,
    NotFound,
    QuotaExceeded,
    VersionConflict,
    VersionMissing,
)
from planner.talks import talk_flow, talk_moves, talks
from planner.talks.talks import TalkRequest, TalkView

routes = Routes("talks")


class TalkIn(Schema):
    """What you two want to talk with: a guide, to begin now, or a date that has one."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    id = new_id()
    guide = Choice(
        enumerations.GUIDE_FOR_TWO,
        load_default=None,
        metadata={
            "examples": ["something-was-forgotten"],
            "description": "Begin now. It uses one of your proposals, and your partner finds it in the inbox.",
        },
    )
    date_id = Uuid(
        load_default=None,
        allow_none=True,
        metadata={"examples": [None], "description": "An agreed date with a guide, from its start on."},
    )
    first = Choice(
        enumerations.SIDE,
        load_default="me",
        metadata={"examples": ["me"], "description": "Who says the opening line and has the first turn."},
    )

    @validates_schema
    def _check_one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if bool(data["guide"]) == bool(data["date_id"]):
            raise InvalidValue("only_one", names=["guide", "date_id"])


class PauseIn(Schema):
    """How long to pause."""

    resume_at = UtcDateTime(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "When you would like to go on; both of you are reminded. Without it, a pause that is not"
            " resumed within the `resume_hours` of the guide quietly ends the talk.",
        },
    )


class TalkStepOut(Schema):
    """The step that both of you see."""

    part = EnumField(enumerations.TALK_PART, metadata={"examples": ["turn"]})
    speaker = EnumField(enumerations.TALK_SPEAKER, metadata={"examples": ["me"]})
    minutes = fields.Integer(allow_none=True, metadata={"examples": [2], "description": "Null: as long as it takes."})
    text = fields.String(metadata={"examples": ["Say what you forgot, and what it led to."]})
    began_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-23T08:05:00.000Z"]})
    up_at = UtcDateTime(
        allow_none=True,
        metadata={"examples": ["2026-11-23T08:07:00.000Z"], "description": "Advice. Nothing cuts a person off."},
    )


class TalkOut(Schema):
    """A talk as you see it. It says nothing about who paused it, stopped it or went on."""

    id = Uuid(metadata={"examples": ["5b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a12"]})
    version = fields.Integer(metadata={"examples": [3]})
    guide = fields.Nested(GuideOut)
    date_id = Uuid(attribute="date", allow_none=True, metadata={"examples": [None]})
    opened_by = EnumField(enumerations.SIDE, metadata={"examples": ["me"]})
    first = EnumField(enumerations.SIDE, metadata={"examples": ["me"]})
    state = EnumField(enumerations.TALK_STATE, metadata={"examples": ["running"]})
    ready = fields.Boolean(metadata={"examples": [False], "description": "You are ready to start, or to go on."})
    partner_ready = fields.Boolean(metadata={"examples": [False]})
    step = fields.Integer(
        metadata={"examples": [1], "description": "0: the opening line. Then the steps of the guide, and the closing."}
    )
    last_step = fields.Integer(metadata={"examples": [7], "description": "The number of the closing."})
    now = fields.Nested(
        TalkStepOut, allow_none=True, metadata={"description": "Null before the start and after the end."}
    )
    resume_from = UtcDateTime(
        allow_none=True, metadata={"examples": [None], "description": "When a pause can end at the earliest."}
    )
    resume_at = UtcDateTime(allow_none=True, metadata={"examples": [None], "description": "The time that was named."})
    ends_at = UtcDateTime(
        allow_none=True,
        metadata={"examples": ["2026-11-23T11:05:00.000Z"], "description": "When it quietly ends if nothing happens."},
    )
    opened_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    actions = fields.List(EnumField(enumerations.TALK_ACTION), metadata={"examples": [["next", "pause", "stop"]]})


class CurrentTalkOut(Schema):
    """The open talk of you two."""

    talk = fields.Nested(TalkOut, allow_none=True)


_talk = TalkOut()


@routes.post(
    "/talks",
    access=SIGNED_IN,
    body=TalkIn(),
    answer=_talk,
    status=201,
    location="/talks/{id}",
    example={"state": "preparing", "version": 1, "step": 0, "now": None, "actions": ["ready", "stop"]},
    problems=[Invalid, IdTaken, Conflict, AbovePace, QuotaExceeded],
)
def open_talk(context: RequestContext) -> Versioned:
    """Open a talk. It starts when both of you are ready, and is gone after an hour otherwise."""
    body = context.body
    request = TalkRequest(body["guide"], body["date_id"], body["first"] == "me")
    return _show(talks.begin(context.viewer, request, body["id"], context.now))


@routes.get("/talks/current", access=SIGNED_IN, answer=CurrentTalkOut())
def get_current_talk(context: RequestContext) -> dict[str, Any]:
    """Read the open talk of you two, if there is one."""
    talk = talks.current(context.viewer, context.now)
    return {"talk": _show(talk) if talk else None}


@routes.get("/talks/<uuid:talk_id>", access=COUPLE, answer=_talk, problems=[NotFound])
def get_talk(context: RequestContext, talk_id: UUID) -> Versioned:
    """Read a talk. While it is open, ask every two seconds, with the ETag of the last answer."""
    return _show(talks.find(context.viewer, talk_id, context.now))


@routes.post(
    "/talks/<uuid:talk_id>/ready",
    access=COUPLE,
    answer=_talk,
    example={"state": "preparing", "version": 2, "step": 0, "now": None, "ready": True, "actions": ["stop"]},
    problems=[NotFound, Conflict],
)
def be_ready(context: RequestContext, talk_id: UUID) -> Versioned:
    """Say that you are ready. Your partner sees it, and the talk starts when both of you are."""
    return _show(talk_moves.get_ready(context.viewer, talk_id, context.now))


@routes.post(
    "/talks/<uuid:talk_id>/next",
    access=COUPLE,
    answer=_talk,
    versioned=True,
    problems=[NotFound, Conflict, VersionMissing, VersionConflict],
)
def go_to_next_step(context: RequestContext, talk_id: UUID) -> Versioned:
    """Go to the next step, for both of you. If both do so at once, it is one step."""
    return _show(talk_moves.go_on(context.viewer, talk_id, if_match(), context.now))


@routes.post(
    "/talks/<uuid:talk_id>/pause",
    access=COUPLE,
    body=PauseIn(),
    answer=_talk,
    example={"state": "paused", "actions": ["resume", "stop"]},
    problems=[Invalid, NotFound, Conflict],
)
def pause_talk(context: RequestContext, talk_id: UUID) -> Versioned:
    """Pause the talk, for both of you. Your partner is not told who did."""
    return _show(talk_moves.pause(context.viewer, talk_id, context.body["resume_at"], context.now))


@routes.post(
    "/talks/<uuid:talk_id>/resume",
    access=COUPLE,
    answer=_talk,
    example={"state": "paused", "ready": True, "actions": ["stop"]},
    problems=[NotFound, Conflict, QuotaExceeded],
)
def resume_talk(context: RequestContext, talk_id: UUID) -> Versioned:
    """Say that you would like to go on. The talk goes on when both of you would."""
    return _show(talk_moves.resume(context.viewer, talk_id, context.now))


@routes.post(
    "/talks/<uuid:talk_id>/stop",
    access=COUPLE,
    answer=_talk,
    example={"state": "stopped", "now": None, "ends_at": None, "actions": []},
    problems=[NotFound, Conflict],
)
def stop_talk(context: RequestContext, talk_id: UUID) -> Versioned:
    """Stop the talk, for both of you and at any step. Your partner is not told who did."""
    return _show(talk_moves.stop(context.viewer, talk_id, context.now))


def _show(talk: TalkView) -> Versioned:
    flow = talk.flow
    is_open = talk.state in talk_flow.OPEN
    has_step = talk.state in (talk_flow.RUNNING, talk_flow.PAUSED)
    return Versioned(
        talk._asdict(),
        guide=show_guide(talk.guide),
        opened_by=_side(talk.opened_by_me),
        first=_side(talk.first_is_me),
        step=flow.step,
        last_step=talk_flow.last_step(talk.guide),
        now=_show_step(talk) if has_step else None,
        resume_from=talk_flow.resume_from(flow, talk.guide),
        resume_at=flow.resume_at if talk.state == talk_flow.PAUSED else None,
        ends_at=flow.ends_at if is_open else None,
    )


def _side(is_me: bool) -> str:
    return "me" if is_me else "partner"


def _show_step(talk: TalkView) -> dict[str, Any]:
    step = talk_flow.step_of(talk.flow, talk.guide)
    is_mine = (step.speaker == "first") == talk.first_is_me
    return {
        **step._asdict(),
        "speaker": "both" if step.speaker == "both" else _side(is_mine),
        "began_at": talk.flow.step_at,
        "up_at": talk_flow.time_is_up_at(talk.flow, talk.guide),
    }
