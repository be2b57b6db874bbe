"""Dates in the browser: proposing, answering, calling off, and looking back, on two phones in two zones."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests import served as served_
from tests.browser import phones

pytestmark = pytest.mark.real_time

LISBON, NEW_YORK = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")


def day(ahead):
    return (datetime.now(LISBON) + timedelta(days=ahead)).date().isoformat()


def idea(person, audience="two"):
    ideas = person.send("GET", f"/activities?for={audience}&limit=100")["items"]
    return next(each for each in ideas if each["for"] == audience and each["lead_days"] == 0 and each["pace"] < 4)


def propose(sender, *walls, activity=None, **more):
    activity = activity or idea(sender)
    slots = [{"local_time": wall, "minutes": 60} for wall in walls]
    return sender.send("POST", "/dates", {"activity_id": activity["id"], "slots": slots, **more})


def accept(person, date):
    body = {"slot_id": date["slots"][0]["id"]}
    return person.send("POST", f"/dates/{date['id']}/accept", body, **{"If-Match": f'"{date["version"]}"'})


def choose_own_time(phone):
    """Open a row for a time, when the suggested times are there: they would move the button under a finger."""
    phone.page.get_by_role("group", name="Times that may suit").wait_for()
    phone.button("Choose a time yourself").click()


def fill_time(phone, number, when):
    row = phone.page.get_by_role("group", name=f"Time {number}")
    row.get_by_label("Day").fill(when[:10])
    row.get_by_label("Time", exact=True).fill(when[11:])
    return row


def test_two_phones_agree_on_other_times_and_call_the_date_off(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    taken = accept(kim, propose(robin, f"{day(5)}T18:30", activity=chosen))
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/propose/{chosen['id']}")
    phone.see("You can make 19 more proposals this week.")
    phone.see("This goes to Kim.")

    # Nothing chosen, then a time that is over: both are said here, and nothing is sent.
    phone.button("Propose it").click()
    phone.see("Choose a day and a time.")
    row = fill_time(phone, 1, f"{day(-1)}T19:00")
    phone.button("Propose it").click()
    phone.see("This time is over. Choose a later one.")
    # A time that the server refuses: its sentence is at the field, and what was typed stays.
    row = fill_time(phone, 1, (datetime.now(LISBON) + timedelta(minutes=30)).isoformat()[:16])
    phone.expect_refusal(422)
    phone.button("Propose it").click()
    phone.see("Your partner needs at least an hour to answer.")
    row = fill_time(phone, 1, f"{day(5)}T19:00")
    row.get_by_text(f"You have “{chosen['title']}” at this time.").wait_for()
    suggested = phone.page.get_by_role("group", name="Times that may suit").get_by_role("checkbox")
    suggested.first.check()
    phone.button("Add another time").click()
    fill_time(phone, 3, f"{day(20)}T20:15")
    expect(phone.button("Add another time")).to_have_count(0)
    phone.page.get_by_label("How long, in minutes").fill("90")
    phone.page.get_by_label("Add a few words").fill("The long version?")
    phone.check_accessible()
    phone.button("Propose it").click()
    phone.see("Waiting for Kim")
    phone.see("You wrote")

    # Kim sees the times of both zones, and offers others.
    other = open_phone("iPhone 15", timezone_id="America/New_York", color_scheme="dark")
    other.sign_in(kim)
    other.heading("Waits for your answer").wait_for()
    other.page.locator("main .rows.ember a").first.click()
    other.see("Waiting for you")
    other.see("The long version?")
    other.see("20:15 in Lisbon")
    other.link(f"You have “{chosen['title']}” at this time.").wait_for()
    expect(other.button("Yes to")).to_have_count(3)
    other.check_accessible()
    other.button("Offer other times").click()
    fill_time(other, 1, f"{day(9)}T12:00")
    other.see("It usually takes")
    other.button("Offer these times").click()
    other.see("Waiting for Robin")

    # Robin's open page shows them, and one tap agrees.
    phone.come_back()
    phone.see("Does this time suit you?")
    local = datetime.fromisoformat(f"{day(9)}T12:00").replace(tzinfo=NEW_YORK).astimezone(LISBON)
    phone.see("12:00 in New York")
    phone.button("Yes to").click()
    phone.see("Agreed. Kim gets your yes.")
    assert f"{local:%H:%M}" in phone.page.locator(".when").inner_text()
    check_taken_out(phone, chosen)

    # Kim calls it off after being told that Robin sees it.
    other.come_back()
    other.see("Agreed")
    other.button("Call it off").click()
    other.see("Robin sees at once that this date is off.")
    with other.page.expect_response("**/cancel"):
        other.confirm("Call it off")
    other.see("This date is off")
    phone.come_back()
    phone.see("This date is off")
    assert robin.send("GET", f"/dates/{taken['id']}")["state"] == "accepted"


def check_taken_out(phone, activity):
    """Check the entry for a phone calendar, and the text to hand on."""
    with phone.page.expect_download() as started:
        phone.button("Add to your calendar").click()
        for company in ("Google Calendar", "Outlook"):
            assert activity["title"] in unquote_plus(phone.link(company).get_attribute("href"))
        phone.see("that company learns the title and the time")
        phone.button("Save as a file").click()
    text = started.value.path().read_bytes().decode()
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    escaped = activity["title"].replace(",", "\\,").replace(";", "\\;")
    assert f"SUMMARY:{escaped}" in lines
    begins = datetime.fromisoformat(f"{day(9)}T12:00")
    assert f"DTSTART;TZID=America/New_York:{begins:%Y%m%dT%H%M%S}" in lines
    assert f"DTEND;TZID=America/New_York:{begins + timedelta(minutes=90):%Y%m%dT%H%M%S}" in lines
    phone.button("Share as text").click()
    handed_on = phone.page.get_by_role("textbox", name="Share as text").input_value()
    assert handed_on.startswith(activity["title"])
    assert activity["steps"][0] in handed_on
    phone.page.keyboard.press("Escape")


def test_answers_conflicts_and_taking_back(open_phone, couple):
    robin, kim = couple
    phone = open_phone("iPhone 15")
    other_idea, moved, countered = (propose(kim, f"{day(ahead)}T19:00") for ahead in (4, 6, 8))
    own = propose(robin, f"{day(7)}T19:00")
    robin.send("POST", "/inbox/seen", {})  # an item that the screen marks as seen would load the date once more
    phone.sign_in(robin, f"/dates/{other_idea['id']}")
    phone.button("No, thank you").click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_text("You need no reason.").wait_for()
    assert dialog.get_by_role("button", name="Send this answer").is_disabled()
    dialog.get_by_role("radio", name="Another idea").check()
    phone.check_accessible()
    dialog.get_by_role("button", name="Send this answer").click()
    phone.see("You asked for another idea")
    assert kim.send("GET", f"/dates/{other_idea['id']}")["answer"] == "another_idea"

    # Kim takes a proposal back while it is on Robin's screen.
    phone.go(f"/dates/{moved['id']}")
    phone.button("Yes to").wait_for()
    kim.send("POST", f"/dates/{moved['id']}/withdraw", None, **{"If-Match": '"1"'})
    phone.expect_refusal(409, 412)
    phone.button("Yes to").click()
    phone.page.get_by_role("alert").get_by_text("Something changed since you opened this date").wait_for()
    phone.see("Kim took this back")

    # The same while Robin writes other times: what was typed stays.
    phone.go(f"/dates/{countered['id']}")
    phone.button("Offer other times").click()
    row = fill_time(phone, 1, f"{day(9)}T19:30")
    kim.send("POST", f"/dates/{countered['id']}/withdraw", None, **{"If-Match": '"1"'})
    phone.button("Offer these times").click()
    phone.page.get_by_role("dialog").get_by_text("Something changed since you opened this date").wait_for()
    assert row.get_by_label("Time", exact=True).input_value() == "19:30"
    phone.button("Close").click()
    phone.see("Kim took this back")

    phone.go(f"/dates/{own['id']}")
    phone.button("Take it back").click()
    phone.see("Kim can no longer say yes to it.")
    phone.page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    phone.see("You took this back")
    phone.link("Plan it again").wait_for()


def test_a_proposal_made_offline_goes_when_the_network_is_back(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    phone = open_phone(worker=True)
    phone.sign_in(robin, f"/propose/{chosen['id']}?at={day(8)}T21:00")
    phone.page.get_by_role("checkbox", name="21:00").wait_for()
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.open(f"/propose/{chosen['id']}?at={day(8)}T21:00")
    phone.page.get_by_label("Add a few words").fill("By the sea?")
    phone.expected += ("ERR_INTERNET_DISCONNECTED",)
    phone.context.set_offline(True)
    phone.button("Propose it").click()
    phone.see("This waits for a connection")
    phone.see("21:00")
    assert kim.send("GET", "/dates")["items"] == []
    phone.go("/calendar")
    phone.heading("Not sent").wait_for()
    phone.context.set_offline(False)
    phone.heading("Not sent").wait_for(state="detached")
    (sent,) = kim.send("GET", "/dates")["items"]
    assert (sent["message"], sent["slots"][0]["local_time"]) == ("By the sea?", f"{day(8)}T21:00")


def test_a_refused_proposal_stays_and_can_be_changed(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    soon = (datetime.now(LISBON) + timedelta(minutes=40)).isoformat()[:16]
    phone = open_phone(worker=True)
    phone.sign_in(robin, f"/propose/{chosen['id']}?at={soon}")
    phone.page.get_by_label("Add a few words").fill("Right now?")
    phone.page.get_by_role("radio", name="Weekly").check()
    phone.page.get_by_role("group", name="Times that may suit").wait_for()
    phone.expected += ("ERR_INTERNET_DISCONNECTED",)
    phone.expect_refusal(422)
    phone.context.set_offline(True)
    phone.button("Propose it").click()
    phone.see("This waits for a connection")
    phone.context.set_offline(False)
    phone.see("Your partner needs at least an hour to answer.")
    phone.see(f"Every {datetime.fromisoformat(soon):%A} at ")
    phone.link("Change").click()
    assert phone.page.get_by_label("Add a few words").input_value() == "Right now?"
    fill_time(phone, 1, f"{day(3)}T19:00")
    phone.button("Propose it").click()
    phone.see("Waiting for Kim")
    phone.go("/calendar")
    phone.heading("Calendar").wait_for()
    expect(phone.heading("Not sent")).to_have_count(0)
    (sent,) = kim.send("GET", "/dates")["items"]
    assert sent["message"] == "Right now?"
    assert sent["ritual"]["repeat"]["weekdays"] == [f"{datetime.fromisoformat(day(3)):%A}".lower()]


def test_a_gentle_rhythm_says_when_the_next_proposal_may_go(open_phone, served):
    robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim")
    phones.pair(robin, kim, "gentle")
    kim.send("PUT", "/me/pace", {"pace": 2})
    light = next(
        each for each in robin.send("GET", "/activities?for=two&pace=1&limit=100")["items"] if each["for"] == "either"
    )
    propose(robin, f"{day(3)}T19:00", activity=light)
    phone = open_phone()
    phone.sign_in(robin, f"/propose/{light['id']}")
    phone.see("You have 1 open proposal")
    phone.see("It opens again on")
    phone.see("a proposal goes without words")
    expect(phone.button("Propose it")).to_have_count(0)
    phone.page.get_by_role("radio", name="Just me").check()
    phone.button("Plan it for me").wait_for()
    phone.page.get_by_label("A note to yourself").wait_for()


def test_a_person_without_a_partner_plans_for_one(open_phone, served):
    sol = phones.sign_up(served, "Sol")
    chosen, for_two = idea(sol, "one"), idea(sol, "two")
    phone = open_phone()
    phone.sign_in(sol, f"/propose/{for_two['id']}")
    phone.see("This idea is for two.")
    phone.go(f"/propose/{chosen['id']}")
    boxes = phone.page.get_by_role("group", name="Times that may suit").get_by_role("checkbox")
    boxes.nth(0).check()
    free = sol.send("GET", f"/activities/{chosen['id']}/slots?for=one")["slots"]
    assert boxes.count() == len(free) == 8  # the server's times, not the client's guesses
    boxes.nth(1).check()
    expect(phone.page.get_by_role("group", name="Time 1")).to_have_count(1)
    assert not boxes.nth(0).is_checked()
    phone.page.get_by_label("A note to yourself").fill("Slowly.")
    phone.see("Only you see this.")
    phone.button("Plan it for me").click()
    phone.see("Planned for you")
    (date,) = sol.send("GET", "/dates")["items"]
    assert (date["for"], date["message"]) == ("one", "Slowly.")
    phone.go("/")
    phone.see("Just for you")


def test_a_date_that_took_place_gets_feedback(browser, playwright, tmp_path):
    with served_.running(f"sqlite:///{tmp_path}/past.sqlite3", trusted_proxies="1") as served, ExitStack() as stack:
        robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim")
        phones.pair(robin, kim)
        date = accept(kim, propose(robin, f"{day(2)}T10:00"))
        served.jump_to(datetime.fromisoformat(f"{day(2)}T12:30+00:00"))
        phone = stack.enter_context(phones.phone(browser, served, playwright.devices["Pixel 7"]))
        phone.page.clock.set_system_time(f"{day(2)}T12:30:00Z")
        phone.sign_in(robin, f"/dates/{date['id']}")
        phone.heading("How was it?").wait_for()
        phone.button("It took place").click()
        phone.button("It took place").wait_for(state="detached")
        phone.heading("How did you feel afterwards?").wait_for()
        phone.check_accessible()
        phone.button("Lighter").press("Enter")
        phone.heading("Would you do it again?").wait_for()
        assert phone.page.evaluate("document.activeElement.innerText").upper().startswith("2 OF 4")
        phone.button("Skip").click()
        phone.heading("One thing that you appreciated").wait_for()
        phone.check_accessible()
        phone.link("Write it down").click()
        phone.page.get_by_label("Your words").fill("You laughed at the geese.")
        phone.button("Keep for me").click()
        phone.heading("How was it?").wait_for()
        phone.see("Lighter")
        phone.button("Change").click()
        assert phone.button("Lighter").get_attribute("aria-pressed") == "true"
        phone.button("The same").click()
        phone.button("Yes").click()
        phone.heading("One thing that you appreciated").wait_for()  # the question before it has a "Skip", too
        phone.button("Skip").click()
        phone.heading("A photo of it?").wait_for()
        phone.check_accessible()
        phone.button("Go on").click()
        phone.see("The same")
        phone.check_accessible()
        noted = {"feeling": "same", "rating": None, "again": "yes"}
        assert robin.send("GET", f"/dates/{date['id']}")["feedback"] == noted
        (note,) = robin.send("GET", f"/notes?date_id={date['id']}")["items"]
        assert (note["body"], note["state"]) == ("You laughed at the geese.", "private")
        phone.button("It did not happen").click()
        phone.see("No one was told")
        phone.heading("How was it?").wait_for(state="detached")
        phone.check_accessible()
        assert kim.send("GET", f"/dates/{date['id']}")["answer"] == "did_not_happen"
        phone.button("It did take place").click()
        phone.heading("How was it?").wait_for()
        assert kim.send("GET", f"/dates/{date['id']}")["feedback"] is None
        phone.go("/calendar?view=agenda")
        phone.heading("Past").wait_for()
        phone.see("It took place")
