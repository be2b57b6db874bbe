"""All data for the first screen of a client, in one request."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Day, QueryBoolean, UtcDateTime, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.couple import CoupleOut, couple_of
from api.dates import PlannedDateOut, show_ahead
from api.important_days import ImportantDayOut
from api.inbox import InboxItemOut, show_items
from api.invitations import pairing_now
from api.me import AllowancesOut
from api.prompts import PromptTodayOut, prompt_of_day
from api.suggestions import SuggestionOut, first_idea
from planner import first_screen
from planner.contact import contact_log, holds, visible_inbox
from planner.contact.viewer import Viewer
from planner.dates import important_days, views
from planner.dates.views import DateView
from planner.errors import Invalid, NotFound
from planner.relationship import hold_queue
from planner.relationship.space import QUIET, SAID
from planner.talks import talks

routes = Routes("today")

_MAX_ITEMS = 5


class TodayQuery(Schema):
    """What to leave out."""

    idea = QueryBoolean(
        load_default=True,
        metadata={"examples": [False], "description": "false: leave out the idea, which takes most time."},
    )


class OpenInvitationOut(Schema):
    """Your open invitation. Its code is a secret: read it with GET /v1/invitations/current."""

    id = Uuid(metadata={"examples": ["3f0e7a55-2c53-4a64-8a57-1f6c9b0f4d44"]})
    role = EnumField(enumerations.INVITATION_ROLE, metadata={"examples": ["inviter"]})
    state = EnumField(enumerations.INVITATION_STATE, metadata={"examples": ["pending"]})
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-26T08:00:00.000Z"]})
    partner_name = fields.String(attribute="other_name", allow_none=True, metadata={"examples": [None]})


class OwnSpaceOut(Schema):
    """Your own space, and whether something is held for you. Only you see it."""

    kind = EnumField(
        enumerations.SPACE_KIND, allow_none=True, metadata={"examples": [None], "description": "Null: no space."}
    )
    since = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    until = Day(allow_none=True, metadata={"examples": [None]})
    held = fields.Boolean(metadata={"examples": [False], "description": "true: see GET /v1/me/held."})


class OpenTalkOut(Schema):
    """The open talk of you two, in brief: see GET /v1/talks/current."""

    id = Uuid(metadata={"examples": ["5b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a12"]})
    title = fields.String(metadata={"examples": ["Something was forgotten"]})
    state = EnumField(enumerations.TALK_STATE, metadata={"examples": ["paused"]})
    resume_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class TodayOut(Schema):
    """Your day: where you two are, what waits for you, what comes next, the prompt and an idea."""

    day = Day(metadata={"examples": ["2026-11-23"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    pairing = EnumField(enumerations.PAIRING, metadata={"examples": ["paired"]})
    invitation = fields.Nested(OpenInvitationOut, allow_none=True)
    couple = fields.Nested(CoupleOut, allow_none=True)
    allowance = fields.Nested(AllowancesOut, allow_none=True)
    space = fields.Nested(OwnSpaceOut)
    prompt = fields.Nested(PromptTodayOut, allow_none=True)
    waiting = fields.List(
        fields.Nested(PlannedDateOut),
        metadata={"description": "What waits for your answer: proposals, moves of agreed dates, and dates to confirm."},
    )
    dates = fields.List(
        fields.Nested(PlannedDateOut),
        metadata={
            "description": "What comes next, open proposals included. Of a ritual or a plan, its next date only."
        },
    )
    talk = fields.Nested(OpenTalkOut, allow_none=True)
    days = fields.List(
        fields.Nested(ImportantDayOut),
        metadata={"description": "The important days of the next 30 days: yours, and those shown to both."},
    )
    inbox = fields.List(
        fields.Nested(InboxItemOut), metadata={"description": "The newest items that you have not seen."}
    )
    unseen = fields.Integer(metadata={"examples": [1], "description": "How many items you have not seen."})
    idea = fields.Nested(SuggestionOut, allow_none=True, metadata={"description": "The first of GET /v1/suggestions."})


@routes.get("/today", access=SIGNED_IN, query=TodayQuery(), answer=TodayOut(), problems=[Invalid])
def get_today(context: RequestContext) -> dict[str, Any]:
    """Read all data for the first screen."""
    viewer, now = context.viewer, context.now
    first_screen.read(viewer, now, _MAX_ITEMS, context.query["idea"])
    pairing = pairing_now(viewer, now)
    ahead = views.list_next(viewer, now, _MAX_ITEMS)
    waiting = [date for date in ahead if date.awaits_viewer]
    coming = _next_of_each(ahead)[:_MAX_ITEMS]
    needed = {date.id: date for date in (*waiting, *coming)}
    shown = {date["id"]: date for date in show_ahead(viewer, needed.values())}
    unseen, items = visible_inbox.newest_unseen(viewer.id, now, _MAX_ITEMS)
    return {
        "day": viewer.today(now),
        "display_name": viewer.display_name,
        "pairing": pairing["pairing"],
        "invitation": pairing["invitation"],
        "couple": couple_of(viewer),
        "allowance": contact_log.remaining_quota(viewer.pair, now) if viewer.pair else None,
        "space": _own_space(viewer, now),
        "prompt": _prompt(context),
        "waiting": [shown[date.id] for date in waiting],
        "dates": [shown[date.id] for date in coming],
        "talk": _talk(viewer, now),
        "days": important_days.list_near(viewer, now),
        "inbox": show_items(viewer, items, {date.id: date.activity.content.title for date in ahead}),
        "unseen": unseen,
        "idea": first_idea(context) if context.query["idea"] else None,
    }


def _next_of_each(ahead: list[DateView]) -> list[DateView]:
    """Return the dates without the later ones of each ritual and plan: a weekly ritual would fill the list."""
    first = {_series_of(date): date for date in reversed(ahead)}
    return [date for date in ahead if first[_series_of(date)] is date]


def _series_of(date: DateView) -> UUID | str:
    """Return what a date shares with the others of its ritual or self-care plan, or else its id."""
    if date.ritual:
        return date.ritual.row.id
    # The small dates of a plan have its title.
    is_small = date.activity.retired and not date.with_partner
    return date.activity.content.title if is_small else date.id


def _own_space(viewer: Viewer, now: datetime) -> dict[str, Any]:
    kind = (SAID if viewer.sentence else QUIET) if viewer.space_since else None
    return {
        "kind": kind,
        "since": viewer.space_since,
        "until": viewer.until,
        # A thing that the partner has withdrawn is in no list, so it must not show here either.
        "held": holds.is_anything_held(viewer.id) and bool(hold_queue.list_held(viewer, now)),
    }


def _talk(viewer: Viewer, now: datetime) -> dict[str, Any] | None:
    talk = talks.current(viewer, now)
    if talk is None:
        return None
    return {"id": talk.id, "title": talk.guide.title, "state": talk.state, "resume_at": talk.flow.resume_at}


def _prompt(context: RequestContext) -> dict[str, Any] | None:
    try:
        return prompt_of_day(context)
    except NotFound:
        return None
