"""Suggestions: a short, varied list of what to do, each with the reasons why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.catalogue import activities
from planner.catalogue.activities import ActivityCard
from planner.clock import local_day
from planner.dates import agenda, moves
from planner.people import pacing
from planner.people.sign_ins import Actor
from planner.picking import ranking
from planner.picking.ranking import History, Question, Reason

# "New" has to be true. How much appeal something has lost fades within months; see ranking.
_MEMORY = timedelta(days=3650)


class Suggestion(NamedTuple):
    """One idea: an activity of the catalogue, and why it fits."""

    card: ActivityCard
    reasons: tuple[Reason, ...]


def for_person(actor: Actor, asked: Question, now: datetime) -> list[Suggestion]:
    """At most five activities for the actor and their partner, or for the actor alone, the same all day.

    Three queries: whether the catalogue changed, own ideas, and what was done lately.
    """
    rows = agenda.history(actor, now - _MEMORY)
    deck = activities.deck()
    own = {card.id: card for card in activities.own(actor)}
    past = _history(actor, asked.party, rows, {**deck.by_id, **own}, now)
    cards = {**{card.id: card for card in deck.living}, **own}
    ranked = ranking.rank(cards.values(), asked, past, f"{actor.id} {asked.today} {asked.party}")
    return [Suggestion(cards[one.card.id], one.reasons) for one in ranked]


def _history(
    actor: Actor, party: str, rows: Iterable[agenda.Past], known: Mapping[UUID, ActivityCard], now: datetime
) -> History:
    """What was done and what rests, as far as the actor may know it: the couple's dates, or the actor's own."""
    today = local_day(now, actor.zone)
    done: dict[UUID, int] = {}
    resting: set[UUID] = set()
    for activity, state, answer, of_two, sent, when in rows:
        if of_two != (party == "two"):
            continue
        days = (today - local_day(when, actor.zone)).days
        # An agreed date whose day is over took place, as a rule, also when nobody came back to say so.
        if state == moves.COMPLETED or (state == moves.ACCEPTED and days > 0):
            done[activity] = min(days, done.get(activity, days))
        elif state == moves.DECLINED and answer in pacing.RESTING_ANSWERS and sent:
            if pacing.rests_until(when, actor.own_rhythm) > now:
                resting.add(activity)
        elif state in (moves.PROPOSED, moves.ACCEPTED):
            resting.add(activity)  # it is planned already
    categories: dict[str, int] = {}
    cards = activities.named(done, known)
    for activity, days in done.items():
        category = cards[activity].content.category
        categories[category] = min(days, categories.get(category, days))
    return History(done, categories, frozenset(resting))
