"""Matches: what both are curious about. A match is not a yes; nobody is told of one, it is there to be found.

**How one is made.** When both like an activity that was dealt to both (see decks), the clock makes a match of it. It
shows from the next morning, once that day has begun where either lives, and fades 30 days later. A reader sees at most
three, drawn anew each day. An activity matches once a couple.

The moment at which it shows is worked out and kept when the match is made: a later change of a zone does not move it.

**What it tells.** That both liked it: nothing else tells one of the other's likes. Whoever liked on the day before it
shows cannot tell whether the other came before or after; whoever liked earlier can tell, where no more than three wait
to be shown, that the other did so on the day before, and no hour. Looking makes no match, and so shows none: that
somebody has looked leaves no trace.

**Taking a like back** takes the match out of one's own list at once. Before it shows, it is unmade. After, the other's
list goes on as if nothing had happened, to its 30th day: there is nothing by which the other could tell a like that was
taken back from one that stands. Nor can they ask again: there is no second match to compare with.

**In space** (of either) none is made, and one that nobody has seen yet is unmade; once no space is left, likes that
stand match as usual. For the other this looks like somebody who has no cards dealt or likes none: matches become
fewer, for which there are always many reasons, and no answer ever says which likes were waiting. What shows already
goes on showing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee
from peewee import fn

from planner.accounts import accounts, server_keys
from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry, VisibleActivities
from planner.clock import local_day, start_of_day
from planner.contact.pauses import Pause
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple, Member
from planner.recommender.decks import DealtCard
from planner.recommender.votes import LIKE, VoteRow
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

MOST = 3
LIFETIME = timedelta(days=30)


class Match(db.Model):
    """An activity that both liked. It shows from `shown_from` on, when a new day has begun for both."""

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    made_at = UtcDateTimeField()
    shown_from = UtcDateTimeField()

    class Meta:
        table_name = "matches"
        indexes = ((("couple", "activity"), True),)


class _Couple(NamedTuple):
    """A present couple: its id, both persons, and the zone in which each counts days."""

    id: UUID
    persons: tuple[UUID, UUID]
    zones: tuple[str, str]

    def next_morning(self, now: datetime) -> datetime:
        """Return the instant from which it is, for both, a later day than it is now for either."""
        tomorrow = max(local_day(now, zone) for zone in self.zones) + timedelta(days=1)
        return max(start_of_day(tomorrow, zone) for zone in self.zones)


def active(viewer: Viewer, now: datetime) -> list[UUID]:
    """Return the activities of all matches that are live for the viewer, and that they still like. One query."""
    return [activity for (activity,) in _live(viewer.couple, viewer.id, now, now - LIFETIME)]


def daily_sample(viewer: Viewer, today: date, found: Collection[UUID], seen: VisibleActivities) -> list[ActivityEntry]:
    """Those of the live ones that the viewer is shown on the day: at most three, in an order drawn for it.

    Above the pace that counts for the viewer none is shown.
    """
    cards = [one for one in map(seen.find, found) if one and not one.retired]
    close = [one for one in cards if one.content.pace <= (viewer.own_pace or 0)]
    return sorted(close, key=lambda card: server_keys.hmac_digest("matches", f"{viewer.id} {today} {card.id}"))[:MOST]


def list_shown(viewer: Viewer, now: datetime) -> list[ActivityEntry]:
    """The matches that the viewer is shown today. Two queries."""
    return daily_sample(viewer, viewer.today(now), active(viewer, now), activities.visible(viewer))


def withdraw_unseen(person: UUID, activity: UUID, now: datetime) -> None:
    """Delete a match that neither can have seen yet, as its like is taken back. Call inside that transaction."""
    couple = Member.select(Member.couple).where(Member.person == person, Member.left_at.is_null())
    Match.delete().where(Match.couple.in_(couple), Match.activity == activity, Match.shown_from > now).execute()


def end(couple: UUID) -> None:
    """Delete all matches of a couple that has ended, inside that transaction."""
    Match.delete().where(Match.couple == couple).execute()


def create_due(now: datetime) -> int:
    """Make the matches that today's likes complete; the number of them. Part of every tick: they show tomorrow.

    Unmakes what nobody has seen of those in space.
    """
    paused = Pause.select(Pause.couple).where(Pause.ended_at.is_null())
    unseen = Match.select(Match.couple).where(Match.couple.in_(paused), Match.shown_from > now)
    for couple in _couples(unseen, now):
        with db.write((Person, couple.persons), (Couple, [couple.id])):
            still_paused = Match.couple.in_(paused)
            Match.delete().where(Match.couple == couple.id, Match.shown_from > now, still_paused).execute()
    return _made({couple for couple, _ in _due_today(now)}, now)


def create_missed(now: datetime) -> int:
    """As `make`, for all likes: of a day on which no clock ran, or of a space that has ended.

    Once an hour: it looks at every like there is, 70 ms for a thousand couples.
    """
    return _made({couple for couple, _ in _due()}, now)


def _made(couples: set[UUID], now: datetime) -> int:
    # Which pairs are due is asked once more under the couple's locks: nothing that was read before decides.
    return sum(_make(one, now) for one in _couples(list(couples), now)) if couples else 0


def _make(couple: _Couple, now: datetime) -> int:
    with db.write((Person, couple.persons), (Couple, [couple.id])):
        times = {"made_at": now, "shown_from": couple.next_morning(now)}
        return sum(
            db.insert_if_absent(Match, couple=couple.id, activity=activity, **times)
            for _, activity in _due_of(couple.id)
        )


# Each finds (couple, activity) of which both have the like and the card, of couples without space, not matched before.


@db.cached_query
def _due() -> Any:
    return _due_where(lambda one, other, liked: other.person > one.person)  # each couple once


@db.cached_query
def _due_of(couple: Any) -> Any:
    return _due_where(lambda one, other, liked: (Couple.id == couple) & (other.person > one.person))


@db.cached_query
def _due_today(now: Any) -> Any:
    """Those of which one like is of today: it does not count yet."""
    return _due_where(lambda one, other, liked: liked.effective_from > now)


def _due_where(which: Callable[[Any, Any, Any], Any]) -> Any:
    one, other, liked, spaces = Member.alias(), Member.alias(), VoteRow.alias(), Pause.alias()
    taken = Match.select(Match.id).where(Match.couple == Couple.id, Match.activity == liked.activity)
    excluded = spaces.select(spaces.id).where(spaces.couple == Couple.id, spaces.ended_at.is_null())
    # As conditions, not as joins: SQLite would begin with all cards of an activity, whoever's they are.
    cards = _holds(one.person, liked.activity) & _holds(other.person, liked.activity)
    return (
        Couple.select(Couple.id, liked.activity)
        .join(one, on=((one.couple == Couple.id) & one.left_at.is_null()))
        .join(other, on=((other.couple == Couple.id) & other.left_at.is_null() & (other.person != one.person)))
        .join(liked, on=((liked.person == one.person) & (liked.vote == LIKE) & liked.until.is_null()))
        .where(which(one, other, liked), _likes(other.person, liked.activity), cards)
        .where(~fn.EXISTS(taken), ~fn.EXISTS(excluded))
    )


def _likes(person: Any, activity: Any) -> Any:
    said = VoteRow.alias()
    query = said.select(said.id).where(said.person == person, said.activity == activity)
    return fn.EXISTS(query.where(said.vote == LIKE, said.until.is_null()))


def _holds(person: Any, activity: Any) -> Any:
    card = DealtCard.alias()
    return fn.EXISTS(card.select(card.id).where(card.person == person, card.activity == activity))


def _couples(ids: Any, now: datetime) -> list[_Couple]:
    members: dict[UUID, list[tuple[UUID, str]]] = {}
    zones = (Person.zone, Person.day_zone, Person.day_zone_until)
    query = Member.select(Member.couple, Person.id, *zones).join(Person)
    for couple, person, *row in db.fetch_all(query.where(Member.couple.in_(ids), Member.left_at.is_null())):
        members.setdefault(couple, []).append((person, accounts.zone_of_days(now, *row)))
    return [_Couple(couple, *zip(*two, strict=True)) for couple, two in sorted(members.items()) if len(two) == 2]


@db.cached_query
def _live(couple: Any, me: Any, now: Any, faded: Any) -> Any:
    return (
        Match.select(Match.activity)
        .join(VoteRow, on=((VoteRow.activity == Match.activity) & VoteRow.until.is_null() & (VoteRow.vote == LIKE)))
        .where(Match.couple == couple, VoteRow.person == me, Match.shown_from <= now, Match.shown_from > faded)
    )
