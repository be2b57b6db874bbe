"""Test that the linter finds a planted fault of each rule. tests/test_commands.py checks the shipped texts."""

from dataclasses import replace

import pytest

from seeds import banned_words, coverage, linter, near_duplicates, readability, vocabulary
from seeds.reader import Catalogue, read
from tests.people import shipped

ACTIVITY = """\
[[activity]]
slug = "{slug}"
title = "{title}"
summary = "{summary}"
category = "everyday"
tags = ["calm", "coffee"]
party = "{party}"
setting = "{setting}"
shelter = "{shelter}"
duration_min = {shortest}
duration_max = {longest}
cost_band = 0
energy = 1
novelty = 1
pace = {pace}
lead_days = 0
seasons = ["spring", "summer", "autumn", "winter"]
weather = "any"
time_of_day = ["morning"]
with_children = "{children}"
accessibility = {{ step_free = "yes", seated = "yes", quiet = "yes", low_vision = "no", low_hearing = "yes" }}
steps = ["{step}", "{last}"]
starter = "{starter}"
variations = ["{variation}"]
evidence = "{evidence}"
version = 1
{more}"""
SOUND = {
    "slug": "window-tea",
    "title": "Tea at the window",
    "summary": "Put two chairs at the window, pour a pot of tea, and watch the street for a while.",
    "party": "either",
    "setting": "home",
    "shelter": "indoor",
    "shortest": 15,
    "longest": 30,
    "children": "yes",
    "pace": 1,
    "step": "Boil some water.",
    "last": "Sit down.",
    "starter": "Who just walked past?",
    "variation": "Use one chair.",
    "evidence": "aron_2000",
    "more": "",
}
LINES = {"title": 3, "summary": 4, "shortest": 10, "longest": 11, "pace": 15, "step": 22, "starter": 23}
PROMPT = """\
[[prompt]]
slug = "{slug}"
text = "{text}"
kind = "memory"
tone = "calm"
pace = 1
audience = "self"
cooldown_days = 30
version = 1
"""


@pytest.fixture
def own(tmp_path):
    """Write an operator's folder and return its findings, without those on the whole catalogue."""

    def findings(activities=(), prompts=()):
        for folder, template, entries in (("activities", ACTIVITY, activities), ("prompts", PROMPT, prompts)):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "own.toml").write_text("".join(template.format(**entry) for entry in entries))
        all_findings = linter.check(read(tmp_path), shipped=False)
        return [(f.file.name, f.line, f.slug, f.rule, f.severity) for f in all_findings if f.slug]

    return findings


def test_a_sound_activity_passes(own):
    assert own([SOUND]) == []


PLANTED = [
    ("step", "One " + "and then one more " * 5 + "cup.", "sentence"),
    (
        "summary",
        "Investigate unfamiliar architecture and identify its many particularities in a systematic way. "
        "Then categorise all of them by age, by material, and by size, as historians in a library do it.",
        "grade",
    ),
    ("step", "Ask what she likes.", "gendered"),
    ("step", "Put the kids to bed.", "family"),
    ("step", "Meet at your office.", "money"),
    ("step", "Pray for sun.", "belief"),
    ("step", "Share it on Instagram.", "brand"),
    ("step", "Spend at most €5 on it.", "price"),
    ("step", "Keep it under 20 dollars.", "price"),
    ("step", "Cook an Italian dish.", "region"),
    ("step", "Go for a walk in October.", "region"),
    ("step", "Open a bottle of wine.", "alcohol"),
    ("step", "Win them back with soup.", "pursuit"),
    ("step", "Make them wonder where you are.", "jealousy"),
    ("step", "Let them miss you for a week.", "absence"),
    ("step", "Book it without telling anyone.", "secrecy"),
    ("step", "Ask for a favour in return.", "guilt"),
    ("step", "How free do you feel to refuse?", "consent"),
    ("step", "Note where they are avoidant.", "diagnosis"),
    ("step", "This never fails.", "promise"),
    ("step", "Keep the streak alive.", "score"),
    ("step", "Burn off the cake.", "health"),
    ("step", "You should talk more.", "preaching"),
    ("starter", "Tell me about your day.", "starter"),
    ("starter", "How are you? And what else?", "starter"),
    ("shortest", 45, "duration"),
]


@pytest.mark.parametrize(("field", "text", "rule"), PLANTED)
def test_a_planted_fault_is_found_at_its_line(own, field, text, rule):
    assert ("own.toml", LINES[field], "window-tea", rule, "error") in own([SOUND | {field: text}])


def test_every_group_of_banned_words_has_a_reason_and_a_planted_fault():
    assert {group.rule for group in banned_words.REFUSED} - {rule for _, _, rule in PLANTED} == {"bland"}
    assert all(group.reason for group in banned_words.REFUSED)


def test_a_bland_phrase_is_only_a_warning(own):
    findings = own([SOUND | {"step": "Enjoy quality time."}])
    assert findings == [("own.toml", 22, "window-tea", "bland", "warning")]


@pytest.mark.parametrize("harmless", ["The shelf is there.", "Bring a chair, then rest.", "Use a pinch of ginger."])
def test_a_banned_word_inside_another_is_harmless(own, harmless):
    assert own([SOUND | {"step": harmless}]) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"party": "one", "pace": 3}, 15),
        ({"party": "two", "pace": 2, "setting": "out", "longest": 120}, 11),
        ({"party": "two", "pace": 2, "setting": "home"}, 8),
    ],
)
def test_a_pace_that_does_not_fit_the_activity_is_found(own, changes, line):
    findings = [finding for finding in own([SOUND | changes]) if finding[3] == "pace"]
    assert findings == [("own.toml", line, "window-tea", "pace", "error")]


def test_an_outdoor_activity_needs_a_light(own):
    outdoors = SOUND | {"setting": "out", "shelter": "outdoor"}
    assert own([outdoors]) == [("own.toml", 9, "window-tea", "light", "error")]
    assert own([outdoors | {"more": 'light = "any"\n'}]) == []


def test_only_what_is_possible_with_children_is_fun_for_them(own):
    fun = SOUND | {"more": 'fun_for = ["small"]\n'}
    assert own([fun]) == []
    assert own([fun | {"children": "no"}]) == [("own.toml", 27, "window-tea", "children", "error")]


def test_an_activity_while_children_sleep_is_at_home(own):
    asleep = SOUND | {"children": "asleep"}
    assert own([asleep | {"setting": "out"}]) == [("own.toml", 20, "window-tea", "children", "error")]


def test_a_light_activity_needs_an_ending(own):
    light = SOUND | {"party": "two", "pace": 2, "setting": "out"}
    assert own([light]) == [("own.toml", 15, "window-tea", "ending", "error")]


@pytest.mark.parametrize("key", ["ending", "ending_together"])
def test_an_ending_without_its_twin_is_found(own, key):
    findings = own([SOUND | {"evidence": f'aron_2000"\n{key} = "Rinse the cups.'}])
    assert [(slug, rule) for _, _, slug, rule, _ in findings] == [("window-tea", "ending")]


def test_an_ending_is_checked_like_any_text(own):
    endings = 'aron_2000"\nending = "Ask her for a lift."\nending_together = "Rinse both cups.'
    assert ("own.toml", 26, "window-tea", "gendered", "error") in own([SOUND | {"evidence": endings}])


OTHER = SOUND | {
    "slug": "attic-box",
    "title": "A box from the attic",
    "summary": "Fetch one dusty carton, open its lid slowly, and find a new home for whatever lies inside.",
    "step": "Wipe off the dust.",
    "last": "Sort three heaps.",
    "starter": "Whose handwriting is on this?",
    "variation": "Empty only half.",
}


def test_two_different_activities_pass(own):
    assert own([SOUND, OTHER]) == []


def test_a_duplicate_text_is_an_error(own):
    same = SOUND["summary"].replace("street", "garden")
    assert own([SOUND, OTHER | {"summary": same}]) == [("own.toml", 30, "attic-box", "overlap", "error")]


def test_a_similar_text_is_a_warning(own):
    first = {"slug": "first-cup", "text": "Which cup of tea do you remember best?"}
    close = {"slug": "close-cup", "text": "Which cup of cocoa did you remember yesterday evening?"}
    assert own(prompts=[first, close]) == [("own.toml", 12, "close-cup", "overlap", "warning")]


def test_titles_that_begin_alike_are_found(own):
    findings = own([OTHER | {"slug": f"box-{n}", "title": f"Box number {n}"} for n in (1, 2, 3)])
    assert [line for _, line, _, rule, _ in findings if rule == "first-word"] == [3, 29, 55]


def test_a_duplicate_title_is_found(own):
    assert ("own.toml", 29, "attic-box", "double-title", "error") in own([SOUND, OTHER | {"title": SOUND["title"]}])


@pytest.mark.parametrize("text", ["What did your partner cook?", "Where were the two of you?", "What is our song?"])
def test_a_prompt_for_one_person_presumes_no_partner(own, text):
    assert own(prompts=[{"slug": "for-me", "text": text}]) == [("own.toml", 3, "for-me", "alone", "error")]


def test_an_evidence_key_without_a_record_is_found(own):
    findings = own([SOUND | {"evidence": "nobody_1999"}])
    assert findings == [("own.toml", 25, "window-tea", "evidence", "error")]


def test_the_shipped_content_must_include_its_evidence():
    catalogue = shipped()
    few = tuple(each for each in catalogue.activities if each.evidence)[:1]
    bare = Catalogue(catalogue.folder, few, places=catalogue.places)
    assert "evidence" in {finding.rule for finding in linter.check(bare)}


def test_a_duplicate_slug_in_a_catalogue_built_by_code_is_found():
    catalogue = shipped()
    first = catalogue.activities[0]
    doubled = Catalogue(catalogue.folder, (first, catalogue.activities[1], first), places=catalogue.places)
    findings = [f for f in linter.check(doubled) if f.rule == "double-slug"]
    place = catalogue.places[first.slug]
    assert [(f.file, f.line, f.slug) for f in findings] == [(place.file, place.line, first.slug)]


def test_an_empty_shipped_catalogue_fails_every_floor_and_count(tmp_path):
    findings = linter.check(Catalogue(tmp_path))
    assert {(f.file, f.line, f.severity) for f in findings} == {(tmp_path, 0, "error")}
    counts = (coverage.FLOORS, coverage.SPREAD, coverage.PROMPTS, coverage.GUIDANCE)
    assert len(findings) == sum(map(len, counts))


def test_every_pace_and_category_has_its_planned_number_of_activities():
    assert set(coverage.SPREAD["pace"]) == set(vocabulary.PACES)
    assert set(coverage.SPREAD["category"]) == set(vocabulary.CATEGORIES)
    assert {sum(planned.values()) for planned in coverage.SPREAD.values()} == {300} == {len(shipped().activities)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pace": 2}, "activities by pace: 2 has 76, not 75, 3 has 108, not 109"),
        ({"category": "talk"}, "activities by category: play has 27, not 28, talk has 10, not 9"),
    ],
)
def test_one_activity_too_many_or_too_few_is_found(change, message):
    catalogue = shipped()
    first = next(a for a in catalogue.activities if a.category == "play" and a.pace == 3)
    moved = tuple(replace(a, **change) if a is first else a for a in catalogue.activities)
    assert list(coverage.unmet_counts(replace(catalogue, activities=moved))) == [("count", message)]


def test_floors_and_counts_only_warn_for_an_operators_folder(tmp_path):
    assert {f.severity for f in linter.check(Catalogue(tmp_path), shipped=False)} == {"warning"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cost band 0-1", {"cost_band": 2}),
        ("within 90 minutes", {"duration_max": 600}),
        ("step-free or adaptable", {"accessibility": {"step_free": "no"}}),
        ("cost 0-1 at each pace 1-4", {"pace": 3}),
        ("usable alone", {"party": "two"}),
        ("in each category", {"category": "play"}),
    ],
)
def test_each_floor_on_activities_is_measured(name, change):
    catalogue = shipped()
    changed = replace(catalogue, activities=tuple(replace(a, **change) for a in catalogue.activities))
    assert name in {message.split(":")[0] for _, message in coverage.unmet_floors(changed)}


@pytest.mark.parametrize(
    ("name", "change"),
    [("about oneself, of each kind", {"kind": "memory"}), ("about oneself, a day", {"cooldown_days": 180})],
)
def test_each_floor_on_prompts_is_measured(name, change):
    catalogue = shipped()
    changed = replace(catalogue, prompts=tuple(replace(p, **change) for p in catalogue.prompts))
    assert [message.split(":")[0] for _, message in coverage.unmet_floors(changed)] == [name]


def test_the_tables_count_every_activity_once():
    tables = linter.distribution(shipped())
    total = len(shipped().activities)
    for heading in ("Pace", "Category", "Cost band", "Duration"):
        rows = tables.split(f"{heading} ({total})\n")[1].split("\n\n")[0].splitlines()
        assert sum(int(row[16:21]) for row in rows) == total


def test_the_command_line_reports_faults(tmp_path, capsys):
    (tmp_path / "evidence.toml").write_text("= 3")
    assert linter.main([str(tmp_path)]) == 1
    assert f"{tmp_path / 'evidence.toml'}:1: is not TOML" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "count"),
    [("tea", 1), ("cake", 1), ("table", 2), ("while", 1), ("wanted", 2), ("asked", 1), ("boxes", 2)],
)
def test_syllables(word, count):
    assert readability.syllables(word) == count


def test_near_duplicates_finds_the_same_pairs_as_comparing_all():
    texts = [activity.summary for activity in shipped().activities]
    sets = [set(readability.words(text)) for text in texts]
    pairs = {
        (i, j) for j in range(len(sets)) for i in range(j) if len(sets[i] & sets[j]) >= 0.2 * len(sets[i] | sets[j])
    }
    assert {(i, j) for i, j, _ in near_duplicates.pairs(texts, 0.2)} == pairs
    assert pairs
