"""The calendar in the browser: the month by keyboard, the chosen day, and the list of what is ahead."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser import phones
from tests.browser.test_dates import accept, day, propose

pytestmark = pytest.mark.real_time


def label(wall):
    at = datetime.fromisoformat(wall)
    return f"{at:%A} {at.day} {at:%B}"


def test_the_month_shows_dates_and_goes_by_keyboard(open_phone, couple):
    robin, kim = couple
    agreed = accept(kim, propose(robin, f"{day(3)}T19:00"))
    propose(kim, f"{day(3)}T12:00", f"{day(4)}T12:00")
    desk = open_phone("desktop")
    desk.sign_in(robin, f"/calendar?day={day(3)}")
    title = agreed["activity"]["title"]
    chosen = desk.page.get_by_role("gridcell", selected=True).get_by_role("button")
    desk.page.locator("td[aria-selected=true] i.open").wait_for()
    name = chosen.get_attribute("aria-label")
    assert all(part in name for part in (label(day(3)), title, "Waiting for you"))
    expect(desk.page.locator(".chosen-day").get_by_role("link")).to_have_count(2)
    desk.check_accessible()

    def press(key, expected):
        desk.page.keyboard.press(key)
        desk.page.locator(f"button.day:focus[aria-label^='{label(expected)}']").wait_for()

    chosen.focus()
    at = datetime.fromisoformat(day(3))
    at += timedelta(days=1)
    press("ArrowRight", at.isoformat())
    at += timedelta(days=7)
    press("ArrowDown", at.isoformat())
    at -= timedelta(days=at.weekday())
    press("Home", at.isoformat())
    at += timedelta(days=6)
    press("End", at.isoformat())
    at -= timedelta(days=7)
    press("ArrowUp", at.isoformat())
    at -= timedelta(days=1)
    press("ArrowLeft", at.isoformat())
    year, month = at.year + at.month // 12, at.month % 12 + 1
    shortest = min(at.day, monthrange(year, month)[1])
    press("PageDown", at.replace(year=year, month=month, day=shortest).isoformat())
    press("PageUp", at.replace(day=shortest).isoformat())
    expect(desk.page.locator("td button[tabindex='0']")).to_have_count(1)
    desk.button("Next month").click()
    desk.button("Today", exact=True).click()
    today = datetime.now(ZoneInfo("Europe/Lisbon"))
    desk.page.locator(f"button.day[aria-current=date][aria-label^='{label(today.isoformat())}, Today']").wait_for()
    # The address holds the view: it is the same after a reload.
    desk.page.get_by_role("radio", name="List").check()
    desk.heading("Ahead").wait_for()
    desk.page.reload()
    desk.heading("Waiting for an answer").wait_for()
    desk.heading(label(day(3))).wait_for()
    desk.check_accessible()


def test_a_long_list_comes_in_pages_and_an_empty_one_says_so(open_phone, served):
    sol = phones.sign_up(served, "Sol")
    phone = open_phone()
    phone.sign_in(sol, "/calendar?view=agenda")
    phone.heading("No dates yet").wait_for()
    phone.check_accessible()
    chosen = sol.send("GET", "/activities?for=one")["items"][0]
    for ahead in range(1, 23):
        propose(sol, f"{day(ahead)}T09:00", activity=chosen, **{"for": "one"})
    phone.come_back()
    phone.heading("Ahead").wait_for()
    rows = phone.page.locator(".date-row")
    expect(rows).to_have_count(20)
    phone.button("Show more").click()
    phone.heading(label(day(22))).wait_for()
    expect(rows).to_have_count(22)
    expect(phone.button("Show more")).to_have_count(0)
