"""The couple: the same answer for both, but for what was said to somebody who is in space."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.core.fields import Day, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.contact.viewer import Viewer
from planner.errors import Conflict, NotFound
from planner.relationship import leaving
from planner.relationship.space import SENTENCES

routes = Routes("couple")


class SaidOut(Schema):
    """That one of you takes space, in a fixed sentence. It is here as long as the space lasts."""

    by = fields.String(metadata={"examples": ["partner"], "description": "me or partner."})
    sentence = fields.String(metadata={"examples": ["time"]})
    text = fields.String(metadata={"examples": [SENTENCES["time"]]})
    until = Day(allow_none=True, metadata={"examples": ["2026-12-01"]})


class CoupleOut(Schema):
    """The two of you, as both see it. What your partner says while you are in space waits until you are back."""

    id = Uuid(metadata={"examples": ["c4a1f0de-5a0e-4d43-9b0c-6f7a9f1f0b33"]})
    partner = fields.String(
        metadata={"examples": ["Kim"], "description": "Their display name when you became a couple."}
    )
    rhythm = fields.String(metadata={"examples": ["gentle"], "description": "The calmer of your two choices."})
    pace = fields.Integer(metadata={"examples": [3], "description": "1 afar to 5 close: the lower of two ceilings."})
    said = fields.List(fields.Nested(SaidOut), metadata={"description": "Empty: nobody said anything."})


@routes.get("/couple", access=SIGNED_IN, answer=CoupleOut(), problems=[NotFound])
def read(context: RequestContext) -> dict[str, Any]:
    """Read your couple: your partner's name, the rhythm and the pace that count."""
    found = couple_of(context.viewer)
    if found is None:
        raise NotFound
    return found


@routes.delete("/couple", access=SIGNED_IN, problems=[Conflict])
def leave(context: RequestContext) -> None:
    """Leave, at once and without a reason. Or take space instead: it keeps everything.

    Your couple ends for both of you. What you wrote stays yours; open proposals close; dates that lay ahead are off,
    and your partner is told of those. Beyond that they find one fixed sentence, and no phone rings for it. For 30 days
    each of you can look back on your dates; what you received stays in your own record. Nothing comes back by itself.
    """
    leaving.leave(context.viewer.id, context.now)


def couple_of(viewer: Viewer) -> dict[str, Any] | None:
    """The viewer's couple as both see it, or None."""
    if viewer.pair is None:
        return None
    return {
        "id": viewer.couple,
        "partner": viewer.partner_name,
        "rhythm": viewer.pair.rhythm,
        "pace": viewer.pair.pace,
        "said": _said(viewer),
    }


def _said(viewer: Viewer) -> list[dict[str, Any]]:
    found = [("me", viewer.sentence, viewer.until)]
    # Whoever is in space is not reached by what is said meanwhile either.
    if not (viewer.space_since and viewer.partner_said_at and viewer.partner_said_at >= viewer.space_since):
        found.append(("partner", viewer.partner_sentence, viewer.partner_until))
    return [
        {"by": by, "sentence": sentence, "text": SENTENCES[sentence], "until": until}
        for by, sentence, until in found
        if sentence
    ]
