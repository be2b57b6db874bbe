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
from api.safety import PAGE, SupportContactOut, contact_of
from planner.errors import Invalid
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
    party = EnumField(enumerations.AUDIENCE, attribute="for", data_key="for", metadata={"examples": ["two"]})
    role = fields.String(metadata={"examples": ["Couples counsellor"]})
    summary = fields.String(metadata={"examples": ["A trained outsider who sees two people together."]})
    when = fields.String(metadata={"examples": ["The same quarrel keeps coming back. You both have to want it."]})
    when_not = fields.String(metadata={"examples": ["When one of you is afraid of your partner."]})
    questions = fields.List(
        fields.String(), metadata={"examples": [["What training do you have for working with couples?"]]}
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


_LINKS = {
    "safety": PAGE,
    "check": "/v1/me/safety",
    "space": "/v1/me/space",
    "pace": "/v1/me/pace",
    "leaving": "/v1/couple",
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


def _show_help(context: RequestContext) -> dict[str, Any]:
    view = help_cards.read(context.viewer, context.now)
    return {
        "stuck": view.stuck,
        "cards": [_card(card) for card in view.cards],
        "links": _links("safety", "check", "leaving"),
    }


def _card(card: HelpCard) -> dict[str, Any]:
    return {
        "card": card.card,
        "because": fixed_texts("help_reasons", card.because),
        "lines": fixed_texts("help_lines", card.lines),
        "questions": fixed_texts("help_questions", card.questions),
        "kinds": [show_kind(resource) for resource in card.kinds],
        "links": _links(*card.links),
    }


def show_kind(resource: SupportResource) -> dict[str, Any]:
    """Return the answer about a kind of outside help, with the contacts of the operator."""
    names = ("role", "summary", "when", "when_not", "questions")
    criteria = ((name, level) for name, level in resource.criteria.items() if level != "none")
    return {
        **{name: getattr(resource, name) for name in names},
        "kind": resource.slug,
        "for": "two" if resource.audience == "couple" else "one",
        "criteria": [
            {"key": name, "text": CRITERIA[name], "level_key": level, "level": CRITERION_LEVELS[level]}
            for name, level in criteria
        ],
        "contacts": [contact_of(contact) for contact in support().of_kind(resource.slug)],
    }


def _links(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "path": _LINKS[name]} for name in names]
