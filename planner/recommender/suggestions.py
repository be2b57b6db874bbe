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

from planner.accounts import server_keys
from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry, VisibleActivities
from planner.clock import local_day, start_of_day
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import feedback, state_machine, views
from planner.recommender import matches, matrix_cache, profiles, recommendation_log, rotation, votes
from planner.recommender.model import context_boosts, filters, free_slots, ranking
from planner.recommender.model.explanations import Reason
from planner.recommender.model.feature_matrix import ItemMatrix, Mask
from planner.recommender.model.free_slots import Busy, FreeSlot, SchedulingBounds, Window
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.ranking import History, Relaxation
from planner.recommender.model.request import HardConstraints, RecommendationRequest, merge_constraints
from planner.recommender.profiles import Profile
from planner.recommender.recommendation_log import Slate
from planner.recommender.votes import LIKE, NEVER

# "New" has to be true. How much appeal something has lost fades within months; see ranking.
_MEMORY = timedelta(days=3650)

MAX_EXTRA_PAGES = 3
"""Slates of a question after the first. With all that fits to leaf through, a never of the other's could be missed."""

MIN_FITTING_TO_HIDE = 40
"""Activities that fit, twice what all slates of a question hold: what is not on any of them may as well be further
down."""


class SuggestionQuery(NamedTuple):
    """A question, which of its slates (0 is the first), and, if named, a stretch of time."""

    question: RecommendationRequest
    more: int = 0
    window: Window | None = None


class Suggestion(NamedTuple):
    """One idea: an activity, why it fits, the asker's own vote on it, and, for a named stretch, when."""

    card: ActivityEntry
    reasons: tuple[Reason, ...]
    vote: str | None
    slots: list[FreeSlot]


class Suggestions(NamedTuple):
    """At most five ideas, whether there is another slate, and what of one's own wishes to relax when they are few."""

    ideas: list[Suggestion]
    more: bool
    relax: tuple[Relaxation, ...]


def suggest(viewer: Viewer, query: SuggestionQuery, now: datetime) -> Suggestions:
    """Activities for the viewer and their partner, or for the viewer alone, the same all day.

    Three queries once the day has begun: what there is, what was kept, and what was planned or done.
    """
    seen = activities.visible(viewer)
    today = query.question.today
    kept = recommendation_log.find_cached(viewer.id, today, _key(viewer, query, seen))
    history, busy = _history(viewer, query.question.party, seen, now)
    bounds = _bounds(query.question, busy, now)
    slate = kept.slate or _rank_and_save(viewer, query, seen, history, bounds, now)
    gone = {*history.excluded, *(one for one, days in history.done.items() if days == 0)}
    found = [
        Suggestion(card, reasons, kept.votes.get(one), _openings(card, query.window, bounds))
        for one, reasons in slate.ideas
        if one not in gone and (card := seen.find(one)) is not None and not card.retired
    ]
    return Suggestions([one for one in found if one.slots or query.window is None], slate.more, slate.relax)


def _key(viewer: Viewer, query: SuggestionQuery, seen: VisibleActivities) -> str:
    """A digest of all that the answer depends on and that may change within a day."""
    request = query.question
    words = (
        request.party,
        viewer.couple,
        request.day,
        request.pace,
        request.hemisphere,
        request.start,
        request.end,
        request.minutes,
        request.cost_band,
        sorted(request.settings or ()),
        request.energy,
        sorted(request.categories or ()),
        request.children,
        sorted(request.access),
        request.weather,
        query.more,
        query.window,
        seen.changed_at,
    )
    return hashlib.blake2b(repr(words).encode(), digest_size=12).hexdigest()


def _rank_and_save(
    viewer: Viewer,
    query: SuggestionQuery,
    seen: VisibleActivities,
    history: History,
    bounds: SchedulingBounds,
    now: datetime,
) -> Slate:
    """Rank, and keep what came of it."""
    request, today = query.question, query.question.today
    earlier = [_drawn(viewer, query._replace(more=number), seen, history, bounds, now) for number in range(query.more)]
    skip = {one for slate in earlier for one, _ in slate.ideas}
    matrix = matrix_cache.matrix_for(seen)
    known = _load_signals(viewer, request, seen, matrix, now)
    request = merge_constraints(request, known.profiles[viewer.id].constraints())
    others = [profile.constraints() for person, profile in known.profiles.items() if person != viewer.id]
    available = ~known.rotated_out
    available[matrix.rows_of((*history.excluded, *known.own_nevers, *_without_time(seen, query, bounds)))] = False
    available[matrix.rows_of(_hidable(matrix, request, others, available, known.nevers))] = False
    history = replace(
        history,
        categories=_categories(history.done, seen),
        matches=known.matches,
        impressions=recommendation_log.impression_counts(viewer.id, today, known.likes),
    )
    # Under a key of the server's: whoever knew the draw could take it away again, and see what is left.
    seed = server_keys.hmac_digest("slates", f"{viewer.id} {today} {request.party}").hex()
    found = ranking.rank(
        matrix,
        request,
        known.group,
        history,
        seed,
        others=others,
        skip=skip,
        available=available,
        extra=context_boosts.context_boost(
            matrix, merge_constraints(request, *others), query.window.length if query.window else None
        ),
    )
    ideas = tuple((one.card.id, one.reasons) for one in found.ideas)
    more = query.more < MAX_EXTRA_PAGES and found.fitting > len(skip) + len(ideas)
    return recommendation_log.save(viewer.id, today, _key(viewer, query, seen), Slate(ideas, more, found.relax))


def _drawn(
    viewer: Viewer,
    query: SuggestionQuery,
    seen: VisibleActivities,
    history: History,
    bounds: SchedulingBounds,
    now: datetime,
) -> Slate:
    """A slate as it is kept, or drawn now."""
    kept = recommendation_log.find_cached(viewer.id, query.question.today, _key(viewer, query, seen)).slate
    return kept or _rank_and_save(viewer, query, seen, history, bounds, now)


class _Signals(NamedTuple):
    """What is known of the one or two whom the question is about, as of the beginning of the reader's day.

    `likes` and `own_nevers` are the reader's; `nevers` the other's, whether they rest yet or not; `asleep` are the rows
    of the quarter.
    """

    group: list[PersonFeedback]
    profiles: dict[UUID, Profile]
    likes: frozenset[UUID]
    own_nevers: frozenset[UUID]
    nevers: frozenset[UUID]
    matches: frozenset[UUID]
    rotated_out: Mask


def _load_signals(
    viewer: Viewer, request: RecommendationRequest, seen: VisibleActivities, matrix: ItemMatrix, now: datetime
) -> _Signals:
    """Five queries."""
    begun, partner = start_of_day(request.today, viewer.day_zone), viewer.partner if request.party == "two" else None
    persons = [person for person in (viewer.id, partner) if person]
    vote_history = votes.list_since(persons, min(begun, rotation.begins(viewer, request.today)))
    counting = {person: votes.counting(vote_history, person, begun) for person in persons}
    live = matches.active(viewer, now) if partner else []
    if partner:
        # What shows as a match goes on counting until it fades, whether or not the other's like still stands.
        counting[partner] |= dict.fromkeys(live, LIKE)
    found = profiles.counting(persons, viewer.id, begun)
    said = feedback.list_for_ranking(persons, viewer.couple if partner else None, begun)
    return _Signals(
        [_person_feedback(counting[person], said[person], found[person]) for person in persons],
        found,
        _voted(counting[viewer.id], LIKE),
        _voted(counting[viewer.id], NEVER),
        _voted(counting[partner], NEVER) if partner else frozenset(),
        frozenset(card.id for card in matches.daily_sample(viewer, request.today, live, seen)),
        rotation.excluded_rows(viewer, request.today, seen, matrix, vote_history)
        if partner
        else np.zeros(len(matrix), bool),
    )


def _voted(counting: Mapping[UUID, str], vote: str) -> frozenset[UUID]:
    return frozenset(one for one, said in counting.items() if said == vote)


def _person_feedback(
    votes: Mapping[UUID, str], feedback: Iterable[feedback.PastFeedback], profile: Profile
) -> PersonFeedback:
    return PersonFeedback(
        votes=[Vote(activity, vote) for activity, vote in sorted(votes.items())],
        ratings=[Rating(*given) for given in feedback],
        interests=frozenset(profile.interests),
        causes=frozenset(profile.causes),
        dislikes=frozenset(profile.dislikes),
    )


def _hidable(
    matrix: ItemMatrix,
    request: RecommendationRequest,
    others: list[HardConstraints],
    available: Mask,
    nevers: frozenset[UUID],
) -> frozenset[UUID]:
    """The other's nevers, also those that do not rest yet, where so much fits that nobody can miss them."""
    fitting = available & filters.eligible(matrix, merge_constraints(request, *others))
    return nevers if int(np.count_nonzero(fitting)) >= MIN_FITTING_TO_HIDE else frozenset()


def _without_time(seen: VisibleActivities, query: SuggestionQuery, bounds: SchedulingBounds) -> set[UUID]:
    """What has no time in the stretch that was named."""
    if query.window is None:
        return set()
    cards = (*seen.snapshot.active, *seen.ideas.values())
    return {card.id for card in cards if not free_slots.fits(card.content, query.window, bounds)}


def _bounds(request: RecommendationRequest, busy: Busy, now: datetime) -> SchedulingBounds:
    # A proposal lapses three hours before its last time; for oneself, anything that is ahead will do.
    earliest = now + (state_machine.LAST_ANSWER if request.party == "two" else timedelta(0))
    return SchedulingBounds(earliest, request.today, request.hemisphere, busy)


def _openings(card: ActivityEntry, window: Window | None, bounds: SchedulingBounds) -> list[FreeSlot]:
    return free_slots.find_free_slots(card.content, window, bounds) if window else []


def _history(viewer: Viewer, party: str, seen: VisibleActivities, now: datetime) -> tuple[History, Busy]:
    """What was done and what rests, as far as the viewer may know it: the couple's dates, or the viewer's own.

    And when the viewer has agreed dates ahead, of either kind.
    """
    today = viewer.today(now)
    done: dict[UUID, int] = {}
    excluded: set[UUID] = set()
    busy: list[tuple[datetime, datetime]] = []
    for activity, state, answer, of_two, sent, when, end in views.list_history(viewer, now - _MEMORY):
        if state == state_machine.ACCEPTED and end and end > now:
            busy.append((when, end))
        if of_two != (party == "two"):
            continue
        days = (today - local_day(when, viewer.day_zone)).days
        # An agreed date whose day is over took place, as a rule, also when nobody came back to say so.
        if state == state_machine.COMPLETED or (state == state_machine.ACCEPTED and days > 0):
            done[activity] = min(days, done.get(activity, days))
        elif state == state_machine.DECLINED and answer in contact_rules.COOLDOWN_ANSWERS and sent:
            if contact_rules.activity_cooldown_until(when, viewer.own_rhythm) > now:
                excluded.add(activity)
        elif state in (state_machine.PROPOSED, state_machine.ACCEPTED):
            excluded.add(activity)  # it is planned already
    return History(done, excluded=frozenset(excluded)), tuple(busy)


def _categories(done: Mapping[UUID, int], seen: VisibleActivities) -> dict[str, int]:
    """How many days ago each category was last done; at most one query, for ideas that are out of use."""
    found: dict[str, int] = {}
    cards = activities.get_many_including_retired(done, {**seen.snapshot.by_id, **seen.ideas})
    for activity, days in done.items():
        category = cards[activity].content.category
        found[category] = min(days, found.get(category, days))
    return found
