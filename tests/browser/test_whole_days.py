"""Whole days in the browser: proposing a getaway, answering with other days, moving, and every place that shows it."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.test_dates import accept, day, fill_time, idea, propose

pytestmark = pytest.mark.real_time


def getaway(person, hours=48):
    """Return an idea for a getaway that takes at most so many hours."""
    ideas = person.send("GET", "/activities?category=getaway&for=two&limit=100")["items"]
    return next(each for each in ideas if each["for"] == "two" and each["duration_max"] == hours * 60)


def trip(person, first, days, activity, **more):
    slots = [{"first_day": first, "days": days}]
    return person.send("POST", "/dates", {"activity_id": activity["id"], "slots": slots, **more})


def shown(first, last):
    """Return whole days as a person in Britain reads them."""
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    if first.month == last.month:
        return f"{first.day} – {last:%-d %b}".replace("Sep", "Sept")
    return f"{first:%-d %b} – {last:%-d %b}".replace("Sep", "Sept")


def fill_days(phone, number, first, last):
    row = phone.page.get_by_role("group", name=f"Time {number}")
    row.get_by_label("First day").fill(first)
    row.get_by_label("Last day").fill(last)
    return row


@pytest.fixture
def close_couple(couple):
    """Return Robin and Kim, who both want nights together."""
    for person in couple:
        person.send("PUT", "/me/pace", {"pace": 5})
    return couple


def test_two_phones_agree_on_whole_days(open_phone, close_couple):
    robin, kim = close_couple
    chosen = getaway(robin)
    evening = accept(kim, propose(robin, f"{day(22)}T21:00", activity=idea(robin)))["activity"]["title"]
    phone = open_phone("Pixel 7")
    phone.sign_in(robin, f"/propose/{chosen['id']}")
    switch = phone.page.get_by_role("switch", name="Whole days")
    expect(switch).to_be_checked()
    expect(phone.page.get_by_role("group", name="Repeat")).to_have_count(0)

    # What is wrong is said here, and nothing is sent.
    phone.button("Propose it").click()
    phone.see("Choose a first and a last day.")
    for first, last, fault in (
        (day(9), day(8), "Choose 1 to 14 days."),
        (day(0), day(1), "This day has begun. Choose a later one."),
        (day(9), day(23), "Choose 1 to 14 days."),
    ):
        fill_days(phone, 1, first, last)
        phone.button("Propose it").click()
        phone.see(fault)
    row = fill_days(phone, 1, day(20), day(21))
    expect(row.get_by_text(f"You have “{evening}” at this time.")).to_have_count(0)
    row.get_by_label("Last day").fill(day(22))
    row.get_by_text(f"You have “{evening}” at this time.").wait_for()
    # A time of day keeps the day, and whole days come back.
    switch.uncheck()
    phone.page.get_by_label("Time", exact=True).wait_for()
    switch.check()
    phone.check_accessible()
    phone.button("Propose it").click()
    phone.see("Waiting for Kim")
    phone.see("3 whole days")

    other = open_phone("iPhone 15", timezone_id="America/New_York", color_scheme="dark")
    other.sign_in(kim)
    other.heading("Waits for your answer").wait_for()
    expect(other.page.locator("main .rows.ember time")).to_have_text(shown(day(20), day(22)))
    other.page.locator("main .rows.ember a").first.click()
    other.see("These days are on Lisbon time.")
    other.link(f"You have “{evening}” at this time.").wait_for()
    other.check_accessible()
    other.button("Offer other times").click()
    expect(other.page.get_by_role("switch", name="Whole days")).to_be_checked()
    fill_days(other, 1, day(27), day(28))
    other.button("Offer these times").click()
    other.see("Waiting for Robin")

    phone.come_back()
    phone.see("These days are on New York time.")
    phone.button(f"Yes to {shown(day(27), day(28))}").click()
    phone.see("Agreed. Kim gets your yes.")
    phone.see("in 27 days")
    phone.button("Share as text").click()
    assert "(2 whole days)" in phone.page.get_by_role("textbox", name="Share as text").input_value()
    phone.page.keyboard.press("Escape")
    phone.button("Add to your calendar").click()
    end = day(29)
    google, outlook = (
        parse_qs(urlsplit(phone.link(name).get_attribute("href")).query) for name in ("Google Calendar", "Outlook")
    )
    assert google["dates"] == [f"{day(27)}/{end}".replace("-", "")]
    assert (outlook["allday"], outlook["startdt"], outlook["enddt"]) == (["true"], [day(27)], [end])
    phone.page.keyboard.press("Escape")

    # The month has the date on both days, for each in their own zone.
    for each in (phone, other):
        each.go(f"/calendar?day={day(28)}")
        each.page.locator(".chosen-day").get_by_text("2 whole days").wait_for()
        each.page.locator(".chosen-day").get_by_text(chosen["title"]).click()
        each.heading(chosen["title"]).wait_for()
    phone.go(f"/calendar?day={day(29)}")
    phone.see("A free day")

    # It moves to an evening.
    phone.go(f"/dates/{robin.send('GET', f'/dates?from={day(27)}&to={day(27)}')['items'][0]['id']}")
    phone.button("Move it").click()
    phone.page.get_by_role("dialog").get_by_role("switch", name="Whole days").uncheck()
    fill_time(phone, 1, f"{day(27)}T19:00")
    phone.button("Offer these times").click()
    phone.heading("You asked Kim to move it").wait_for()


def test_whole_days_alone_agreed_already_and_unsent(open_phone, close_couple):
    robin, kim = close_couple
    chosen = getaway(robin)
    phone = open_phone("desktop")
    phone.sign_in(robin)
    row = phone.page.get_by_role("group", name="Time 1")
    # An idea that came with a time begins on its day. One night is between two days, two nights are between three.
    for hours, last in ((10, 12), (24, 13), (36, 13), (60, 14)):
        phone.go(f"/propose/{getaway(robin, hours)['id']}?at={day(12)}T10:00")
        expect(row.get_by_label("Last day")).to_have_value(day(last))
    phone.go(f"/propose/{chosen['id']}?at={day(12)}T10:00")
    expect(row.get_by_label("First day")).to_have_value(day(12))
    expect(row.get_by_label("Last day")).to_have_value(day(14))
    phone.page.get_by_role("radio", name="We have agreed already").check()
    phone.expect_offline()
    phone.page.route("**/v1/dates", lambda route: route.abort())
    phone.button("Write it down").click()
    phone.see("This waits for a connection")
    phone.see(shown(day(12), day(14)))
    phone.go("/calendar")
    phone.see(shown(day(12), day(14)))
    phone.page.get_by_text(shown(day(12), day(14))).click()
    phone.link("Change", exact=True).click()
    expect(row.get_by_label("Last day")).to_have_value(day(14))
    row.get_by_label("First day").fill(day(13))
    expect(row.get_by_label("Last day")).to_have_value(day(15))  # as long as before
    phone.page.unroute_all(behavior="wait")  # a try of the outbox may be on its way
    phone.button("Write it down").click()
    phone.see("Kim has not confirmed it yet.")
    assert [slot["end_day"] for slot in kim.send("GET", "/dates")["items"][0]["slots"]] == [day(16)]

    # A day of one's own, of an idea that usually takes an evening; it does not repeat.
    phone.go(f"/propose/{idea(robin, 'one')['id']}?for=one")
    expect(phone.page.get_by_role("switch", name="Whole days")).not_to_be_checked()
    phone.page.get_by_role("group", name="Repeat").wait_for()
    phone.page.get_by_role("switch", name="Whole days").check()
    expect(phone.page.get_by_role("group", name="Repeat")).to_have_count(0)
    phone.page.get_by_role("group", name="Days that may suit").wait_for()
    phone.button("Choose days yourself").click()
    fill_days(phone, 1, day(30), day(30))
    phone.check_accessible()
    phone.button("Plan it for me").click()
    phone.see("1 whole day")
    phone.check_accessible()
    own = next(each for each in robin.send("GET", "/dates")["items"] if each["for"] == "one")
    assert (own["slots"][0]["all_day"], own["slots"][0]["first_day"]) == (True, day(30))


def test_days_that_are_offered_already_are_not_suggested(open_phone, close_couple):
    robin, kim = close_couple
    chosen = getaway(robin)
    (first, *_, other) = sorted(
        {slot["local_time"][:10] for slot in kim.send("GET", f"/activities/{chosen['id']}/slots?for=two")["slots"]}
    )
    date = trip(robin, first, 3, chosen)
    phone = open_phone("Pixel 7")
    phone.sign_in(kim, f"/dates/{date['id']}")
    phone.button("Offer other times").click()
    days = phone.page.get_by_role("group", name="Days that may suit")
    expect(days.get_by_text(f"{date_of(other)} –")).to_have_count(1)
    expect(days.get_by_text(f"{date_of(first)} –")).to_have_count(0)


def date_of(day):
    """Return the first of some days as it is suggested."""
    return f"{date.fromisoformat(day):%a %-d %b}".replace("Sep", "Sept")
