"""Test the search over activities: beginnings of words, without accents and case, with filters and pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from planner.catalogue import search
from seeds import vocabulary as v
from seeds.synonyms import GROUPS
from tests.people import Person


def titles(person: Person, query: str) -> list[str]:
    return [item["title"] for item in person.get(f"/activities?limit=100&{query}")["items"]]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café, à deux!", "cafe a deux"),
        ("  ŒUVRE—Straße_1 ", "oeuvre strasse 1"),
        ("ﬁve ½", "five 1 2"),
        ("Ελλάδας Ёлка", "elladas elka"),
        ("🎬movie 👍🏽", "🎬 movie 👍"),
        ("夜の散歩", "夜 の 散 歩"),
        ("पढ़ना", "पढ़ना"),
        ("% — _ ' \u200b", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert search.fold(text) == folded
    assert search.fold(folded) == folded


def test_beginnings_of_words_match_in_any_order_and_case(sam: Person) -> None:
    sam.post("/activities", {"title": "Crème brûlée for brave cooks", "category": "cook_taste"}, 201)
    for typed in ("creme", "CRÈME BRU", "coo bra", "brulee, crème", "cooks"):
        assert "Crème brûlée for brave cooks" in titles(sam, f"q={quote(typed)}"), typed
    for typed in ("reme", "creme zebra", "cre me"):
        assert "Crème brûlée for brave cooks" not in titles(sam, f"q={quote(typed)}"), typed


# What people type, and a title of the catalogue that calls it by another name.
SYNONYMS = {
    "film": "See a movie at the cinema",
    "movies": "Open-air cinema",
    "supper": "Dinner out, one course in each place",
    "restaurant": "Anniversary dinner with a look back",
    "console": "Video game tournament for two",
    "date night": "Stand-up comedy night",
    "beer": "Taste four small glasses side by side",
    "birthd": "Birthday evening from three wishes",
    "anniversary": "Birthday evening from three wishes",
    "massage": "Spa day for two",
    "christmas": "See the holiday lights",
    "takeout": "Takeaway (takeout) picnic in the park",
    "soccer": "Watch a live match at a stadium",
    "laundry": "Laundromat (laundrette) and two magazines",
    "vacation": "Night in a treehouse or tiny house",
}


@pytest.mark.parametrize(("typed", "title"), SYNONYMS.items())
def test_a_search_knows_other_words_for_the_same_thing(sam: Person, typed: str, title: str) -> None:
    assert title in titles(sam, f"q={quote(typed)}")


def test_short_beginnings_and_other_words_have_no_synonyms() -> None:
    assert search.query_terms("fil walk") == [(" fil",), (" walk",)]
    assert search.query_terms("date") == [(" date",)]


def test_synonyms_are_folded_and_in_one_group_only() -> None:
    names = [name for group in GROUPS for name in group]
    assert [name for name in names if search.fold(name) != name] == []
    assert len(set(names)) == len(names)


# What is typed, a title that it finds, and a title that it does not find.
TYPED = {
    "散歩": ("夜の散歩", "夜の散策"),
    "เดิน": ("ไปเดินเล่น", "ไปดูหนัง"),
    "한국": ("한국 음식", "음식"),
    "किताब": ("किताब पढ़ना", "कुतुब मीनार"),
    "smorrebrod": ("Smørrebrød together", "Smoked brod"),
    "da nang": ("Đà Nẵng trip", "Day nanny"),
    "ışık": ("IŞIK festivali", "Işte"),
    "istanbul": ("İstanbul turu", "Instanbul"),
    "كيك": ("کیک خانگی", "خانگی"),
    "شاي مغربى": ("شاي مغربي", "شاي"),
    "שלום": ("שָׁלוֹם לך", "לך"),
    "dont": ("Don't panic dinner", "Do not panic"),
    "don’t": ("Dont panic lunch", "Panic"),
    "avventura": ("L'avventura film", "Ventura"),
    "STRASSE": ("Die Straße entlang", "Stras"),
    "éclair": ("Éclair night", "Clair"),
    "night　夜景": ("Night view 夜景", "Night view"),
    "елка": ("Ёлка дома", "Ель"),
    "🎬": ("🎬 movie night", "movie night"),
    "c++": ("C++ evening", "C evening"),
}


def test_words_are_found_in_every_script_and_from_every_keyboard(sam: Person) -> None:
    for title in {title for pair in TYPED.values() for title in pair}:
        sam.post("/activities", {"title": title, "category": "cook_taste"}, 201)
    for typed, (present, absent) in TYPED.items():
        titles_found = titles(sam, f"q={quote(typed)}")
        assert present in titles_found, typed
        assert absent not in titles_found, typed


def test_summary_tags_and_category_match_and_titles_come_first(sam: Person) -> None:
    activity = sam.get("/activities?limit=1")["items"][0]
    for text in (activity["summary"], v.TAGS[activity["tags"][0]], v.CATEGORIES[activity["category"]]):
        assert activity["title"] in titles(sam, f"q={quote(text[:80])}")
    walks = titles(sam, "q=walk")
    in_title = [" walk" in f" {search.fold(title)}" for title in walks]
    assert True in in_title
    assert False in in_title
    assert in_title == sorted(in_title, reverse=True)


def test_punctuation_alone_finds_nothing_and_sql_wildcards_are_literal(sam: Person) -> None:
    for typed in ("%", "_", "***", "'", "zzzzz"):
        assert titles(sam, f"q={quote(typed)}") == []
    assert titles(sam, "q=%20") == titles(sam, "q=") == titles(sam, "")


FILTERS: dict[str, Any] = {
    "minutes=45": lambda activity: activity["duration_min"] <= 45,
    "cost_band=0": lambda activity: activity["cost_band"] == 0,
    "energy=1": lambda activity: activity["energy"] == 1,
    "setting=home,away": lambda activity: activity["setting"] in ("home", "away"),
    "category=play,talk": lambda activity: activity["category"] in ("play", "talk"),
    "weather=wet": lambda activity: activity["weather"] == "any",
    "children=present": lambda activity: activity["with_children"] in ("yes", "awake"),
    "step_free=true": lambda activity: activity["accessibility"]["step_free"] in ("yes", "adaptable"),
    "for=one": lambda activity: activity["for"] in ("one", "either"),
    "pace=1": lambda activity: activity["pace"] == 1,
    "day=2027-07-01": lambda activity: "summer" in activity["seasons"],
    "day=2026-11-23": lambda activity: "autumn" in activity["seasons"] and activity["lead_days"] == 0,
    "from=22:00&to=23:30": lambda activity: "night" in activity["time_of_day"] and activity["duration_min"] <= 90,
    "tag=nature": lambda activity: "nature" in activity["tags"],
}


@pytest.mark.parametrize("query", FILTERS)
def test_each_filter_keeps_exactly_the_matching_activities(sam: Person, query: str) -> None:
    everything, cursor = [], ""
    while cursor is not None:
        page = sam.get(f"/activities?limit=100{cursor}")
        everything += page["items"]
        cursor = page["next"] and f"&after={page['next']}"
    expected = [activity["id"] for activity in everything if FILTERS[query](activity)]
    assert 0 < len(expected) < len(everything)
    activities = sam.get(f"/activities?limit=100&{query}")
    assert [item["id"] for item in activities["items"]] == expected[:100]


def test_pages_of_a_search_lose_and_repeat_nothing(sam: Person) -> None:
    whole = titles(sam, "q=a")
    pages: list[str] = []
    cursor = ""
    while cursor is not None:
        page = sam.get(f"/activities?q=a&limit=7{cursor}")
        pages += [item["title"] for item in page["items"]]
        cursor = page["next"] and f"&after={page['next']}"
    assert pages[: len(whole)] == whole
    assert len(set(pages)) == len(pages)


def test_the_routes_accept_the_words_of_the_catalogue(sam: Person) -> None:
    words = sam.get("/catalogue")
    assert {entry["value"]: entry["label"] for entry in words["categories"]} == v.CATEGORIES
    assert {entry["value"] for entry in words["paces"]} == {1, 2, 3, 4, 5}
    assert all(entry["label"] for group in words.values() for entry in group)
    tags = [entry["value"] for entry in (*words["interests"], *words["causes"])]
    assert sorted(tags) == sorted(v.TAGS)
    for entry in words["note_kinds"]:
        sam.post("/notes", {"kind": entry["value"], "body": "Well."}, 201)
    causes, interests = ([word["value"] for word in words[name]] for name in ("causes", "interests"))
    assert sam.put("/me/profile", {"causes": causes, "interests": interests})["causes"] == sorted(causes)


def test_private_ideas_do_not_change_which_activities_rest(alice: Person, bob: Person) -> None:
    """Add private ideas. The resting quarter counts shared activities only, so its size tells nothing of them."""

    def catalogue_ids(person: Person) -> list[str]:
        first = person.get("/activities?for=two&limit=100")
        second = person.get(f"/activities?for=two&limit=100&after={first['next']}")
        return sorted(item["id"] for item in (*first["items"], *second["items"]) if item["source"] == "catalogue")

    before = catalogue_ids(alice), catalogue_ids(bob)
    for number in range(12):
        alice.post("/activities", {"title": f"Zebra {number}", "category": "play", "for": "two"}, 201)
    assert (catalogue_ids(alice), catalogue_ids(bob)) == before
