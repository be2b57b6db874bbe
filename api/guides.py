"""Guides for talks, self-care plans and kinds of outside help, to read alone. No answer is stored on a device."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.help_cards import SupportKindOut, show_kind
from planner.errors import Invalid
from seeds import reader
from seeds.guidance import Guide

routes = Routes("guides")


def _words(*examples: Any, text: str = "") -> dict[str, Any]:
    return {"examples": list(examples), "description": text} if text else {"examples": list(examples)}


class GuideStepOut(Schema):
    """One step of a guide: who speaks, for how long, and what to do."""

    speaker = EnumField(enumerations.SPEAKER, metadata=_words("first"))
    minutes = fields.Integer(metadata=_words(2))
    text = fields.String(metadata=_words("Say what you forgot, and what it led to."))


class GuideOut(Schema):
    """A guide: the steps of one talk, or of a second look at it alone. Its text contains everything that is needed."""

    slug = fields.String(metadata=_words("something-was-forgotten"))
    title = fields.String(metadata=_words("Something was forgotten"))
    kind = EnumField(enumerations.GUIDE_KIND, metadata=_words("repair"))
    party = EnumField(enumerations.AUDIENCE, attribute="for", data_key="for", metadata=_words("two"))
    pace = fields.Integer(metadata=_words(3, text="The pace at which it is meant for two."))
    minutes = fields.Integer(metadata=_words(12, text="All steps together, without pauses."))
    purpose = fields.String(metadata=_words("A date slipped. A small repair on the same day."))
    when_not = fields.String(metadata=_words("When it was done on purpose, or leaves one of you afraid."))
    opening = fields.String(metadata=_words("I forgot something that mattered to you. Is now a good time?"))
    steps = fields.List(fields.Nested(GuideStepOut))
    pause_minutes = fields.Integer(metadata=_words(20, text="How long a pause lasts at least."))
    resume_hours = fields.Integer(metadata=_words(24, text="A talk that is not resumed by then has ended."))
    stop = fields.String(metadata=_words("If older things come up, leave them for another day."))
    closing = fields.String(metadata=_words("Do the mending act today, and then let the subject go."))
    version = fields.Integer(metadata=_words(1))


class GuidesOut(Schema):
    """All guides."""

    items = fields.List(fields.Nested(GuideOut))


class SelfCareActionOut(Schema):
    """One small thing to do, on any day of a week."""

    week = fields.Integer(metadata=_words(1, text="Counted from 1."))
    minutes = fields.Integer(metadata=_words(15))
    text = fields.String(metadata=_words("Walk to a patch of green and find three kinds of leaf."))


class SelfCarePlanOut(Schema):
    """A few actions over some weeks, for one person."""

    slug = fields.String(metadata=_words("two-weeks-of-daylight"))
    title = fields.String(metadata=_words("Two weeks of daylight"))
    purpose = fields.String(metadata=_words("A little more daylight in ordinary weeks."))
    days = fields.Integer(metadata=_words(14))
    actions = fields.List(fields.Nested(SelfCareActionOut))
    low_capacity = fields.String(
        metadata=_words("Open a window for two minutes.", text="The whole plan for a bad week.")
    )
    look_back = fields.String(metadata=_words("Which of the places would you go back to?"))
    version = fields.Integer(metadata=_words(1))


class SelfCarePlansOut(Schema):
    """All self-care plans."""

    items = fields.List(fields.Nested(SelfCarePlanOut))


class SupportKindsOut(Schema):
    """All kinds of outside help."""

    items = fields.List(fields.Nested(SupportKindOut))


def _party(text: str) -> Choice:
    return Choice(enumerations.AUDIENCE, data_key="for", load_default=None, metadata=_words("one", text=text))


class GuidesQuery(Schema):
    """Which guides to list. All are optional."""

    kind = Choice(enumerations.GUIDE_KIND, load_default=None, metadata=_words("listening", text="Only of this kind."))
    party = _party("For one or for two.")


class SupportKindsQuery(Schema):
    """Which kinds of help to list."""

    party = _party("For one person or for two.")


@routes.get("/guides", access=SIGNED_IN, query=GuidesQuery(), answer=GuidesOut(), no_store=True, problems=[Invalid])
def list_guides(context: RequestContext) -> dict[str, Any]:
    """Read the guides. Your partner is never told, and reading starts nothing."""
    kind, party = context.query["kind"], context.query["party"]
    guides = [each for each in reader.guides() if kind in (None, each.kind) and party in (None, each.party)]
    return {"items": [show_guide(guide) for guide in guides]}


def show_guide(guide: Guide) -> dict[str, Any]:
    """Return a guide in the form of `GuideOut`."""
    return {**asdict(guide), "for": guide.party, "minutes": guide.minutes}


@routes.get("/self-care-plans", access=SIGNED_IN, answer=SelfCarePlansOut(), no_store=True)
def list_self_care_plans(context: RequestContext) -> dict[str, Any]:
    """Read the self-care plans. They are for you alone, and nothing is stored about them."""
    return {"items": reader.plans()}


@routes.get(
    "/support-kinds",
    access=SIGNED_IN,
    query=SupportKindsQuery(),
    answer=SupportKindsOut(),
    no_store=True,
    problems=[Invalid],
)
def list_support_kinds(context: RequestContext) -> dict[str, Any]:
    """Read the kinds of outside help, how to choose each, and the contacts that the operator added."""
    party = context.query["party"]
    kinds = [show_kind(resource) for resource in reader.resources()]
    return {"items": [kind for kind in kinds if party in (None, kind["for"])]}
