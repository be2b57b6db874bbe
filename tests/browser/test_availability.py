"""The hours of a person and times for both, in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.phones import Account

pytestmark = pytest.mark.real_time

WORK = {
    "kind": "never",
    "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "from": "09:00",
    "until": "17:00",
    "label": "work",
}


def share(account: Account, shared: bool = True) -> None:
    account.send("PUT", "/availability/sharing", {"shared": shared})


def activity(account: Account) -> str:
    ideas = account.send("GET", "/suggestions")["items"]
    return str(next(idea["activity"]["id"] for idea in ideas if idea["lead_days"] == 0))


def test_a_week_is_set_with_a_few_taps_and_finds_times_for_both(open_phone, couple):
    robin, kim = couple
    phone = open_phone()
    phone.sign_in(robin, "/us")
    phone.link("When you are free").click()
    phone.see("Until you add free hours, evenings and weekends count as usually free.")
    phone.page.get_by_role("checkbox", name="Work, Monday to Friday").check()
    phone.page.get_by_role("checkbox", name="Free in the evening").check()
    phone.page.locator("summary", has_text=re.compile("^Usually free")).click()
    opened = phone.page.locator("details[open]")
    opened.get_by_role("checkbox", name="Mon", exact=True).uncheck()
    opened.get_by_label("Until").fill("23:30")
    phone.see("Tue–Fri, 18:00–23:30")
    phone.button("Add a day").click()
    phone.see("The whole day.")
    phone.check_accessible()

    # A day that the server refuses keeps everything that was typed.
    phone.page.get_by_label("Day", exact=True).fill("")
    phone.expect_refusal(422)
    phone.button("Save").click()
    phone.see("Send a day, such as")
    phone.page.get_by_label("Day", exact=True).fill("2199-12-24")
    # Another device was faster, and this screen shows what was typed. It stays, and the next try has the new version.
    robin.send("PUT", "/availability", {"windows": [], "days": []}, **{"If-Match": '"0"'})
    with phone.page.expect_response("**/v1/availability"):
        phone.come_back()
    phone.expect_refusal(412)
    phone.button("Save").click()
    phone.see("Your hours were changed on another device.")
    phone.button("Save").click()
    phone.see("Saved")
    saved = robin.send("GET", "/availability")
    assert [window["until"] for window in saved["windows"]] == ["17:00", "23:30"]
    assert saved["windows"][0] == WORK
    assert saved["days"] == [{"kind": "never", "day": "2199-12-24", "from": "00:00", "until": "00:00"}]

    # One consent alone works for no one, and Kim does not see it.
    phone.page.get_by_role("switch", name="Find times that suit us both").check()
    phone.see("It works once Kim switches it on, too.")
    other = open_phone("desktop", timezone_id="America/New_York", color_scheme="dark")
    idea = activity(kim)
    with other.page.expect_response("**/v1/free-times*") as answer:
        other.sign_in(kim, f"/propose/{idea}")
    assert answer.value.json()["for"] == "one"
    other.page.get_by_role("group", name="Times that may suit").wait_for()
    other.go("/me/availability")
    other.page.locator("summary", has_text="What Robin can learn from it").click()
    other.see("Robin can work out when you are not free, but not why.")
    switch = other.page.get_by_role("switch", name="Find times that suit us both")
    expect(switch).not_to_be_checked()
    switch.check()
    other.see("It works: you both switched it on.")
    other.check_accessible()
    with other.page.expect_response("**/v1/free-times*") as answer:
        other.go(f"/propose/{idea}")
    assert answer.value.json()["for"] == "two"


def test_a_proposal_offers_times_that_suit_both(open_phone, couple):
    robin, kim = couple
    share(robin)
    share(kim)
    idea = activity(robin)
    phone = open_phone("iPhone 15")
    phone.sign_in(robin, f"/propose/{idea}")
    times = phone.page.get_by_role("group", name="Times that suit you both").get_by_role("checkbox")
    times.first.check()
    common = robin.send("GET", f"/free-times?activity={idea}")["items"]
    expect(times).to_have_count(min(8, len(common)))
    phone.button("Propose it").click()
    phone.see("Waiting for Kim")

    every_day = {
        "kind": "never",
        "weekdays": [*WORK["weekdays"], "saturday", "sunday"],
        "from": "00:00",
        "until": "00:00",
    }
    robin.send("PUT", "/availability", {"windows": [{**every_day, "label": "work"}], "days": []}, **{"If-Match": '"1"'})
    phone.open(f"/propose/{idea}")
    phone.see("No time suits you both in the next four weeks.")
    phone.see("Your working hours leave no time.")
    phone.link("Change your hours").click()
    phone.heading("When you are free").wait_for()
