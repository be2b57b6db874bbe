"""Reasons: why a suggestion fits, in plain words, from the same terms that ranked it. Pure.

A reason may come from what the reader said or did, from what both have shown each other (matches, dates done), from
the reader's own question, and from the activity. What the other keeps to themselves is not among the arguments.
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

TELLING = 2
"""How many reasons of one's own go before those that every activity has: length and cost."""

COST_TEXTS = (
    "free",
    "costs less than a simple meal",
    "costs about as much as a simple meal for two",
    "costs a few simple meals",
    "costs more than a night out",
)
_NEEDS = {
    "step_free": "possible without steps",
    "seated": "can be done sitting down",
    "quiet": "possible in quiet surroundings",
    "low_vision": "works with low vision",
    "low_hearing": "works with low hearing",
}


class Reason(NamedTuple):
    """Why a suggestion fits: a stable code and plain words."""

    code: str
    text: str


@dataclass(frozen=True)
class ExplanationInputs:
    """What reasons may be drawn from, all of it the reader's own or known to both.

    `leanings` are the attributes (stock.NAMES) that raise this activity for the reader, the strongest first, as learned
    from the reader's own words; `liked` what the reader liked as such; `done` is in days ago.
    """

    done: Mapping[UUID, int] = field(default_factory=dict)
    matches: Collection[UUID] = ()
    liked: Collection[UUID] = ()
    chosen: Collection[str] = ()
    leanings: Collection[str] = ()


def explain(card: ActivityItem, asked: RecommendationRequest, grounds: ExplanationInputs) -> tuple[Reason, ...]:
    """Two to four reasons, the most telling first; each is true of the activity, the reader, or what both know."""
    activity = card.content
    telling = chain(_own(card, grounds), _needed(activity, asked), _known(card, asked, grounds), _easy(activity))
    first = islice(telling, TELLING)
    return (*first, Reason("duration", duration_text(activity)), Reason("cost", COST_TEXTS[activity.cost_band]))


def _own(card: ActivityItem, grounds: ExplanationInputs) -> Iterator[Reason]:
    """What the reader leans to, and what both have said."""
    activity = card.content
    if card.id in grounds.matches:
        yield Reason("match", "both curious")
    elif card.id in grounds.liked:
        yield Reason("liked", "you liked it")
    chosen = [tag for tag in activity.tags if tag in grounds.chosen]
    if causes := [tag for tag in chosen if tag in v.CAUSES]:
        yield Reason("cause", f"for a cause of yours: {_labels(causes[:1])}")
    if interests := [tag for tag in chosen if tag in v.INTERESTS]:
        yield Reason("interest", f"among your interests: {_labels(interests)}")
    leanings = [name for name in grounds.leanings if name not in chosen]
    if leanings:
        yield Reason("leaning", f"like other ideas you liked: {_labels(leanings)}")


def _known(card: ActivityItem, asked: RecommendationRequest, grounds: ExplanationInputs) -> Iterator[Reason]:
    if card.id not in grounds.done:
        yield Reason("new", _new_text(card.content, asked.party))
    else:
        yield Reason("again", f"last done {_ago(grounds.done[card.id])}")


def _needed(activity: Activity, asked: RecommendationRequest) -> Iterator[Reason]:
    """Needs of the reader that few ideas meet."""
    met = [text for feature, text in _NEEDS.items() if feature in asked.access and _possible(activity, feature)]
    if met:
        yield Reason("access", ", ".join(met))
    if asked.children == "present":
        yield Reason("children", "works with children around")
    elif asked.children == "asleep" and activity.setting == "home":  # of an outing it is true where somebody stays
        yield Reason("children", "works while children sleep")


def _possible(activity: Activity, feature: str) -> bool:
    return activity.accessibility.get(feature) in POSSIBLE


def _easy(activity: Activity) -> Iterator[Reason]:
    """What makes any evening easier."""
    if activity.energy <= 2:
        yield Reason("energy", "needs little energy")
    elif activity.setting == "home":
        yield Reason("setting", "at home")
    elif activity.shelter == "indoor":
        yield Reason("shelter", "works in any weather")


def _labels(names: list[str]) -> str:
    """At most two words of the vocabulary, as they stand within a sentence; many hold an "and" of their own."""
    labels = [(v.TAGS.get(name) or v.CATEGORIES[name]).removeprefix("Cause: ") for name in names[:2]]
    return ", ".join(label[:1].lower() + label[1:] for label in labels)


def _new_text(activity: Activity, party: str) -> str:
    if party == "one":
        # What can be done by two as well they may have done with somebody.
        return "new to you" if activity.party == "one" else "a first on your own"
    # Each may have done it alone, or with somebody before: that is theirs to know.
    return "new to the two of you"


def _ago(days: int) -> str:
    """ "this week", "3 weeks ago", "5 months ago", "2 years ago"."""
    for unit, length, least in (("year", 365, 365), ("month", 30, 60), ("week", 7, 7)):
        if days >= least:
            return f"{days // length} {unit}{'' if days // length == 1 else 's'} ago"
    return "this week"


def duration_text(activity: Activity) -> str:
    """ "90 minutes", "2 to 3 hours", "2 days"."""
    least, most = activity.duration_min, activity.duration_max
    unit, minutes = next(
        (unit, minutes)
        for unit, minutes, from_ in (("day", 1440, 1440), ("hour", 60, 120), ("minute", 1, 0))
        if least % minutes == 0 and most % minutes == 0 and least >= from_
    )
    least, most = least // minutes, most // minutes
    amount = str(least) if least == most else f"{least} to {most}"
    return f"{amount} {unit}{'' if most == 1 else 's'}"
