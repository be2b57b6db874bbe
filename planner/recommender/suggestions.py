"""Suggest a short, varied list of what to do, each idea with the reasons why.

The first request of a day ranks a slate and stores it (see recommendation_log). Later requests of the day read it, and
leave out what has been planned, declined, done or refused by a never since. Votes, limits and feedback count as of the
beginning of the reader's day, except for the reader's own nevers and profile. So a slate does not reveal the hour of
anything that the partner did.

**What the partner adds.** The hard limits, and the votes. A never of the partner counts as a pass. Feedback on dates
and tags in a profile shape their author's lists alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry, VisibleActivities
from planner.clock import local_day, start_of_day, to_utc, to_zone
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import date_history, feedback, state_machine
from planner.dates import views as date_views
from planner.recommender import matches, matrix_cache, profiles, recommendation_log, votes
from planner.recommender.model import context_boosts, free_slots, ranking
from planner.recommender.model.explanations import Reason
from planner.recommender.model.free_slots import Busy, FreeSlot, FreeTime, SchedulingBounds, Window
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote, votes_for_partner
from planner.recommender.model.ranking import History, Relaxation
from planner.recommender.model.request import RecommendationRequest, days_ahead, merge_constraints
from planner.recommender.profiles import Profile
from planner.recommender.recommendation_log import Slate
from planner.recommender.votes import LIKE, NEVER
from seeds.reader import Activity

_NO_PROFILE = Profile()

# "New" must be true, so look back far. Fatigue itself fades within months; see ranking.
_HISTORY_SPAN = timedelta(days=3650)

MAX_EXTRA_PAGES = 3
"""Extra slates per request: twenty ideas are enough for an evening. A search lists all."""

MAX_SLOTS_OF_ONE = 8
"""Slots for one known activity. A suggestion has fewer, because it is one of five."""


class SuggestionQuery(NamedTuple):
    """A request, the number of its slate (0 is the first), and an optional window of time.

    `is_preview`: only the first idea will be shown.
    """

    question: RecommendationRequest
    more: int = 0
    window: Window | None = None
    is_preview: bool = False


class Suggestion(NamedTuple):
    """One idea: an activity, why and when it fits, and the viewer's own vote. A named window has slots."""

    card: ActivityEntry
    reasons: tuple[Reason, ...]
    vote: str | None
    slots: list[FreeSlot]
    first_day: date


class Suggestions(NamedTuple):
    """At most five ideas, whether there is another slate, and which limits to relax if few fit."""

    ideas: list[Suggestion]
    more: bool
    relax: tuple[Relaxation, ...]


def suggest(viewer: Viewer, query: SuggestionQuery, now: datetime) -> Suggestions:
    """Return activities for the viewer and the partner, or for the viewer alone, the same all day.

    Three queries after the first request of a day: visible activities, the stored slate, and past and planned dates.
    A window of time needs one more.
    """
    visible = activities.visible(viewer)
    today = query.question.today
    digest = _request_digest(viewer, query, visible)
    cached = recommendation_log.find_cached(viewer.id, today, digest)
    history = _load_history(viewer, query.question.party, now)
    free = _free_time(viewer, query.question, query.window, now) if query.window else None
    slate = cached.slate or _rank_and_save(viewer, query, visible, history, free, now)
    if slate.is_preview and not query.is_preview:
        recommendation_log.mark_shown(viewer.id, today, digest, slate)
    removed = {*history.excluded, *(activity for activity, days in history.done.items() if days == 0)}
    removed |= _voted(cached.votes, NEVER)
    ideas = []
    for activity, reasons in slate.ideas:
        card = visible.find(activity)
        if activity in removed or card is None or card.retired:
            continue
        slots = free.find_slots(card.content) if free else []
        first_day = _first_day(viewer, query, card.content, slots, now)
        if first_day:
            ideas.append(Suggestion(card, reasons, cached.votes.get(activity), slots, first_day))
    return Suggestions(ideas, slate.more, slate.relax)


def _first_day(
    viewer: Viewer, query: SuggestionQuery, activity: Activity, slots: list[FreeSlot], now: datetime
) -> date | None:
    """Return the first day of those asked for on which the activity is possible, or None."""
    request = query.question
    if query.window:
        return slots[0].local_time.date() if slots else None
    if not request.is_soon:
        return request.day
    bounds = _bounds(request, now)
    for ahead in days_ahead(activity.lead_days):
        begins = datetime.combine(request.today + timedelta(days=ahead), request.start or time())
        ends = datetime.combine(begins.date(), request.end or time())
        if ends <= begins:
            ends += timedelta(days=1)
        if request.end is None:  # what begins on the day may end later
            ends += timedelta(minutes=activity.duration_min)
        window = Window(max(begins, _earliest_wall(viewer, bounds)), ends, viewer.zone)
        # Plans do not count: they would cost a query, and the times of a proposal go around them.
        slot = FreeTime(window, bounds).find_first(activity) if window.begins < ends else None
        if slot:
            return slot.local_time.date()
    return None


def find_slots(
    viewer: Viewer, activity_id: UUID, request: RecommendationRequest, window: Window | None, now: datetime
) -> list[FreeSlot]:
    """Return times for one activity in a window, or in the next two weeks. Raises NotFound."""
    activity = activities.find(viewer, activity_id).content
    window = window or _next_weeks(viewer, activity.lead_days, request, now)
    free = _free_time(viewer, request, window, now)
    longest = min(request.minutes or activity.duration_max, activity.duration_max)
    if longest < activity.duration_min:
        return []
    return free.find_slots(replace(activity, duration_max=longest), MAX_SLOTS_OF_ONE)


def _next_weeks(viewer: Viewer, lead_days: int, request: RecommendationRequest, now: datetime) -> Window:
    """Return two weeks from the first possible time, or from the first day after the preparation."""
    begins = _earliest_wall(viewer, _bounds(request, now))
    if lead_days:
        begins = datetime.combine(viewer.today(now) + timedelta(days=lead_days), time())
    return Window(begins, begins + free_slots.LONGEST, viewer.zone)


def _earliest_wall(viewer: Viewer, bounds: SchedulingBounds) -> datetime:
    """Return the first wall time in whole minutes at which something may begin."""
    return to_zone(bounds.earliest, viewer.zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=1)


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
    request = merge_constraints(request, signals.profiles[viewer.id].constraints())
    others = [profile.constraints() for person, profile in signals.profiles.items() if person != viewer.id]
    available, has_time = np.ones(len(matrix), bool), np.ones(len(matrix), bool)
    available[matrix.rows_of((*history.excluded, *signals.nevers))] = False
    has_time[matrix.rows_of(_without_time(visible, free))] = False
    days = "" if request.is_soon else f"{request.first_day or request.day}/{request.day}"
    impressions = recommendation_log.impressions(viewer.id, today, days, signals.likes)
    history = replace(
        history,
        categories=_categories(history.done, visible),
        matches=signals.matches,
        impressions=impressions.by_day,
        shown=impressions.recent,
        resting=impressions.resting,
        other_days=impressions.other_days,
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
        Slate(ideas, more, result.relax, query.is_preview, days),
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


def _load_signals(
    viewer: Viewer, request: RecommendationRequest, visible: VisibleActivities, now: datetime
) -> _Signals:
    """Read the signals. Five queries."""
    day_began = start_of_day(request.today, viewer.day_zone)
    partner = viewer.partner if request.party == "two" else None
    persons = [person for person in (viewer.id, partner) if person]
    vote_history = votes.list_since(persons, day_began)
    counting = {person: votes.counting(vote_history, person, day_began) for person in persons}
    live_matches = matches.active(viewer, now) if partner else []
    if partner:
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
    )


def _voted(counting: Mapping[UUID, str], vote: str) -> frozenset[UUID]:
    return frozenset(activity for activity, cast in counting.items() if cast == vote)


def _person_feedback(
    votes: Mapping[UUID, str], feedback: Iterable[feedback.PastFeedback] = (), profile: Profile = _NO_PROFILE
) -> PersonFeedback:
    return PersonFeedback(
        votes=[Vote(activity, vote) for activity, vote in sorted(votes.items())],
        ratings=[Rating(*given) for given in feedback],
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


def _free_time(viewer: Viewer, request: RecommendationRequest, window: Window, now: datetime) -> FreeTime:
    """Return the viewer's free time in a window: agreed dates of the couple and alone are taken."""
    begins, ends = (to_utc(wall, window.zone) for wall in (window.begins, window.ends))
    busy = tuple((start, end) for _, start, end in date_views.list_agreed(viewer, max(begins, now), ends))
    return FreeTime(window, _bounds(request, now, busy))


def _bounds(request: RecommendationRequest, now: datetime, busy: Busy = ()) -> SchedulingBounds:
    # A proposal lapses three hours before its last slot. For the viewer alone, any future time will do.
    earliest = now + (state_machine.LAST_ANSWER if request.party == "two" else timedelta(0))
    return SchedulingBounds(earliest, request.today, request.hemisphere, busy)


def _load_history(viewer: Viewer, party: str, now: datetime) -> History:
    """Return the history that the viewer may know: of the couple's dates, or of the viewer's own."""
    today = viewer.today(now)
    day_began = start_of_day(today, viewer.day_zone)
    last_done: dict[UUID, datetime] = {}
    excluded: set[UUID] = set()
    for activity, state, answer, of_two, sent, when in date_history.list_since(viewer, now - _HISTORY_SPAN, now):
        if of_two != (party == "two"):
            continue
        # An accepted date whose day is over usually took place, even if neither partner confirmed it.
        if state == state_machine.COMPLETED or (state == state_machine.ACCEPTED and when < day_began):
            last_done[activity] = max(when, last_done.get(activity, when))
        elif state == state_machine.DECLINED and answer in contact_rules.COOLDOWN_ANSWERS and sent:
            if contact_rules.activity_cooldown_until(when, viewer.own_rhythm) > now:
                excluded.add(activity)
        elif state in (state_machine.PROPOSED, state_machine.ACCEPTED):
            excluded.add(activity)  # already planned
    done = {activity: (today - local_day(when, viewer.day_zone)).days for activity, when in last_done.items()}
    return History(done, excluded=frozenset(excluded))


def _categories(done: Mapping[UUID, int], visible: VisibleActivities) -> dict[str, int]:
    """Return how many days ago each category was last done. At most one query, for retired ideas."""
    days_ago: dict[str, int] = {}
    cards = activities.get_many_including_retired(done, {**visible.snapshot.by_id, **visible.ideas})
    for activity, days in done.items():
        category = cards[activity].content.category
        days_ago[category] = min(days, days_ago.get(category, days))
    return days_ago
