"""Records of guides, self-care plans and support resources, and the checks of each value.

They are longer than a prompt and are followed step by step, often on a bad day. So their bounds are numbers here: how
long a talk and a pause last, and how little a plan asks for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from seeds import checks as is_
from seeds import vocabulary as v


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a talk: who speaks, for how many minutes, and what to do."""

    speaker: str
    minutes: int
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The steps of one talk, or of one person's second look at it.

    A pause lasts at least `pause_minutes`. A talk that is not resumed within `resume_hours` has ended.
    """

    slug: str
    title: str
    kind: str
    party: str
    pace: int
    purpose: str
    when_not: str
    opening: str
    steps: tuple[Turn, ...]
    pause_minutes: int
    resume_hours: int
    stop: str
    closing: str
    version: int
    evidence: str | None = None

    @property
    def minutes(self) -> int:
        """Return the length of all steps, without pauses."""
        return sum(turn.minutes for turn in self.steps)


@dataclass(frozen=True, slots=True)
class Action:
    """One small thing to do, on any day of a week (counted from 1). Without a `time_of_day`, any time suits."""

    week: int
    minutes: int
    text: str
    time_of_day: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SelfCarePlan:
    """A few actions over some weeks. `low_capacity` is the whole plan for a bad week, and counts in full."""

    slug: str
    title: str
    purpose: str
    days: int
    actions: tuple[Action, ...]
    low_capacity: str
    look_back: str
    version: int
    evidence: str | None = None

    @property
    def weeks(self) -> int:
        """Return the number of weeks that have begun by the last day."""
        return -(-self.days // 7)


@dataclass(frozen=True, slots=True)
class SupportResource:
    """A kind of outside help and how to choose it. The operator adds the providers nearby."""

    slug: str
    role: str
    audience: str
    summary: str
    when: str
    when_not: str
    questions: tuple[str, ...]
    criteria: Mapping[str, str] = field(hash=False)
    version: int
    evidence: str | None = None


Guidance = Guide | SelfCarePlan | SupportResource
R = TypeVar("R")

_TURN: dict[str, is_.Check] = {
    "speaker": is_.one_of(v.SPEAKERS),
    "minutes": is_.whole(1, 10),
    "text": is_.text(10, 200),
}
_ACTION: dict[str, is_.Check] = {
    "week": is_.whole(1, 4),
    "minutes": is_.whole(1, 20),
    "text": is_.text(10, 200),
    "time_of_day": is_.some_of(v.TIMES_OF_DAY, 1, 3),
}
GUIDE: dict[str, is_.Check] = {
    "slug": is_.slug,
    "title": is_.text(8, 60),
    "kind": is_.one_of(v.GUIDE_KINDS),
    "party": is_.one_of(("one", "two")),
    "pace": is_.whole(1, 5),
    "purpose": is_.text(60, 240),
    "when_not": is_.text(20, 200),
    "opening": is_.text(10, 140),
    "steps": is_.tables(3, 12, _TURN),
    "pause_minutes": is_.whole(20, 120),
    "resume_hours": is_.whole(1, 24),
    "stop": is_.text(20, 200),
    "closing": is_.text(20, 200),
    "evidence": is_.key,
    "version": is_.whole(1, 9999),
}
PLAN: dict[str, is_.Check] = {
    "slug": is_.slug,
    "title": is_.text(8, 60),
    "purpose": is_.text(60, 240),
    "days": is_.whole(7, 28),
    "actions": is_.tables(1, 12, _ACTION, optional=("time_of_day",)),
    "low_capacity": is_.text(20, 200),
    "look_back": is_.text(10, 140),
    "evidence": is_.key,
    "version": is_.whole(1, 9999),
}
RESOURCE: dict[str, is_.Check] = {
    "slug": is_.slug,
    "role": is_.text(4, 60),
    "audience": is_.one_of(v.RESOURCE_AUDIENCES),
    "summary": is_.text(60, 240),
    "when": is_.text(20, 200),
    "when_not": is_.text(20, 200),
    "questions": is_.texts(3, 6, 140),
    "criteria": is_.table_of(v.CRITERIA, v.CRITERION_LEVELS),
    "evidence": is_.key,
    "version": is_.whole(1, 9999),
}
_PARTS: dict[tuple[type, str], type] = {(Guide, "steps"): Turn, (SelfCarePlan, "actions"): Action}


def build(record: type[R], values: Mapping[str, Any]) -> R:
    """Return a record from checked TOML or JSON values. Lists become tuples; their tables become parts."""
    built = dict(values)
    for key, value in values.items():
        if isinstance(value, list):
            part = _PARTS.get((record, key))
            built[key] = tuple(build(part, item) if part else item for item in value)
    return record(**built)


def texts(entry: Guidance) -> Iterator[tuple[str, str]]:
    """Yield each text that people read, with its key."""
    if isinstance(entry, Guide):
        yield from (("title", entry.title), ("purpose", entry.purpose), ("when_not", entry.when_not))
        yield "opening", entry.opening
        yield from (("steps", turn.text) for turn in entry.steps)
        yield from (("stop", entry.stop), ("closing", entry.closing))
    elif isinstance(entry, SelfCarePlan):
        yield from (("title", entry.title), ("purpose", entry.purpose))
        yield from (("actions", action.text) for action in entry.actions)
        yield from (("low_capacity", entry.low_capacity), ("look_back", entry.look_back))
    else:
        yield from (("role", entry.role), ("summary", entry.summary))
        yield from (("when", entry.when), ("when_not", entry.when_not))
        yield from (("questions", question) for question in entry.questions)
