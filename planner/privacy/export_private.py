"""The private part of an export: what only its owner may read, and nothing of the partner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_type_hints

import peewee

from planner import messages
from planner.calendars import availability
from planner.calendars.availability import AvailabilityRow
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.calendars.feeds import CalendarFeed
from planner.calendars.free_windows import DayWindow, WeekWindow
from planner.catalogue import activities, prompts
from planner.catalogue.activities import Activity
from planner.contact import visible_inbox
from planner.contact.contact_log import ContactEvent
from planner.contact.pauses import Pause
from planner.couples import blocks
from planner.couples.blocks import Block, GlobalBlock
from planner.couples.couples import Member
from planner.couples.invitations import Invitation
from planner.dates.dates import Date, SlotRow
from planner.dates.feedback import FeedbackRow
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.rsvps import Rsvp
from planner.inbox import Item
from planner.notes.daily_prompt import PromptDay
from planner.notes.notes import Note
from planner.privacy.export_format import (
    DAY,
    ID,
    INSTANT,
    NUMBER,
    OBJECT,
    PAGE,
    PRIVATE,
    TEXT,
    TEXTS,
    YES_NO,
    ExportScope,
    Section,
    Thing,
    columns,
    described,
    maybe,
    pages,
    table_section,
)
from planner.privacy.export_shared import DATE, NOTE, SLUG, date_of, note_of, own_notes, plans
from planner.recommender import matches, profiles
from planner.recommender.decks import DealtCard
from planner.recommender.matches import Match
from planner.recommender.profiles import Profile, ProfileRow
from planner.recommender.votes import VoteRow
from planner.storage import db
from planner.support.help_cards import HelpRow


def _own_dates(scope: ExportScope) -> Iterator[Thing]:
    return map(date_of, plans(scope, PRIVATE))


def _private_notes(scope: ExportScope) -> Iterator[Thing]:
    return (note_of(note) for note in own_notes(scope) if note.shared_at is None)


def _ideas(scope: ExportScope) -> Iterator[Thing]:
    ids = [row[0] for row in db.fetch_all(Activity.select(Activity.id).where(Activity.owner == scope.viewer.id))]
    for some_ids in peewee.chunked(sorted(ids), PAGE):
        for idea, content, copy_of, retired_at in db.fetch_all(
            Activity.select(Activity.id, Activity.content, Activity.copy_of, Activity.retired_at).where(
                Activity.id.in_(some_ids)
            )
        ):
            yield {"id": idea, "content": json.loads(content), "copy_of": copy_of, "retired_at": retired_at}


def _outcomes(scope: ExportScope) -> Iterator[Thing]:
    answers = (FeedbackRow.feeling, FeedbackRow.rating, FeedbackRow.again)
    query = FeedbackRow.select(FeedbackRow.noted_at, FeedbackRow.date, Date.activity, *answers).join(Date)
    for noted_at, date, activity_id, feeling, rating, again in db.fetch_all(
        query.where(FeedbackRow.person == scope.viewer.id).order_by(FeedbackRow.noted_at, FeedbackRow.id)
    ):
        activity = activities.snapshot().by_id.get(activity_id)
        yield {
            "date": date,
            "title": activity.content.title if activity else None,
            "feeling": feeling,
            "rating": rating,
            "again": again,
            "noted_at": noted_at,
        }


def _votes(scope: ExportScope) -> Iterator[Thing]:
    known = activities.snapshot().by_id
    query = VoteRow.select(VoteRow.activity, VoteRow.vote, VoteRow.effective_from)
    query = query.where(VoteRow.person == scope.viewer.id, VoteRow.until.is_null())
    for activity, vote, effective_from in db.fetch_all(query.order_by(VoteRow.effective_from, VoteRow.id)):
        slug = known[activity].content.slug if activity in known else None
        yield {"activity": activity, "slug": slug, "vote": vote, "effective_from": effective_from}


def _profiles(scope: ExportScope) -> Iterator[Thing]:
    if ProfileRow.select().where(ProfileRow.person == scope.viewer.id).exists():
        yield profiles.get_own(scope.viewer)._asdict()


def _availability(scope: ExportScope) -> Iterator[Thing]:
    own = availability.get_own(scope.viewer)
    for window in own.week:
        yield {**_hours(window), "weekdays": list(window.weekdays), "day": None, "label": window.label}
    for day in own.days:
        yield {**_hours(day), "weekdays": [], "day": day.day, "label": None}


def _hours(window: WeekWindow | DayWindow) -> Thing:
    hours = (each.isoformat("minutes") for each in (window.begins, window.ends))
    return {"kind": window.kind, **dict(zip(("from", "until"), hours, strict=True))}


def _sharing(scope: ExportScope) -> Iterator[Thing]:
    own = availability.get_own(scope.viewer)
    if own.version:
        yield {"shared": own.shared}


def _matches(scope: ExportScope) -> Iterator[Thing]:
    """Yield the matches that show: one that does not show yet would reveal a vote."""
    return ({"activity": activity} for activity in matches.active(scope.viewer, scope.now))


def _prompts(scope: ExportScope) -> Iterator[Thing]:
    query = PromptDay.select(PromptDay.day, PromptDay.prompt).where(PromptDay.person == scope.viewer.id)
    for day, prompt in db.fetch_all(query.order_by(PromptDay.day)):
        yield {"day": day, "text": prompts.find(prompt).content.text}


def _invitations(scope: ExportScope) -> Iterator[Thing]:
    """Yield invitations as the person saw them: a silent decline or refusal looks as if it was still open."""
    me = scope.viewer.id
    query = Invitation.select().where((Invitation.inviter == me) | (Invitation.invitee == me))
    for invitation in query.order_by(Invitation.created_at, Invitation.id):
        mine = invitation.inviter_id == me
        silent_states = {"declined": "pending"} if mine else {"refused": "accepted", "withdrawn": "accepted"}
        yield {
            "as": "inviter" if mine else "invitee",
            "other": invitation.invitee_name if mine else invitation.inviter_name,
            "state": silent_states.get(invitation.state, invitation.state),
            "created_at": invitation.created_at if mine else None,
            "expires_at": invitation.expires_at,
        }


def _blocks(scope: ExportScope) -> Iterator[Thing]:
    for block in blocks.list_blocks(scope.viewer.identity):
        yield {"who": block.who, "name": block.name, "at": block.at}


def _busy_times(scope: ExportScope) -> Iterator[Thing]:
    query = BusyTime.select(BusyCalendar.name, BusyTime.kind, BusyTime.start, BusyTime.end).join(BusyCalendar)
    query = query.where(BusyCalendar.person == scope.viewer.id)
    for calendar, kind, start, end in db.fetch_all(query.order_by(BusyTime.start, BusyTime.id)):
        yield {"calendar": calendar, "kind": kind, "start": start, "end": end}


def _inbox(scope: ExportScope) -> Iterator[Thing]:
    items = pages(
        lambda limit, after: visible_inbox.list_items(scope.viewer.id, scope.now, limit, after),
        lambda item: (item.visible_at, item.id),
    )
    for item in items:
        yield {
            "kind": item.kind,
            "text": messages.text("inbox", item.kind),
            "subject": item.subject,
            "at": item.visible_at,
            "seen_at": item.seen_at,
        }


_SCHEMAS_OF_HINTS = {
    tuple[str, ...]: TEXTS,
    int | None: maybe(NUMBER),
    str | None: maybe(TEXT),
    bool: YES_NO,
    bool | None: maybe(YES_NO),
}

OWN: tuple[Section, ...] = (
    Section(
        "private_notes",
        "ExportedPrivateNote",
        PRIVATE,
        "Your notes that only you have seen.",
        NOTE,
        (Note,),
        _private_notes,
    ),
    Section(
        "own_dates",
        "ExportedOwnDate",
        PRIVATE,
        "Dates of your own.",
        DATE,
        (Date, SlotRow, Ritual, RitualDate),
        _own_dates,
    ),
    Section(
        "own_ideas",
        "ExportedIdea",
        PRIVATE,
        "Activities that you wrote.",
        {
            "id": ID,
            "content": described(OBJECT, "Its text and attributes, named as in GET /v1/activities/{id}."),
            "copy_of": described(maybe(ID), "For a copy as a partner saw it, the id of your idea."),
            "retired_at": maybe(INSTANT),
        },
        (Activity,),
        _ideas,
    ),
    Section(
        "feedback",
        "ExportedFeedback",
        PRIVATE,
        "How dates were for you.",
        {
            **columns(
                FeedbackRow.date, FeedbackRow.feeling, FeedbackRow.rating, FeedbackRow.again, FeedbackRow.noted_at
            ),
            "title": described(maybe(TEXT), "Of an activity of the catalogue; null for an own idea."),
        },
        (FeedbackRow,),
        _outcomes,
    ),
    table_section(
        "rsvps",
        "ExportedRsvp",
        "What you said, in space, about an agreed date.",
        Rsvp.person,
        notes={"off_at": "When it is called off; null for “I will go”."},
    ),
    table_section(
        "calendar_feed",
        "ExportedCalendarFeed",
        "Your calendar address, which is shown only once. So the export leaves it out.",
        CalendarFeed.person,
        without=[CalendarFeed.token_hash],
    ),
    table_section(
        "busy_calendars",
        "ExportedBusyCalendar",
        "Your calendars elsewhere. Their addresses are secret.",
        BusyCalendar.person,
        without=[BusyCalendar.request, BusyCalendar.etag, BusyCalendar.last_modified, BusyCalendar.failures],
        notes={"address": "Null for a file.", "all_day": "Whether whole days count as busy."},
    ),
    Section(
        "busy_times",
        "ExportedBusyTime",
        PRIVATE,
        "When those calendars are busy.",
        {
            "calendar": TEXT,
            "kind": TEXT,
            "start": described(INSTANT, "Of a floating time or a whole day, the wall time, as if in UTC."),
            "end": INSTANT,
        },
        (BusyTime,),
        _busy_times,
    ),
    table_section("pauses", "ExportedSpace", "The pauses that you took.", Pause.person, without=[Pause.partner_name]),
    table_section(
        "choices",
        "ExportedChoice",
        "What you chose in each couple: rhythm, ceiling, wishes, quiet ones too.",
        Member.person,
        notes={"name": "Yours, as your partner saw it."},
    ),
    Section(
        "profile",
        "ExportedProfile",
        PRIVATE,
        "What you like and care about.",
        {name: _SCHEMAS_OF_HINTS[hint] for name, hint in get_type_hints(Profile).items()},
        (ProfileRow,),
        _profiles,
    ),
    Section(
        "availability",
        "ExportedAvailability",
        PRIVATE,
        "When you are usually free, and when never: on weekdays, or on one day.",
        {
            "kind": TEXT,
            "weekdays": TEXTS,
            "day": maybe(DAY),
            "from": TEXT,
            "until": TEXT,
            "label": maybe(TEXT),
        },
        (AvailabilityRow,),
        _availability,
    ),
    Section(
        "free_times",
        "ExportedConsent",
        PRIVATE,
        "Whether you agreed to find times for both of you.",
        {"shared": YES_NO},
        (AvailabilityRow,),
        _sharing,
    ),
    Section(
        "votes",
        "ExportedVote",
        PRIVATE,
        "What you said of activities: like, pass or never.",
        {**columns(VoteRow.activity, VoteRow.vote, VoteRow.effective_from), "slug": SLUG},
        (VoteRow,),
        _votes,
    ),
    table_section("deck", "ExportedCard", "The cards you were dealt.", DealtCard.person),
    Section(
        "matches",
        "ExportedMatch",
        PRIVATE,
        "What you two are both curious about, as far as it shows.",
        {"activity": ID},
        (Match,),
        _matches,
    ),
    table_section(
        "help", "ExportedHelp", "What you said when you looked for help, and which cards you put away.", HelpRow.person
    ),
    Section(
        "prompts",
        "ExportedPrompt",
        PRIVATE,
        "The prompt of each of your days.",
        {"day": DAY, "text": TEXT},
        (PromptDay,),
        _prompts,
    ),
    table_section(
        "sent",
        "ExportedContact",
        "The ledger: what you put before a partner, and when.",
        ContactEvent.person,
        # What came of it is in the dates, as far as the person sees it.
        without=[ContactEvent.pace, ContactEvent.open_until, ContactEvent.outcome],
    ),
    Section(
        "inbox",
        "ExportedItem",
        PRIVATE,
        "What you found in the app.",
        {"kind": TEXT, "text": TEXT, "subject": ID, "at": INSTANT, "seen_at": maybe(INSTANT)},
        (Item,),
        _inbox,
    ),
    Section(
        "invitations",
        "ExportedInvitation",
        PRIVATE,
        "Invitations that you made or answered with a yes.",
        {"as": TEXT, "other": maybe(TEXT), "state": TEXT, "created_at": maybe(INSTANT), "expires_at": INSTANT},
        (Invitation,),
        _invitations,
    ),
    Section(
        "blocks",
        "ExportedBlock",
        PRIVATE,
        "Whom you chose never to be paired with.",
        {"who": TEXT, "name": maybe(TEXT), "at": INSTANT},
        (Block, GlobalBlock),
        _blocks,
    ),
)
