"""The private part of an export: what is its owner's alone, and never anything of the other's."""

from __future__ import annotations

import json
from collections.abc import Iterator

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
    maybe,
    pages,
    rows_of,
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
from planner.picking.profiles import ProfileRow
from planner.picking.tastes import Taste
from planner.storage import db


def _own_dates(viewer: Viewer) -> Iterator[Thing]:
    return map(date_of, plans(viewer, PRIVATE))


def _private_notes(viewer: Viewer) -> Iterator[Thing]:
    return (note_of(one) for one in own_notes(viewer) if one.shared_at is None)


def _ideas(viewer: Viewer) -> Iterator[Thing]:
    ids = [row[0] for row in db.rows(Activity.select(Activity.id).where(Activity.owner == viewer.actor.id))]
    for some in peewee.chunked(sorted(ids), PAGE):
        for found, content, retired_at in db.rows(
            Activity.select(Activity.id, Activity.content, Activity.retired_at).where(Activity.id.in_(some))
        ):
            yield {"id": found, "content": json.loads(content), "retired_at": retired_at}


def _outcomes(viewer: Viewer) -> Iterator[Thing]:
    query = Outcome.select(Outcome.noted_at, Outcome.date, Date.activity, Outcome.feeling, Outcome.rating).join(Date)
    for noted_at, day, activity, feeling, rating in db.rows(
        query.where(Outcome.person == viewer.actor.id).order_by(Outcome.noted_at, Outcome.id)
    ):
        known = activities.deck().by_id.get(activity)
        yield {
            "date": day, "title": known.content.title if known else None, "feeling": feeling, "rating": rating,
            "noted_at": noted_at,
        }  # fmt: skip


def _attendances(viewer: Viewer) -> Iterator[Thing]:
    mine = Attendance.person == viewer.actor.id
    return rows_of(Attendance.date, Attendance.off_at, named=["date", "off_at"], where=mine)


def _spaces(viewer: Viewer) -> Iterator[Thing]:
    names = ["started_at", "couple", "kind", "sentence", "until", "said_at", "ended_at", "settled_at", "settled_as"]
    return rows_of(*(getattr(Space, name) for name in names), named=names, where=Space.person == viewer.actor.id)


def _choices(viewer: Viewer) -> Iterator[Thing]:
    names = [
        "couple", "name", "rhythm", "ceiling", "quiet_pace", "quiet_rhythm", "quiet_rhythm_since", "wish", "wished_at",
        "pace_since", "left_at",
    ]  # fmt: skip
    return rows_of(*(getattr(Member, name) for name in names), named=names, where=Member.person == viewer.actor.id)


def _profiles(viewer: Viewer) -> Iterator[Thing]:
    if ProfileRow.select().where(ProfileRow.person == viewer.actor.id).exists():
        yield profiles.read(viewer.actor)._asdict()


def _tastes(viewer: Viewer) -> Iterator[Thing]:
    names, mine = ["activity", "vote", "counts_from"], (Taste.person == viewer.actor.id) & Taste.until.is_null()
    return rows_of(*(getattr(Taste, name) for name in names), named=names, where=mine)


def _dealt(viewer: Viewer) -> Iterator[Thing]:
    names, mine = ["day", "activity"], Dealt.person == viewer.actor.id
    return rows_of(*(getattr(Dealt, name) for name in names), named=names, where=mine)


def _matches(viewer: Viewer) -> Iterator[Thing]:
    """Those that show: what has not been shown yet would tell of a vote."""
    return ({"activity": activity} for activity in matches.live(viewer.actor, viewer.now))


def _help(viewer: Viewer) -> Iterator[Thing]:
    names = ["stuck_since", "counselling_away_at", "review_away_at"]
    return rows_of(*(getattr(HelpRow, name) for name in names), named=names, where=HelpRow.person == viewer.actor.id)


def _prompts(viewer: Viewer) -> Iterator[Thing]:
    mine = PromptDay.person == viewer.actor.id
    for row in rows_of(PromptDay.day, PromptDay.prompt, named=["day", "prompt"], where=mine):
        yield {"day": row["day"], "text": prompts.find(row["prompt"]).content.text}


def _sign_ins(viewer: Viewer) -> Iterator[Thing]:
    names = ["created_at", "device", "used_on"]
    return rows_of(*(getattr(SignIn, name) for name in names), named=names, where=SignIn.person == viewer.actor.id)


def _invitations(viewer: Viewer) -> Iterator[Thing]:
    """As each saw them: to the inviter a no reads as if nobody had come, to the accepter as if nobody had answered."""
    me = viewer.actor.id
    for one in (
        Invitation.select()
        .where((Invitation.inviter == me) | (Invitation.accepter == me))
        .order_by(Invitation.created_at, Invitation.id)
    ):
        mine = one.inviter_id == me
        silent = {"declined": "pending"} if mine else {"refused": "accepted", "withdrawn": "accepted"}
        other = one.accepter_name if mine else one.inviter_name
        yield {
            "as": "inviter" if mine else "accepter", "other": other, "state": silent.get(one.state, one.state),
            "created_at": one.created_at if mine else None, "expires_at": one.expires_at,
        }  # fmt: skip


def _blocks(viewer: Viewer) -> Iterator[Thing]:
    for one in blocks.listed(viewer.actor):
        yield {"who": one.who, "name": one.name, "at": one.at}


def _inbox(viewer: Viewer) -> Iterator[Thing]:
    found = pages(
        lambda limit, after: letterbox.entries(viewer.actor, viewer.now, limit, after),
        lambda one: (one.visible_at, one.id),
    )
    for one in found:
        yield {
            "kind": one.kind, "text": one.text, "subject": one.subject, "at": one.visible_at, "seen_at": one.seen_at,
        }  # fmt: skip


def _contacts(viewer: Viewer) -> Iterator[Thing]:
    names = ["at", "couple", "kind", "subject"]
    return rows_of(*(getattr(Contact, name) for name in names), named=names, where=Contact.person == viewer.actor.id)


OWN: tuple[Section, ...] = (
    Section(
        "private_notes", "ExportedPrivateNote", PRIVATE, "Your notes that nobody else has seen.", NOTE, (Note,),
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
        {"date": ID, "title": told(maybe(TEXT), "Of an activity of the catalogue; null for an own idea."),
         "feeling": TEXT, "rating": maybe(NUMBER), "noted_at": INSTANT},
        (Outcome,), _outcomes,
    ),
    Section(
        "attendances", "ExportedAttendance", PRIVATE, "What you said, in space, about an agreed date.",
        {"date": ID, "off_at": told(maybe(INSTANT), "When it is called off; null for “I will go”.")},
        (Attendance,), _attendances,
    ),
    Section(
        "spaces", "ExportedSpace", PRIVATE, "The pauses that you took.",
        {"started_at": INSTANT, "couple": ID, "kind": TEXT, "sentence": maybe(TEXT), "until": maybe(DAY),
         "said_at": maybe(INSTANT), "ended_at": maybe(INSTANT), "settled_at": maybe(INSTANT),
         "settled_as": maybe(TEXT)},
        (Space,), _spaces,
    ),
    Section(
        "choices", "ExportedChoice", PRIVATE, "What you chose in each couple: rhythm, ceiling, wishes, quiet ones too.",
        {"couple": ID, "name": told(TEXT, "Yours, as your partner saw it."), "rhythm": TEXT, "ceiling": NUMBER,
         "quiet_pace": maybe(NUMBER), "quiet_rhythm": maybe(TEXT), "quiet_rhythm_since": maybe(INSTANT),
         "wish": maybe(NUMBER), "wished_at": maybe(INSTANT), "pace_since": maybe(INSTANT), "left_at": maybe(INSTANT)},
        (Member,), _choices,
    ),
    Section(
        "profile", "ExportedProfile", PRIVATE, "What you like and care about.",
        {"interests": TEXTS, "causes": TEXTS, "dislikes": TEXTS, "access": TEXTS, "settings": TEXTS,
         "cost_band": maybe(NUMBER), "children": maybe(TEXT), "alcohol_free": YES_NO},
        (ProfileRow,), _profiles,
    ),
    Section(
        "tastes", "ExportedTaste", PRIVATE, "What you said of activities: like, pass or never.",
        {"activity": ID, "vote": TEXT, "counts_from": INSTANT}, (Taste,), _tastes,
    ),
    Section(
        "deck", "ExportedCard", PRIVATE, "The cards you were dealt.", {"day": DAY, "activity": ID}, (Dealt,), _dealt,
    ),
    Section(
        "matches", "ExportedMatch", PRIVATE, "What you two are both curious about, as far as it shows.",
        {"activity": ID}, (Match,), _matches,
    ),
    Section(
        "help", "ExportedHelp", PRIVATE, "What you said when you looked for help, and which cards you put away.",
        {"stuck_since": maybe(INSTANT), "counselling_away_at": maybe(INSTANT), "review_away_at": maybe(INSTANT)},
        (HelpRow,), _help,
    ),
    Section(
        "prompts", "ExportedPrompt", PRIVATE, "The prompt of each of your days.", {"day": DAY, "text": TEXT},
        (PromptDay,), _prompts,
    ),
    Section(
        "sent", "ExportedContact", PRIVATE, "The ledger: what you put before a partner, and when.",
        {"at": INSTANT, "couple": ID, "kind": TEXT, "subject": ID}, (Contact,), _contacts,
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
    Section(
        "sign_ins", "ExportedSignIn", PRIVATE, "Where you are signed in.",
        {"created_at": INSTANT, "device": TEXT, "used_on": DAY}, (SignIn,), _sign_ins,
    ),
)  # fmt: skip
