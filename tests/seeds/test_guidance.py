"""Test guides, self-care plans and support resources: reading with every fault in its line, and their rules."""

import json
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from seeds import coverage, linter, vocabulary
from seeds.guidance import Action, Guide, SelfCarePlan, SupportResource, Turn, build, texts
from seeds.reader import InvalidCatalogue, read
from tests.people import shipped

GUIDE = """\
[[guide]]
slug = "two-cups"
title = "Two cups, two views"
kind = "repair"
party = "two"
pace = 3
purpose = "A cup was broken and nobody said so. This is a small talk for the same day, in equal turns."
when_not = "When one of you is afraid of the other."
opening = "I broke your cup, and I would like to tell you."
steps = [
    { speaker = "first", minutes = 3, text = "Say what you did, and that you are sorry." },
    { speaker = "second", minutes = 3, text = "Tell what the cup was to you." },
    { speaker = "both", minutes = 2, text = "Name what can be learned from it." },
]
pause_minutes = 20
resume_hours = 24
stop = "Either puts a spoon on the table, and that is that."
closing = "Drink something out of the cups that are left."
version = 1
"""
ALONE = (
    GUIDE.replace('"repair"', '"reappraisal"')
    .replace('"two"', '"one"')
    .replace("pace = 3", "pace = 1")
    .replace('"first"', '"self"')
    .replace('"second"', '"self"')
    .replace('"both"', '"self"')
)
PLAN = """\
[[plan]]
slug = "two-slow-weeks"
title = "Two slow weeks"
purpose = "For weeks that run too fast: a few quiet minutes here and there, and nothing to show for them."
days = 14
actions = [
    { week = 1, minutes = 10, text = "Sit on a step and watch ants." },
    { week = 2, minutes = 20, text = "Boil an egg without a clock." },
]
low_capacity = "Look at a cloud until it has gone."
look_back = "Which of these was slow enough?"
version = 1
"""
RESOURCE = """\
[[resource]]
slug = "talk-guide-nearby"
role = "Counsellor for two"
audience = "couple"
summary = "A trained outsider who sees two people in one room and helps them hear what is said."
when = "The same quarrel keeps coming round."
when_not = "Not for couples where one is afraid of the other."
questions = [
    "Where did you train?",
    "Do you see each of us alone?",
    "What is the fee?",
]
version = 1
[resource.criteria]
licensed = "must"
couples_specialism = "must"
abuse_screening = "must"
fee = "ask"
access = "ask"
independent_reviews = "none"
"""
FILES = {"guide": "guides/own.toml", "plan": "self_care_plans/own.toml", "resource": "support_resources/own.toml"}
SOUND = {"guide": GUIDE, "plan": PLAN, "resource": RESOURCE}


def write(folder, kind, text):
    file = folder / FILES[kind]
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def findings(tmp_path):
    """Write one entry and return the linter's findings on it."""

    def find(kind, text):
        write(tmp_path, kind, text)
        return [(f.line, f.rule, f.severity) for f in linter.check(read(tmp_path), shipped=False) if f.slug]

    return find


def test_a_folder_of_all_kinds_is_read_into_frozen_records(tmp_path):
    for kind, text in SOUND.items():
        write(tmp_path, kind, text)
    catalogue = read(tmp_path)
    (guide,), (plan,), (resource,) = catalogue.guides, catalogue.plans, catalogue.resources
    assert guide.steps[0] == Turn("first", 3, "Say what you did, and that you are sorry.")
    assert (guide.minutes, guide.evidence) == (8, None)
    assert plan.actions[1] == Action(2, 20, "Boil an egg without a clock.")
    assert (plan.weeks, replace(plan, days=15).weeks) == (2, 3)
    assert resource.criteria["fee"] == "ask"
    assert resource.questions[2] == "What is the fee?"
    with pytest.raises(FrozenInstanceError):
        guide.pace = 1
    assert {hash(guide), hash(plan), hash(resource)}


@pytest.mark.parametrize("kind", SOUND)
def test_a_valid_entry_has_no_findings(findings, kind):
    assert findings(kind, SOUND[kind]) == []


def test_a_valid_guide_for_one_has_no_findings(findings):
    assert findings("guide", ALONE) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "message"),
    [
        ("guide", 'speaker = "both"', 'speaker = "all"', 10, "steps item 3 speaker is unknown: 'all'"),
        ("guide", "minutes = 2", "minutes = 11", 10, "steps item 3 minutes must be 1 to 10, is 11"),
        ("guide", 'speaker = "both", ', "", 10, "steps item 3 must have exactly the keys speaker, minutes, text"),
        ("guide", '    { speaker = "both", minutes = 2', '    7, { speaker = "both", minutes = 2', 10, "be a table"),
        ("guide", "pause_minutes = 20", "pause_minutes = 19", 15, "pause_minutes must be 20 to 120, is 19"),
        ("guide", "resume_hours = 24", "resume_hours = 25", 16, "resume_hours must be 1 to 24, is 25"),
        ("guide", 'party = "two"', 'party = "either"', 5, "party is unknown: 'either'"),
        ("guide", "stop = ", "halt = ", 17, "halt is an unknown key"),
        ("plan", "days = 14", "days = 29", 5, "days must be 7 to 28, is 29"),
        ("plan", "days = 14", "days = 6", 5, "days must be 7 to 28, is 6"),
        ("plan", "minutes = 20", "minutes = 21", 6, "actions item 2 minutes must be 1 to 20, is 21"),
        ("plan", "low_capacity = ", "low = ", 10, "low is an unknown key"),
        ("resource", '    "Where did you train?",\n', "", 8, "questions must have 3 to 6 items, has 2"),
        ("resource", 'fee = "ask"', 'fee = "cheap"', 14, "criteria fee is unknown: 'cheap'"),
        ("resource", 'fee = "ask"\n', "", 14, "criteria must have exactly the keys licensed, couples_specialism"),
        ("resource", '"couple"', '"crowd"', 4, "audience is unknown: 'crowd'"),
    ],
)
def test_a_wrong_value_is_refused_at_the_line_of_its_key(tmp_path, kind, old, new, line, message):
    assert old in SOUND[kind]
    write(tmp_path, kind, SOUND[kind].replace(old, new, 1))
    with pytest.raises(InvalidCatalogue) as caught:
        read(tmp_path)
    results = {fault.line: fault.message for fault in caught.value.findings}
    assert message in results[line]


@pytest.mark.parametrize(("kind", "key"), [("guide", "steps"), ("plan", "actions")])
def test_parts_that_are_not_a_list_are_refused(tmp_path, kind, key):
    head, _, rest = SOUND[kind].partition(f"{key} = [")
    write(tmp_path, kind, f"{head}{key} = 3{rest[rest.index(chr(10) + ']') + 2 :]}")
    with pytest.raises(InvalidCatalogue) as caught:
        read(tmp_path)
    assert caught.value.message.endswith("must be a list of tables, not int")


PLANTED = [
    ("guide", 'minutes = 3, text = "Tell', 'minutes = 4, text = "Tell', 10, "turns"),
    ("guide", 'speaker = "second"', 'speaker = "first"', 10, "turns"),
    ("guide", 'speaker = "both"', 'speaker = "second"', 10, "turns"),
    ("guide", 'speaker = "both"', 'speaker = "self"', 10, "turns"),
    ("guide", "pace = 3", "pace = 1", 6, "pace"),
    ("guide", "I broke your cup", "I think you never wash", 9, "opening"),
    ("guide", "I broke your cup, and I would like to tell you.", "Somebody broke a cup today.", 9, "opening"),
    ("guide", 'kind = "repair"', 'kind = "reappraisal"', 5, "reappraisal"),
    ("guide", "sorry", "glad", 10, "repair"),
    ("guide", "learned", "bought", 10, "repair"),
    ("guide", "afraid of", "cross with", 8, "fear"),
    ("guide", "Drink something", "Call 0800 555 123, and drink", 18, "contact"),
    ("guide", "Drink something", "Ask her to drink", 18, "gendered"),
    ("guide", "Either puts", "You must not go on after one of you puts", 17, "preaching"),
    ("guide", "Say what you did", "Say " + "now and then again " * 5 + "what you did", 10, "sentence"),
    ("plan", "week = 2", "week = 3", 6, "weeks"),
    ("plan", "days = 14", "days = 21", 6, "weeks"),
    ("plan", "Boil an egg", "Boil an egg every day", 6, "no-streak"),
    ("plan", "until it has gone", "and keep your streak", 10, "score"),
    ("plan", "Which of these was slow enough?", "Tell what was slow.", 11, "question"),
    ("plan", "two-slow-weeks", 'two-slow-weeks"\nevidence = "nobody_1999', 3, "evidence"),
    ("resource", "What is the fee?", "Ask for the fee.", 8, "question"),
    ("resource", "Not for couples where one is afraid of the other.", "Not on public holidays, as a rule.", 7, "fear"),
    ("resource", 'abuse_screening = "must"', 'abuse_screening = "ask"', 14, "criteria"),
    ("resource", 'couples_specialism = "must"', 'couples_specialism = "none"', 14, "criteria"),
    ("resource", "The same quarrel", "See www.example.org: the same quarrel", 6, "contact"),
    ("resource", "The same quarrel", "Write to help@example.org: the same quarrel", 6, "contact"),
    ("resource", "keeps coming round", "comes from anxiety", 6, "diagnosis"),
]


@pytest.mark.parametrize(("kind", "old", "new", "line", "rule"), PLANTED)
def test_a_planted_fault_is_found_at_its_line(findings, kind, old, new, line, rule):
    assert old in SOUND[kind]
    assert (line, rule, "error") in findings(kind, SOUND[kind].replace(old, new, 1))


def test_a_talk_of_more_than_45_minutes_is_found(findings):
    more = '    {{ speaker = "{}", minutes = 10, text = "Go on about the cups for a while." }},\n'
    longer = GUIDE.replace("\n]\n", "\n" + (more.format("first") + more.format("second")) * 2 + "]\n")
    assert (10, "total", "error") in findings("guide", longer)


@pytest.mark.parametrize(("old", "new", "line", "rule"), [("pace = 1", "pace = 2", 6, "pace")])
def test_a_guide_for_one_has_pace_1(findings, old, new, line, rule):
    assert (line, rule, "error") in findings("guide", ALONE.replace(old, new))


def test_a_guide_for_one_has_no_second_speaker(findings):
    assert (10, "turns", "error") in findings("guide", ALONE.replace('"self"', '"first"', 1))


def test_a_step_for_both_may_change_who_speaks_first(findings):
    swapped = GUIDE.replace(
        "\n]\n",
        '\n    { speaker = "second", minutes = 2, text = "Own up to the plate." },\n'
        '    { speaker = "first", minutes = 2, text = "Laugh about that plate." },\n]\n',
    )
    assert findings("guide", swapped) == []


def test_four_actions_in_a_week_are_found(findings):
    line = '    { week = 1, minutes = 10, text = "Sit on a step and watch ants." },\n'
    assert (6, "weeks", "error") in findings("plan", PLAN.replace(line, line * 4))


def test_a_body_that_is_hard_to_read_is_found(findings):
    hard = "Categorise unfamiliar particularities individually, systematically and comprehensively."
    text = PLAN.replace("Sit on a step and watch ants.", hard).replace("Boil an egg without a clock.", f"Then {hard}")
    assert (2, "grade", "error") in findings("plan", text)


@pytest.mark.parametrize("kind", SOUND)
def test_a_duplicate_text_is_found(findings, kind):
    slug = SOUND[kind].split('"')[1]
    results = findings(kind, SOUND[kind] + "\n" + SOUND[kind].replace(slug, "the-other-one"))
    assert "overlap" in {rule for _, rule, severity in results if severity == "error"}


def test_titles_of_guides_are_compared_with_each_other(findings):
    results = findings("guide", GUIDE + "\n" + GUIDE.replace("two-cups", "more-cups"))
    assert "double-title" in {rule for _, rule, _ in results}


def test_a_slug_is_unique_over_all_kinds(tmp_path):
    first = write(tmp_path, "guide", GUIDE)
    write(tmp_path, "plan", PLAN.replace("two-slow-weeks", "two-cups"))
    with pytest.raises(InvalidCatalogue, match=f"two-cups: is already at {first}:2"):
        read(tmp_path)


def test_every_shipped_entry_is_located_at_the_line_of_its_slug():
    catalogue = shipped()
    for entry in (*catalogue.guides, *catalogue.plans, *catalogue.resources):
        place = catalogue.places[entry.slug]
        assert place.file.read_text().splitlines()[place.line - 1] == f'slug = "{entry.slug}"'


def test_each_kind_of_guide_and_audience_of_support_has_its_own_file():
    catalogue = shipped()
    assert {guide.kind for guide in catalogue.guides} == set(vocabulary.GUIDE_KINDS)
    assert all(catalogue.places[guide.slug].file.stem == guide.kind for guide in catalogue.guides)
    assert all(catalogue.places[r.slug].file.stem == r.audience for r in catalogue.resources)


@pytest.mark.parametrize("shelf", ["guides", "plans", "resources"])
def test_a_shipped_record_survives_json(shelf):
    for entry in getattr(shipped(), shelf):
        stored = json.loads(json.dumps(asdict(entry)))
        assert build(type(entry), stored) == entry


def test_couples_counselling_excludes_couples_where_one_is_afraid():
    (counsellor,) = [r for r in shipped().resources if r.slug == "couples-counsellor"]
    assert "When one of you is afraid of your partner" in counsellor.when_not


@pytest.mark.parametrize(
    ("kind", "record", "left_out"),
    [("guide", Guide, set()), ("plan", SelfCarePlan, set()), ("resource", SupportResource, {"criteria"})],
)
def test_texts_returns_every_text_of_an_entry(tmp_path, kind, record, left_out):
    """A text that `texts` omits would reach people unchecked."""
    write(tmp_path, kind, SOUND[kind])
    (entry,) = getattr(read(tmp_path), f"{kind}s")
    assert isinstance(entry, record)
    closed = {"slug", "kind", "party", "audience", "version", "evidence", *left_out}
    held = {key for key, value in asdict(entry).items() if not isinstance(value, int)} - closed
    assert {key for key, _ in texts(entry)} == held


@pytest.mark.parametrize("kind", coverage.PROMPTS)
def test_the_number_of_prompts_of_each_kind_is_exact(kind):
    catalogue = shipped()
    one = next(prompt for prompt in catalogue.prompts if prompt.kind == kind)
    for prompts in ((*catalogue.prompts, one), tuple(p for p in catalogue.prompts if p is not one)):
        ((rule, message),) = coverage.unmet_kinds(replace(catalogue, prompts=prompts))
        assert (rule, f"prompts of kind {kind}," in message) == ("count", True)


@pytest.mark.parametrize("shelf", coverage.GUIDANCE)
def test_each_kind_of_guidance_has_a_floor(shelf):
    ((rule, message),) = coverage.unmet_kinds(replace(shipped(), **{shelf: ()}))
    assert (rule, message.split(",")[0]) == ("count", f"0 {shelf}")


def test_evidence_records_are_in_order_of_year():
    records = shipped().evidence
    assert [record.year for record in records] == sorted(record.year for record in records)
