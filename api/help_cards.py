"""Help, when you look for it: cards from your own data, and the steps of leaving. Nothing is ever sent to anyone."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, StrictBoolean
from api.core.languages import CatalogueText, FixedTextOut, fixed_texts
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.instance_info import support
from api.safety import PAGE, ActionRequestOut, SupportContactOut, contact_of
from planner.errors import Invalid
from planner.relationship import leaving_checklist
from planner.relationship.leaving_checklist import Action, Step
from planner.support import help_cards
from planner.support.help_cards import HelpCard
from seeds.guidance import SupportResource
from seeds.vocabulary import CRITERIA, CRITERION_LEVELS

routes = Routes("help")


class HelpLinkOut(Schema):
    """A link to another page or endpoint."""

    name = EnumField(enumerations.HELP_LINK, metadata={"examples": ["safety"]})
    path = fields.String(metadata={"examples": [PAGE]})
    text = CatalogueText("links", "name", example="safety")


class CriterionOut(Schema):
    """A criterion for choosing this kind of help."""

    key = EnumField(enumerations.CRITERION, metadata={"examples": ["licensed"]})
    text = fields.String(metadata={"examples": ["Licensed or registered"]})
    level_key = EnumField(enumerations.CRITERION_LEVEL, metadata={"examples": ["must"]})
    level = fields.String(metadata={"examples": ["Needed"]})


class SupportKindOut(Schema):
    """A kind of outside help, and how to choose it."""

    kind = EnumField(enumerations.SUPPORT_KIND, metadata={"examples": ["couples-counsellor"]})
    role = fields.String(metadata={"examples": ["Couples counsellor"]})
    summary = fields.String(metadata={"examples": ["A trained outsider who sees two people together."]})
    when = fields.String(metadata={"examples": ["The same quarrel returns. Both have to want to come."]})
    when_not = fields.String(metadata={"examples": ["Not if one of you is afraid of your partner."]})
    questions = fields.List(
        fields.String(), metadata={"examples": [["Which training do you have for work with two people?"]]}
    )
    criteria = fields.List(fields.Nested(CriterionOut))
    contacts = fields.List(fields.Nested(SupportContactOut))


class HelpCardOut(Schema):
    """A card. If you dismiss it, it rests for 90 days."""

    card = EnumField(enumerations.HELP_CARD, metadata={"examples": [help_cards.COUNSELLING]})
    title = CatalogueText("help_titles", "card", example=help_cards.COUNSELLING)
    reasons = fields.List(fields.Nested(FixedTextOut), attribute="because")
    lines = fields.List(fields.Nested(FixedTextOut))
    questions = fields.List(
        fields.Nested(FixedTextOut), metadata={"examples": [[]], "description": "For yourself alone."}
    )
    kinds = fields.List(fields.Nested(SupportKindOut))
    links = fields.List(fields.Nested(HelpLinkOut))


class HelpOut(Schema):
    """The help that fits you now. Only you see it, and only when you look."""

    stuck = fields.Boolean(metadata={"examples": [True], "description": "Whether you said that you feel stuck."})
    cards = fields.List(fields.Nested(HelpCardOut))
    links = fields.List(fields.Nested(HelpLinkOut))


class StuckPut(Schema):
    """Whether you feel stuck. Only you can read it."""

    stuck = StrictBoolean(required=True, metadata={"examples": [True]})


class HelpCardIn(Schema):
    """The card to dismiss."""

    card = Choice(enumerations.HELP_CARD, required=True, metadata={"examples": [help_cards.COUNSELLING]})


class LeavingOptionOut(Schema):
    """What a step does, what your partner may notice, and the requests of the step."""

    step = EnumField(enumerations.LEAVING_STEP, metadata={"examples": [leaving_checklist.LEAVE]})
    title = fields.String(metadata={"examples": ["Leave"]})
    does = fields.String(metadata={"examples": ["Ends it for you two at once, from your side alone."]})
    noticed = fields.String(metadata={"examples": ["They find one fixed sentence."]})
    may_be_noticed = fields.Boolean(metadata={"examples": [True]})
    done = fields.Boolean(
        allow_none=True, metadata={"examples": [False], "description": "null: this server cannot know."}
    )
    requests = fields.List(fields.Nested(ActionRequestOut))


class LeavingStepOut(LeavingOptionOut):
    """One step. Show the step in `beside` next to it, and no smaller."""

    beside = fields.Nested(LeavingOptionOut, allow_none=True)


class LeavingChecklistOut(Schema):
    """The steps of closing a chapter. You may take them in any order."""

    lines = fields.List(fields.Nested(FixedTextOut))
    steps = fields.List(fields.Nested(LeavingStepOut))
    links = fields.List(fields.Nested(HelpLinkOut))


_LINKS = {
    "safety": PAGE,
    "check": "/v1/me/safety",
    "space": "/v1/me/space",
    "pace": "/v1/me/pace",
    "closing": "/v1/me/closing",
}
# The request of each action in the closing steps: method, path and body. The client fills in each None.
_REQUESTS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "export_ordinary": ("POST", "/v1/me/exports", {"password": None, "part": "ordinary"}),
    "export_private": ("POST", "/v1/me/exports", {"password": None, "part": "private"}),
    "leave": ("DELETE", "/v1/couple", None),
    "space": ("PUT", "/v1/me/space", {"kind": "quiet", "dates": None}),
    "block_partner": ("PUT", "/v1/me/blocks", {"target": "partner"}),
    "block_last_partner": ("PUT", "/v1/me/blocks", {"target": "last_partner"}),
    "block_everybody": ("PUT", "/v1/me/blocks", {"target": "everybody"}),
    "sign_out": ("DELETE", "/v1/sign-ins/{subject}", None),
}


@routes.get("/me/help", access=SIGNED_IN, answer=HelpOut(), no_store=True)
def get_help(context: RequestContext) -> dict[str, Any]:
    """Look for help that fits you. It comes from your own data, and only you see it."""
    return _show_help(context)


@routes.put("/me/help", access=SIGNED_IN, body=StuckPut(), answer=HelpOut(), no_store=True, problems=[Invalid])
def put_stuck(context: RequestContext) -> dict[str, Any]:
    """Say that you feel stuck, or that you no longer do. Only you can read it."""
    help_cards.set_stuck(context.viewer, context.body["stuck"], context.now)
    return _show_help(context)


@routes.post(
    "/me/help/dismiss", access=SIGNED_IN, body=HelpCardIn(), answer=HelpOut(), no_store=True, problems=[Invalid]
)
def dismiss_help_card(context: RequestContext) -> dict[str, Any]:
    """Dismiss a card. It rests for 90 days."""
    help_cards.dismiss_card(context.viewer, context.body["card"], context.now)
    return _show_help(context)


@routes.get("/me/closing", access=SIGNED_IN, answer=LeavingChecklistOut(), no_store=True)
def get_leaving_checklist(context: RequestContext) -> dict[str, Any]:
    """Look at the steps of closing a chapter: export, leave, block, sign out. Looking takes none of them."""
    return {
        "lines": fixed_texts("closing_lines"),
        "steps": [_step(step) for step in leaving_checklist.steps(context.viewer, context.now)],
        "links": _links("safety", "check", "space"),
    }


def _show_help(context: RequestContext) -> dict[str, Any]:
    view = help_cards.read(context.viewer, context.now)
    return {
        "stuck": view.stuck,
        "cards": [_card(card) for card in view.cards],
        "links": _links("safety", "check", "closing"),
    }


def _card(card: HelpCard) -> dict[str, Any]:
    return {
        "card": card.card,
        "because": fixed_texts("help_reasons", card.because),
        "lines": fixed_texts("help_lines", card.lines),
        "questions": fixed_texts("help_questions", card.questions),
        "kinds": [_kind(resource) for resource in card.kinds],
        "links": _links(*card.links),
    }


def _kind(resource: SupportResource) -> dict[str, Any]:
    names = ("role", "summary", "when", "when_not", "questions")
    criteria = ((name, level) for name, level in resource.criteria.items() if level != "none")
    return {
        **{name: getattr(resource, name) for name in names},
        "kind": resource.slug,
        "criteria": [
            {"key": name, "text": CRITERIA[name], "level_key": level, "level": CRITERION_LEVELS[level]}
            for name, level in criteria
        ],
        "contacts": [contact_of(contact) for contact in support().of_kind(resource.slug)],
    }


def _links(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "path": _LINKS[name]} for name in names]


def _step(step: Step) -> dict[str, Any]:
    beside = _step(step.beside) if step.beside else None
    requests = [_request(action) for action in step.actions]
    return {**step._asdict(), "may_be_noticed": step.may_be_noticed, "requests": requests, "beside": beside}


def _request(action: Action) -> dict[str, Any]:
    method, path, body = _REQUESTS[action.name]
    return {
        **action._asdict(),
        "key": action.name,
        "method": method,
        "path": path.format(subject=action.subject),
        "body": body,
        "if_match": None,
    }
