"""Invitations: one person hands over a code, and both say yes to become a couple."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any

import segno
from marshmallow import Schema, fields

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Choice, Text, UtcDateTime, Uuid, new_id
from api.core.languages import FixedTextOut, fixed_texts
from api.core.operations import SIGNED_IN, File, RequestContext
from api.core.rate_limits import rate_limited
from api.core.rendering import Download
from api.core.routing import Routes
from api.couple import CoupleOut, couple_of
from api.instance_info import ServerOperatorOut, operator, public_url
from planner.contact.viewer import Viewer, pairing_of, reread
from planner.couples import invitations
from planner.couples.contact_rules import FIRST_MAX_PACES
from planner.couples.invitation_views import InvitationPreview, InvitationView
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, RateLimited

routes = Routes("invitations")

_WORDS = {"examples": [["amber", "otter", "lamp"]], "description": "Compare them aloud with the other person."}
_CODE = {"examples": ["ABCD-EFGH-IJKL"]}
QR = File("image/svg+xml", "A QR code of the link, as an SVG image.")
_FIRST_PACES = ", ".join(f"{name} {pace}" for name, pace in FIRST_MAX_PACES.items())
_ID = {"examples": ["3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"]}


def rhythm() -> Choice:
    """Return the field for the rhythm, which each partner chooses privately."""
    return Choice(
        enumerations.RHYTHM,
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

    code = Text(40, lines=True, required=True, metadata=_CODE)


class InvitationAccept(InvitationCode):
    """Your yes, and how often you would like things to come up."""

    rhythm = rhythm()


class InvitationRefuse(Schema):
    """The id of your invitation."""

    invitation_id = Uuid(required=True, metadata=_ID)


class InvitationConfirm(InvitationRefuse):
    """Your second yes, and how often you would like things to come up."""

    rhythm = rhythm()


class InvitationOut(Schema):
    """An invitation as you see it."""

    id = Uuid(metadata=_ID)
    role = EnumField(enumerations.INVITATION_ROLE, metadata={"examples": ["inviter"]})
    state = EnumField(enumerations.INVITATION_STATE, metadata={"examples": ["pending"]})
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    code = fields.String(
        allow_none=True, metadata={**_CODE, "description": "Hand it over yourself; shown to you only."}
    )
    link = fields.String(
        allow_none=True,
        metadata={
            "examples": ["https://rekindle.example.org/join#ABCD-EFGH-IJKL"],
            "description": "The code with the address of this server, to hand over instead. A browser does not send "
            "the part after # to the server. Null without a code.",
        },
    )
    partner_name = fields.String(attribute="other_name", allow_none=True, metadata={"examples": [None]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    rhythm = EnumField(
        enumerations.RHYTHM,
        allow_none=True,
        metadata={"examples": [None], "description": "The rhythm that you chose with your yes. Only you see it."},
    )
    terms = fields.List(
        fields.Nested(FixedTextOut),
        metadata={
            "examples": [[]],
            "description": "What both of you agree to; for the inviter who can confirm, otherwise empty.",
        },
    )


class PairingStatusOut(Schema):
    """Where you are now: your couple or your open invitation, if there is one."""

    pairing = EnumField(enumerations.PAIRING, metadata={"examples": ["alone"]})
    couple = fields.Nested(
        CoupleOut, allow_none=True, metadata={"description": "Null after a confirmation: it ended at that moment."}
    )
    invitation = fields.Nested(InvitationOut, allow_none=True)


class InvitationPreviewOut(Schema):
    """Who invites you, and what both of you agree to."""

    inviter_name = fields.String(metadata={"examples": ["Robin"]})
    your_name = fields.String(metadata={"examples": ["Kim"]})
    check_words = fields.List(fields.String(), metadata=_WORDS)
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    terms = fields.List(fields.Nested(FixedTextOut))
    operator = fields.Nested(ServerOperatorOut)


# What differs from the examples of `InvitationOut` and `PairingStatusOut`.
_PENDING: dict[str, Any] = {"check_words": []}
_ACCEPTED = {"role": "invitee", "state": "accepted", "code": None, "link": None, "partner_name": "Robin"}
_ALONE: dict[str, Any] = {"couple": None, "invitation": None}
_PAIRED = {"pairing": "paired", "invitation": None}


@routes.post(
    "/invitations",
    access=SIGNED_IN,
    body=InvitationIn(),
    answer=InvitationOut(),
    status=201,
    location="/invitations/current",
    no_store=True,
    example=_PENDING,
    problems=[Invalid, IdTaken, Conflict, QuotaExceeded],
)
def create_invitation(context: RequestContext) -> dict[str, Any]:
    """Make an invitation. The server sends no mail: hand the code or the link over yourself."""
    return _show(invitations.create(context.viewer.identity, context.body["id"], context.now))


@routes.get(
    "/invitations/current",
    access=SIGNED_IN,
    answer=InvitationOut(),
    no_store=True,
    example=_PENDING,
    problems=[NotFound],
)
def get_current_invitation(context: RequestContext) -> dict[str, Any]:
    """Read your open invitation, as inviter or as the one who accepted."""
    return _show(invitations.current(context.viewer.identity, context.now))


@routes.get("/invitations/current/qr.svg", access=SIGNED_IN, file=QR, no_store=True, problems=[NotFound])
def get_invitation_qr_code(context: RequestContext) -> Download:
    """Get the link of your invitation as a QR code, for the camera of the other person."""
    link = _link(invitations.current(context.viewer.identity, context.now))
    if link is None:
        raise NotFound
    image = BytesIO()
    segno.make(link, micro=False).save(image, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return Download("invitation.svg", [image.getvalue()], len(image.getvalue()))


@routes.delete(
    "/invitations/current",
    access=SIGNED_IN,
    answer=PairingStatusOut(),
    no_store=True,
    example=_ALONE,
    problems=[NotFound, Conflict],
)
def withdraw_invitation(context: RequestContext) -> dict[str, Any]:
    """Withdraw your invitation or your yes. An invitation's code is void at once. The other person is not told."""
    invitations.withdraw(context.viewer.identity, context.now)
    return pairing_now(context.viewer, context.now)


@routes.post(
    "/invitations/look-up",
    access=SIGNED_IN,
    body=InvitationCode(),
    answer=InvitationPreviewOut(),
    no_store=True,
    problems=[Invalid, NotFound, RateLimited],
)
def look_up_invitation(context: RequestContext) -> dict[str, Any]:
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
    example=_ACCEPTED,
    problems=[Invalid, NotFound, Conflict, RateLimited],
)
def accept_invitation(context: RequestContext) -> dict[str, Any]:
    """Accept an invitation. The inviter then confirms that it is you. Repeat it to read the current state."""
    body = context.body
    invitation: InvitationView = _by_code(
        context, lambda: invitations.accept(context.viewer.identity, body["code"], body["rhythm"], context.now)
    )
    return _show(invitation)


@routes.post(
    "/invitations/decline",
    access=SIGNED_IN,
    body=InvitationCode(),
    answer=PairingStatusOut(),
    no_store=True,
    example=_ALONE,
    problems=[Invalid, NotFound, Conflict, RateLimited],
)
def decline_invitation(context: RequestContext) -> dict[str, Any]:
    """Say no, or take back your yes. The inviter is not told."""
    _by_code(context, lambda: invitations.decline(context.viewer.identity, context.body["code"], context.now))
    return pairing_now(context.viewer, context.now)


@routes.post(
    "/invitations/confirm",
    access=SIGNED_IN,
    body=InvitationConfirm(),
    answer=PairingStatusOut(),
    no_store=True,
    example=_PAIRED,
    problems=[Invalid, NotFound, Conflict],
)
def confirm_invitation(context: RequestContext) -> dict[str, Any]:
    """Confirm the person who accepted. From then on you are a couple here."""
    body = context.body
    invitations.confirm(context.viewer.identity, body["invitation_id"], body["rhythm"], context.now)
    return pairing_now(reread(context.viewer, context.now), context.now)


@routes.post(
    "/invitations/refuse",
    access=SIGNED_IN,
    body=InvitationRefuse(),
    answer=PairingStatusOut(),
    no_store=True,
    example=_ALONE,
    problems=[Invalid, NotFound, Conflict],
)
def refuse_invitation(context: RequestContext) -> dict[str, Any]:
    """Refuse the person who accepted. They are not told: they see an accepted invitation until it expires."""
    invitations.refuse(context.viewer.identity, context.body["invitation_id"], context.now)
    return pairing_now(context.viewer, context.now)


def pairing_now(viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return the pairing of the viewer and their open invitation, in the form of `PairingStatusOut`."""
    invitation = None
    if not viewer.couple:
        with suppress(NotFound):
            invitation = _show(invitations.current(viewer.identity, now))
    return {"pairing": pairing_of(viewer, now), "couple": couple_of(viewer), "invitation": invitation}


def _show(invitation: InvitationView) -> dict[str, Any]:
    can_confirm = invitation.role == "inviter" and invitation.state == "accepted"
    terms = fixed_texts("invitation_terms") if can_confirm else []
    return {**invitation._asdict(), "link": _link(invitation), "terms": terms}


def _link(invitation: InvitationView) -> str | None:
    # After the #, so that the code reaches neither the log of this server nor that of a proxy.
    return f"{public_url()}/join#{invitation.code}" if invitation.code else None


def _by_code(context: RequestContext, act: Any) -> Any:
    """Run `act`, and count the try against the limit if the code is wrong."""
    with rate_limited(rate_limits.code(str(context.viewer.id)), context.now):
        return act()
