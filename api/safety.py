"""Safety: what the safety page says, for a client; and the check of one's own account, which only looks."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.core.fields import Text, Uuid
from api.core.operations import PUBLIC, SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.instance_info import OperatorOut, operator, support
from planner.errors import Invalid
from planner.privacy import visibility_check
from planner.privacy.visibility_check import Finding
from planner.support import safety_page, support_contacts
from seeds.contacts import Contact

routes = Routes("safety")

PAGE = "/safety"


class RequestOut(Schema):
    """A request that you could make. Nothing makes it for you."""

    method = fields.String(metadata={"examples": ["DELETE"]})
    path = fields.String(
        metadata={
            "examples": ["/v1/sign-ins/7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"],
            "description": "An {id} in it is for you to choose.",
        }
    )
    body = fields.Dict(
        fields.String(),
        fields.Raw(),
        allow_none=True,
        metadata={"examples": [None], "description": "What to send; null in it is for you to fill in."},
    )
    text = fields.String(metadata={"examples": ["Sign out there. A person who uses that device finds it signed out."]})
    may_be_noticed = fields.Boolean(metadata={"examples": [True], "description": "By your partner, sooner or later."})


class SafetyLineOut(Schema):
    """One thing to know, and its own end."""

    kind = fields.String(metadata={"examples": ["sign_in"]})
    text = fields.String(metadata={"examples": ["You are signed in elsewhere as “tablet”, since 23 November 2026."]})
    subject = Uuid(allow_none=True, metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    find = fields.String(allow_none=True, metadata={"examples": [None], "description": "Where to read more of it."})
    end = fields.Nested(
        RequestOut, allow_none=True, metadata={"description": "null: it ends by itself, on the day in the text."}
    )


class SafetyCheckOut(Schema):
    """Where you are signed in, and what others can see of you here. Nothing was changed by looking."""

    text = fields.String(metadata={"examples": ["Looking changed nothing, and nobody was told."]})
    in_space = fields.Boolean(metadata={"examples": [False]})
    items = fields.List(fields.Nested(SafetyLineOut))
    page = fields.String(metadata={"examples": [PAGE], "description": "A page for anybody who may be afraid."})
    operator = fields.Nested(OperatorOut)


class SectionOut(Schema):
    """A part of the page."""

    heading = fields.String(metadata={"examples": ["If you are in danger now"]})
    lines = fields.List(fields.String(), metadata={"examples": [list(safety_page.NOW.lines)]})


class SupportContactOut(Schema):
    """Somebody to turn to, as the operator has listed them."""

    country = fields.String(metadata={"examples": ["Examplia"]})
    kind = fields.String(metadata={"examples": ["crisis-line"]})
    role = fields.String(metadata={"examples": ["Crisis line"]})
    name = fields.String(metadata={"examples": ["The night line"]})
    phone = fields.String(allow_none=True, metadata={"examples": ["000 000"]})
    text = fields.String(allow_none=True, metadata={"examples": [None], "description": "A number for text messages."})
    web = fields.String(allow_none=True, metadata={"examples": ["https://night-line.example"]})
    email = fields.String(allow_none=True, metadata={"examples": [None]})
    address = fields.String(allow_none=True, metadata={"examples": [None]})
    hours = fields.String(allow_none=True, metadata={"examples": ["day and night"]})
    note = fields.String(allow_none=True, metadata={"examples": [None]})


class SafetyPageOut(Schema):
    """What the safety page says."""

    title = fields.String(metadata={"examples": [safety_page.TITLE]})
    lead = fields.String(metadata={"examples": [safety_page.LEAD]})
    sections = fields.List(fields.Nested(SectionOut))
    countries = fields.List(fields.String(), metadata={"examples": [["Examplia"]]})
    contacts = fields.List(fields.Nested(SupportContactOut))
    operator = fields.Nested(OperatorOut)


class SafetyQuery(Schema):
    """For one country, or for all."""

    country = Text(60, load_default=None, metadata={"examples": ["Examplia"], "description": "One that is listed."})


# How each kind of line ends: method, path, and what to send. {subject} and {version} are the line's own.
_ENDS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "this_sign_in": ("DELETE", "/v1/sign-ins/{subject}", None),
    "sign_in": ("DELETE", "/v1/sign-ins/{subject}", None),
    "password": ("PUT", "/v1/me/password", {"current_password": None, "new_password": None}),
    "name": ("DELETE", "/v1/couple", None),
    "pace": ("PUT", "/v1/me/pace", {"pace": None, "quietly": True}),
    "rhythm": ("PUT", "/v1/me/rhythm", {"rhythm": None, "quietly": True}),
    "notes": ("POST", "/v1/notes/{{id}}/recall", None),
    "idea": ("DELETE", "/v1/activities/{subject}", None),
    "matches": ("DELETE", "/v1/activities/{{id}}/vote", None),
    "offer": ("POST", "/v1/dates/{subject}/withdraw", {"version": None}),
    "date": ("POST", "/v1/dates/{subject}/cancel", {"version": None}),
    "invitation": ("DELETE", "/v1/invitations/current", None),
    "yes": ("DELETE", "/v1/invitations/current", None),
    "quiet_space": ("DELETE", "/v1/me/space", None),
    "said_space": ("DELETE", "/v1/me/space", None),
}
_FIND = {"notes": "/v1/notes?from=me", "matches": "/v1/matches", "password": "/v1/inbox", "sign_in": "/v1/sign-ins"}


@routes.get("/me/safety", access=SIGNED_IN, answer=SafetyCheckOut(), no_store=True)
def check(context: RequestContext) -> dict[str, Any]:
    """Look at where you are signed in and what others can see of you. It changes nothing and tells nobody."""
    return {
        "text": "Looking changed nothing, and nobody was told. What you can end has its own end; none has to be used.",
        "in_space": context.viewer.space_since is not None,
        "items": [_shown(line) for line in visibility_check.check(context.viewer, context.now)],
        "page": PAGE,
        "operator": operator(),
    }


@routes.get("/safety", access=PUBLIC, query=SafetyQuery(), answer=SafetyPageOut(), no_store=True, problems=[Invalid])
def page(context: RequestContext) -> dict[str, Any]:
    """Read what the safety page says: for anybody, without a sign-in."""
    found = support()
    contacts = [contact_of(one) for listed in found.for_one(context.query["country"] or "").values() for one in listed]
    return {
        "title": safety_page.TITLE,
        "lead": safety_page.LEAD,
        "sections": [
            safety_page.NOW,
            safety_page.MORE,
            safety_page.ASK,
            safety_page.VISIT,
            safety_page.OPERATED,
            safety_page.HERE,
        ],
        "countries": found.countries,
        "contacts": contacts,
        "operator": operator(),
    }


def contact_of(one: Contact) -> dict[str, Any]:
    """A contact with the name of its kind."""
    return {**{name: getattr(one, name) for name in Contact.__slots__}, "role": support_contacts.role(one.kind)}


def _shown(line: Finding) -> dict[str, Any]:
    return {**line._asdict(), "find": _FIND.get(line.kind), "end": _end(line) if line.kind in _ENDS else None}


def _end(line: Finding) -> dict[str, Any]:
    method, path, body = _ENDS[line.kind]
    return {
        **visibility_check.REMEDIES[line.kind]._asdict(),
        "method": method,
        "path": path.format(subject=line.subject),
        "body": {**body, "version": line.version} if body and "version" in body else body,
    }
