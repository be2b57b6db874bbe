"""Suggest a short, varied list of what to do, each idea with the reasons why.

The first request of a day ranks a slate and stores it (see recommendation_log). Later requests of the day read it, and
leave out what has been planned, declined, done or refused by a never since. Votes, limits and feedback count as of the
beginning of the reader's day, except for the reader's own nevers and profile. So a slate does not reveal the hour of
anything that the partner did.

**What the partner adds.** The hard limits, and the votes. A never of the partner counts as a pass, and both for ninety
days (see votes). Feedback on dates and tags in a profile shape their author's lists alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry, VisibleActivities
from planner.clock import local_day, start_of_day
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import date_history, feedback, ritual_views, state_machine
from planner.recommender import free_times, matches, matrix_cache, profiles, recommendation_log, votes
from planner.recommender.model import cadence, context_boosts, ranked_times, ranking
from planner.recommender.model.explanations import Reason
from planner.recommender.model.free_slots import FreeSlot, FreeTime, Window
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote, votes_for_partner
from planner.recommender.model.ranking import History, Relaxation
from planner.recommender.model.request import RecommendationRequest, merge_constraints, without_children
from planner.recommender.profiles import Profile
from planner.recommender.recommendation_log import Slate
from planner.recommender.votes import LIKE, NEVER
from planner.storage.cached_queries import Reading

_NO_PROFILE = Profile()

# "New" must be true, so look back far. Fatigue itself fades within months; see ranking.
_HISTORY_SPAN = timedelta(days=3650)

_HEAVY_LASTS = timedelta(days=30)
"""How long a date that left the reader heavier makes lighter ideas come first, if no other follows."""

_NIGHT = timedelta(hours=12)
"""A date that ends so long after a day began belongs to the day before."""

MAX_EXTRA_PAGES = 3
"""Extra slates per request: twenty ideas are enough for an evening. A search lists all."""


class SuggestionQuery(NamedTuple):
    """A request, the number of its slate (0 is the first), and an optional window of time.

    `is_preview`: only the first idea will be shown.
    """

    question: RecommendationRequest
    more: int = 0
    window: Window | None = None
    is_preview: bool = False


class Suggestion(NamedTuple):
    """One idea: an activity, why and when it fits, and the viewer's own vote.

    A named window has slots; so have the next two weeks, if the viewer's availability is known.
    """

    card: ActivityEntry
    reasons: tuple[Reason, ...]
    vote: str | None
    slots: list[FreeSlot]
    first_day: date


class Suggestions(NamedTuple):
    """At most five ideas (one for a preview), whether there is another slate, and which limits to relax.

    For soon, `wait_days` says how many days from today the ideas begin, so as not to follow another date too closely.
    """

    ideas: list[Suggestion]
    more: bool
    relax: tuple[Relaxation, ...]
    wait_days: int


def suggest(viewer: Viewer, query: SuggestionQuery, now: datetime) -> Suggestions:
    """Return activities for the viewer and the partner, or for the viewer alone, the same all day.

    Three queries after the first request of a day: visible activities, the stored slate, and past and planned dates.
    A window of time needs one more, and the viewer's availability two or three.
    """
    visible = activities.visible(viewer)
    today = query.question.today
    digest = _request_digest(viewer, query, visible)
    cached = recommendation_log.find_cached(viewer.id, today, digest)
    history = _load_history(viewer, query.question.party, now)
    free = free_times.load(viewer, query.question, query.window, now) if query.window else None
    slate = cached.slate or _rank_and_save(viewer, query, visible, history, free, now)
    question = _after_dates(viewer, query.question, slate.cadence, history, now)
    soon = None
    if cached.has_availability and free_times.serves_soon(question):
        soon = free_times.load_soon(viewer, question, now)
    if slate.is_preview and not query.is_preview:
        recommendation_log.mark_shown(viewer.id, today, digest, slate)
    removed = {*history.excluded, *(activity for activity, days in history.done.items() if days == 0)}
    removed |= _voted(cached.votes, NEVER)
    ideas = []
    for activity, reasons in slate.ideas:
        card = visible.find(activity)
        if activity in removed or card is None or card.retired:
            continue
        slots = free.find_slots(card.content) if free else ranked_times.find_slots(soon, card.content) if soon else []
        first_day = slots[0].local_time.date() if slots else None
        if free is None and not slots:
            first_day = free_times.first_day(viewer, question, card.content, now)
        if first_day:
            ideas.append(Suggestion(card, reasons, cached.votes.get(activity), slots, first_day))
            if query.is_preview:
                break  # to find the days of an idea takes longer than all queries
    return Suggestions(ideas, slate.more, slate.relax, question.wait_days)


def first_readings(viewer: Viewer, now: datetime) -> list[Reading]:
    """Return the readings with which `suggest` begins."""
    return [activities.visible_reading(viewer), date_history.past_reading(viewer, now - _HISTORY_SPAN, now)]


def _after_dates(
    viewer: Viewer, request: RecommendationRequest, wish: str | None, history: History, now: datetime
) -> RecommendationRequest:
    """Return the request without the days that are too close to other dates. A day that was asked for stays.

    Two queries if a person has a wish: a ritual has dates for some weeks only.
    """
    if wish is None or not request.is_soon or request.party != "two":
        return request
    ends = now + timedelta(days=cadence.days_to_know(wish))
    later = ritual_views.list_starts_together(viewer, ends, now)
    days: set[int] = set()
    for span in (*((at, at) for at in later), *history.dates):
        first, last = ((local_day(at, viewer.day_zone) - request.today).days for at in span)
        days.update(range(first, last + 1))
    return replace(request, wait_days=cadence.count_wait(wish, days))


def _request_digest(viewer: Viewer, query: SuggestionQuery, visible: VisibleActivities) -> str:
    """Return a digest of everything that the answer depends on and that may change within a day."""
    request = query.question
    parts = (
        request.party,
        viewer.couple,
        request.day,
        request.first_day,
        request.is_soon,
        request.pace,
        request.hemisphere,
        request.daylight,
        request.start,
        request.end,
        request.minutes,
        request.cost_band,
        sorted(request.settings or ()),
        request.energy,
        sorted(request.categories or ()),
        request.children,
        sorted(request.child_ages),
        sorted(request.access),
        request.weather,
        query.more,
        query.window,
        visible.changed_at,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def _rank_and_save(
    viewer: Viewer,
    query: SuggestionQuery,
    visible: VisibleActivities,
    history: History,
    free: FreeTime | None,
    now: datetime,
) -> Slate:
    """Rank the activities, and store the slate."""
    request, today = query.question, query.question.today
    earlier = [
        _find_or_rank(viewer, query._replace(more=number), visible, history, free, now) for number in range(query.more)
    ]
    skip = {item for slate in earlier for item, _ in slate.ideas}
    matrix = matrix_cache.matrix_for(visible)
    signals = _load_signals(viewer, request, visible, now)
    limits = {person: profile.constraints() for person, profile in signals.profiles.items()}
    if request.children:
        limits = {person: without_children(constraints, request) for person, constraints in limits.items()}
    wish = cadence.rarer(profile.cadence for profile in signals.profiles.values())
    request = merge_constraints(_after_dates(viewer, request, wish, history, now), limits.pop(viewer.id))
    others = list(limits.values())
    available, has_time = np.ones(len(matrix), bool), np.ones(len(matrix), bool)
    available[matrix.rows_of((*history.excluded, *signals.nevers))] = False
    has_time[matrix.rows_of(_without_time(visible, free))] = False
    days = "" if request.is_soon else f"{request.first_day or request.day}/{request.day}"
    impressions = recommendation_log.impressions(viewer.id, today, days, signals.likes)
    history = replace(
        history,
        categories=_categories(history.done, visible),
        matches=signals.matches,
        liked_by_both=signals.liked_by_both,
        impressions=impressions.by_day,
        shown=impressions.recent,
        resting=impressions.resting,
        other_days=impressions.other_days,
        after_heavy=signals.after_heavy,
    )
    result = ranking.rank(
        matrix,
        request,
        signals.group,
        history,
        f"{viewer.id} {today} {request.party}",
        others=others,
        skip=skip,
        available=available,
        has_time=has_time,
        extra=context_boosts.context_boost(
            matrix, merge_constraints(request, *others), query.window.length if query.window else None
        ),
    )
    ideas = tuple((item.card.id, item.reasons) for item in result.ideas)
    more = query.more < MAX_EXTRA_PAGES and result.fitting > len(skip) + len(ideas)
    return recommendation_log.save(
        viewer.id,
        today,
        _request_digest(viewer, query, visible),
        Slate(ideas, more, result.relax, query.is_preview, days, wish),
    )


def _find_or_rank(
    viewer: Viewer,
    query: SuggestionQuery,
    visible: VisibleActivities,
    history: History,
    free: FreeTime | None,
    now: datetime,
) -> Slate:
    """Return the stored slate, or rank it now."""
    cached = recommendation_log.find_cached(
        viewer.id, query.question.today, _request_digest(viewer, query, visible)
    ).slate
    return cached or _rank_and_save(viewer, query, visible, history, free, now)


class _Signals(NamedTuple):
    """The data on the one or two persons of the request. `likes` and `nevers` are the reader's current votes."""

    group: list[PersonFeedback]
    profiles: dict[UUID, Profile]
    likes: frozenset[UUID]
    nevers: frozenset[UUID]
    matches: frozenset[UUID]
    liked_by_both: frozenset[UUID]
    after_heavy: bool


def _load_signals(
    viewer: Viewer, request: RecommendationRequest, visible: VisibleActivities, now: datetime
) -> _Signals:
    """Read the signals. Five queries."""
    day_began = start_of_day(request.today, viewer.day_zone)
    partner = viewer.partner if request.party == "two" else None
    persons = [person for person in (viewer.id, partner) if person]
    vote_history = votes.list_since(persons, day_began)
    counting = {viewer.id: votes.counting(vote_history, viewer.id, day_began)}
    live_matches = matches.active(viewer, now) if partner else []
    if partner:
        counting[partner] = votes.counting_for_partner(vote_history, partner, day_began)
        # A match that still shows counts, even if the partner has taken the like back today.
        counting[partner] |= dict.fromkeys(live_matches, LIKE)
    profiles_by_person = profiles.counting(persons, viewer.id, day_began)
    past_feedback = feedback.list_for_ranking(viewer.id, viewer.couple if partner else None, day_began)
    group = [_person_feedback(counting[viewer.id], past_feedback, profiles_by_person[viewer.id])]
    if partner:
        group.append(votes_for_partner(_person_feedback(counting[partner])))
    latest = {vote.activity: vote.vote for vote in vote_history if vote.person == viewer.id and vote.until is None}
    return _Signals(
        group,
        profiles_by_person,
        _voted(counting[viewer.id], LIKE),
        _voted(latest, NEVER),
        frozenset(
            card.id for card in matches.daily_sample(viewer, request.today, request.hemisphere, live_matches, visible)
        ),
        frozenset(live_matches),
        bool(past_feedback)
        and past_feedback[-1].feeling == "heavier"
        and past_feedback[-1].noted_at > now - _HEAVY_LASTS,
    )


def _voted(counting: Mapping[UUID, str], vote: str) -> frozenset[UUID]:
    return frozenset(activity for activity, cast in counting.items() if cast == vote)


def _person_feedback(
    votes: Mapping[UUID, str], feedback: Iterable[feedback.PastFeedback] = (), profile: Profile = _NO_PROFILE
) -> PersonFeedback:
    return PersonFeedback(
        votes=[Vote(activity, vote) for activity, vote in sorted(votes.items())],
        ratings=[Rating(given.activity, given.feeling, given.score) for given in feedback],
        interests=frozenset(profile.interests),
        causes=frozenset(profile.causes),
        dislikes=frozenset(profile.dislikes),
    )


def _without_time(visible: VisibleActivities, free: FreeTime | None) -> set[UUID]:
    """Return the activities without a slot in the window."""
    if free is None:
        return set()
    cards = (*visible.snapshot.active, *visible.ideas.values())
    return {card.id for card in cards if not free.fits(card.content)}


def _load_history(viewer: Viewer, party: str, now: datetime) -> History:
    """Return the history that the viewer may know: of the couple's dates, or of the viewer's own."""
    today = viewer.today(now)
    day_began = start_of_day(today, viewer.day_zone)
    last_done: dict[UUID, datetime] = {}
    excluded: set[UUID] = set()
    dates: list[tuple[datetime, datetime]] = []
    for activity, state, answer, of_two, sent, when, end in date_history.list_since(viewer, now - _HISTORY_SPAN, now):
        if of_two != (party == "two"):
            continue
        last = max(when, end - _NIGHT) if end else when
        if of_two and state in (state_machine.COMPLETED, state_machine.ACCEPTED):
            dates.append((when, last))
        # An accepted date whose day is over usually took place, even if neither partner confirmed it.
        if state == state_machine.COMPLETED or (state == state_machine.ACCEPTED and last < day_began):
            last_done[activity] = max(last, last_done.get(activity, last))
        elif state == state_machine.DECLINED and answer in contact_rules.COOLDOWN_ANSWERS and sent:
            if contact_rules.activity_cooldown_until(when, viewer.own_rhythm) > now:
                excluded.add(activity)
        elif state in (state_machine.PROPOSED, state_machine.ACCEPTED):
            excluded.add(activity)  # already planned
    days_ago = ((activity, (today - local_day(last, viewer.day_zone)).days) for activity, last in last_done.items())
    done = {activity: max(days, 0) for activity, days in days_ago}  # whole days can be completed on the first one
    return History(done, excluded=frozenset(excluded), dates=dates)


def _categories(done: Mapping[UUID, int], visible: VisibleActivities) -> dict[str, int]:
    """Return how many days ago each category was last done. At most one query, for retired ideas."""
    days_ago: dict[str, int] = {}
    cards = activities.get_many_including_retired(done, {**visible.snapshot.by_id, **visible.ideas})
    for activity, days in done.items():
        category = cards[activity].content.category
        days_ago[category] = min(days, days_ago.get(category, days))
    return days_ago
