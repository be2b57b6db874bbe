"""Space in the browser: quiet and announced, what is held, and what the phone of the partner shows of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_us import focus, in_dialog, see_row

pytestmark = pytest.mark.real_time


def propose(sender, days, place=0):
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    ideas = sender.send("GET", "/suggestions")["items"]  # what was proposed is gone, and an evening may begin with four
    idea = ideas[min(place, len(ideas) - 1)]["activity"]
    body = {"activity_id": idea["id"], "slots": [{"local_time": f"{day}T19:30", "zone": "Europe/Lisbon"}]}
    return sender.send("POST", "/dates", body)


def agree(sender, answerer, days):
    date = propose(sender, days)
    return accept(answerer, date)


def accept(answerer, date):
    body = {"slot_id": date["slots"][0]["id"]}
    return answerer.send("POST", f"/dates/{date['id']}/accept", body, **{"If-Match": f'"{date["version"]}"'})


def choose(phone, name):
    """Choose the last option whose name begins so."""
    phone.page.get_by_role("radio", name=re.compile(f"^{name}")).last.check()


def what_is_seen(person):
    """Return what a person reads about the couple."""
    today = person.send("GET", "/today?idea=false")
    return today["couple"], today["space"], today["waiting"], today["unseen"]


def test_a_quiet_space_shows_the_partner_nothing_and_holds_what_they_send(open_phone, couple):
    robin, kim = couple
    date = agree(robin, kim, 5)
    offer = propose(robin, 6, 1)
    phone, second = open_phone(), open_phone("iPhone 15")
    phone.expect_refusal(422)
    phone.sign_in(robin, "/us/space")
    phone.see("Only you decide about your space.")
    choose(phone, "Quiet")
    phone.link(offer["activity"]["title"]).wait_for()
    phone.button("Start my space").click()
    phone.see("Say whether you go.")
    assert phone.page.locator(":focus h3").inner_text() == date["activity"]["title"]
    choose(phone, "Call it off")
    choose(phone, "At a time")
    phone.page.get_by_label("The time").evaluate("field => field.removeAttribute('max')")
    start = datetime.fromisoformat(date["slots"][0]["local_time"])
    phone.page.get_by_label("The time").fill((start - timedelta(minutes=30)).isoformat(timespec="minutes"))
    phone.button("Start my space").click()
    phone.see("Choose now, or a time at least two hours before")
    phone.check_accessible()
    accept(kim, offer)
    choose(phone, "In time")
    phone.button("Start my space").click()
    phone.see("Say whether you go.")
    choose(phone, "I will go")
    seen = what_is_seen(kim)
    phone.button("Start my space").click()
    phone.heading("You have been taking space since").wait_for()
    see_row(phone, date["activity"]["title"], "Off. Kim finds out on")
    assert what_is_seen(kim) == seen
    second.sign_in(kim)
    second.heading("Your next date").wait_for()
    assert "space" not in second.page.locator("main").inner_text().lower()
    first, later = propose(kim, 7, 2), propose(kim, 8, 3)
    assert robin.send("GET", "/today")["waiting"] == []
    phone.button(f"Change “{date['activity']['title']}”").click()
    choose(phone, "I will go")
    in_dialog(phone, "Save").click()
    see_row(phone, date["activity"]["title"], "You will go")
    phone.check_accessible()
    phone.link("Held for you").click()
    phone.see("You can answer one thing without ending your space.")
    phone.check_accessible()
    phone.link(first["activity"]["title"]).click()
    phone.button("Yes").click()
    phone.button("Yes").wait_for(state="detached")
    assert kim.send("GET", f"/dates/{first['id']}")["state"] == "accepted"
    phone.page.go_back()
    phone.link(later["activity"]["title"]).wait_for()
    phone.link(first["activity"]["title"]).wait_for(state="detached")
    phone.page.go_back()
    phone.button("End space").click()
    in_dialog(phone, "End space").click()
    phone.see("What arrived during your last space is held until")
    phone.link("Look").click()
    phone.link(later["activity"]["title"]).wait_for()
    phone.button("Accept it all").click()
    phone.heading("Nothing is held for you").wait_for()
    assert [each["id"] for each in robin.send("GET", "/today")["waiting"]] == [later["id"]]
    assert not [each for each in kim.send("GET", "/inbox")["items"] if each["kind"].startswith("space")]


def test_an_announced_space_shows_the_partner_one_sentence_at_most_once_a_week(open_phone, couple):
    robin, kim = couple
    phone, second = open_phone(worker=True), open_phone("iPhone 15")
    phone.expect_refusal(409, 422)
    phone.expected += ("ERR_INTERNET_DISCONNECTED",)
    second.sign_in(kim, "/us")
    second.heading("You and Robin").wait_for()
    phone.sign_in(robin, "/us/space")
    choose(phone, "With a sentence")
    phone.button("Start my space").click()
    phone.see("Choose a sentence.")
    choose(phone, "I may be slow to read")
    day = (datetime.now(UTC) + timedelta(days=9)).date()
    phone.page.get_by_label("Until a day").fill(str(day))
    phone.context.set_offline(True)
    phone.button("Start my space").click()
    phone.see("The server cannot be reached.")
    phone.context.set_offline(False)
    assert robin.send("GET", "/me/space")["kind"] is None
    phone.button("Start my space").click()
    phone.heading("You have been taking space since").wait_for()
    phone.see(f"{day:%A} {day.day} {day:%B}")
    focus(second)
    second.see("Robin: I may be slow to read and reply here.")
    phone.button("Change").click()
    choose(phone, "I am taking a break")
    in_dialog(phone, "Save").click()
    phone.page.get_by_role("alert").get_by_text("less than a week ago").wait_for()
    assert phone.page.get_by_role("radio", name="I am taking a break").is_checked()
    choose(phone, "Quiet")
    in_dialog(phone, "Save").click()
    phone.page.get_by_role("dialog").wait_for(state="detached")
    phone.see("Kim sees nothing of it.")
    focus(second)
    second.page.get_by_text("Robin: I will be slow").wait_for(state="detached")
    date = propose(kim, 4)
    robin.send("DELETE", "/me/space")
    phone.go("/us")
    phone.go("/us/space")
    choose(phone, "With a sentence")
    phone.see("The next one is possible from")
    expect(phone.button("Start my space")).to_have_count(0)
    phone.go("/us/held")
    phone.link(date["activity"]["title"]).wait_for()
    phone.button("Dismiss it all").click()
    in_dialog(phone, "Dismiss it all").click()
    phone.heading("Nothing is held for you").wait_for()
    assert robin.send("GET", "/today")["waiting"] == []
