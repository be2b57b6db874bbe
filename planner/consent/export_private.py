"""The private part of an export: what only its owner may read, and nothing of the partner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_type_hints

import peewee

from planner.catalogue import activities, prompts
from planner.catalogue.activities import Activity
from planner.consent.export_format import (
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
    Section,
    Thing,
    Viewer,
    columns,
    maybe,
    pages,
    table_section,
    told,
)
from planner.consent.export_ordinary import DATE, NOTE, date_of, note_of, own_notes, plans
from planner.consent.help import HelpRow
from planner.dates.agenda import Date, SlotRow
from planner.dates.attendances import Attendance
from planner.dates.outcomes import Outcome
from planner.inbox import Item
from planner.notes.notes import Note
from planner.notes.prompt_days import PromptDay
from planner.people import blocks, letterbox
from planner.people.blocks import Block, ClosedDoor
from planner.people.contacts import Contact
from planner.people.couples import Member
from planner.people.invitations import Invitation
from planner.people.sign_ins import SignIn
from planner.people.spaces import Space
from planner.picking import matches, profiles
from planner.picking.decks import Dealt
from planner.picking.matches import Match
from planner.picking.profiles import Profile, ProfileRow
from planner.picking.tastes import Taste
from planner.storage import db


def _own_dates(viewer: Viewer) -> Iterator[Thing]:
    return map(date_of, plans(viewer, PRIVATE))


def _private_notes(viewer: Viewer) -> Iterator[Thing]:
    return (note_of(note) for note in own_notes(viewer) if note.shared_at is None)


def _ideas(viewer: Viewer) -> Iterator[Thing]:
    ids = [row[0] for row in db.rows(Activity.select(Activity.id).where(Activity.owner == viewer.actor.id))]
    for some_ids in peewee.chunked(sorted(ids), PAGE):
        for idea, content, retired_at in db.rows(
            Activity.select(Activity.id, Activity.content, Activity.retired_at).where(Activity.id.in_(some_ids))
        ):
            yield {"id": idea, "content": json.loads(content), "retired_at": retired_at}


def _outcomes(viewer: Viewer) -> Iterator[Thing]:
    query = Outcome.select(Outcome.noted_at, Outcome.date, Date.activity, Outcome.feeling, Outcome.rating).join(Date)
    for noted_at, date, activity_id, feeling, rating in db.rows(
        query.where(Outcome.person == viewer.actor.id).order_by(Outcome.noted_at, Outcome.id)
    ):
        activity = activities.deck().by_id.get(activity_id)
        yield {
            "date": date, "title": activity.content.title if activity else None, "feeling": feeling, "rating": rating,
            "noted_at": noted_at,
        }  # fmt: skip


def _profiles(viewer: Viewer) -> Iterator[Thing]:
    if ProfileRow.select().where(ProfileRow.person == viewer.actor.id).exists():
        yield profiles.read(viewer.actor)._asdict()


def _matches(viewer: Viewer) -> Iterator[Thing]:
    """Yield the matches that show: one that does not show yet would reveal a vote."""
    return ({"activity": activity} for activity in matches.live(viewer.actor, viewer.now))


def _prompts(viewer: Viewer) -> Iterator[Thing]:
    query = PromptDay.select(PromptDay.day, PromptDay.prompt).where(PromptDay.person == viewer.actor.id)
    for day, prompt in db.rows(query.order_by(PromptDay.day)):
        yield {"day": day, "text": prompts.find(prompt).content.text}


def _invitations(viewer: Viewer) -> Iterator[Thing]:
    """Yield invitations as the person saw them: a silent decline or refusal looks as if it was still open."""
    me = viewer.actor.id
    query = Invitation.select().where((Invitation.inviter == me) | (Invitation.accepter == me))
    for invitation in query.order_by(Invitation.created_at, Invitation.id):
        mine = invitation.inviter_id == me
        silent_states = {"declined": "pending"} if mine else {"refused": "accepted", "withdrawn": "accepted"}
        yield {
            "as": "inviter" if mine else "accepter",
            "other": invitation.accepter_name if mine else invitation.inviter_name,
            "state": silent_states.get(invitation.state, invitation.state),
            "created_at": invitation.created_at if mine else None,
            "expires_at": invitation.expires_at,
        }


def _blocks(viewer: Viewer) -> Iterator[Thing]:
    for block in blocks.listed(viewer.actor):
        yield {"who": block.who, "name": block.name, "at": block.at}


def _inbox(viewer: Viewer) -> Iterator[Thing]:
    items = pages(
        lambda limit, after: letterbox.entries(viewer.actor, viewer.now, limit, after),
        lambda item: (item.visible_at, item.id),
    )
    for item in items:
        yield {
            "kind": item.kind, "text": item.text, "subject": item.subject, "at": item.visible_at,
            "seen_at": item.seen_at,
        }  # fmt: skip


_SCHEMAS_OF_HINTS = {tuple[str, ...]: TEXTS, int | None: maybe(NUMBER), str | None: maybe(TEXT), bool: YES_NO}

OWN: tuple[Section, ...] = (
    Section(
        "private_notes", "ExportedPrivateNote", PRIVATE, "Your notes that only you have seen.", NOTE, (Note,),
        _private_notes,
    ),
    Section("own_dates", "ExportedOwnDate", PRIVATE, "Dates of your own.", DATE, (Date, SlotRow), _own_dates),
    Section(
        "own_ideas", "ExportedIdea", PRIVATE, "Activities that you wrote.",
        {"id": ID, "content": told(OBJECT, "Its text and attributes, named as in GET /v1/activities/{id}."),
         "retired_at": maybe(INSTANT)},
        (Activity,), _ideas,
    ),
    Section(
        "outcomes", "ExportedOutcome", PRIVATE, "How dates were for you.",
        {**columns(Outcome.date, Outcome.feeling, Outcome.rating, Outcome.noted_at),
         "title": told(maybe(TEXT), "Of an activity of the catalogue; null for an own idea.")},
        (Outcome,), _outcomes,
    ),
    table_section(
        "attendances", "ExportedAttendance", "What you said, in space, about an agreed date.", Attendance.person,
        notes={"off_at": "When it is called off; null for “I will go”."},
    ),
    table_section("spaces", "ExportedSpace", "The pauses that you took.", Space.person),
    table_section(
        "choices", "ExportedChoice", "What you chose in each couple: rhythm, ceiling, wishes, quiet ones too.",
        Member.person, notes={"name": "Yours, as your partner saw it."},
    ),
    Section(
        "profile", "ExportedProfile", PRIVATE, "What you like and care about.",
        {name: _SCHEMAS_OF_HINTS[hint] for name, hint in get_type_hints(Profile).items()},
        (ProfileRow,), _profiles,
    ),
    table_section(
        "tastes", "ExportedTaste", "What you said of activities: like, pass or never.", Taste.person,
        without=[Taste.until], where=Taste.until.is_null(),
    ),
    table_section("deck", "ExportedCard", "The cards you were dealt.", Dealt.person),
    Section(
        "matches", "ExportedMatch", PRIVATE, "What you two are both curious about, as far as it shows.",
        {"activity": ID}, (Match,), _matches,
    ),
    table_section(
        "help", "ExportedHelp", "What you said when you looked for help, and which cards you put away.", HelpRow.person
    ),
    Section(
        "prompts", "ExportedPrompt", PRIVATE, "The prompt of each of your days.", {"day": DAY, "text": TEXT},
        (PromptDay,), _prompts,
    ),
    table_section(
        "sent", "ExportedContact", "The ledger: what you put before a partner, and when.", Contact.person,
        # What came of it is in the dates, as far as the person sees it.
        without=[Contact.pace, Contact.open_until, Contact.outcome],
    ),
    Section(
        "inbox", "ExportedItem", PRIVATE, "What you found in the app.",
        {"kind": TEXT, "text": TEXT, "subject": ID, "at": INSTANT, "seen_at": maybe(INSTANT)}, (Item,), _inbox,
    ),
    Section(
        "invitations", "ExportedInvitation", PRIVATE, "Invitations that you made or answered with a yes.",
        {"as": TEXT, "other": maybe(TEXT), "state": TEXT, "created_at": maybe(INSTANT), "expires_at": INSTANT},
        (Invitation,), _invitations,
    ),
    Section(
        "blocks", "ExportedBlock", PRIVATE, "Whom you chose never to be paired with.",
        {"who": TEXT, "name": maybe(TEXT), "at": INSTANT}, (Block, ClosedDoor), _blocks,
    ),
    table_section(
        "sign_ins", "ExportedSignIn", "Where you are signed in.", SignIn.person, without=[SignIn.token_hash]
    ),
)  # fmt: skip
