"""Important days in the browser: add, offer, agree, see the countdown, and end it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.real_time


def test_a_countdown_for_both_begins_and_ends(open_phone, couple):
    robin, kim = couple
    soon = datetime.now(UTC).date() + timedelta(days=10)
    own, other = open_phone("Pixel 7"), open_phone("desktop", color_scheme="dark")
    own.sign_in(robin, "/calendar")
    own.link("Important days").click()
    own.heading("No important days yet").wait_for()
    own.button("Add a day").click()
    own.page.get_by_role("radio", name="Another day").check()
    own.page.get_by_label("Its name", exact=True).fill("Our first walk")
    own.page.get_by_label("Day", exact=True).fill("32")
    own.page.get_by_label("Month").select_option(str(soon.month))
    own.page.get_by_label("Year, if you like").fill("2016")  # a year with a 29 February
    own.check_accessible()
    own.expect_refusal(422)
    own.button("Save").click()
    own.page.locator(".fault").first.wait_for()
    own.page.get_by_label("Day", exact=True).fill(str(soon.day))
    own.button("Save").click()
    own.link("Our first walk").click()
    own.see("Only you see it")
    own.button("Offer the countdown to Kim").click()
    own.confirm("Offer it")
    own.see("Offered. It shows to both once you both want it.")
    own.check_accessible()

    other.sign_in(kim)
    other.link("Your partner would like to show you a countdown").click()
    other.see("Robin would like to show it to you both")
    other.check_accessible()
    other.button("Show it to both of us").click()
    other.see("For both of you")
    other.go("/")
    other.heading("Coming up").wait_for()
    other.link("Our first walk").wait_for()
    other.check_accessible()
    other.go(f"/calendar?day={soon}")
    expect(other.page.locator("main").get_by_role("link", name="Our first walk")).to_have_count(1)
    other.see("No date is planned for this day.")
    expect(other.heading("A free day")).to_have_count(0)
    other.check_accessible()

    own.come_back()
    own.see("For both of you")
    own.go("/")
    own.link("Our first walk").click()
    own.button("End the countdown").click()
    own.confirm("Yes, end it")
    own.see("Only you see it")
    other.go("/calendar/days")
    other.heading("No important days yet").wait_for()


def test_a_birthday_says_whose_it_is(open_phone, couple):
    robin, kim = couple
    own, other = open_phone(), open_phone("iPhone 15", color_scheme="dark")
    own.sign_in(robin, "/calendar/days")
    own.button("Add a day").click()
    expect(own.page.get_by_role("radio", name="Kim’s")).to_be_checked()
    own.page.get_by_role("radio", name="Another person’s").check()
    own.page.get_by_label("Its name, such as “Mia’s birthday”").fill("Mia’s birthday")
    own.check_accessible_at_both_sizes()
    own.page.get_by_role("radio", name="Mine").check()
    expect(own.page.get_by_label("Its name")).to_have_count(0)
    own.page.get_by_label("Day", exact=True).fill("3")
    own.button("Save").click()
    own.link("Your birthday").click()
    own.button("Offer the countdown to Kim").click()
    own.confirm("Offer it")
    own.see("Offered. It shows to both once you both want it.")
    other.sign_in(kim, "/calendar/days")
    other.link("Birthday of Robin").wait_for()
    other.check_accessible_at_both_sizes()
    own.button("Take the offer back").click()
    own.confirm("Yes, end it")
    own.see("Only you see it")
    own.button("Edit").click()
    own.page.get_by_role("radio", name="Kim’s").check()
    own.button("Save").click()
    own.heading("Birthday of Kim").wait_for()


def test_the_partner_is_chosen_when_the_name_loads_late(open_phone, couple):
    robin, _ = couple
    phone = open_phone("desktop")
    late: list[Route] = []
    loads: list[bool] = []
    phone.page.route("**/v1/today*", lambda route: route.continue_() if loads else late.append(route))
    phone.sign_in(robin, "/calendar/days")
    phone.button("Add a day").click()
    expect(phone.page.get_by_role("radio", name="Mine")).to_be_checked()
    phone.page.get_by_label("Day", exact=True).fill("3")
    loads.append(True)
    for route in late:
        route.continue_()
    expect(phone.page.get_by_role("radio", name="Kim’s")).to_be_checked()
    phone.page.get_by_role("radio", name="Mine").check()
    phone.page.get_by_label("Day", exact=True).fill("4")
    expect(phone.page.get_by_role("radio", name="Mine")).to_be_checked()
