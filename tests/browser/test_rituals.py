"""Rituals in the browser: proposing, one yes, the month, skipping, changing and stopping."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import phones
from tests.browser.test_dates import LISBON, accept, choose_own_time, fill_time, idea

pytestmark = pytest.mark.real_time


def friday(weeks):
    """Return the Friday of a week ahead."""
    today = datetime.now(LISBON).date()
    return today + timedelta(days=(4 - today.weekday()) % 7 + 7 * weeks)


def test_two_agree_on_a_ritual_once_and_one_stops_it(open_phone, couple):
    robin, kim = couple
    chosen = idea(robin)
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/propose/{chosen['id']}")
    choose_own_time(phone)
    fill_time(phone, 1, f"{friday(1)}T19:00")
    phone.page.get_by_role("radio", name="Weekly").check()
    expect(phone.button("Add another time")).to_have_count(0)  # a ritual has one time
    phone.page.get_by_label("How many weeks apart").fill("2")
    phone.page.get_by_role("radio", name="After a number of times").check()
    phone.page.get_by_label("How many times").fill("1")
    phone.expect_refusal(422)
    phone.button("Propose it").click()
    phone.see("Choose a number from 2 to 500.")
    phone.page.get_by_label("How many times").fill("6")
    sentence = f"Every second Friday at 19:00, from {friday(1):%-d %B %Y}, 6 times."
    phone.see(sentence)
    phone.check_accessible()
    phone.button("Propose it").click()
    phone.see("Waiting for Kim")
    phone.see(sentence)

    other = open_phone("desktop", color_scheme="dark")
    (date,) = kim.send("GET", "/dates")["items"]
    other.sign_in(kim, f"/dates/{date['id']}")
    other.see(sentence)
    other.see("Your yes is for all these dates.")
    other.check_accessible()
    other.button("Yes to").click()
    other.see("What you do here is about this date only.")
    # A month far ahead has times that are not dates yet.
    far = friday(1) + timedelta(weeks=10)
    other.go(f"/calendar?day={far}")
    other.see("part of a ritual")
    other.page.locator(".chosen-day a").click()
    other.heading("The next times").wait_for()
    expect(other.page.locator("main time")).to_have_count(6)
    other.check_accessible()
    other.button("Stop this ritual").click()
    other.see("Robin sees one message about it.")
    other.page.get_by_role("dialog").get_by_role("button", name="Stop this ritual").click()
    other.see("This ritual has ended.")
    expect(other.button("Change from some date on")).to_have_count(0)

    phone.go("/inbox")
    phone.see("One of your rituals has ended.")
    phone.go("/rituals")
    phone.see("No rituals yet")
    assert robin.send("GET", f"/rituals/{date['ritual']['id']}")["state"] == "ended"


def test_a_ritual_alone_is_skipped_once_and_changed_from_a_date_on(open_phone, served):
    sol = phones.sign_up(served, "Sol")
    body = {"activity_id": idea(sol, "one")["id"], "for": "one", "repeat": {"every": "week"}}
    first = sol.send("POST", "/dates", {**body, "slots": [{"local_time": f"{friday(1)}T08:00", "minutes": 60}]})
    phone = open_phone("iPhone 15")
    phone.sign_in(sol, "/calendar")
    phone.go("/rituals")
    phone.page.locator("main .rows a").click()
    times = phone.page.locator("main time")
    expect(times).to_have_count(10)
    times.nth(1).click()
    phone.see("The others stay.")
    phone.button("Call it off").click()
    phone.page.get_by_role("dialog").get_by_role("button", name="Call it off").click()
    phone.see("This date is off")

    with phone.page.expect_response("**/v1/rituals/*"):  # at first it shows the date that is off
        phone.link("See the whole ritual").click()
    phone.button("Change from some date on").click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_role("radio").nth(1).check()
    fill_time(phone, 1, f"{friday(3) + timedelta(days=1)}T10:15")
    dialog.get_by_role("switch", name="Change how often, too").check()
    dialog.get_by_role("radio", name="Monthly").check()
    phone.see("On which day of the month")
    phone.check_accessible()
    phone.button("Change it").click()
    phone.see("Planned for you")
    starts = [date["slots"][0]["local_time"] for date in sol.send("GET", "/dates?show=upcoming")["items"]]
    assert starts[:2] == [f"{friday(1)}T08:00", f"{friday(3) + timedelta(days=1)}T10:15"]
    assert sol.send("GET", f"/rituals/{first['ritual']['id']}")["repeat"]["until"] == str(friday(3) - timedelta(days=1))
    (changed,) = [each for each in sol.send("GET", "/rituals")["items"] if each["repeat"]["every"] == "month"]
    assert changed["replaces_id"] == first["ritual"]["id"]


def test_a_ritual_moves_to_another_weekday_and_keeps_its_rule(open_phone, served):
    sol = phones.sign_up(served, "Sol")
    phone = open_phone("desktop")
    phone.sign_in(sol, "/rituals")

    def begin(**repeat):
        body = {"activity_id": idea(sol, "one")["id"], "for": "one", "repeat": {"every": "week", **repeat}}
        slots = [{"local_time": f"{friday(1)}T08:00", "minutes": 60}]
        return sol.send("POST", "/dates", {**body, "slots": slots})["ritual"]["id"]

    def change(ritual, number, day, often=False):
        """Move a ritual from one of its dates on, and return its new rule."""
        phone.go(f"/rituals/{ritual}")
        phone.button("Change from some date on").click()
        phone.page.get_by_role("dialog").get_by_role("radio").nth(number).check()
        fill_time(phone, 1, f"{day}T08:00")
        if often:
            phone.page.get_by_role("switch", name="Change how often, too").check()
            phone.see(f"Every Saturday at 8:00, from {day:%-d %B %Y}, 5 times.")
        with phone.page.expect_response("**/change") as answer:
            phone.button("Change it").click()
        assert answer.value.status == 201
        phone.see("Planned for you")
        return answer.value.json()["ritual"]["repeat"]

    saturday = friday(2) + timedelta(days=1)
    for often in (False, True):
        changed = change(begin(weekdays=["friday"], count=6), 1, saturday, often)
        assert (changed["weekdays"], changed["count"]) == (["saturday"], 5)
    # The Monday of two weekdays moves to Tuesday.
    changed = change(begin(weekdays=["monday", "friday"], count=6), 1, friday(1) + timedelta(days=4))
    assert (changed["weekdays"], changed["count"]) == (["tuesday", "friday"], 5)


def test_a_change_of_the_length_keeps_the_zone_of_the_ritual(open_phone, couple):
    robin, kim = couple
    body = {"activity_id": idea(robin)["id"], "repeat": {"every": "week", "weekdays": ["friday"]}}
    slots = [{"local_time": f"{friday(1)}T19:00", "minutes": 60}]
    date = accept(kim, robin.send("POST", "/dates", {**body, "slots": slots}))
    phone = open_phone("iPhone 15", timezone_id="America/New_York")
    phone.sign_in(kim, f"/rituals/{date['ritual']['id']}")
    phone.button("Change from some date on").click()
    phone.see("19:00 in Lisbon")
    phone.see("Times are in Lisbon.")
    phone.page.get_by_label("How long, in minutes").fill("90")
    phone.check_accessible()
    with phone.page.expect_response("**/change") as answer:
        phone.button("Propose the change").click()
    changed = answer.value.json()["ritual"]
    assert (changed["zone"], changed["local_time"], changed["minutes"]) == ("Europe/Lisbon", f"{friday(1)}T19:00", 90)
    assert changed["repeat"]["weekdays"] == ["friday"]


def test_a_ritual_changes_from_a_date_that_moved_to_whole_days(open_phone, served):
    sol = phones.sign_up(served, "Sol")
    body = {"activity_id": idea(sol, "one")["id"], "for": "one", "repeat": {"every": "week"}}
    first = sol.send("POST", "/dates", {**body, "slots": [{"local_time": f"{friday(1)}T08:00", "minutes": 60}]})
    days = {"slots": [{"first_day": str(friday(1)), "days": 1}]}
    sol.send("POST", f"/dates/{first['id']}/move", days, **{"If-Match": f'"{first["version"]}"'})
    phone = open_phone("Pixel 7")
    phone.sign_in(sol, f"/rituals/{first['ritual']['id']}")
    phone.button("Change from some date on").click()
    expect(phone.page.get_by_label("Time", exact=True)).to_have_value("08:00")
