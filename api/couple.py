"""Your couple: both of you read the same, but while you are in space, your partner's sentence waits."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Day, QueryBoolean, Uuid
from api.core.languages import CatalogueText
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.contact.viewer import Viewer, pairing_of, reread
from planner.errors import ConfirmationNeeded, Conflict, Invalid, NotFound
from planner.relationship import leaving

routes = Routes("couple")


class SpaceSentenceOut(Schema):
    """The fixed sentence of the one who takes space. It shows until the space ends."""

    by = EnumField(enumerations.SIDE, metadata={"examples": ["partner"]})
    sentence = EnumField(enumerations.SPACE_SENTENCE, metadata={"examples": ["time"]})
    text = CatalogueText("sentences", "sentence", example="time")
    until = Day(allow_none=True, metadata={"examples": ["2026-12-01"]})


class CoupleOut(Schema):
    """Your couple, as both of you see it. What your partner says during your space waits until it ends."""

    id = Uuid(metadata={"examples": ["c4a1f0de-5a0e-4d43-9b0c-6f7a9f1f0b33"]})
    partner = fields.String(
        metadata={"examples": ["Kim"], "description": "Their display name. In your space, a new one waits."}
    )
    rhythm = EnumField(
        enumerations.RHYTHM, metadata={"examples": ["gentle"], "description": "The calmer of your two choices."}
    )
    pace = fields.Integer(metadata={"examples": [3], "description": "1 afar to 5 close: the lower of two ceilings."})
    sentences = fields.List(
        fields.Nested(SpaceSentenceOut), metadata={"description": "Empty: neither of you has said anything."}
    )


class AfterLeavingOut(Schema):
    """Where you are after the end of your couple."""

    pairing = EnumField(
        enumerations.PAIRING,
        metadata={
            "examples": ["left"],
            "description": "left: you can look back for 30 days. Later, and after an invitation, as in /v1/me.",
        },
    )


class LeavingQuery(Schema):
    """What else to do in the same step."""

    withdraw_photos = QueryBoolean(
        load_default=False,
        metadata={
            "examples": [False],
            "description": "Whether to delete your photos of the dates and shared notes of you two. They leave your"
            " partner's view in any case.",
        },
    )


@routes.get("/couple", access=SIGNED_IN, answer=CoupleOut(), problems=[NotFound])
def get_couple(context: RequestContext) -> dict[str, Any]:
    """Read your couple: your partner's name, and your common rhythm and pace."""
    couple = couple_of(context.viewer)
    if couple is None:
        raise NotFound
    return couple


@routes.delete(
    "/couple",
    access=SIGNED_IN,
    query=LeavingQuery(),
    answer=AfterLeavingOut(),
    problems=[Invalid, Conflict, ConfirmationNeeded],
)
def leave_couple(context: RequestContext) -> dict[str, Any]:
    """Leave your couple, at once and without a reason. If you take space instead, nothing is lost.

    Your couple ends for both of you. What you wrote stays yours. Open proposals close. Upcoming dates are off, and your
    partner is told about those. Otherwise they see one fixed sentence, without a notification. For 30 days each of you
    can look back on your dates. What you received stays in your own record. Nothing comes back automatically.
    """
    context.check_confirmed()
    leaving.leave(context.viewer.id, context.now, context.query["withdraw_photos"])
    return {"pairing": pairing_of(reread(context.viewer, context.now), context.now)}


def couple_of(viewer: Viewer) -> dict[str, Any] | None:
    """Return the viewer's couple, or None."""
    if viewer.pair is None:
        return None
    return {
        "id": viewer.couple,
        "partner": viewer.partner_name,
        "rhythm": viewer.pair.rhythm,
        "pace": viewer.pair.pace,
        "sentences": _said(viewer),
    }


def _said(viewer: Viewer) -> list[dict[str, Any]]:
    sentences = [("me", viewer.sentence, viewer.until)]
    # During the viewer's space, a new sentence of the partner must not reach the viewer.
    if not (viewer.space_since and viewer.partner_said_at and viewer.partner_said_at >= viewer.space_since):
        sentences.append(("partner", viewer.partner_sentence, viewer.partner_until))
    return [{"by": by, "sentence": sentence, "until": until} for by, sentence, until in sentences if sentence]
