"""Invitations: one person hands over a code, and both say yes to become a couple."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.core import rate_limits
from api.core.fields import Choice, Text, UtcDateTime, Uuid, new_id
from api.core.languages import FixedTextOut, fixed_texts
from api.core.operations import SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from api.instance_info import OperatorOut, operator
from planner.couples import invitations
from planner.couples.contact_rules import FIRST_MAX_PACES, RHYTHMS
from planner.couples.invitation_views import InvitationPreview, InvitationView
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, RateLimited

routes = Routes("invitations")

_WORDS = {"examples": [["amber", "otter", "lamp"]], "description": "Compare them aloud with the other person."}
_CODE = {"examples": ["ABCD-EFGH-IJKL"]}
_FIRST_PACES = ", ".join(f"{name} {pace}" for name, pace in FIRST_MAX_PACES.items())
_ID = {"examples": ["3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"]}


def rhythm() -> Choice:
    """Return the field for the rhythm, which each partner chooses privately."""
    return Choice(
        *RHYTHMS,
        required=True,
        metadata={
            "examples": ["gentle"],
            "description": "Only you see your choice. The calmer of your two choices counts. It also sets the first "
            f"pace: {_FIRST_PACES}. You can lower the pace at any time with PUT /v1/me/pace.",
        },
    )


class InvitationIn(Schema):
    """A new invitation."""

    id = new_id()


class InvitationCode(Schema):
    """A code that the inviter gave you."""

    code = Text(40, required=True, metadata=_CODE)


class InvitationAccept(InvitationCode):
    """Your yes, and how often you would like things to come up."""

    rhythm = rhythm()


class InvitationRefuse(Schema):
    """The id of your invitation."""

    invitation = Uuid(required=True, metadata=_ID)


class InvitationConfirm(InvitationRefuse):
    """Your second yes, and how often you would like things to come up."""

    rhythm = rhythm()


class InvitationOut(Schema):
    """An invitation as you see it."""

    id = Uuid(metadata=_ID)
    role = fields.String(metadata={"examples": ["inviter"], "description": "inviter or accepter."})
    state = fields.String(metadata={"examples": ["pending"], "description": "pending, accepted or confirmed."})
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    code = fields.String(
        allow_none=True, metadata={**_CODE, "description": "Hand it over yourself; shown to you only."}
    )
    other_name = fields.String(allow_none=True, metadata={"examples": [None]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    rhythm = fields.String(
        allow_none=True,
        metadata={"examples": [None], "description": "The rhythm that you chose with your yes. Only you see it."},
    )


class InvitationPreviewOut(Schema):
    """Who invites you, and what both of you agree to."""

    inviter_name = fields.String(metadata={"examples": ["Robin"]})
    your_name = fields.String(metadata={"examples": ["Kim"]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    terms = fields.List(fields.Nested(FixedTextOut))
    operator = fields.Nested(OperatorOut)


@routes.post(
    "/invitations",
    access=SIGNED_IN,
    body=InvitationIn(),
    answer=InvitationOut(),
    status=201,
    no_store=True,
    problems=[Invalid, IdTaken, Conflict, QuotaExceeded],
)
def create(context: RequestContext) -> InvitationView:
    """Make an invitation. The server sends no mail: hand the code over yourself."""
    return invitations.create(context.viewer.identity, context.body["id"], context.now)


@routes.get("/invitations/current", access=SIGNED_IN, answer=InvitationOut(), no_store=True, problems=[NotFound])
def current(context: RequestContext) -> InvitationView:
    """Read your open invitation, as inviter or as the one who accepted."""
    return invitations.current(context.viewer.identity, context.now)


@routes.delete("/invitations/current", access=SIGNED_IN, problems=[NotFound, Conflict])
def withdraw(context: RequestContext) -> None:
    """Withdraw your invitation or your yes. An invitation's code is void at once. The other person is not told."""
    invitations.withdraw(context.viewer.identity, context.now)


@routes.post(
    "/invitations/look-up",
    access=SIGNED_IN,
    body=InvitationCode(),
    answer=InvitationPreviewOut(),
    no_store=True,
    problems=[Invalid, NotFound, RateLimited],
)
def look_up(context: RequestContext) -> dict[str, Any]:
    """See who invites you, before you answer."""
    preview: InvitationPreview = _by_code(
        context, lambda: invitations.look_up(context.viewer.identity, context.body["code"], context.now)
    )
    return {**preview._asdict(), "terms": fixed_texts("invitation_terms"), "operator": operator()}


@routes.post(
    "/invitations/accept",
    access=SIGNED_IN,
    body=InvitationAccept(),
    answer=InvitationOut(),
    no_store=True,
    problems=[Invalid, NotFound, Conflict, RateLimited],
)
def accept(context: RequestContext) -> InvitationView:
    """Say yes. The inviter then confirms that it is you. Repeat it to read the current state."""
    body = context.body
    invitation: InvitationView = _by_code(
        context, lambda: invitations.accept(context.viewer.identity, body["code"], body["rhythm"], context.now)
    )
    return invitation


@routes.post(
    "/invitations/decline", access=SIGNED_IN, body=InvitationCode(), problems=[Invalid, NotFound, Conflict, RateLimited]
)
def decline(context: RequestContext) -> None:
    """Say no, or take back your yes. The inviter is not told."""
    _by_code(context, lambda: invitations.decline(context.viewer.identity, context.body["code"], context.now))


@routes.post("/invitations/confirm", access=SIGNED_IN, body=InvitationConfirm(), problems=[Invalid, NotFound, Conflict])
def confirm(context: RequestContext) -> None:
    """Confirm the person who accepted. From then on you are a couple here."""
    invitations.confirm(context.viewer.identity, context.body["invitation"], context.body["rhythm"], context.now)


@routes.post("/invitations/refuse", access=SIGNED_IN, body=InvitationRefuse(), problems=[Invalid, NotFound, Conflict])
def refuse(context: RequestContext) -> None:
    """Refuse the person who accepted. They are not told: they see an accepted invitation until it expires."""
    invitations.refuse(context.viewer.identity, context.body["invitation"], context.now)


def _by_code(context: RequestContext, act: Any) -> Any:
    """Run `act`, and count the try against the limit if the code is wrong."""
    with rate_limited(rate_limits.code(str(context.viewer.id)), context.now):
        return act()
