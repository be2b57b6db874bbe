"""The lists of all allowed values with their labels, from which a client builds its pickers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner import messages
from planner.couples.contact_rules import RHYTHMS
from planner.dates.feedback import AGAIN, FEELINGS
from planner.dates.lifecycle import ANSWERS
from planner.notes.notes import KINDS
from planner.notes.reactions import REACTIONS
from planner.recommender.votes import VOTES
from seeds import vocabulary as v

routes = Routes("catalogue")


class CatalogueEntryOut(Schema):
    """One allowed word: what to send, and the label to show."""

    value = fields.String(metadata={"examples": ["outdoors"]})
    label = fields.String(metadata={"examples": ["Outdoors"]})


class CatalogueLevelOut(Schema):
    """One allowed number: what to send, and the label to show."""

    value = fields.Integer(metadata={"examples": [2]})
    label = fields.String(metadata={"examples": ["Light: in public, up to 90 minutes, easy to leave"]})


_LISTS: dict[str, Mapping[Any, str]] = {
    "categories": v.CATEGORIES,
    "interests": v.INTERESTS,
    "causes": v.CAUSES,
    "audiences": v.PARTIES,
    "settings": v.SETTINGS,
    "shelters": v.SHELTERS,
    "seasons": v.SEASONS,
    "weathers": v.WEATHERS,
    "times_of_day": v.TIMES_OF_DAY,
    "with_children": v.WITH_CHILDREN,
    "child_ages": v.CHILD_AGES,
    "lights": v.LIGHTS,
    "paces": v.PACES,
    "cost_bands": v.COST_BANDS,
    "access_features": v.ACCESS_FEATURES,
    "access_levels": v.ACCESS_LEVELS,
    "note_kinds": {kind: v.PROMPT_KINDS[kind] for kind in KINDS},
    "reactions": {name: messages.text("reactions", name) for name in REACTIONS},
    "prompt_kinds": v.PROMPT_KINDS,
    "guide_kinds": v.GUIDE_KINDS,
    "speakers": v.SPEAKERS,
    "tones": v.TONES,
    "rhythms": dict(zip(RHYTHMS, ("Apart", "Gentle", "Together"), strict=True)),
    "votes": dict(zip(VOTES, ("Like", "Pass", "Never"), strict=True)),
    "feelings": dict(zip(FEELINGS, ("Lighter", "The same", "Heavier"), strict=True)),
    "again": dict(zip(AGAIN, ("Yes", "Maybe", "No"), strict=True)),
    "answers": dict(zip(ANSWERS, ("No", "Another time", "Another idea"), strict=True)),
}

CatalogueOut: type[Schema] = Schema.from_dict(
    {
        name: fields.List(fields.Nested(CatalogueLevelOut if 1 in labels else CatalogueEntryOut))
        for name, labels in _LISTS.items()
    },
    name="CatalogueOut",
)
CatalogueOut.__doc__ = "All lists of allowed values."


@routes.get("/catalogue", access=SIGNED_IN, answer=CatalogueOut())
def get_catalogue(context: RequestContext) -> dict[str, Any]:
    """Read all allowed values with their labels."""
    return {
        name: [{"value": value, "label": label} for value, label in labels.items()] for name, labels in _LISTS.items()
    }
