"""Test reading a folder: plain records if it is valid, every fault with file and line if not."""

from dataclasses import FrozenInstanceError, asdict

import pytest

from seeds import vocabulary
from seeds.reader import InvalidCatalogue, read, shipped

ACTIVITY = """\
[[activity]]
slug = "window-tea"
title = "Tea at the window"
summary = "Put two chairs at the window, pour a pot of tea, and watch the street for a while."
category = "everyday"
tags = ["calm", "coffee"]
party = "either"
setting = "home"
shelter = "indoor"
duration_min = 15
duration_max = 30
cost_band = 0
energy = 1
novelty = 1
pace = 1
lead_days = 0
seasons = ["spring", "winter"]
weather = "any"
time_of_day = ["morning"]
with_children = "yes"
accessibility = { step_free = "yes", seated = "yes", quiet = "yes", low_vision = "no", low_hearing = "yes" }
steps = [
    "Boil the water.",
    "Sit down.",
]
starter = "Who just walked past?"
variations = ["Use one chair."]
version = 1
"""
PROMPT = """\
[[prompt]]
slug = "one-good-cup"
text = "Which cup of tea do you remember best?"
kind = "memory"
tone = "calm"
pace = 1
audience = "self"
cooldown_days = 30
version = 1
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "activities").mkdir()
    (tmp_path / "prompts").mkdir()
    return tmp_path


def write(folder, text=ACTIVITY, name="activities/own.toml"):
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder):
    with pytest.raises(InvalidCatalogue) as caught:
        read(folder)
    return [(fault.file.name, fault.line, fault.message) for fault in caught.value.findings]


def test_the_shipped_folder_is_valid_and_each_entry_is_in_its_file():
    catalogue = shipped()
    assert {a.category for a in catalogue.activities} == set(vocabulary.CATEGORIES)
    assert {p.kind for p in catalogue.prompts} == set(vocabulary.PROMPT_KINDS)
    assert all(catalogue.places[a.slug].file.stem == a.category for a in catalogue.activities)
    assert all(catalogue.places[p.slug].file.stem == p.kind for p in catalogue.prompts)


def test_every_shipped_entry_is_located_at_the_line_of_its_slug():
    catalogue = shipped()
    for entry in (*catalogue.activities, *catalogue.prompts):
        place = catalogue.places[entry.slug]
        assert place.file.read_text().splitlines()[place.line - 1] == f'slug = "{entry.slug}"'


def test_an_activity_is_read_into_a_frozen_record(folder):
    file = write(folder)
    catalogue = read(folder)
    (activity,) = catalogue.activities
    assert (activity.slug, activity.duration_max, activity.tags) == ("window-tea", 30, ("calm", "coffee"))
    assert (activity.safety, activity.evidence) == ((), None)
    assert activity.accessibility["low_vision"] == "no"
    assert (catalogue.places["window-tea"].file, catalogue.places["window-tea"].line) == (file, 2)
    assert catalogue.places["window-tea"].keys["starter"] == 26
    assert asdict(activity)["accessibility"]["quiet"] == "yes"
    with pytest.raises(FrozenInstanceError):
        activity.pace = 2


def test_a_folder_may_hold_prompts_only(tmp_path):
    write(tmp_path, PROMPT, "prompts/own.toml")
    (prompt,) = read(tmp_path).prompts
    assert (prompt.slug, prompt.follow_up, prompt.avoid_after, prompt.evidence) == (
        "one-good-cup",
        None,
        (),
        None,
    )


def test_an_empty_folder_is_an_empty_catalogue(tmp_path):
    assert read(tmp_path).activities == ()


def test_a_missing_folder_is_refused(tmp_path):
    assert faults(tmp_path / "nowhere") == [("nowhere", 0, "is not a folder")]


def test_broken_toml_is_refused_at_its_line(folder):
    write(folder, ACTIVITY.replace('party = "either"', "party = either"))
    ((name, line, message),) = faults(folder)
    assert (name, line) == ("own.toml", 7)
    assert message.startswith("is not TOML: ")


def test_truncated_toml_is_refused_at_its_last_line(folder):
    write(folder, '[[activity]]\nslug = "a-b"\nsteps = [\n')
    ((_, line, _),) = faults(folder)
    assert line == 3


def test_a_file_that_is_not_utf8_is_refused_at_its_line(folder):
    (folder / "activities/own.toml").write_bytes(b'[[activity]]\nslug = "caf\xe9"\n')
    assert faults(folder) == [("own.toml", 2, "is not UTF-8")]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("version = 1", "version = 1\nmood = 3", 29, "mood is an unknown key"),
        ("energy = 1\n", "", 2, "energy is missing"),
        ("pace = 1", 'pace = "one"', 15, "pace must be a whole number, not str"),
        ("pace = 1", "pace = true", 15, "pace must be a whole number, not bool"),
        ("pace = 1", "pace = 6", 15, "pace must be 1 to 5, is 6"),
        ('tags = ["calm", "coffee"]', 'tags = "calm"', 6, "tags must be a list, not str"),
        ('tags = ["calm", "coffee"]', 'tags = ["calm", 3]', 6, "tags must be a text, not int"),
        ('tags = ["calm", "coffee"]', 'tags = ["calm", "calm"]', 6, "tags names a value twice"),
        ('tags = ["calm", "coffee"]', 'tags = ["calm"]', 6, "tags must have 2 to 8 items, has 1"),
        ('"everyday"', '"sundays"', 5, "category is unknown: 'sundays'; known are cook_taste, play"),
        ('quiet = "yes"', 'quiet = "maybe"', 21, "accessibility quiet is unknown: 'maybe'"),
        ('quiet = "yes", ', "", 21, "accessibility must have exactly the keys"),
        ('"Sit down."', '"Sit\\ndown."', 22, "steps item 2 must be one line"),
        ('"Tea at the window"', '"Tea"', 3, "title must have 8 to 60 characters, has 3"),
        ('slug = "window-tea"', 'slug = "Window Tea"', 2, "slug must be kebab-case"),
    ],
)
def test_a_wrong_entry_is_refused_at_the_line_of_its_key(folder, old, new, line, message):
    assert old in ACTIVITY
    write(folder, ACTIVITY.replace(old, new, 1))
    ((name, found_line, text),) = faults(folder)
    assert (name, found_line) == ("own.toml", line)
    assert message in text


def test_an_unknown_table_is_refused(folder):
    write(folder, ACTIVITY + "\n[[activty]]\nslug = 3\n")
    assert faults(folder) == [("own.toml", 30, "unknown key 'activty'")]


def test_a_single_table_in_place_of_a_list_is_refused(folder):
    write(folder, '[activity]\nslug = "a-b"\n')
    assert faults(folder) == [("own.toml", 1, "must hold [[activity]] tables")]


def test_a_slug_is_unique_over_files_and_kinds(folder):
    first = write(folder)
    write(folder, ACTIVITY, "activities/second.toml")
    write(folder, PROMPT.replace("one-good-cup", "window-tea"), "prompts/own.toml")
    message = f"window-tea: is already at {first}:2"
    assert faults(folder) == [("second.toml", 2, message), ("own.toml", 2, message)]


def test_a_file_in_a_misspelt_folder_is_reported(folder):
    write(folder, ACTIVITY, "activites/own.toml")
    ((name, _, message),) = faults(folder)
    assert name == "own.toml"
    assert "not in a folder that is read" in message


def test_all_faults_of_a_folder_are_reported_at_once(folder):
    write(folder, ACTIVITY.replace("pace = 1", "pace = 9").replace('"home"', '"moon"'))
    write(folder, "= 3", "activities/broken.toml")
    write(folder, PROMPT.replace('"calm"', "7") + "\n" + PROMPT, "prompts/own.toml")
    positions = [(name, line) for name, line, _ in faults(folder)]
    assert positions == [("broken.toml", 1), ("own.toml", 8), ("own.toml", 15), ("own.toml", 5), ("own.toml", 12)]


def test_the_error_has_the_position_of_its_first_fault_and_prints_all(folder):
    file = write(folder, ACTIVITY.replace("pace = 1", "pace = 9").replace('"home"', '"moon"'))
    with pytest.raises(InvalidCatalogue) as caught:
        read(folder)
    assert (caught.value.file, caught.value.line) == (file, 8)
    assert str(caught.value).count(f"{file}:") == 2
