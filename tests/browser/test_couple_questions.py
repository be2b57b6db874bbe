"""Questions for two in the browser: sealed on one phone, open on both, drawn, and taken out of view."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real_time


def test_two_answer_alone_and_read_both_answers(open_phone, couple):
    robin, kim = couple
    (question,) = robin.send("GET", "/questions/current")["items"]
    text = question["prompt"]["text"]
    own, other = open_phone("Pixel 7"), open_phone("desktop", color_scheme="dark")
    own.sign_in(robin, "/notes")
    own.link("Questions for two").click()
    own.link(text).click()
    own.check_accessible()
    words = own.page.get_by_label("Your answer")
    words.fill("The old kaleidoscope.")
    own.button("Seal my answer").click()
    own.see("It opens when you have both answered.")
    own.button("Take back").wait_for()
    own.check_accessible()
    own.button("Take back").click()
    words.fill("The kaleidoscope, at six.")
    own.button("Seal my answer").click()
    own.button("Edit").wait_for()

    other.sign_in(kim, "/notes/for-two")
    other.see(text)
    assert other.page.get_by_text("kaleidoscope").count() == 0
    other.button("Draw another question").click()
    other.heading("A question for two").wait_for()
    other.go("/notes/for-two")
    other.link(text).click()
    other.page.get_by_label("Your answer").fill("Your laugh in the stairwell.")
    other.button("Seal my answer").click()
    other.see("The kaleidoscope, at six.")
    other.check_accessible()

    own.come_back()
    own.see("Your laugh in the stairwell.")
    own.go("/inbox")
    own.link("You both answered a question for two.").click()
    own.see("Your laugh in the stairwell.")
    own.check_accessible()
    own.button("Take out of view").click()
    own.see("A copy stays in what Kim received")
    own.confirm("Take out of view")
    own.see("Your answer is taken back.")
    other.come_back()
    other.see("This answer is no longer here.")
    other.go("/notes/for-two")
    other.heading("Answered by both").wait_for()
    other.check_accessible()
    for phone in (own, other):
        stored = phone.page.evaluate("JSON.stringify(localStorage)")
        assert "kaleidoscope" not in stored


def test_an_answer_says_how_many_letters_are_left_at_a_low_pace(open_phone, couple):
    robin, _ = couple
    robin.send("PUT", "/me/pace", {"pace": 2})
    (question,) = robin.send("GET", "/questions/current")["items"]
    phone = open_phone("Pixel 7", color_scheme="dark")
    phone.sign_in(robin, f"/notes/for-two/{question['id']}")
    words = phone.page.get_by_label("Your answer")
    words.fill("a" * 390)
    phone.see("10 letters left")
    words.fill("a" * 401)
    phone.see("1 letter too many")
    expect(phone.button("Seal my answer")).to_be_disabled()
    phone.check_accessible()
    words.fill("a" * 400)
    phone.button("Seal my answer").click()
    phone.see("It opens when you have both answered.")


def test_what_opens_in_space_waits_under_held(open_phone, couple):
    robin, kim = couple
    (question,) = robin.send("GET", "/questions/current")["items"]
    robin.send("PUT", f"/questions/{question['id']}/answer", {"body": "Mine."})
    robin.send("PUT", "/me/space", {"kind": "quiet", "dates": []})
    kim.send("PUT", f"/questions/{question['id']}/answer", {"body": "Theirs."})
    phone = open_phone("iPhone 15")
    phone.sign_in(robin, "/notes/for-two")
    phone.heading("No question waits for you").wait_for()
    assert phone.page.get_by_text("Theirs.").count() == 0
    phone.go("/us/held")
    phone.link(question["prompt"]["text"]).click()
    phone.see("Theirs.")
