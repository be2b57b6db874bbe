"""Check whether the parts of a guide, a plan or a resource are together fair, gentle and safe.

Each rule yields faults as (key, rule, message). The linter finds their lines.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from seeds.banned_words import Refusal
from seeds.guidance import Guidance, Guide, SelfCarePlan, SupportResource, texts

LONGEST_TALK = 45  # minutes, without pauses
ACTIONS_A_WEEK = 3

_BLAME = Refusal(
    "opening",
    "an opening line carries no reproach",
    """you always; you never; you made; you make me; you keep; you don't; you did not; you didn't; you won't; you can't;
    why do you; why did you; why can't you; your problem; your behaviour; how could you; because of you; again you""",
)
_OWN_VOICE = re.compile(r"\bI\b")
_STREAK = Refusal(
    "no-streak",
    "a plan asks for no run of days: a week that is missed is a week off",
    """every day; each day; every morning; every evening; every night; daily; day after day; in a row;
    without a break; without fail; stick to it; stay on track; catch up""",
)
_CONTACT = re.compile(r"https?:|www\.|\S@\S|\b\w+\.(?:org|com|net|info)\b|\b\d[\d ()/-]{2,}\d\b|\b\d{3,}\b")
_AFRAID = re.compile(r"\bafraid\b|\bfear\b", re.IGNORECASE)
_APOLOGY, _LESSON = re.compile(r"\bsorry\b|\bapolog", re.IGNORECASE), re.compile(r"\blearn", re.IGNORECASE)

Faults = Iterator[tuple[str, str, str]]


def faults(entry: Guidance) -> Faults:
    """Yield every fault within one entry."""
    if isinstance(entry, Guide):
        yield from _guide(entry)
    elif isinstance(entry, SelfCarePlan):
        yield from _plan(entry)
    else:
        yield from _resource(entry)
    for key, text in texts(entry):
        for match in _CONTACT.findall(text):
            yield key, "contact", f"{match!r}: contacts come from the operator's own file"


def _guide(guide: Guide) -> Faults:
    if guide.minutes > LONGEST_TALK:
        yield "steps", "total", f"{guide.minutes} minutes in all, at most {LONGEST_TALK}"
    yield from _alone(guide) if guide.party == "one" else _turns(guide)
    for match in _BLAME.pattern.findall(guide.opening):
        yield "opening", "opening", f"{match!r}: {_BLAME.reason}"
    if not _OWN_VOICE.search(guide.opening):
        yield "opening", "opening", "must speak about the speaker, with the word I"
    if guide.kind == "reappraisal" and guide.party != "one":
        yield "party", "reappraisal", "a second look is for one person"
    if guide.kind == "repair":
        yield from _repair(guide)


def _alone(guide: Guide) -> Faults:
    if any(turn.speaker != "self" for turn in guide.steps):
        yield "steps", "turns", "a guide for one has no other speaker"
    if guide.pace != 1:
        yield "pace", "pace", "a guide for one person must have pace 1"


def _turns(guide: Guide) -> Faults:
    """Check that turns alternate and are equal in minutes and number: the second speaker must not be heard less."""
    speakers = [turn.speaker for turn in guide.steps if turn.speaker != "both"]
    minutes = Counter[str]()
    for turn in guide.steps:
        minutes[turn.speaker] += turn.minutes
    if set(speakers) != {"first", "second"}:
        yield "steps", "turns", "needs turns of the first and of the second speaker, and no others"
    if minutes["first"] != minutes["second"]:
        yield "steps", "turns", f"{minutes['first']} minutes for the first, {minutes['second']} for the second"
    if any(here.speaker == after.speaker != "both" for here, after in pairwise(guide.steps)):
        yield "steps", "turns", "one person speaks twice in a row"
    if guide.pace == 1:
        yield "pace", "pace", "a talk of two has pace 2 or more"


def _repair(guide: Guide) -> Faults:
    steps = " ".join(turn.text for turn in guide.steps)
    if not (_APOLOGY.search(steps) and _LESSON.search(steps)):
        yield "steps", "repair", "needs an apology and something to learn"
    if not _AFRAID.search(guide.when_not):
        yield "when_not", "fear", "must say that it is not for those who are afraid"


def _plan(plan: SelfCarePlan) -> Faults:
    weeks = Counter(action.week for action in plan.actions)
    for week in sorted(weeks.keys() | set(range(1, plan.weeks + 1))):
        if week > plan.weeks:
            yield "actions", "weeks", f"week {week} lies after day {plan.days}"
        elif not 1 <= weeks[week] <= ACTIONS_A_WEEK:
            yield "actions", "weeks", f"week {week} has {weeks[week]} actions, 1 to {ACTIONS_A_WEEK} fit"
    for key, text in texts(plan):
        for match in _STREAK.pattern.findall(text):
            yield key, "no-streak", f"{match!r}: {_STREAK.reason}"
    if plan.look_back.count("?") != 1 or not plan.look_back.endswith("?"):
        yield "look_back", "question", "must be one question"


def _resource(resource: SupportResource) -> Faults:
    if any(question.count("?") != 1 or not question.endswith("?") for question in resource.questions):
        yield "questions", "question", "each must be one question"
    if resource.audience != "couple":
        return
    # A session beside a partner whom a person fears can make the next day dangerous.
    if not _AFRAID.search(resource.when_not):
        yield "when_not", "fear", "must say that it is not for couples where one is afraid"
    for key in ("couples_specialism", "abuse_screening"):
        if resource.criteria[key] != "must":
            yield "criteria", "criteria", f"{key} is a must where two are seen"
