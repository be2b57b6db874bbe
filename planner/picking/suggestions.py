"""Suggestions: a short, varied list of what to do, each with the reasons why.

The first look at a question on a day draws its slate and keeps it (see slates); every other look of the day reads that
one, without what has been planned, declined or done meanwhile. What anybody's votes, profile and words on dates say is
taken as it was when the reader's day began, but for the reader's own profile: so a slate tells of no hour at which the
other did anything.

**Nevers.** The reader's own are left out. The other's rest with the next month's quarter (see resting); until then they
are left out wherever PLENTY fits beside them, where nobody can miss one, and in a narrower question only weighed as
what they say of everything like them: there, one that is missing would be seen to be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from planner.catalogue import activities
from planner.catalogue.activities import ActivityCard, Visible
from planner.clock import local_day, midnight
from planner.dates import agenda, moves, outcomes
from planner.people import pacing, server_keys
from planner.people.sign_ins import Actor
from planner.picking import (
    circumstances,
    limits,
    matches,
    profiles,
    ranking,
    rests,
    slates,
    stockroom,
    tastes,
    windows,
)
from planner.picking.profiles import Profile
from planner.picking.question import Needs, Question, stricter
from planner.picking.ranking import Past, Relaxation
from planner.picking.reasons import Reason
from planner.picking.slates import Slate
from planner.picking.stock import Mask, Stock
from planner.picking.tastes import LIKE, NEVER
from planner.picking.voices import Answer, Outcome, Voice
from planner.picking.windows import Bounds, Busy, Opening, Window

# "New" has to be true. How much appeal something has lost fades within months; see ranking.
_MEMORY = timedelta(days=3650)

MORE = 3
"""Slates of a question after the first. With all that fits to leaf through, a never of the other's could be missed."""

PLENTY = 40
"""Activities that fit, twice what all slates of a question hold: what is not on any of them may as well be further
down."""


class Ask(NamedTuple):
    """A question, which of its slates (0 is the first), and, if named, a stretch of time."""

    question: Question
    more: int = 0
    window: Window | None = None


class Suggestion(NamedTuple):
    """One idea: an activity, why it fits, the asker's own vote on it, and, for a named stretch, when."""

    card: ActivityCard
    reasons: tuple[Reason, ...]
    vote: str | None
    slots: list[Opening]


class Suggestions(NamedTuple):
    """At most five ideas, whether there is another slate, and what of one's own wishes to relax when they are few."""

    ideas: list[Suggestion]
    more: bool
    relax: tuple[Relaxation, ...]


def for_person(actor: Actor, ask: Ask, now: datetime) -> Suggestions:
    """Activities for the actor and their partner, or for the actor alone, the same all day.

    Three queries once the day has begun: what there is, what was kept, and what was planned or done.
    """
    seen = activities.visible(actor)
    today = ask.question.today
    kept = slates.kept(actor.id, today, _key(actor, ask, seen))
    past, busy = _history(actor, ask.question.party, seen, now)
    bounds = _bounds(ask.question, busy, now)
    slate = kept.slate or _draw(actor, ask, seen, past, bounds, now)
    gone = {*past.resting, *(one for one, days in past.done.items() if days == 0)}
    found = [
        Suggestion(card, reasons, kept.votes.get(one), _openings(card, ask.window, bounds))
        for one, reasons in slate.ideas
        if one not in gone and (card := seen.find(one)) is not None and not card.retired
    ]
    return Suggestions([one for one in found if one.slots or ask.window is None], slate.more, slate.relax)


def _key(actor: Actor, ask: Ask, seen: Visible) -> str:
    """A digest of all that the answer depends on and that may change within a day."""
    asked = ask.question
    words = (
        asked.party, actor.couple, asked.day, asked.pace, asked.hemisphere, asked.start, asked.end, asked.minutes,
        asked.cost_band, sorted(asked.settings or ()), asked.energy, sorted(asked.categories or ()), asked.children,
        sorted(asked.access), asked.weather, ask.more, ask.window, seen.changed_at,
    )  # fmt: skip
    return hashlib.blake2b(repr(words).encode(), digest_size=12).hexdigest()


def _draw(actor: Actor, ask: Ask, seen: Visible, past: Past, bounds: Bounds, now: datetime) -> Slate:
    """Rank, and keep what came of it."""
    asked, today = ask.question, ask.question.today
    earlier = [_drawn(actor, ask._replace(more=number), seen, past, bounds, now) for number in range(ask.more)]
    skip = {one for slate in earlier for one, _ in slate.ideas}
    stock = stockroom.stock_for(seen)
    known = _known(actor, asked, seen, stock, now)
    asked = stricter(asked, known.profiles[actor.id].needs())
    others = [profile.needs() for person, profile in known.profiles.items() if person != actor.id]
    awake = ~known.asleep
    awake[stock.among((*past.resting, *known.own_nevers, *_without_time(seen, ask, bounds)))] = False
    awake[stock.among(_unmissed(stock, asked, others, awake, known.nevers))] = False
    past = replace(
        past, categories=_categories(past.done, seen), matches=known.matches,
        shown=slates.shown(actor.id, today, known.likes),
    )  # fmt: skip
    # Under a key of the server's: whoever knew the draw could take it away again, and see what is left.
    seed = server_keys.digest("slates", f"{actor.id} {today} {asked.party}").hex()
    found = ranking.rank(
        stock,
        asked,
        known.voices,
        past,
        seed,
        others=others,
        skip=skip,
        awake=awake,
        extra=circumstances.tilt(stock, stricter(asked, *others), ask.window.length if ask.window else None),
    )
    ideas = tuple((one.card.id, one.reasons) for one in found.ideas)
    more = ask.more < MORE and found.fitting > len(skip) + len(ideas)
    return slates.keep(actor.id, today, _key(actor, ask, seen), Slate(ideas, more, found.relax))


def _drawn(actor: Actor, ask: Ask, seen: Visible, past: Past, bounds: Bounds, now: datetime) -> Slate:
    """A slate as it is kept, or drawn now."""
    kept = slates.kept(actor.id, ask.question.today, _key(actor, ask, seen)).slate
    return kept or _draw(actor, ask, seen, past, bounds, now)


class _Known(NamedTuple):
    """What is known of the one or two whom the question is about, as of the beginning of the reader's day.

    `likes` and `own_nevers` are the reader's; `nevers` the other's, whether they rest yet or not; `asleep` are the rows
    of the quarter.
    """

    voices: list[Voice]
    profiles: dict[UUID, Profile]
    likes: frozenset[UUID]
    own_nevers: frozenset[UUID]
    nevers: frozenset[UUID]
    matches: frozenset[UUID]
    asleep: Mask


def _known(actor: Actor, asked: Question, seen: Visible, stock: Stock, now: datetime) -> _Known:
    """Five queries."""
    begun, partner = midnight(asked.today, actor.day_zone), actor.partner if asked.party == "two" else None
    persons = [person for person in (actor.id, partner) if person]
    votes = tastes.since(persons, min(begun, rests.begins(actor, asked.today)))
    counting = {person: tastes.counting(votes, person, begun) for person in persons}
    live = matches.live(actor, now) if partner else []
    if partner:
        # What shows as a match goes on counting until it fades, whether or not the other's like still stands.
        counting[partner] |= dict.fromkeys(live, LIKE)
    found = profiles.counting(persons, actor.id, begun)
    said = outcomes.given(persons, actor.couple if partner else None, begun)
    return _Known(
        [_voice(counting[person], said[person], found[person]) for person in persons],
        found,
        _voted(counting[actor.id], LIKE),
        _voted(counting[actor.id], NEVER),
        _voted(counting[partner], NEVER) if partner else frozenset(),
        frozenset(card.id for card in matches.pick(actor, asked.today, live, seen)),
        rests.of(actor, asked.today, seen, stock, votes) if partner else np.zeros(len(stock), bool),
    )


def _voted(counting: Mapping[UUID, str], vote: str) -> frozenset[UUID]:
    return frozenset(one for one, said in counting.items() if said == vote)


def _voice(votes: Mapping[UUID, str], feedback: Iterable[outcomes.Given], profile: Profile) -> Voice:
    return Voice(
        answers=[Answer(activity, vote) for activity, vote in sorted(votes.items())],
        outcomes=[Outcome(*given) for given in feedback],
        interests=frozenset(profile.interests), causes=frozenset(profile.causes),
        dislikes=frozenset(profile.dislikes),
    )  # fmt: skip


def _unmissed(
    stock: Stock, asked: Question, others: list[Needs], awake: Mask, nevers: frozenset[UUID]
) -> frozenset[UUID]:
    """The other's nevers, also those that do not rest yet, where so much fits that nobody can miss them."""
    fitting = awake & limits.fitting(stock, stricter(asked, *others))
    return nevers if int(np.count_nonzero(fitting)) >= PLENTY else frozenset()


def _without_time(seen: Visible, ask: Ask, bounds: Bounds) -> set[UUID]:
    """What has no time in the stretch that was named."""
    if ask.window is None:
        return set()
    cards = (*seen.deck.living, *seen.ideas.values())
    return {card.id for card in cards if not windows.fits(card.content, ask.window, bounds)}


def _bounds(asked: Question, busy: Busy, now: datetime) -> Bounds:
    # A proposal lapses three hours before its last time; for oneself, anything that is ahead will do.
    earliest = now + (moves.LAST_ANSWER if asked.party == "two" else timedelta(0))
    return Bounds(earliest, asked.today, asked.hemisphere, busy)


def _openings(card: ActivityCard, window: Window | None, bounds: Bounds) -> list[Opening]:
    return windows.openings(card.content, window, bounds) if window else []


def _history(actor: Actor, party: str, seen: Visible, now: datetime) -> tuple[Past, Busy]:
    """What was done and what rests, as far as the actor may know it: the couple's dates, or the actor's own.

    And when the actor has agreed dates ahead, of either kind.
    """
    today = actor.today(now)
    done: dict[UUID, int] = {}
    resting: set[UUID] = set()
    busy: list[tuple[datetime, datetime]] = []
    for activity, state, answer, of_two, sent, when, end in agenda.history(actor, now - _MEMORY):
        if state == moves.ACCEPTED and end and end > now:
            busy.append((when, end))
        if of_two != (party == "two"):
            continue
        days = (today - local_day(when, actor.day_zone)).days
        # An agreed date whose day is over took place, as a rule, also when nobody came back to say so.
        if state == moves.COMPLETED or (state == moves.ACCEPTED and days > 0):
            done[activity] = min(days, done.get(activity, days))
        elif state == moves.DECLINED and answer in pacing.RESTING_ANSWERS and sent:
            if pacing.rests_until(when, actor.own_rhythm) > now:
                resting.add(activity)
        elif state in (moves.PROPOSED, moves.ACCEPTED):
            resting.add(activity)  # it is planned already
    return Past(done, resting=frozenset(resting)), tuple(busy)


def _categories(done: Mapping[UUID, int], seen: Visible) -> dict[str, int]:
    """How many days ago each category was last done; at most one query, for ideas that are out of use."""
    found: dict[str, int] = {}
    cards = activities.named(done, {**seen.deck.by_id, **seen.ideas})
    for activity, days in done.items():
        category = cards[activity].content.category
        found[category] = min(days, found.get(category, days))
    return found
