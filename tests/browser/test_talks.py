"""Talks in the browser: two phones go through a whole talk, pause, stop, and come back after a reload."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import phones

pytestmark = pytest.mark.real_time

GUIDE = "something-was-forgotten"


def open_talk(person, **more):
    return person.send("POST", "/talks", {"guide": GUIDE, **more})


def begun(first, second):
    talk = open_talk(first)
    for person in (first, second):
        talk = person.send("POST", f"/talks/{talk['id']}/ready")
    return talk


def text(phone):
    """Return the step that a phone shows."""
    return phone.page.locator(".talk-step .talk-text").first.inner_text()


def go_on(presser, watcher, button="Next"):
    """Press a button, and let the other phone look at once: it would ask within two seconds."""
    with presser.page.expect_response(lambda answer: answer.request.method == "POST"):
        presser.button(button).click()
    watcher.come_back()


def test_two_phones_go_through_a_whole_talk(open_phone, couple):
    robin, kim = couple
    own, other = open_phone("Pixel 7"), open_phone("iPhone 15", color_scheme="dark")
    own.sign_in(robin, f"/me/guides/{GUIDE}")
    own.button("Begin now").click()
    own.see("Who has the first turn?")
    own.see("This uses one of the 20 proposals that you can still make this week.")
    own.check_accessible()
    own.button("Open the talk").click()
    own.heading("When it is not for you").wait_for()
    own.see("You have the first turn.")
    own.check_accessible()

    other.sign_in(kim)
    other.see("A talk is open")
    other.link("Go to the talk").click()
    other.see("Robin has the first turn.")
    own.button("I am ready").click()
    own.see("You are ready. It goes on when Kim is, too.")
    other.see("Robin is ready.")  # within two seconds
    other.button("I am ready").click()
    other.see("Robin speaks")
    own.see("You speak")
    own.see("The opening line")
    assert text(own) == text(other)

    steps = robin.send("GET", "/talks/current")["talk"]["guide"]["steps"]
    for number, step in enumerate(steps, start=1):
        presser, watcher = (own, other) if number % 2 else (other, own)
        if number == 1:
            presser.button("Next").click()  # the other phone shows it within two seconds
        else:
            go_on(presser, watcher)
        for phone in (own, other):
            phone.see(step["text"])
            phone.see(f"{number} of {len(steps)}")
        speaker = own if step["speaker"] == "first" else other
        speaker.see("You speak")
        if number == 1:
            own.see("of 2 min")
            own.check_accessible()
            other.check_accessible()
            boxes = [own.button(name).bounding_box() for name in ("Pause", "Stop")]
            assert [boxes[0][side] for side in ("y", "width", "height")] == [
                boxes[1][side] for side in ("y", "width", "height")
            ]
        if number == 3:
            own.page.reload()
            own.see(step["text"])
    go_on(other, own)
    own.see("Both of you")
    go_on(own, other, "Finish")
    for phone in (own, other):
        phone.heading("That was it").wait_for()
    own.check_accessible()
    other.link("Go to Today").click()
    other.heading("Good").first.wait_for()
    expect(other.page.get_by_text("A talk is open")).to_have_count(0)


def test_a_pause_and_a_stop_reach_both_phones_without_a_name(open_phone, couple):
    robin, kim = couple
    talk = begun(robin, kim)
    own, other = open_phone("Pixel 7"), open_phone("desktop")
    for phone, person in ((own, robin), (other, kim)):
        phone.sign_in(person, f"/talks/{talk['id']}")
    other.see("Robin speaks")
    other.check_accessible()
    other.button("Pause").click()
    other.see("Robin is not told who paused.")
    other.page.get_by_role("radio", name="In 60").check()
    other.check_accessible()
    other.confirm("Pause")
    for phone in (own, other):
        phone.see("A pause")
        phone.see("You wanted to go on")
        expect(phone.button("I would like to go on")).to_have_count(0)
    own.check_accessible()
    own.go("/")
    own.see("A talk is paused")
    own.see("You wanted to go on")
    own.see("you can say that you would like to go on, or stop it")
    own.check_accessible()
    own.link("Go to the talk").click()
    own.see("A pause")
    assert "Kim" not in own.page.locator("main").inner_text().replace("Kim speaks", "")
    named = robin.send("GET", "/talks/current")["talk"]["resume_at"]
    ahead = datetime.fromisoformat(named) - datetime.now(UTC)
    assert timedelta(minutes=58) < ahead <= timedelta(hours=1)

    own.expect_offline()
    own.context.set_offline(True)
    own.button("Stop").click()
    own.see("The talk ends for both of you.")
    own.confirm("Stop")
    own.page.get_by_role("dialog").get_by_role("alert").get_by_text("reach").wait_for()
    own.context.set_offline(False)
    own.confirm("Stop")
    for phone in (own, other):
        phone.heading("The talk is over").wait_for()
        phone.check_accessible()
    assert robin.send("GET", f"/talks/{talk['id']}")["state"] == "stopped"


def test_a_talk_ends_on_the_phone_when_the_partner_leaves(open_phone, couple):
    robin, kim = couple
    talk = begun(robin, kim)
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/talks/{talk['id']}")
    phone.see("You speak")
    phone.expect_refusal(404)
    kim.send("DELETE", "/couple")
    phone.heading("This talk is over").wait_for()


def test_a_date_with_a_guide_leads_to_the_talk(open_phone, couple, database_file):
    robin, kim = couple
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/me/guides/{GUIDE}")
    phone.page.locator("summary", has_text="Plan it as a date").click()
    phone.check_accessible()
    phone.link("Side-by-side walk and talk").click()
    phone.see("A talk with a guide: Something was forgotten, 12 min")
    activity = phone.page.url.partition("/propose/")[2].partition("?")[0]
    phone.page.get_by_role("group", name="Times that may suit").get_by_role("checkbox").first.check()
    phone.button("Propose it").click()
    phone.page.wait_for_url("**/dates/*")
    phone.see("A talk with a guide, 12 min")
    date = robin.send("GET", "/dates")["items"][0]
    assert (date["activity"]["id"], date["guide"]["slug"]) == (activity, GUIDE)
    slot = {"slot_id": date["slots"][0]["id"]}
    kim.send("POST", f"/dates/{date['id']}/accept", slot, **{"If-Match": '"1"'})
    phone.come_back()
    phone.see("Once the date begins, you can open the talk here.")
    phone.check_accessible()
    with closing(sqlite3.connect(database_file, timeout=30)) as database, database:
        soon = f"{datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S.%fZ}"
        database.execute("UPDATE slots SET start = ?", [soon])
        database.execute("UPDATE dates SET start = ? WHERE state = 'accepted'", [soon])
    phone.come_back()
    phone.button("Open the talk").click()  # it comes at that moment, without another answer
    phone.page.get_by_role("radio", name="Kim").check()
    phone.confirm("Open the talk")
    phone.see("Kim has the first turn.")
    assert kim.send("GET", "/talks/current")["talk"]["date_id"] == date["id"]


def test_a_guide_for_one_goes_step_by_step_and_the_server_learns_nothing(open_phone, served):
    sam = phones.sign_up(served, "Sam")
    phone = open_phone("Pixel 7")
    phone.sign_in(sam, "/me/guides/fair-outsider")
    phone.link("Go through it step by step").click()
    phone.see("For you alone")
    asked = []
    phone.page.on("request", lambda request: asked.append(request.method))
    phone.button("Next").click()
    phone.see("1 of")
    phone.page.reload()
    phone.see("1 of")
    phone.check_accessible()
    while phone.button("Next").count():
        phone.button("Next").click()
    phone.link("Finish").click()
    phone.heading("Good").first.wait_for()
    assert set(asked) <= {"GET"}
