"""Check what a catalogue must contain as a whole, and print tables of it.

A planner that runs out of free, short or step-free ideas fails the people who need one most. A person without a partner
needs enough ideas and prompts, too. Hence floors on shares and on small groups.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from seeds import vocabulary as v
from seeds.reader import Catalogue

# The exact number of shipped activities in each group. An author who adds an activity also changes the number here.
SPREAD: dict[str, dict[int, int] | dict[str, int]] = {
    "pace": {1: 42, 2: 75, 3: 109, 4: 52, 5: 22},
    "category": {
        "cook_taste": 35,
        "play": 28,
        "learn": 21,
        "make": 20,
        "outdoors": 28,
        "move": 19,
        "culture": 28,
        "give_back": 18,
        "getaway": 17,
        "everyday": 22,
        "remember": 15,
        "talk": 9,
        "apart": 15,
        "solo": 25,
    },
}

FLOORS: dict[str, float] = {
    "cost band 0-1": 0.45,  # share of activities
    "within 90 minutes": 0.30,  # share of activities
    "step-free or adaptable": 0.50,  # share of activities
    "cost 0-1 at each pace 1-4": 8,  # activities
    "usable alone": 12,  # activities
    "in each category": 3,  # activities
    "about oneself, of each kind": 5,  # prompts at pace 1
    "about oneself, a day": 1.0,  # prompts at pace 1 past their cooldown each day, if one is answered every day
}
_SHARES = ("cost band 0-1", "within 90 minutes", "step-free or adaptable")

# The exact number of shipped prompts of each kind. Good news has only the floor above, like all kinds of notes.
PROMPTS: dict[str, int] = {
    "kindness": 60,
    "effort": 50,
    "quality": 50,
    "memory": 45,
    "reflection": 55,
    "check_in": 30,
    "conversation": 70,
    "self_care": 40,
}
# The minimum number of other entries.
GUIDANCE: dict[str, int] = {"guides": 20, "plans": 15, "resources": 12, "evidence": 40}

# The kinds of prompts that end as a note, so every person gets them.
NOTE_KINDS = ("kindness", "effort", "quality", "memory", "good_news")
STEP_FREE = ("yes", "adaptable")
DURATIONS = (
    (30, "up to 30 min"),
    (60, "up to 60 min"),
    (90, "up to 90 min"),
    (240, "up to 4 h"),
    (720, "up to 12 h"),
)

Unmet = Iterator[tuple[str, str]]


def unmet_counts(catalogue: Catalogue) -> Unmet:
    """Yield (rule, message) for each count of activities that differs from the plan."""
    for key, planned in SPREAD.items():
        counts = Counter(getattr(activity, key) for activity in catalogue.activities)
        differences = [
            f"{value} has {counts[value]}, not {planned_count}"
            for value, planned_count in planned.items()
            if counts[value] != planned_count
        ]
        if differences:
            yield "count", f"activities by {key}: {', '.join(differences)}"


def unmet_kinds(catalogue: Catalogue) -> Unmet:
    """Yield (rule, message) for each kind of prompt or guidance with a wrong number of entries."""
    kinds = Counter(prompt.kind for prompt in catalogue.prompts)
    for kind, planned in PROMPTS.items():
        if kinds[kind] != planned:
            yield "count", f"{kinds[kind]} prompts of kind {kind}, {planned} are planned"
    for name, minimum in GUIDANCE.items():
        if (count := len(getattr(catalogue, name))) < minimum:
            yield "count", f"{count} {name}, at least {minimum} are needed"


def unmet_floors(catalogue: Catalogue) -> Unmet:
    """Yield (rule, message) for each floor that the catalogue falls below."""
    total = max(1, len(catalogue.activities))
    for name, measure in _measures(catalogue):
        minimum = FLOORS[name]
        value = measure / total if name in _SHARES else measure
        if value < minimum:
            yield "floor", f"{name}: {value:.2f}, at least {minimum:g} is needed"


def _measures(catalogue: Catalogue) -> Iterator[tuple[str, float]]:
    """Yield the measure of each floor; for a floor on groups, that of the smallest group."""
    activities = catalogue.activities
    cheap = [a for a in activities if a.cost_band <= 1]
    paces = Counter(a.pace for a in cheap)
    categories = Counter(a.category for a in activities)
    about_oneself = [p for p in catalogue.prompts if p.audience == "self" and p.pace == 1 and p.kind in NOTE_KINDS]
    kinds = Counter(p.kind for p in about_oneself)
    yield "cost band 0-1", len(cheap)
    yield "within 90 minutes", sum(a.duration_max <= 90 for a in activities)
    yield "step-free or adaptable", sum(a.accessibility["step_free"] in STEP_FREE for a in activities)
    yield "cost 0-1 at each pace 1-4", min(paces[pace] for pace in (1, 2, 3, 4))
    yield "usable alone", sum(a.party != "two" for a in activities)
    yield "in each category", min(categories[category] for category in v.CATEGORIES)
    yield "about oneself, of each kind", min(kinds[kind] for kind in NOTE_KINDS)
    yield "about oneself, a day", sum(1 / p.cooldown_days for p in about_oneself)


def distribution(catalogue: Catalogue) -> str:
    """Return printable tables of how activities, prompts and guidance are distributed."""
    activities = catalogue.activities
    about_oneself = [prompt for prompt in catalogue.prompts if prompt.audience == "self"]
    return "\n".join(
        (
            _table("Pace", [f"{a.pace}" for a in activities], map(str, v.PACES)),
            _table("Category", [a.category for a in activities], v.CATEGORIES),
            _table("Cost band", [f"{a.cost_band}" for a in activities], map(str, v.COST_BANDS)),
            _table("Duration", [_duration(a.duration_max) for a in activities], _DURATION_LABELS),
            _table("Setting", [a.setting for a in activities], v.SETTINGS),
            _table("Party", [a.party for a in activities], v.PARTIES),
            _table("Prompts by kind", [p.kind for p in catalogue.prompts], v.PROMPT_KINDS),
            _table("Prompts about oneself", [p.kind for p in about_oneself], v.PROMPT_KINDS),
            _table("Prompts by pace", [f"{p.pace}" for p in catalogue.prompts], map(str, v.PACES)),
            _table("Prompts by tone", [p.tone for p in catalogue.prompts], v.TONES),
            _table("Guides", [guide.kind for guide in catalogue.guides], v.GUIDE_KINDS),
            _table("Plans by week", [f"{plan.weeks}" for plan in catalogue.plans], map(str, range(1, 5))),
            _table("Resources", [r.audience for r in catalogue.resources], v.RESOURCE_AUDIENCES),
        )
    )


_DURATION_LABELS = [label for _, label in DURATIONS] + ["longer"]


def _duration(minutes: int) -> str:
    return next((label for most, label in DURATIONS if minutes <= most), "longer")


def _table(heading: str, values: list[str], rows: Iterable[str]) -> str:
    counts = Counter(values)
    lines = [f"  {row:<14}{counts[row]:>5}{counts[row] / max(1, len(values)):>7.0%}" for row in rows]
    return "\n".join((f"{heading} ({len(values)})", *lines, ""))
