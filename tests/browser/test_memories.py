"""Test memories and the look back in the browser: timeline, places, search, one page, and what a person hides."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests import served as served_
from tests.browser import phones
from tests.browser.test_dates import accept, propose
from tests.browser.test_notes import share, write


def a_year_after(first):
    """Return the same day of the next year."""
    is_leap_day = (first.month, first.day) == (2, 29)
    return first.replace(year=first.year + 1, **({"day": 28} if is_leap_day else {}))


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """Yield a served product with two people who had three dates and wrote about them, a year before now."""
    file = tmp_path_factory.mktemp("memories") / "past.sqlite3"
    with served_.running(f"sqlite:///{file}", trusted_proxies="1") as served:
        robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim")
        phones.pair(robin, kim)
        first = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=2)
        dates = []
        for days, place in ((0, "The mill"), (9, "Café Mül"), (40, "the Mill")):
            start = first + timedelta(days=days)
            served.jump_to(start - timedelta(days=2))
            date = accept(kim, propose(robin, f"{start:%Y-%m-%dT%H:%M}", place=place))
            served.jump_to(start + timedelta(hours=1))
            version = robin.send("GET", f"/dates/{date['id']}")["version"]
            robin.send("POST", f"/dates/{date['id']}/complete", {}, **{"If-Match": f'"{version}"'})
            dates.append(date["id"])
        for person, body in ((kim, "You waited in the rain."), (robin, "Our bench.")):
            note = {"kind": "memory", "body": body, "date_id": dates[0]}
            made = person.send("POST", "/notes", note)
            if person is kim:
                person.send("POST", f"/notes/{made['id']}/share", {}, **{"If-Match": '"1"'})
        served.jump_to(a_year_after(first))
        yield served, robin, kim, dates, first


@pytest.fixture
def open_past(browser, playwright, past):
    served, *_, first = past
    with ExitStack() as stack:

        def open_(account, path, device="Pixel 7"):
            options = phones.DESKTOP if device == "desktop" else playwright.devices[device]
            phone = stack.enter_context(phones.phone(browser, served, options))
            phone.page.clock.set_system_time(a_year_after(first))
            status, answer = served.request(
                "POST", "/v1/sign-ins", None,
                {"sign_in_name": account.answer["sign_in_name"], "password": phones.PASSWORD},
            )  # fmt: skip
            assert status == 201, answer
            account.answer["session"] = answer["session"]
            phone.sign_in(account, path)
            return phone

        yield open_


def test_memories_by_month_and_place_with_a_search(open_past, past):
    _, robin, _, _, first = past
    phone = open_past(robin, "/memories")
    phone.heading("On this day").wait_for()
    phone.heading(f"{first:%B %Y}").wait_for()
    phone.see("You waited in the rain.")
    phone.check_accessible()
    phone.page.get_by_label("Search in titles").fill("BENCH")
    phone.page.wait_for_url("**/memories?q=BENCH")
    phone.page.locator(".memory-card").first.wait_for()
    assert phone.page.locator(".memory-card").count() == 1
    phone.page.get_by_label("Search in titles").fill("nothing like it")
    phone.heading("Nothing found").wait_for()
    phone.check_accessible()
    phone.link("Show all memories").click()
    phone.link("By place").click()
    phone.link("the Mill").wait_for()
    phone.see("2 memories")
    phone.check_accessible()
    phone.link("the Mill").click()
    phone.page.locator(".memory-card").nth(1).wait_for()
    assert phone.page.locator(".memory-card").count() == 2
    phone.page.get_by_label("Month").select_option(f"{first:%Y-%m}")
    phone.page.wait_for_url(f"**month={first:%Y-%m}*")
    phone.page.locator(".memory-card").nth(1).wait_for(state="detached")
    phone.button("Show all places").click()
    phone.page.wait_for_url(lambda url: "place" not in url)


def test_one_memory_and_what_is_hidden_for_good(open_past, past):
    _, _, kim, *_ = past
    phone = open_past(kim, "/memories", "desktop")
    phone.see("On this day")
    phone.button("Not now").click()
    phone.see("does not come up again")
    phone.heading("On this day").wait_for(state="detached")
    phone.link("Memories that you have hidden").click()
    phone.heading("Hidden memories").wait_for()
    phone.page.locator(".memory-card a").first.click()
    phone.see("The mill")
    phone.see("You waited in the rain.")
    assert phone.page.get_by_text("Our bench.").count() == 0, "a private note of the partner"
    phone.check_accessible()
    phone.button("Show it again").click()
    phone.button("Do not show this again").wait_for()
    phone.go("/")
    phone.heading("On this day").wait_for()
    phone.check_accessible()


def test_looking_back_draws_charts_with_tables(open_past, past):
    phone = open_past(past[1], "/us")
    phone.link("Looking back").click()
    phone.heading("Dates a month").wait_for()
    tables = phone.page.get_by_role("table")
    assert tables.count() == 2
    rows = tables.first.get_by_role("row").all_inner_texts()
    assert len(rows) == 13
    assert phone.page.get_by_role("img", name="Dates a month").count() == 1
    phone.see("Only you see this.")
    phone.see("Notes that you wrote")
    phone.check_accessible_at_both_sizes()


@pytest.mark.real_time
def test_a_memory_that_is_a_note_is_among_the_memories(open_phone, couple):
    robin, kim = couple
    write(robin, "The bench by the river.", "memory")
    share(kim, write(kim, "The duck.", "memory"))
    phone = open_phone()
    phone.sign_in(robin)
    phone.link("Memories").first.click()
    cards = phone.page.locator(".memory-list .note-card")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("From Kim")
    phone.check_accessible_at_both_sizes()
    phone.page.get_by_label("Search in titles, places and notes").fill("river")
    expect(cards).to_have_count(1)
    cards.get_by_role("link").click()
    phone.heading("Your note").wait_for()
    phone.see("The bench by the river.")
