"""Self-care plans, checklists and first appointments in the browser: chosen, changed, dropped, and seen by no one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_reading import STORED

pytestmark = pytest.mark.real_time

TITLE = "Two weeks of daylight"
LOW = "Open a window wide"


def steps(account):
    """Return the steps of the only plan that have a date ahead."""
    (plan,) = account.send("GET", "/me/self-care-plans")["items"]
    return [step for step in plan["steps"] if step["state"] == "ahead"]


def test_a_plan_is_chosen_changed_and_dropped_and_leaves_nothing_on_the_device(open_phone, couple):
    robin, kim = couple
    phone = open_phone("Pixel 7", worker=True)
    phone.sign_in(robin, "/me/guides?show=care")
    phone.link(TITLE).click()
    phone.link("Choose this plan").click()
    ticks = phone.page.locator(".action-row input[type=checkbox]")
    expect(ticks).to_have_count(5)
    phone.check_accessible()
    phone.page.get_by_label("Preferably at").fill("07:30")
    expect(phone.page.locator(".action-row input[type=time]").first).to_have_value("07:30")
    ticks.nth(2).uncheck()
    phone.button("Put it into my calendar").click()
    phone.see("It is in your calendar.")
    phone.heading(TITLE).wait_for()
    assert [step["action"] for step in steps(robin)] == [0, 1, 3, 4]
    times = [step["local_time"][-5:] for step in steps(robin)]
    assert times == ["07:30", "07:30", "07:30", "15:00"], "the last one says that it is for an afternoon"
    phone.see("Left out")
    phone.check_accessible()

    phone.page.get_by_role("switch", name="A low week").first.check()
    phone.see("One small thing is enough this week.")
    phone.see(LOW)
    assert [step["action"] for step in steps(robin)] == [None, 3, 4]
    phone.page.get_by_role("switch", name="A low week").first.uncheck()
    phone.see("The week is as before.")

    phone.link("Change the times").click()
    phone.page.locator(".action-row").nth(2).get_by_role("checkbox").check()
    phone.button("Save").click()
    phone.see("Your plan is changed.")
    assert [step["action"] for step in steps(robin)] == [0, 1, 2, 3, 4]

    phone.page.locator(".guide-steps a").first.click()
    phone.see("Only you see this.")
    phone.see("have your first hot drink outdoors")
    expect(phone.page.locator("main a[href*='/activities/']")).to_have_count(0)
    phone.go("/calendar")
    phone.heading("Calendar").wait_for()
    phone.go("/")
    phone.page.get_by_text(TITLE).first.wait_for()
    phone.settle()
    stored = phone.page.evaluate(STORED)
    assert "answer:/today" in stored
    assert TITLE not in stored
    assert TITLE not in str([kim.send("GET", path) for path in ("/today", "/dates", "/inbox")])

    phone.go("/me/guides?show=care")
    phone.heading("Your plans").wait_for()
    phone.page.locator(".rows a").first.click()
    phone.button("Drop this plan").click()
    phone.confirm("Drop this plan")
    phone.see("It is gone.")
    assert robin.send("GET", "/me/self-care-plans")["items"] == []
    assert robin.send("GET", "/dates?show=upcoming")["items"] == []


def test_times_outside_of_the_week_are_explained_beside_the_action(open_phone, couple):
    robin, _ = couple
    phone = open_phone("desktop")
    phone.sign_in(robin, "/me/self-care/two-weeks-of-daylight/times")
    late = f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}"
    phone.page.locator(".action-row input[type=date]").nth(1).fill(late)
    phone.expect_refusal(422)
    phone.button("Put it into my calendar").click()
    row = phone.page.locator(".action-row").nth(1)
    row.get_by_text("Choose a day in the week of this action.").wait_for()
    phone.check_accessible()
    assert robin.send("GET", "/me/self-care-plans")["items"] == []


def test_ticks_stay_and_a_first_appointment_is_planned_under_any_title(open_phone, couple):
    robin, kim = couple
    phone = open_phone("desktop")
    phone.sign_in(robin, "/me/guides?show=help")
    phone.page.get_by_text("Couples counsellor").click()
    question = phone.page.get_by_role("checkbox", name="What training do you have for working with couples?")
    question.check()
    phone.page.get_by_role("checkbox", name=re.compile("^Licensed")).first.check()
    phone.settle()
    phone.check_accessible()
    assert len(robin.send("GET", "/me/support-checklists")["items"]) == 1
    phone.open("/me/guides?show=help")
    phone.page.get_by_text("Couples counsellor").click()
    expect(question).to_be_checked()

    phone.link("Plan a first appointment").first.click()
    phone.heading("Plan a first appointment").wait_for()
    phone.page.get_by_label("What it is called").fill("Blue folder")
    phone.page.get_by_role("radio", name="The two of us").check()
    phone.page.locator(".slot-picker input[type=date]").first.fill(f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}")
    phone.page.locator(".slot-picker input[type=time]").first.fill("10:00")
    phone.check_accessible()
    phone.button("Propose").click()
    phone.heading("Blue folder").wait_for()
    (date,) = kim.send("GET", "/dates")["items"]
    assert (date["activity"]["title"], date["state"]) == ("Blue folder", "proposed")
    assert kim.send("GET", "/activities?q=folder")["items"] == []
    assert kim.send("GET", "/me/support-checklists")["items"] == []
