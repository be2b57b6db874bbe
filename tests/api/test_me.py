"""Test /me and /couple over HTTP."""

from datetime import timedelta
from functools import partial
from itertools import product

from flask import Flask
from time_machine import Traveller

from planner.couples.contact_rules import FIRST_MAX_PACES, RHYTHMS
from tests.conftest import NOON
from tests.people import Cast, Person, expect, pair, propose
from tests.racing import strangers, together


def test_a_new_person_is_alone(sam: Person) -> None:
    me = sam.get("/me")
    assert me == {
        "id": sam.id, "sign_in_name": sam.sign_in_name, "display_name": "Sam", "zone": "Europe/Lisbon",
        "pairing": "alone", "couple": None, "allowance": None, "version": 1,
    }  # fmt: skip
    sam.get("/couple", 404)


def test_the_calmer_rhythm_counts_and_sets_the_first_pace(app: Flask) -> None:
    for inviter_rhythm, invitee_rhythm in product(RHYTHMS, RHYTHMS):
        ada, ben = strangers(app, "Ada", "Ben")
        invitation = ada.post("/invitations", {}, 201)
        ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": invitee_rhythm})
        ada.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": inviter_rhythm}, 200)
        calmer = RHYTHMS[min(RHYTHMS.index(inviter_rhythm), RHYTHMS.index(invitee_rhythm))]
        assert ada.get("/couple")["rhythm"] == calmer
        assert ada.get("/couple")["pace"] == FIRST_MAX_PACES[calmer]


def test_both_read_the_same_couple_without_their_choices(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = ada.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": "apart"})
    ada.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"}, 200)
    mine, theirs = ada.get("/couple"), ben.get("/couple")
    assert (mine.pop("partner"), theirs.pop("partner")) == ("Ben", "Ada")
    assert mine == theirs == {"id": mine["id"], "rhythm": "apart", "pace": 2, "sentences": []}
    for person in (ada, ben):
        everything = str([person.get(path) for path in ("/me", "/couple", "/today?idea=false", "/inbox")])
        assert "'together'" not in everything  # as a value: a prompt may use the word
        assert "max_pace" not in everything
    assert ada.get("/me")["couple"] == {**mine, "partner": "Ben"}


def test_each_couple_has_its_own_id_and_a_person_alone_has_none(cast: Cast) -> None:
    assert cast.alice.get("/couple")["id"] == cast.bob.get("/couple")["id"]
    assert cast.charlie.get("/couple")["id"] not in cast.alice.get("/couple").values()
    cast.sam.get("/couple", 404)


def test_a_new_zone_does_not_reach_the_partner(cast: Cast) -> None:
    paths = ("/me", "/couple", "/today", "/inbox", "/dates", "/notes?from=partner")
    propose(cast.alice, NOON + timedelta(days=2))
    before = [(answer.data, answer.headers["ETag"]) for answer in (cast.bob.request("GET", path) for path in paths)]
    changed = cast.alice.patch("/me", {"display_name": " Alice ", "zone": "Asia/Tokyo"}, '"1.x"')
    assert (changed["display_name"], changed["zone"], changed["version"]) == ("Alice", "Asia/Tokyo", 2)
    assert cast.alice.get("/me") == changed
    after = [(answer.data, answer.headers["ETag"]) for answer in (cast.bob.request("GET", path) for path in paths)]
    assert after == before


def test_an_invalid_edit_changes_nothing(sam: Person) -> None:
    before = sam.get("/me")
    for body in (
        {}, {"display_name": "R2"}, {"display_name": ""}, {"display_name": None}, {"zone": "Mars"}, {"zone": None},
        {"display_name": "Kim", "version": 2}, {"sign_in_name": "a-b-c"}, [], "x",
    ):  # fmt: skip
        expect(sam.request("PATCH", "/me", body, If_Match='"1"'), 422)
    problem = expect(sam.request("PATCH", "/me", {"display_name": "R2", "zone": "Mars"}, If_Match='"1"'), 422)
    assert {fault["field"] for fault in problem["errors"]} == {"display_name", "zone"}
    assert sam.get("/me") == before


def test_an_edit_needs_the_current_version(sam: Person) -> None:
    expect(sam.request("PATCH", "/me", {"display_name": "Kim"}), 428)
    refused = {
        "": 428, '""': 412, '"0"': 412, '"2"': 412, '"2", "3"': 412, '"-1"': 412, '"9999999999"': 412, '"one"': 412,
    }  # fmt: skip
    for header, status in refused.items():
        sam.patch("/me", {"display_name": "Kim"}, header, status)
    assert sam.get("/me")["display_name"] == "Sam"
    for name, header in (("Kim", "1"), ("Lee", 'W/"2.abc"'), ("Kim", '"3.abc"'), ("Lee", "*"), ("Kim", '"1", "5"')):
        sam.patch("/me", {"display_name": name}, header)
    assert sam.get("/me")["version"] == 6


def test_a_repeated_edit_changes_nothing(sam: Person) -> None:
    edited = sam.patch("/me", {"display_name": "Kim", "zone": "Asia/Tokyo"}, '"1"')
    assert sam.patch("/me", {"display_name": "Kim", "zone": "Asia/Tokyo"}, '"1"') == edited
    sam.patch("/me", {"display_name": "Kim", "zone": "UTC"}, '"1"', 412)


def test_an_edit_accepts_the_etag_of_me(sam: Person) -> None:
    tag = sam.request("GET", "/me").headers["ETag"]
    sam.patch("/me", {"display_name": "Kim"}, tag)
    sam.patch("/me", {"display_name": "Lee"}, tag, 412)


def test_of_two_simultaneous_edits_one_wins(sam: Person) -> None:
    for version, names in zip(range(1, 11), [("Kim", "Lee"), ("Ada", "Max")] * 5, strict=True):
        edits = [
            partial(sam.request, "PATCH", "/me", {"display_name": name}, If_Match=f'"{version}"') for name in names
        ]
        results = [answer.status_code for answer in together(*edits)]
        assert sorted(results) == [200, 412]
        assert sam.get("/me")["display_name"] == names[results.index(200)]


def test_me_is_304_while_nothing_has_changed(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, "gentle")
    tag = ada.request("GET", "/me").headers["ETag"]
    stopped_clock.shift(timedelta(seconds=90))
    answer = ada.request("GET", "/me", If_None_Match=tag)
    assert (answer.status_code, answer.data) == (304, b"")
    ben.patch("/me", {"zone": "UTC"}, '"1"')
    assert ada.request("GET", "/me", If_None_Match=tag).status_code == 304
    ada.patch("/me", {"display_name": "Adele"}, '"1"')
    assert ada.request("GET", "/me", If_None_Match=tag).status_code == 200
