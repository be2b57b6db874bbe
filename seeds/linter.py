"""Check the content against the content rules, line by line.

`check` returns findings instead of stopping at the first, because authors fix texts in batches. An error keeps content
out of the product; a warning asks for a second look. The rules are in four modules:

- `banned_words`: the refused phrases
- `vocabulary`: the allowed values (the reader refuses all others)
- `guidance_rules`: what each guide, plan or resource must meet by itself
- `coverage`: what a whole catalogue must contain

python -m seeds.linter [FOLDER] # findings and tables; without a folder, of the shipped content
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seeds import banned_words, coverage, guidance, guidance_rules, near_duplicates, readability
from seeds.guidance import Guidance
from seeds.reader import Activity, Catalogue, InvalidCatalogue, Prompt, SourceLocation, read, shipped

LONGEST_SENTENCE = 20  # words
HIGHEST_GRADE = 8.0  # Flesch-Kincaid, which means little on short texts:
GRADED_FROM = 30  # words
SAME, CLOSE = 0.6, 0.4  # overlap of word sets: duplicates, and worth a second look
COMPARED_FROM = 4  # different words; in shorter texts one common word makes an overlap
FIRST_WORD_SHARE, FIRST_WORD_FREE = 0.05, 2  # share of all titles; this many are fine in the smallest folder
LIGHT_MINUTES = 90  # pace 2 is short, in public, and easy to leave

# Texts are compared within these groups of keys, which serve the same purpose.
_ALIKE = (
    ("summary", "purpose"),
    ("starter", "text", "follow_up", "opening", "look_back", "questions"),
    ("steps", "variations", "actions", "low_capacity"),
    ("when", "when_not", "stop", "closing"),
    ("ending", "ending_together"),
)
# A prompt for the audience "self" also goes to a person without a partner.
_PRESUMES_TWO = banned_words.Refusal(
    "alone",
    "a prompt about oneself must make sense to a person without a partner",
    """partner; partner's; the two of you; you two; you both; both of you; as a couple; our; ours; we; us;
    together""",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to fix. `severity` is error or warning; `slug` is empty for the catalogue as a whole."""

    file: Path
    line: int
    slug: str
    rule: str
    message: str
    severity: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.rule}: {self.slug}: {self.message}"


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that people read, and the key of the entry that holds it."""

    slug: str
    key: str
    words: str


def check(catalogue: Catalogue, shipped: bool = True) -> list[Finding]:
    """Return all findings, in the order of files and lines.

    An operator's folder (`shipped=False`) may be small: floors and counts are only warnings there. Its evidence keys
    may name shipped records.
    """
    findings = [
        *_check_slugs(catalogue),
        *_check_texts(catalogue),
        *_check_grades(catalogue),
        *_check_overlaps(catalogue),
        *_check_titles(catalogue),
        *_check_activities(catalogue),
        *_check_prompts(catalogue),
        *_check_guidance(catalogue),
        *_check_evidence(catalogue, shipped),
        *_check_floors(catalogue, shipped),
    ]
    return sorted(findings, key=lambda finding: (str(finding.file), finding.line, finding.rule, finding.message))


def distribution(catalogue: Catalogue) -> str:
    """Return printable tables of how activities, prompts and guidance are distributed."""
    return coverage.distribution(catalogue)


def _find(catalogue: Catalogue, slug: str, key: str, rule: str, message: str, severity: str = "error") -> Finding:
    place = catalogue.places.get(slug) or SourceLocation(catalogue.folder, 0)
    return Finding(place.file, place.keys.get(key, place.line), slug, rule, message, severity)


def _texts(catalogue: Catalogue) -> Iterator[_Text]:
    for activity in catalogue.activities:
        yield _Text(activity.slug, "title", activity.title)
        yield _Text(activity.slug, "summary", activity.summary)
        yield _Text(activity.slug, "starter", activity.starter)
        for key in ("steps", "variations", "safety"):
            yield from (_Text(activity.slug, key, line) for line in getattr(activity, key))
        for key in ("ending", "ending_together"):
            if getattr(activity, key):
                yield _Text(activity.slug, key, getattr(activity, key))
    for prompt in catalogue.prompts:
        yield _Text(prompt.slug, "text", prompt.text)
        if prompt.follow_up:
            yield _Text(prompt.slug, "follow_up", prompt.follow_up)
    for entry in _guidance(catalogue):
        yield from (_Text(entry.slug, key, words) for key, words in guidance.texts(entry))


def _guidance(catalogue: Catalogue) -> tuple[Guidance, ...]:
    return (*catalogue.guides, *catalogue.plans, *catalogue.resources)


def _bodies(catalogue: Catalogue) -> list[_Text]:
    """Return everything that a person reads before doing an activity, as one text for each entry."""
    bodies = [_Text(a.slug, "slug", _body(a)) for a in catalogue.activities]
    for entry in _guidance(catalogue):
        words = " ".join(words for key, words in guidance.texts(entry) if key not in ("title", "role"))
        bodies.append(_Text(entry.slug, "slug", words))
    return bodies


def _body(activity: Activity) -> str:
    return " ".join((activity.summary, *activity.steps, activity.starter, *activity.variations))


def _check_slugs(catalogue: Catalogue) -> Iterator[Finding]:
    """Find duplicate slugs in a catalogue built by code; the reader refuses them within one folder."""
    entries = (*catalogue.activities, *catalogue.prompts, *_guidance(catalogue))
    slugs = Counter(entry.slug for entry in entries)
    for slug in (slug for slug, times in slugs.items() if times > 1):
        yield _find(catalogue, slug, "slug", "double-slug", f"is used {slugs[slug]} times")


def _check_texts(catalogue: Catalogue) -> Iterator[Finding]:
    for text in _texts(catalogue):
        for sentence in readability.sentences(text.words):
            if (length := len(readability.words(sentence))) > LONGEST_SENTENCE:
                yield _find(catalogue, text.slug, text.key, "sentence", f"{length} words: {sentence!r}")
        for refusal in banned_words.REFUSED:
            for match in refusal.pattern.findall(text.words):
                message = f"{match!r}: {refusal.reason}"
                yield _find(catalogue, text.slug, text.key, refusal.rule, message, refusal.severity)


def _check_grades(catalogue: Catalogue) -> Iterator[Finding]:
    graded = [*_texts(catalogue), *_bodies(catalogue)]
    for text in (text for text in graded if len(readability.words(text.words)) >= GRADED_FROM):
        if (grade := readability.grade(text.words)) > HIGHEST_GRADE:
            message = f"reads at grade {grade:.1f}: {text.words[:50]!r}"
            yield _find(catalogue, text.slug, text.key, "grade", message)


def _check_overlaps(catalogue: Catalogue) -> Iterator[Finding]:
    """Compare texts of the same kind: a summary may share words with its own steps.

    Safety lines may repeat, and titles are too short to measure.
    """
    texts = [text for text in _texts(catalogue) if text.key not in ("title", "safety")]
    texts = [text for text in texts if len(set(readability.words(text.words))) >= COMPARED_FROM]
    groups = [[text for text in texts if text.key in keys] for keys in _ALIKE]
    groups.append(_bodies(catalogue))
    for group in groups:
        for first, second, share in near_duplicates.pairs([text.words for text in group], CLOSE):
            severity = "error" if share >= SAME else "warning"
            text, other = group[second], group[first]
            message = f"{share:.0%} as {other.slug}: {text.words[:60]!r}, {other.words[:60]!r}"
            yield _find(catalogue, text.slug, text.key, "overlap", message, severity)


def _check_titles(catalogue: Catalogue) -> Iterator[Finding]:
    for shelf in (catalogue.activities, catalogue.guides, catalogue.plans):
        for slug, rule, message in _titles([(entry.slug, entry.title) for entry in shelf]):
            yield _find(catalogue, slug, "title", rule, message)


def _titles(titles: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    allowed = max(FIRST_WORD_FREE, FIRST_WORD_SHARE * len(titles))
    first_words = Counter(_first_word(title) for _, title in titles)
    seen: dict[str, str] = {}
    for slug, title in titles:
        if first_words[first_word := _first_word(title)] > allowed:
            yield slug, "first-word", f"{first_words[first_word]} of {len(titles)} titles begin with {first_word!r}"
        if (other := seen.setdefault(title.casefold(), slug)) != slug:
            yield slug, "double-title", f"is also the title of {other}"


def _first_word(title: str) -> str:
    return readability.words(title)[0]


def _check_activities(catalogue: Catalogue) -> Iterator[Finding]:
    for activity in catalogue.activities:
        for key, rule, message in _shape(activity):
            yield _find(catalogue, activity.slug, key, rule, message)
        place = catalogue.places.get(activity.slug)
        if activity.shelter == "outdoor" and place and "light" not in place.keys:
            yield _find(catalogue, activity.slug, "shelter", "light", "an outdoor activity needs `light`")
        if activity.starter.count("?") != 1 or not activity.starter.endswith("?"):
            yield _find(catalogue, activity.slug, "starter", "starter", "must be one question")


def _shape(activity: Activity) -> Iterator[tuple[str, str, str]]:
    """Check values of one activity that depend on each other."""
    if activity.duration_min > activity.duration_max:
        yield "duration_min", "duration", "duration_min is longer than duration_max"
    if activity.party == "one" and activity.pace != 1:
        yield "pace", "pace", "an activity for one person must have pace 1"
    if activity.pace == 2 and activity.duration_max > LIGHT_MINUTES:
        yield "duration_max", "pace", f"pace 2 ends within {LIGHT_MINUTES} minutes"
    if activity.pace == 2 and activity.setting == "home":
        yield "setting", "pace", "pace 2 is in public, not at home"
    if activity.with_children == "asleep" and activity.setting != "home":
        yield "with_children", "children", "while children sleep, an activity is at home"
    if activity.fun_for and activity.with_children not in ("yes", "awake"):
        yield "fun_for", "children", 'fun for children needs with_children = "yes" or "awake"'
    if activity.pace == 2 and not activity.ending:
        yield "pace", "ending", "pace 2 needs an easy way to part, in `ending`"
    if bool(activity.ending) != bool(activity.ending_together):
        yield "ending", "ending", "`ending` and `ending_together` come together"


def _check_prompts(catalogue: Catalogue) -> Iterator[Finding]:
    for prompt in (prompt for prompt in catalogue.prompts if prompt.audience == "self"):
        for key, text in (("text", prompt.text), ("follow_up", prompt.follow_up or "")):
            for match in _PRESUMES_TWO.pattern.findall(text):
                message = f"{match!r}: {_PRESUMES_TWO.reason}"
                yield _find(catalogue, prompt.slug, key, _PRESUMES_TWO.rule, message)


def _check_guidance(catalogue: Catalogue) -> Iterator[Finding]:
    for entry in _guidance(catalogue):
        for key, rule, message in guidance_rules.faults(entry):
            yield _find(catalogue, entry.slug, key, rule, message)


def _check_evidence(catalogue: Catalogue, is_shipped: bool) -> Iterator[Finding]:
    known = {record.key for record in catalogue.evidence}
    if not is_shipped:
        known |= {record.key for record in shipped().evidence}
    entries: tuple[Activity | Prompt | Guidance, ...] = (
        *catalogue.activities,
        *catalogue.prompts,
        *_guidance(catalogue),
    )
    for entry in entries:
        if entry.evidence is not None and entry.evidence not in known:
            message = f"no record has the key {entry.evidence!r}"
            yield _find(catalogue, entry.slug, "evidence", "evidence", message)


def _check_floors(catalogue: Catalogue, is_shipped: bool) -> Iterator[Finding]:
    severity = "error" if is_shipped else "warning"
    for rule, message in _unmet(catalogue):
        yield Finding(catalogue.folder, 0, "", rule, message, severity)


def _unmet(catalogue: Catalogue) -> coverage.Unmet:
    yield from coverage.unmet_counts(catalogue)
    yield from coverage.unmet_kinds(catalogue)
    yield from coverage.unmet_floors(catalogue)


def main(arguments: list[str]) -> int:
    """Print the findings and the tables. The exit status is 1 if any finding is an error."""
    try:
        catalogue = read(Path(arguments[0])) if arguments else shipped()
    except InvalidCatalogue as broken:
        sys.stdout.write(f"{broken}\n")
        return 1
    findings = check(catalogue, shipped=not arguments)
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(distribution(catalogue))
    return 1 if any(finding.severity == "error" for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
