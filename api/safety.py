"""Safety: the text of the safety page, and a check of your account that changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core import languages
from api.core.enumerations import EnumField
from api.core.fields import Text, Uuid
from api.core.languages import CatalogueText
from api.core.operations import PUBLIC, SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.instance_info import ServerOperatorOut, operator, support
from planner import messages
from planner.errors import Invalid
from planner.privacy import visibility_check
from planner.privacy.visibility_check import Finding
from planner.support import safety_page, support_contacts
from seeds.contacts import Contact

routes = Routes("safety")

PAGE = "/safety"
_EXAMPLE: dict[str, object] = {"device": "tablet", "since": date(2026, 11, 23), "used_on": date(2026, 11, 23)}


def _plain(params: dict[str, object]) -> dict[str, object]:
    """Return params in the form of JSON."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}


class ActionRequestOut(Schema):
    """A request that you can make. This server never makes it for you."""

    method = EnumField(enumerations.METHOD, metadata={"examples": ["DELETE"]})
    path = fields.String(
        metadata={
            "examples": ["/v1/sign-ins/7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"],
            "description": "Replace an {id} in it with the id that you choose.",
        }
    )
    body = fields.Dict(
        fields.String(),
        fields.Raw(),
        allow_none=True,
        metadata={"examples": [None], "description": "What to send. Fill in each null."},
    )
    if_match = fields.String(
        allow_none=True, metadata={"examples": [None], "description": "What to send as If-Match, if it is not null."}
    )
    key = fields.String(metadata={"examples": ["sign_in"], "description": "The key of the text."})
    text = fields.String(metadata={"examples": [messages.text("safety_remedies", "sign_in")]})
    may_be_noticed = fields.Boolean(metadata={"examples": [True], "description": "By your partner, sooner or later."})


class SafetyLineOut(Schema):
    """One finding, and the request that ends it."""

    kind = EnumField(enumerations.FINDING_KIND, metadata={"examples": ["sign_in"]})
    key = fields.String(metadata={"examples": ["sign_in"], "description": "The key of the text: a form of the kind."})
    params = fields.Dict(
        fields.String(),
        fields.Raw(),
        metadata={"examples": [_plain(_EXAMPLE)], "description": "What fills in the text."},
    )
    text = fields.String(metadata={"examples": [messages.text("safety_check", "sign_in", **_EXAMPLE)]})
    subject = Uuid(allow_none=True, metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    find = fields.String(allow_none=True, metadata={"examples": [None], "description": "Where to see the details."})
    end = fields.Nested(
        ActionRequestOut, allow_none=True, metadata={"description": "null: it ends by itself, on the day in the text."}
    )


class SafetyCheckOut(Schema):
    """Where you are signed in, and what others can see of you here. Looking changes nothing."""

    text = CatalogueText("texts", "text", example="looking_changed_nothing")
    in_space = fields.Boolean(metadata={"examples": [False]})
    items = fields.List(fields.Nested(SafetyLineOut))
    page = fields.String(metadata={"examples": [PAGE], "description": "A page for everyone who may be afraid."})
    operator = fields.Nested(ServerOperatorOut)


class SafetySectionOut(Schema):
    """A section of the safety page."""

    key = fields.String(metadata={"examples": [safety_page.NOW.key]})
    heading = fields.String(metadata={"examples": [safety_page.NOW.heading]})
    lines = fields.List(fields.String(), metadata={"examples": [list(safety_page.NOW.lines)]})


class SupportContactOut(Schema):
    """A contact for help that the operator has listed."""

    country = fields.String(metadata={"examples": ["Examplia"]})
    kind = EnumField(enumerations.SUPPORT_KIND, metadata={"examples": ["crisis-line"]})
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
    """The text of the safety page."""

    title = fields.String(metadata={"examples": [safety_page.TITLE]})
    lead = fields.String(metadata={"examples": [safety_page.LEAD]})
    sections = fields.List(fields.Nested(SafetySectionOut))
    countries = fields.List(fields.String(), metadata={"examples": [["Examplia"]]})
    contacts = fields.List(fields.Nested(SupportContactOut))
    operator = fields.Nested(ServerOperatorOut)


class SafetyQuery(Schema):
    """The country of the contacts. Default: all countries."""

    country = Text(
        60,
        load_default=None,
        metadata={"examples": ["Examplia"], "description": "One of the `countries` in the answer."},
    )


# The request that ends each kind of finding: method, path and body. {subject} comes from the finding.
_ENDS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "this_sign_in": ("DELETE", "/v1/sign-ins/{subject}", None),
    "sign_in": ("DELETE", "/v1/sign-ins/{subject}", None),
    "passkey": ("DELETE", "/v1/me/passkeys/{subject}", None),
    "password": ("PUT", "/v1/me/password", {"current_password": None, "new_password": None}),
    "email_address": ("DELETE", "/v1/me/email-address", None),
    "calendar_feed": ("DELETE", "/v1/calendar-feed", None),
    "display_name": ("DELETE", "/v1/couple", None),
    "pace": ("PUT", "/v1/me/pace", {"pace": None, "quietly": True}),
    "rhythm": ("PUT", "/v1/me/rhythm", {"rhythm": None, "quietly": True}),
    "notes": ("POST", "/v1/notes/{{id}}/recall", None),
    "requests": ("POST", "/v1/requests/{{id}}/withdraw", None),
    "answers": ("DELETE", "/v1/questions/{{id}}/answer", None),
    "days": ("PUT", "/v1/important-days/{{id}}/sharing", {"shared": False}),
    "idea": ("DELETE", "/v1/activities/{subject}", None),
    "photos": ("DELETE", "/v1/photos/{{id}}", None),
    "matches": ("DELETE", "/v1/activities/{{id}}/vote", None),
    "someday_list": ("DELETE", "/v1/someday-list/{{id}}", None),
    "free_times": ("PUT", "/v1/availability/sharing", {"shared": False}),
    "offer": ("POST", "/v1/dates/{subject}/withdraw", None),
    "date": ("POST", "/v1/dates/{subject}/cancel", None),
    "invitation": ("DELETE", "/v1/invitations/current", None),
    "yes": ("DELETE", "/v1/invitations/current", None),
    "quiet_space": ("DELETE", "/v1/me/space", None),
    "said_space": ("DELETE", "/v1/me/space", None),
}
_FIND = {
    "notes": "/v1/notes?from=me",
    "requests": "/v1/requests?show=open",
    "photos": "/v1/photos",
    "answers": "/v1/questions",
    "days": "/v1/important-days",
    "matches": "/v1/matches",
    "someday_list": "/v1/someday-list",
    "free_times": "/v1/availability",
    "password": "/v1/inbox",
    "sign_in": "/v1/sign-ins",
}


@routes.get("/me/safety", access=SIGNED_IN, answer=SafetyCheckOut(), no_store=True)
def get_safety_check(context: RequestContext) -> dict[str, Any]:
    """See where you are signed in and what others can see of you. Looking changes nothing and is never reported."""
    return {
        "text": "looking_changed_nothing",
        "in_space": context.viewer.space_since is not None,
        "items": [_show(finding) for finding in visibility_check.check(context.viewer, context.now)],
        "page": PAGE,
        "operator": operator(),
    }


@routes.get("/safety", access=PUBLIC, query=SafetyQuery(), answer=SafetyPageOut(), no_store=True, problems=[Invalid])
def get_safety_page(context: RequestContext) -> dict[str, Any]:
    """Read the text of the safety page. You need no sign-in."""
    listed = support()
    by_kind = listed.for_one(context.query["country"] or "")
    contacts = [contact_of(contact) for contacts_of_kind in by_kind.values() for contact in contacts_of_kind]
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
        "countries": listed.countries,
        "contacts": contacts,
        "operator": operator(),
    }


def contact_of(contact: Contact) -> dict[str, Any]:
    """Return a contact with the name of its kind."""
    values = {name: getattr(contact, name) for name in Contact.__slots__}
    return {**values, "role": support_contacts.role(contact.kind)}


def _show(finding: Finding) -> dict[str, Any]:
    end = _end(finding) if finding.kind in _ENDS else None
    text = languages.text("safety_check", finding.key, **finding.params)
    return {
        **finding._asdict(),
        "params": _plain(finding.params),
        "text": text,
        "find": _FIND.get(finding.kind),
        "end": end,
    }


def _end(finding: Finding) -> dict[str, Any]:
    method, path, body = _ENDS[finding.kind]
    return {
        "key": finding.kind,
        "text": languages.text("safety_remedies", finding.kind),
        "may_be_noticed": visibility_check.REMEDIES[finding.kind],
        "method": method,
        "path": path.format(subject=finding.subject),
        "body": body,
        "if_match": finding.version and f'"{finding.version}"',
    }
