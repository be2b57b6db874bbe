"""How two become a couple: a code handed over by hand, and two yeses."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api import limits
from api.edge import PERSON, Call, Routes
from api.fields import Choice, Id, Instant, Text, new_id
from api.limits import trying
from api.operator import OperatorOut, operator
from planner.errors import IdTaken, Invalid, NotFound, TooMany, TooSoon, WrongState
from planner.people import invitations
from planner.people.invitations import Look, Standing
from planner.people.pacing import FIRST_CEILINGS, RHYTHMS

routes = Routes("invitations")

_WORDS = {"examples": [["amber", "otter", "lamp"]], "description": "Compare them aloud with the other person."}
_CODE = {"examples": ["ABCD-EFGH-IJKL"]}
_FIRST_PACES = ", ".join(f"{name} {pace}" for name, pace in FIRST_CEILINGS.items())
_ID = {"examples": ["3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"]}


def rhythm() -> Choice:
    """How often, chosen privately."""
    return Choice(
        *RHYTHMS, required=True,
        metadata={
            "examples": ["steady"],
            "description": "Only you see your choice. The calmer of both counts, and sets how close ideas may come at "
            f"first: {_FIRST_PACES}. PUT /v1/me/pace makes it calmer at any time.",
        },
    )  # fmt: skip


class InvitationIn(Schema):
    """A new invitation."""

    id = new_id()


class InvitationCode(Schema):
    """A code that somebody handed you."""

    code = Text(40, required=True, metadata=_CODE)


class InvitationAccept(InvitationCode):
    """Your yes, and how often you would like things to come up."""

    rhythm = rhythm()


class InvitationRefuse(Schema):
    """Which invitation of yours."""

    invitation = Id(required=True, metadata=_ID)


class InvitationConfirm(InvitationRefuse):
    """Your second yes, and how often you would like things to come up."""

    rhythm = rhythm()


class StandingOut(Schema):
    """An invitation as you see it."""

    id = Id(metadata=_ID)
    role = fields.String(metadata={"examples": ["inviter"], "description": "inviter or accepter."})
    state = fields.String(metadata={"examples": ["pending"], "description": "pending, accepted or confirmed."})
    expires_at = Instant(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    code = fields.String(
        allow_none=True, metadata={**_CODE, "description": "Hand it over yourself; shown to you only."}
    )
    other_name = fields.String(allow_none=True, metadata={"examples": [None]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    rhythm = fields.String(
        allow_none=True,
        metadata={"examples": [None], "description": "Of your own yes: what you chose. Only you see it."},
    )


class LookOut(Schema):
    """Who invites you, and what both of you agree to."""

    inviter_name = fields.String(metadata={"examples": ["Robin"]})
    your_name = fields.String(metadata={"examples": ["Kim"]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    expires_at = Instant(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    terms = fields.List(fields.String(), metadata={"examples": [list(invitations.TERMS)]})
    operator = fields.Nested(OperatorOut)


@routes.post(
    "/invitations", access=PERSON, body=InvitationIn(), answer=StandingOut(), status=201, secret=True,
    problems=[Invalid, IdTaken, WrongState, TooSoon],
)  # fmt: skip
def create(call: Call) -> Standing:
    """Make an invitation. The server mails nobody: hand the code over yourself."""
    return invitations.create(call.actor, call.body["id"], call.now)


@routes.get("/invitations/current", access=PERSON, answer=StandingOut(), secret=True, problems=[NotFound])
def current(call: Call) -> Standing:
    """Read your open invitation, as inviter or as the one who accepted."""
    return invitations.current(call.actor, call.now)


@routes.delete("/invitations/current", access=PERSON, problems=[NotFound, WrongState])
def withdraw(call: Call) -> None:
    """Take your invitation back, its code is void at once; or step back from your yes. The other is not told."""
    invitations.withdraw(call.actor, call.now)


@routes.post(
    "/invitations/look-up", access=PERSON, body=InvitationCode(), answer=LookOut(), secret=True,
    problems=[Invalid, NotFound, TooMany],
)  # fmt: skip
def look_up(call: Call) -> dict[str, Any]:
    """Look who invites you, before you say anything."""
    found: Look = _by_code(call, lambda: invitations.look_up(call.actor, call.body["code"], call.now))
    return {**found._asdict(), "operator": operator()}


@routes.post(
    "/invitations/accept", access=PERSON, body=InvitationAccept(), answer=StandingOut(), secret=True,
    problems=[Invalid, NotFound, WrongState, TooMany],
)  # fmt: skip
def accept(call: Call) -> Standing:
    """Say yes. The inviter then confirms that it is you. Repeated, it says how your yes stands."""
    body = call.body
    found: Standing = _by_code(call, lambda: invitations.accept(call.actor, body["code"], body["rhythm"], call.now))
    return found


@routes.post(
    "/invitations/decline", access=PERSON, body=InvitationCode(), problems=[Invalid, NotFound, WrongState, TooMany]
)
def decline(call: Call) -> None:
    """Say no, or step back at any time. The inviter is not told."""
    _by_code(call, lambda: invitations.decline(call.actor, call.body["code"], call.now))


@routes.post("/invitations/confirm", access=PERSON, body=InvitationConfirm(), problems=[Invalid, NotFound, WrongState])
def confirm(call: Call) -> None:
    """Confirm who came: from now on you are a couple here."""
    invitations.confirm(call.actor, call.body["invitation"], call.body["rhythm"], call.now)


@routes.post("/invitations/refuse", access=PERSON, body=InvitationRefuse(), problems=[Invalid, NotFound, WrongState])
def refuse(call: Call) -> None:
    """Refuse who came. They are not told: to them it stays as it is until it expires."""
    invitations.refuse(call.actor, call.body["invitation"], call.now)


def _by_code(call: Call, act: Any) -> Any:
    """Wrong codes count; the right one is handed back."""
    with trying(limits.code(str(call.actor.id)), call.now):
        return act()
