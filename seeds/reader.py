"""Read a folder of content into plain records, or report everything that is wrong with it.

A folder holds `activities/*.toml` ([[activity]] tables), `prompts/*.toml` ([[prompt]]), `guides/*.toml` ([[guide]]),
`self_care_plans/*.toml` ([[plan]]), `support_resources/*.toml` ([[resource]]) and `evidence.toml` ([[evidence]]). Each
part may be missing, so that an operator can add a single file.

An instance that started with half of its content would fail in front of a couple, so one fault refuses the whole
folder. All faults are listed at once, with file and line, so that an author can fix them in one go.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from seeds import checks as is_
from seeds import guidance
from seeds import vocabulary as v
from seeds.guidance import Guide, SelfCarePlan, SupportResource


@dataclass(frozen=True, slots=True)
class Activity:
    """Something to do, alone or together; durations in minutes, cost in bands of a simple meal for two.

    `company` says how many other people are around, `skill` how much there is to learn, both from 1 to 5. `classic` is
    what most people think of first, such as a concert or a weekend away. It needs at least a day of preparation.
    """

    slug: str
    title: str
    summary: str
    category: str
    tags: tuple[str, ...]
    party: str
    setting: str
    shelter: str
    duration_min: int
    duration_max: int
    cost_band: int
    energy: int
    novelty: int
    pace: int
    lead_days: int
    seasons: tuple[str, ...]
    weather: str
    time_of_day: tuple[str, ...]
    with_children: str
    accessibility: Mapping[str, str] = field(hash=False)
    steps: tuple[str, ...]
    starter: str
    variations: tuple[str, ...]
    version: int
    safety: tuple[str, ...] = ()
    evidence: str | None = None
    company: int | None = None
    skill: int | None = None
    classic: bool = False
    light: str = "any"
    fun_for: tuple[str, ...] = ()  # ages of children who enjoy it, not only bear it
    ending: str | None = None  # an easy way to part, for two people who came from two places
    ending_together: str | None = None  # a plain end, for two people who go home together


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question for a short note. It is not asked again for `cooldown_days` after an answer."""

    slug: str
    text: str
    kind: str
    tone: str
    pace: int
    audience: str
    cooldown_days: int
    version: int
    follow_up: str | None = None
    avoid_after: tuple[str, ...] = ()
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper that supports a text: what it found, and what no text may claim from it."""

    key: str
    paper: str
    year: int
    found: str
    not_claimed: str


Record = Activity | Prompt | Guide | SelfCarePlan | SupportResource | Evidence
R = TypeVar("R", Guide, SelfCarePlan, SupportResource)


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where an entry is: the line of its slug, and the line of each of its keys."""

    file: Path
    line: int
    keys: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a folder cannot be read."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class InvalidCatalogue(Exception):
    """A folder that cannot be read. `findings` lists every fault; file, line and message are those of the first."""

    def __init__(self, findings: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in findings))
        self.findings = findings
        self.file, self.line, self.message = findings[0].file, findings[0].line, findings[0].message


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in a folder, in the order of its files. `places` is keyed by slug or evidence key."""

    folder: Path
    activities: tuple[Activity, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    guides: tuple[Guide, ...] = ()
    plans: tuple[SelfCarePlan, ...] = ()
    resources: tuple[SupportResource, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    places: Mapping[str, SourceLocation] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of entry: its table, files, naming key, record, and a check for each key."""

    table: str
    files: str
    name: str
    record: type[Record]
    checks: Mapping[str, is_.Check]

    def required(self) -> set[str]:
        return {f.name for f in fields(self.record) if f.default is MISSING and f.default_factory is MISSING}


_ACTIVITY: dict[str, is_.Check] = {
    "slug": is_.slug,
    "title": is_.text(8, 60),
    "summary": is_.text(60, 240),
    "category": is_.one_of(v.CATEGORIES),
    "tags": is_.some_of(v.TAGS, 2, 8),
    "party": is_.one_of(v.PARTIES),
    "setting": is_.one_of(v.SETTINGS),
    "shelter": is_.one_of(v.SHELTERS),
    "duration_min": is_.whole(5, 7 * 24 * 60),
    "duration_max": is_.whole(5, 7 * 24 * 60),
    "cost_band": is_.whole(0, 4),
    "energy": is_.whole(1, 5),
    "novelty": is_.whole(1, 5),
    "pace": is_.whole(1, 5),
    "lead_days": is_.whole(0, 90),
    "seasons": is_.some_of(v.SEASONS, 1, 4),
    "weather": is_.one_of(v.WEATHERS),
    "time_of_day": is_.some_of(v.TIMES_OF_DAY, 1, 4),
    "with_children": is_.one_of(v.WITH_CHILDREN),
    "accessibility": is_.table_of(v.ACCESS_FEATURES, v.ACCESS_LEVELS),
    "steps": is_.texts(2, 6, 200),
    "starter": is_.text(10, 140),
    "variations": is_.texts(1, 3, 200),
    "safety": is_.texts(0, 4, 200),
    "company": is_.whole(1, 5),
    "skill": is_.whole(1, 5),
    "classic": is_.flag,
    "light": is_.one_of(v.LIGHTS),
    "fun_for": is_.some_of(v.CHILD_AGES, 1, 3),
    "evidence": is_.key,
    "ending": is_.text(10, 200),
    "ending_together": is_.text(10, 200),
    "version": is_.whole(1, 9999),
}
_PROMPT: dict[str, is_.Check] = {
    "slug": is_.slug,
    "text": is_.text(10, 140),
    "kind": is_.one_of(v.PROMPT_KINDS),
    "tone": is_.one_of(v.TONES),
    "pace": is_.whole(1, 5),
    "audience": is_.one_of(v.AUDIENCES),
    "cooldown_days": is_.whole(30, 180),
    "follow_up": is_.text(10, 140),
    "avoid_after": is_.some_of(v.AVOID_AFTER, 0, 2),
    "evidence": is_.key,
    "version": is_.whole(1, 9999),
}
_EVIDENCE: dict[str, is_.Check] = {
    "key": is_.key,
    "paper": is_.text(10, 300),
    "year": is_.whole(1900, 2100),
    "found": is_.text(20, 400),
    "not_claimed": is_.text(20, 400),
}
_KINDS = (
    _Kind("activity", "activities/*.toml", "slug", Activity, _ACTIVITY),
    _Kind("prompt", "prompts/*.toml", "slug", Prompt, _PROMPT),
    _Kind("guide", "guides/*.toml", "slug", Guide, guidance.GUIDE),
    _Kind("plan", "self_care_plans/*.toml", "slug", SelfCarePlan, guidance.PLAN),
    _Kind("resource", "support_resources/*.toml", "slug", SupportResource, guidance.RESOURCE),
    _Kind("evidence", "evidence.toml", "key", Evidence, _EVIDENCE),
)


def shipped() -> Catalogue:
    """Return the catalogue that comes with Rekindle."""
    return read(Path(__file__).parent)


@cache
def resources() -> tuple[SupportResource, ...]:
    """Return the support resources that come with Rekindle. Read them alone, once."""
    return _shipped(SupportResource)


@cache
def guides() -> tuple[Guide, ...]:
    """Return the guides that come with Rekindle. Read them alone, once."""
    return _shipped(Guide)


@cache
def plans() -> tuple[SelfCarePlan, ...]:
    """Return the self-care plans that come with Rekindle. Read them alone, once."""
    return _shipped(SelfCarePlan)


def _shipped(record: type[R]) -> tuple[R, ...]:
    reading = _Reading()
    kind = next(kind for kind in _KINDS if kind.record is record)
    for file in sorted(Path(__file__).parent.glob(kind.files)):
        reading.read_file(kind, file)
    if reading.faults:
        raise InvalidCatalogue(tuple(reading.faults))
    return tuple(each for each in reading.records if isinstance(each, record))


def merged(base: Catalogue, extra: Catalogue) -> Catalogue:
    """Return both catalogues together. Raises InvalidCatalogue if the second has a slug or key of the first."""
    duplicates = [key for key in extra.places if key in base.places]
    if duplicates:
        raise InvalidCatalogue(
            tuple(
                Fault(extra.places[key].file, extra.places[key].line, f"{key!r} is taken: {base.places[key].file.name}")
                for key in duplicates
            )
        )
    kinds = (field_.name for field_ in fields(Catalogue) if field_.name not in ("folder", "places"))
    both = {kind: (*getattr(base, kind), *getattr(extra, kind)) for kind in kinds}
    return Catalogue(extra.folder, **both, places={**base.places, **extra.places})


def read(folder: Path) -> Catalogue:
    """Return the catalogue in a folder. Raises InvalidCatalogue with every fault."""
    reading = _Reading()
    if not folder.is_dir():
        raise InvalidCatalogue((Fault(folder, 0, "is not a folder"),))
    for kind in _KINDS:
        for file in sorted(folder.glob(kind.files)):
            reading.read_file(kind, file)
    reading.refuse_strays(folder)
    if reading.faults:
        raise InvalidCatalogue(tuple(reading.faults))
    return Catalogue(
        folder,
        tuple(r for r in reading.records if isinstance(r, Activity)),
        tuple(r for r in reading.records if isinstance(r, Prompt)),
        tuple(r for r in reading.records if isinstance(r, Guide)),
        tuple(r for r in reading.records if isinstance(r, SelfCarePlan)),
        tuple(r for r in reading.records if isinstance(r, SupportResource)),
        tuple(r for r in reading.records if isinstance(r, Evidence)),
        reading.places,
    )


def tables_of(file: Path, table: str, name: str) -> tuple[list[tuple[dict[str, Any], SourceLocation]], list[Fault]]:
    """Return the located [[table]] entries of a TOML file, and its faults.

    `name` is the key whose line locates an entry.
    """
    try:
        source = file.read_text(encoding="utf-8")
        tables = tomllib.loads(source)
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return [], [Fault(file, line, "is not UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return [], [Fault(file, _line_of_error(str(error), source), f"is not TOML: {error}")]
    faults = [Fault(file, _line_of_key(source, key), f"unknown key {key!r}") for key in tables.keys() - {table}]
    entries = tables.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [], [*faults, Fault(file, _line_of_key(source, table), f"must hold [[{table}]] tables")]
    blocks = list(_blocks(source, table))
    placed = []
    for number, entry in enumerate(entries):
        # Entries written in another way than [[table]] have no block: they are placed at line 1.
        line, keys = blocks[number] if number < len(blocks) else (1, {})
        placed.append((entry, SourceLocation(file, keys.get(name, line), keys)))
    return placed, faults


def faults_of(
    entry: dict[str, Any],
    place: SourceLocation,
    name: object,
    required: Collection[str],
    checks: Mapping[str, is_.Check],
) -> Iterator[Fault]:
    """Yield the faults of one entry: missing keys, unknown keys, and values that fail their check."""
    for key in sorted(set(required) - entry.keys()):
        yield Fault(place.file, place.line, f"{name}: {key} is missing")
    for key, value in entry.items():
        line = place.keys.get(key, place.line)
        check = checks.get(key)
        complaint = check(value) if check else "is an unknown key"
        if complaint:
            yield Fault(place.file, line, f"{name}: {key} {complaint}")


class _Reading:
    """One pass over a folder, which gathers records and faults."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.faults: list[Fault] = []
        self.places: dict[str, SourceLocation] = {}
        self.files: set[Path] = set()

    def read_file(self, kind: _Kind, file: Path) -> None:
        self.files.add(file)
        entries, faults = tables_of(file, kind.table, kind.name)
        self.faults += faults
        for entry, place in entries:
            self._read_entry(kind, entry, place)

    def _read_entry(self, kind: _Kind, entry: dict[str, Any], place: SourceLocation) -> None:
        name = entry.get(kind.name)
        faults = list(faults_of(entry, place, entry.get(kind.name, kind.table), kind.required(), kind.checks))
        if isinstance(name, str):
            earlier = self.places.setdefault(name, place)
            if earlier is not place:
                message = f"{name}: is already at {earlier.file}:{earlier.line}"
                faults.append(Fault(place.file, place.line, message))
        self.faults += faults
        if not faults:
            self.records.append(guidance.build(kind.record, entry))

    def refuse_strays(self, folder: Path) -> None:
        """Report files in no known folder. Otherwise a misspelt folder would be skipped silently."""
        for file in sorted(set(folder.rglob("*.toml")) - self.files):
            places = ", ".join(kind.files for kind in _KINDS)
            self.faults.append(Fault(file, 0, f"is not in a folder that is read: {places}"))


def _blocks(source: str, table: str) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield the line of each [[table]] and of the keys below it, because tomllib does not return lines."""
    current: tuple[int, dict[str, int]] | None = None
    for number, line in enumerate(source.splitlines(), 1):
        if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line):
            if current:
                yield current
            current = (number, {})
        elif current and (key := re.match(r"\s*(?:\[\w+\.)?(\w+)(?:\]|\.\w+\s*=|\s*=)", line)):
            current[1].setdefault(key[1], number)
    if current:
        yield current


def _line_of_key(source: str, name: str) -> int:
    for number, line in enumerate(source.splitlines(), 1):
        if re.match(rf"\s*\[*\s*{re.escape(name)}\b", line):
            return number
    return 1


def _line_of_error(message: str, source: str) -> int:
    """Return the line of a tomllib error, or the last line.

    Messages end with "(at line 3, column 5)" or "(at end of document)"; only newer versions have `.lineno`.
    """
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else max(1, len(source.splitlines()))
