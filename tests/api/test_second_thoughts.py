"""Thinking again while two become a couple: another rhythm, crossed invitations, a yes taken back."""

from flask import Flask

from tests.people import sign_up


def test_a_rhythm_is_never_dropped_in_silence(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    made = ann.post("/invitations", {}, 201)
    yes = {"code": made["code"], "rhythm": "together"}
    assert ben.post("/invitations/accept", yes)["rhythm"] == "together"
    assert ben.post("/invitations/accept", {**yes, "rhythm": "apart"})["rhythm"] == "apart"
    assert ann.get("/invitations/current")["rhythm"] is None
    second = {"invitation": made["id"], "rhythm": "together"}
    ann.post("/invitations/confirm", second, 200)
    assert ann.get("/couple")["rhythm"] == "apart"
    ann.post("/invitations/confirm", second, 200)
    ann.post("/invitations/confirm", {**second, "rhythm": "gentle"}, 409)
    ben.post("/invitations/accept", yes, 409)


def test_of_two_that_cross_each_sees_whom_to_confirm(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    codes = {person.name: person.post("/invitations", {}, 201)["code"] for person in (ann, ben)}
    ann.post("/invitations/accept", {"code": codes["Ben"], "rhythm": "together"})
    ben.post("/invitations/accept", {"code": codes["Ann"], "rhythm": "together"})
    found = ann.get("/invitations/current")
    assert (found["role"], found["other_name"]) == ("inviter", "Ben")
    ann.post("/invitations/confirm", {"invitation": found["id"], "rhythm": "together"}, 200)
    assert ben.get("/me")["pairing"] == "paired"


def test_a_yes_is_taken_back_without_the_code(app: Flask) -> None:
    ann, ben = sign_up(app, "Ann", "UTC"), sign_up(app, "Ben", "UTC")
    made = ann.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": made["code"], "rhythm": "together"})
    ben.delete("/invitations/current")
    assert ben.get("/me")["pairing"] == "alone"
    assert ann.get("/invitations/current")["state"] == "pending"
    ann.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "together"}, 409)
