"""Match activities that both partners liked. A match is not a yes; it is shown without a notification.

**How a match is made.** When both partners like an activity that was dealt to both (see decks), the clock makes a
match. It appears at noon (UTC) on the next day, and stays until one of them takes the like back. A viewer sees at most
three, drawn again each day. One out of season waits for it.

No zone decides when it appears. If it waited for the partner's morning, the viewer could tell where the partner is.

On one day, only the cards of one deck match. Likes of older decks come first, and later ones wait.

**What it reveals.** It reveals that both liked the activity; nothing else reveals a like to the partner. A person who
liked it on the day (in UTC) before it appears cannot tell who liked it first. A person who liked it earlier can tell
the day of the partner's like, but not the hour, if at most three matches are waiting. Reading creates no match, so it
leaves no trace.

**Taking back a like** removes the match from that person's list at once. A match that has not appeared yet is deleted.
A match that has appeared leaves the partner's list at noon (UTC), once the like no longer counts. So the partner cannot
tell the hour, and with more than three matches, not even the day.

**In space** (of either partner) no match is made, and one that has not appeared yet is deleted. When no space is left,
the current likes match, one deck a day. To the partner it looks as if the person had not voted for a while, and was
dealt those cards later. No answer reveals which likes were waiting. Matches that have appeared stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee
from peewee import fn

from planner.accounts import server_keys
from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry, VisibleActivities
from planner.clock import last_noon, noon_of_next_day
from planner.contact.pauses import Pause
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple, Member
from planner.recommender.decks import DealtCard
from planner.recommender.model.request import season
from planner.recommender.votes import LIKE, VoteRow
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

MAX_SHOWN = 3


class Match(db.Model):
    """An activity that both liked. It appears at `shown_from`, at noon of a day in UTC."""

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    made_at = UtcDateTimeField()
    shown_from = UtcDateTimeField()

    class Meta:
        table_name = "matches"
        indexes = ((("couple", "activity"), True),)


class _Couple(NamedTuple):
    """A current couple: its id, and both persons."""

    id: UUID
    persons: tuple[UUID, ...]


def active(viewer: Viewer, now: datetime) -> list[UUID]:
    """Return the activities of the viewer's matches that both still like. One query."""
    return [activity for (activity,) in _live(viewer.couple, viewer.id, now, last_noon(now))]


def daily_sample(
    viewer: Viewer, today: date, hemisphere: str, matched: Collection[UUID], visible: VisibleActivities
) -> list[ActivityEntry]:
    """Return at most three of the matches, drawn for the viewer and the day.

    Leave out those above the viewer's pace, and those out of season.
    """
    cards = [match for match in map(visible.find, matched) if match and not match.retired]
    now = season(today, hemisphere)
    fitting = [
        match for match in cards if match.content.pace <= (viewer.own_pace or 0) and now in match.content.seasons
    ]
    return sorted(fitting, key=lambda card: server_keys.hmac_digest("matches", f"{viewer.id} {today} {card.id}"))[
        :MAX_SHOWN
    ]


def list_shown(viewer: Viewer, hemisphere: str, now: datetime) -> list[ActivityEntry]:
    """Return the matches that the viewer is shown today. Two queries."""
    return daily_sample(viewer, viewer.today(now), hemisphere, active(viewer, now), activities.visible(viewer))


def withdraw_unseen(person: UUID, activity: UUID, now: datetime) -> None:
    """Delete a match that has not appeared yet, when its like is taken back. Call inside that transaction."""
    couple = Member.select(Member.couple).where(Member.person == person, Member.left_at.is_null())
    Match.delete().where(Match.couple.in_(couple), Match.activity == activity, Match.shown_from > now).execute()


def end(couple: UUID) -> None:
    """Delete all matches of a couple that has ended. Call inside that transaction."""
    Match.delete().where(Match.couple == couple).execute()


def create_due(now: datetime) -> int:
    """Make the matches that today's likes complete, and return their number. Part of every tick: they appear later.

    Delete the unseen matches of couples in space.
    """
    paused = Pause.select(Pause.couple).where(Pause.ended_at.is_null())
    unseen = Match.select(Match.couple).where(Match.couple.in_(paused), Match.shown_from > now)
    for couple in _couples(unseen):
        with db.write((Person, couple.persons), (Couple, [couple.id])):
            still_paused = Match.couple.in_(paused)
            Match.delete().where(Match.couple == couple.id, Match.shown_from > now, still_paused).execute()
    return _create_for({couple for couple, _ in _due_today(now)}, now)


def create_missed(now: datetime) -> int:
    """Make the matches of all likes, after a stopped clock or a space: one deck a day.

    Run once an hour: it reads every like, 70 ms for a thousand couples.
    """
    return _create_for({couple for couple, _ in _due()}, now)


def _create_for(couples: set[UUID], now: datetime) -> int:
    # Ask again which pairs are due under the couple's locks: earlier reads may be out of date.
    return sum(_create_for_couple(couple, now) for couple in _couples(list(couples))) if couples else 0


def _create_for_couple(couple: _Couple, now: datetime) -> int:
    with db.write((Person, couple.persons), (Couple, [couple.id])):
        times = {"made_at": now, "shown_from": noon_of_next_day(now)}
        ready = _of_one_deck(couple, [activity for _, activity in _due_of(couple.id)], times["shown_from"])
        return sum(db.insert_if_absent(Match, couple=couple.id, activity=activity, **times) for activity in ready)


def _of_one_deck(couple: _Couple, due: list[UUID], shown_from: datetime) -> list[UUID]:
    """Return the activities of the oldest deck. If matches of today exist, return those of the same deck."""
    made = [row[0] for row in _made_for(couple.id, shown_from)]
    days = dict(_deal_days(list(couple.persons), [*made, *due]))
    deck = min((days[activity] for activity in made or due), default=None)
    return [activity for activity in due if days[activity] == deck]


@db.cached_query
def _made_for(couple: Any, shown_from: Any) -> Any:
    return Match.select(Match.activity).where(Match.couple == couple, Match.shown_from == shown_from)


@db.cached_query
def _deal_days(persons: Any, ids: Any) -> Any:
    """Return the last day on which each activity was dealt to one of the two."""
    query = DealtCard.select(DealtCard.activity, fn.MAX(DealtCard.day))
    return query.where(DealtCard.person.in_(persons), DealtCard.activity.in_(ids)).group_by(DealtCard.activity)


# Each query finds the (couple, activity) pairs that both partners like and were dealt. It leaves out couples in space
# and activities matched before.


@db.cached_query
def _due() -> Any:
    return _due_where(lambda first, second, liked: second.person > first.person)  # each couple once


@db.cached_query
def _due_of(couple: Any) -> Any:
    return _due_where(lambda first, second, liked: (Couple.id == couple) & (second.person > first.person))


@db.cached_query
def _due_today(now: Any) -> Any:
    """Return the pairs with a like from today, which does not count yet."""
    return _due_where(lambda first, second, liked: liked.effective_from > now)


def _due_where(condition: Callable[[Any, Any, Any], Any]) -> Any:
    first, second, liked, spaces = Member.alias(), Member.alias(), VoteRow.alias(), Pause.alias()
    matched = Match.select(Match.id).where(Match.couple == Couple.id, Match.activity == liked.activity)
    paused = spaces.select(spaces.id).where(spaces.couple == Couple.id, spaces.ended_at.is_null())
    # Use conditions instead of joins: SQLite would begin with all persons' cards of an activity.
    cards = _has_card(first.person, liked.activity) & _has_card(second.person, liked.activity)
    return (
        Couple.select(Couple.id, liked.activity)
        .join(first, on=((first.couple == Couple.id) & first.left_at.is_null()))
        .join(second, on=((second.couple == Couple.id) & second.left_at.is_null() & (second.person != first.person)))
        .join(liked, on=((liked.person == first.person) & (liked.vote == LIKE) & liked.until.is_null()))
        .where(condition(first, second, liked), _likes(second.person, liked.activity), cards)
        .where(~fn.EXISTS(matched), ~fn.EXISTS(paused))
    )


def _likes(person: Any, activity: Any) -> Any:
    vote = VoteRow.alias()
    query = vote.select(vote.id).where(vote.person == person, vote.activity == activity)
    return fn.EXISTS(query.where(vote.vote == LIKE, vote.until.is_null()))


def _has_card(person: Any, activity: Any) -> Any:
    card = DealtCard.alias()
    return fn.EXISTS(card.select(card.id).where(card.person == person, card.activity == activity))


def _couples(ids: Any) -> list[_Couple]:
    members: dict[UUID, list[UUID]] = {}
    query = Member.select(Member.couple, Member.person).where(Member.couple.in_(ids), Member.left_at.is_null())
    for couple, person in db.fetch_all(query):
        members.setdefault(couple, []).append(person)
    return [_Couple(couple, tuple(two)) for couple, two in sorted(members.items()) if len(two) == 2]


@db.cached_query
def _live(couple: Any, me: Any, now: Any, noon: Any) -> Any:
    member, theirs = Member.alias(), VoteRow.alias()
    partner = member.select(member.person).where(member.couple == couple, member.person != me)
    counted = theirs.until.is_null() | (theirs.until > noon)
    liked = theirs.select(theirs.id).where(
        theirs.person.in_(partner), theirs.activity == Match.activity, theirs.vote == LIKE, counted
    )
    return (
        Match.select(Match.activity)
        .join(VoteRow, on=((VoteRow.activity == Match.activity) & VoteRow.until.is_null() & (VoteRow.vote == LIKE)))
        .where(Match.couple == couple, VoteRow.person == me, Match.shown_from <= now, fn.EXISTS(liked))
    )
