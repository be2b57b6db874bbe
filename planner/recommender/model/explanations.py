"""Explain in plain words why a suggestion fits, from the same inputs that ranked it. Pure.

A reason may come from the reader's votes and feedback, from the request, and from the activity. It may also come from
what both partners know: matches and past dates. The partner's private votes and profile are not among the arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple
from uuid import UUID

from planner.recommender.model.feature_matrix import POSSIBLE, ActivityItem
from planner.recommender.model.request import RecommendationRequest
from seeds import vocabulary as v
from seeds.reader import Activity

MAX_SPECIFIC_REASONS = 2
"""Maximum number of reasons before duration and cost, which every activity has."""

COST_TEXTS = (
    "free",
    "cheap: less than a simple meal",
    "about the price of a simple meal for two",
    "the price of a few simple meals",
    "more than a night out",
)
_NEW_TEXTS = {"one": "new to you", "alone": "your first time alone", "two": "new to the two of you"}
_MOST_LABELS = 2
_DONE_BEFORE_NEW = 8
"""Number of different activities done before it says something that one is new."""
_ACCESS_TEXTS = {
    "step_free": "possible without steps",
    "seated": "can be done sitting down",
    "quiet": "possible in quiet surroundings",
    "low_vision": "works with low vision",
    "low_hearing": "works with low hearing",
}


CODES = (
    "match",
    "liked",
    "light",
    "cause",
    "interest",
    "enjoyed",
    "leaning",
    "new",
    "again",
    "access",
    "children",
    "season",
    "energy",
    "setting",
    "shelter",
    "duration",
    "cost",
)
"""The codes of all reasons. Clients know them."""


class Reason(NamedTuple):
    """Why a suggestion fits: a stable code, plain English, and what a client needs to say it in another language."""

    code: str
    text: str
    params: dict[str, object]


@dataclass(frozen=True)
class ExplanationInputs:
    """The inputs of the reasons, all of them the reader's own or known to both partners.

    `leanings` are the features (feature_matrix.NAMES) that raise this activity for the reader, the strongest first.
    They are learned from the reader's own feedback. `liked` are the activities that the reader liked. `done` is in days
    ago. `enjoyed` is the title of a similar activity that the reader rated well, or empty. `is_light`: it is light, and
    the reader's last date was heavy.
    """

    done: Mapping[UUID, int] = field(default_factory=dict)
    matches: Collection[UUID] = ()
    liked: Collection[UUID] = ()
    chosen: Collection[str] = ()
    leanings: Collection[str] = ()
    enjoyed: str = ""
    is_light: bool = False


def explain(item: ActivityItem, request: RecommendationRequest, inputs: ExplanationInputs) -> tuple[Reason, ...]:
    """Return two to four reasons, the most specific first. Each is true of the activity, the reader or the couple."""
    activity = item.content
    specific = chain(
        _personal_reasons(item, inputs),
        _need_reasons(activity, request),
        _novelty_reasons(item, request, inputs),
        _effort_reasons(activity),
    )
    first = islice(specific, MAX_SPECIFIC_REASONS)
    duration: dict[str, object] = {"duration_min": activity.duration_min, "duration_max": activity.duration_max}
    return (
        *first,
        Reason("duration", _duration_reason(activity, request.minutes), duration),
        Reason("cost", COST_TEXTS[activity.cost_band], {"cost_band": activity.cost_band}),
    )


def _duration_reason(activity: Activity, minutes: int | None) -> str:
    """Return the duration, or that the activity works in the time asked for, if it can also last longer."""
    if minutes is None or activity.duration_max <= minutes:
        return duration_text(activity)
    return f"works in {_exact_duration(minutes)}"


def _personal_reasons(item: ActivityItem, inputs: ExplanationInputs) -> Iterator[Reason]:
    """Yield reasons from the reader's preferences and from matches."""
    activity = item.content
    if item.id in inputs.matches:
        yield Reason("match", "you’re both curious", {})
    elif item.id in inputs.liked:
        yield Reason("liked", "you liked it", {})
    if inputs.is_light:
        yield Reason("light", "something light, after a heavy one", {})
    chosen = [tag for tag in activity.tags if tag in inputs.chosen]
    if causes := [tag for tag in chosen if tag in v.CAUSES]:
        yield Reason("cause", f"helps a cause you picked: {_labels(causes[:1])}", {"tags": causes[:1]})
    if interests := [tag for tag in chosen if tag in v.INTERESTS]:
        yield Reason("interest", f"among your interests: {_labels(interests)}", {"tags": interests[:_MOST_LABELS]})
    leanings = [name for name in inputs.leanings if name not in chosen]
    if inputs.enjoyed:
        yield Reason("enjoyed", f"because you enjoyed {inputs.enjoyed}", {"title": inputs.enjoyed})
    elif leanings:
        yield Reason("leaning", f"like others you’ve liked: {_labels(leanings)}", {"tags": leanings[:_MOST_LABELS]})


def _novelty_reasons(item: ActivityItem, request: RecommendationRequest, inputs: ExplanationInputs) -> Iterator[Reason]:
    if item.id not in inputs.done:
        if len(inputs.done) < _DONE_BEFORE_NEW:
            return
        form = _new_form(item.content, request.party)
        yield Reason("new", _NEW_TEXTS[form], {"form": form})
    else:
        days = inputs.done[item.id]
        yield Reason("again", f"last done {_ago(days)}", {"days": days})


def _need_reasons(activity: Activity, request: RecommendationRequest) -> Iterator[Reason]:
    """Yield reasons from needs of the reader that few ideas meet."""
    met = [feature for feature in _ACCESS_TEXTS if feature in request.access and _is_possible(activity, feature)]
    if met:
        yield Reason("access", ", ".join(_ACCESS_TEXTS[feature] for feature in met), {"features": met})
    if request.children == "fun":
        yield Reason("children", "fun for children, too", {"children": "fun"})
    elif request.children == "present":
        yield Reason("children", "works with children around", {"children": "present"})
    elif (
        request.children == "asleep" and activity.setting == "home"
    ):  # for an outing it holds only if another adult stays at home
        yield Reason("children", "works while children sleep", {"children": "asleep"})


def _is_possible(activity: Activity, feature: str) -> bool:
    return activity.accessibility.get(feature) in POSSIBLE


def _effort_reasons(activity: Activity) -> Iterator[Reason]:
    """Yield at most one reason why the activity is for now, or easy on any evening."""
    if len(activity.seasons) == 1:
        yield Reason("season", f"only in {activity.seasons[0]}", {"season": activity.seasons[0]})
    elif activity.energy <= 2:
        yield Reason("energy", "needs little energy", {})
    elif activity.setting == "home":
        yield Reason("setting", "at home", {})
    elif activity.shelter == "indoor":
        yield Reason("shelter", "works in any weather", {})


def _labels(names: list[str]) -> str:
    """Return at most two vocabulary labels in the form for the middle of a sentence. Joined by a comma: many labels
    contain "and".
    """
    labels = [(v.TAGS.get(name) or v.CATEGORY_THEMES[name]).removeprefix("Cause: ") for name in names[:_MOST_LABELS]]
    return ", ".join(label[:1].lower() + label[1:] for label in labels)


def _new_form(activity: Activity, party: str) -> str:
    if party == "one":
        # The viewer may have done it with another person before, unless it is for one person only.
        return "one" if activity.party == "one" else "alone"
    # Either may have done it alone or with another person before. That is private to them.
    return "two"


def _ago(days: int) -> str:
    """Return "this week", "3 weeks ago", "5 months ago" or "2 years ago"."""
    for unit, length, min_days in (("year", 365, 365), ("month", 30, 60), ("week", 7, 7)):
        if days >= min_days:
            return f"{days // length} {unit}{'' if days // length == 1 else 's'} ago"
    return "this week"


def duration_text(activity: Activity) -> str:
    """Return the duration in words: "40 to 75 minutes", "2½ to 5 hours", "one night", "2 to 3 days"."""
    shortest, longest = activity.duration_min, activity.duration_max
    if shortest >= _NIGHT_FROM and longest <= _DAY + _HALF_DAY:
        return "one night" if longest <= _DAY else "a night and a day"
    if longest > _DAY + _HALF_DAY:
        return _range((shortest + _HALF_DAY) // _DAY or 1, (longest + _HALF_DAY) // _DAY, "day")
    if longest > _HOURS_FROM or (longest == _HOURS_FROM and shortest in (60, 90, 120)):
        return _range(_halves(shortest), _halves(longest), "hour")
    return _range(shortest, longest, "minute")


_DAY, _HALF_DAY, _NIGHT_FROM = 1440, 720, 600
_HOURS_FROM = 120
"""A longer duration is in hours, to the nearest half."""


def _halves(minutes: int) -> str:
    halves = max(1, round(minutes / 30))
    return f"{halves // 2 or ''}{'½' if halves % 2 else ''}"


def _range(low: object, high: object, unit: str) -> str:
    return f"{low if low == high else f'{low} to {high}'} {unit}{'' if str(high) in ('1', '½') else 's'}"


def _exact_duration(minutes: int) -> str:
    """Return a time that a reader asked for: "30 minutes", "2½ hours"."""
    if minutes < 60 or minutes % 30:
        return _range(minutes, minutes, "minute")
    return _range(_halves(minutes), _halves(minutes), "hour")
