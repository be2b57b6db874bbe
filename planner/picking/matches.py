"""Matches: what both are curious about. A match is not a yes; nobody is told of one, it is there to be found.

**How one is made.** When both like an activity that was dealt to both (see decks), the clock makes a match of it. It
shows from the next morning, on each reader's own calendar, and fades 30 days later. A reader sees at most three, drawn
anew each day. An activity matches once a couple.

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

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee
from peewee import fn

from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityCard, Visible
from planner.clock import local_day
from planner.people import server_keys
from planner.people.accounts import Person
from planner.people.couples import Couple, Member
from planner.people.sign_ins import Actor
from planner.people.spaces import Space
from planner.picking.decks import Dealt
from planner.picking.tastes import LIKE, Taste
from planner.storage import db
from planner.storage.fields import UtcField

MOST = 3
LIFE = timedelta(days=30)


class Match(db.Model):
    """Something that both liked; it shows from the day `shown_from` of each reader's calendar."""

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    made_at = UtcField()
    shown_from = peewee.DateField()

    class Meta:
        table_name = "matches"
        indexes = ((("couple", "activity"), True),)


class _Couple(NamedTuple):
    """A living couple: its id, both persons, and the zone of each."""

    id: UUID
    persons: tuple[UUID, UUID]
    zones: tuple[str, str]

    def latest_day(self, now: datetime) -> date:
        """The later of the two days that it is for them: what shows after it has been seen by neither."""
        return max(local_day(now, zone) for zone in self.zones)


def live(actor: Actor, today: date) -> list[UUID]:
    """The activities of all matches that are live on a day of the actor's, and that they still like. One query."""
    return [one for (one,) in _live(actor.couple, actor.id, today, today - LIFE)]


def pick(actor: Actor, today: date, found: Collection[UUID], seen: Visible) -> list[ActivityCard]:
    """Those of the live ones that the actor is shown on the day: at most three, in an order drawn for it.

    Above the pace that counts for the actor none is shown.
    """
    cards = [one for one in map(seen.find, found) if one and not one.retired]
    close = [one for one in cards if one.content.pace <= (actor.own_pace or 0)]
    return sorted(close, key=lambda card: server_keys.digest("matches", f"{actor.id} {today} {card.id}"))[:MOST]


def shown(actor: Actor, now: datetime) -> list[ActivityCard]:
    """The matches that the actor is shown today. Two queries."""
    today = local_day(now, actor.zone)
    return pick(actor, today, live(actor, today), activities.visible(actor))


def unmake(person: UUID, activity: UUID, now: datetime) -> None:
    """Undo a match that neither can have seen yet, as its like is taken back; inside that transaction."""
    living = Member.select(Member.couple).where(Member.person == person, Member.left_at.is_null())
    for couple in _couples(living):
        _unmake(couple, now, Match.activity == activity)


def end(couple: UUID) -> None:
    """Delete all matches of a couple that has ended, inside that transaction."""
    Match.delete().where(Match.couple == couple).execute()


def make(now: datetime) -> int:
    """Make the matches that are due, of all couples; the number of them. Part of every tick: they show tomorrow."""
    paused = Space.select(Space.couple).where(Space.ended_at.is_null())
    for couple in _couples(paused):
        with db.write((Person, couple.persons), (Couple, [couple.id])):
            _unmake(couple, now, Match.couple.in_(paused))
    # Which pairs are due is asked once more under the couple's locks: nothing that was read before decides.
    return sum(_make(one, now) for one in _couples(list({couple for couple, _ in _due()})))


def _make(couple: _Couple, now: datetime) -> int:
    with db.write((Person, couple.persons), (Couple, [couple.id])):
        found = [activity for _, activity in _due(couple.id)]
        return sum(
            db.insert(
                Match, couple=couple.id, activity=activity, made_at=now,
                shown_from=couple.latest_day(now) + timedelta(days=1),
            )
            for activity in found
        )  # fmt: skip


def _unmake(couple: _Couple, now: datetime, *which: Any) -> None:
    unseen = Match.shown_from > couple.latest_day(now)
    Match.delete().where(Match.couple == couple.id, unseen, *which).execute()


def _due(couple: UUID | None = None) -> list[tuple[UUID, UUID]]:
    """(couple, activity) of which both have the like and the card, of couples without space, not matched before."""
    return _due_of(couple) if couple else _due_of_all()


@db.prepared
def _due_of(couple: Any) -> Any:
    return _due_where(Couple.id == couple)


@db.prepared
def _due_of_all() -> Any:
    return _due_where()


def _due_where(*which: Any) -> Any:
    one, other, liked, too = Member.alias(), Member.alias(), Taste.alias(), Taste.alias()
    card, same, spaces = Dealt.alias(), Dealt.alias(), Space.alias()
    taken = Match.select(Match.id).where(Match.couple == Couple.id, Match.activity == liked.activity)
    resting = spaces.select(spaces.id).where(spaces.couple == Couple.id, spaces.ended_at.is_null())
    return (
        Couple.select(Couple.id, liked.activity)
        .distinct()
        .join(one, on=((one.couple == Couple.id) & one.left_at.is_null()))
        # Each couple once: the two in the order of their ids.
        .join(other, on=((other.couple == Couple.id) & other.left_at.is_null() & (other.person > one.person)))
        .join(liked, on=((liked.person == one.person) & (liked.vote == LIKE) & liked.until.is_null()))
        .join(too, on=((too.person == other.person) & (too.activity == liked.activity)))
        .join(card, on=((card.person == one.person) & (card.activity == liked.activity)))
        .join(same, on=((same.person == other.person) & (same.activity == liked.activity)))
        .where(too.vote == LIKE, too.until.is_null(), ~fn.EXISTS(taken), ~fn.EXISTS(resting), *which)
    )


def _couples(ids: Any) -> list[_Couple]:
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    query = Member.select(Member.couple, Person.id, Person.zone).join(Person)
    for couple, person, zone in db.rows(query.where(Member.couple.in_(ids), Member.left_at.is_null())):
        found.setdefault(couple, []).append((person, zone))
    return [_Couple(couple, *zip(*two, strict=True)) for couple, two in sorted(found.items()) if len(two) == 2]


@db.prepared
def _live(couple: Any, me: Any, today: Any, faded: Any) -> Any:
    return (
        Match.select(Match.activity)
        .join(Taste, on=((Taste.activity == Match.activity) & Taste.until.is_null() & (Taste.vote == LIKE)))
        .where(Match.couple == couple, Taste.person == me, Match.shown_from <= today, Match.shown_from > faded)
    )
