"""Your own record: every word that reached you here in the last twelve months, behind your password."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import limits
from api.edge import PERSON, Call, Routes
from api.fields import Id, Instant, Number, Secret, Text
from api.limits import trying
from api.pages import Slice, page, page_of
from planner.errors import Invalid, TooMany, WrongSecret
from planner.people import credentials, records
from planner.people.records import Received

routes = Routes("records")


class RecordsAsk(Schema):
    """Your password, and which page."""

    password = Secret(256, required=True, metadata={"examples": ["correct horse battery"]})
    limit = Number(1, 100, load_default=20, metadata={"examples": [20]})
    after = Text(
        200, load_default=None, allow_none=True,
        metadata={"description": "The `next` of the page before.", "examples": [None]},
    )  # fmt: skip


class RecordOut(Schema):
    """Something that reached you, as it stood then."""

    id = Id(metadata={"examples": ["4c0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7d33"]})
    kind = fields.String(metadata={"examples": ["note"], "description": "note, idea, or line: that of a proposal."})
    subject = Id(
        metadata={
            "examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"],
            "description": "Its id; of a line, that of the date.",
        }
    )
    words = fields.Dict(
        keys=fields.String(),
        metadata={
            "examples": [{"kind": "kindness", "body": "You called my mother back, although you were tired."}],
            "description": "note: kind and body. idea: its fields. line: line.",
        },
    )
    at = Instant(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    sender_name = fields.String(
        allow_none=True, metadata={"examples": ["Kim"], "description": "Of whom you were a couple with then."}
    )
    present = fields.Boolean(metadata={"examples": [True], "description": "Whether it came from your partner of now."})


@routes.post(
    "/me/records", access=PERSON, body=RecordsAsk(), answer=page_of(RecordOut), secret=True,
    problems=[Invalid, WrongSecret, TooMany],
)  # fmt: skip
def listed(call: Call) -> Slice[Received]:
    """Read what reached you in the last twelve months: also what was recalled, changed, deleted, held or discarded.

    It is yours alone. Nothing that your partner does takes anything out of it: a note can be taken out of view, it
    cannot be unsaid. Each thing leaves by itself after twelve months.
    """
    with trying(limits.password(str(call.actor.id)), call.now):
        credentials.check_password(call.actor, call.body["password"])
    return page(
        call.body,
        lambda limit, after: records.listed(call.actor, call.now, limit, after),
        lambda one: (one.at, one.id),
    )
