"""Ideas of both in the browser: matches, and the someday list."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from time import monotonic, sleep

import pytest

from tests import served as served_
from tests.browser import phones

pytestmark = pytest.mark.real_time


def wait_for_rows(database, query):
    """Return the first row of a query of the served database, when there is one."""
    deadline = monotonic() + 30
    with closing(sqlite3.connect(database)) as connection:
        while monotonic() < deadline:
            if row := connection.execute(query).fetchone():
                return row
            sleep(0.05)
    raise AssertionError(f"no row: {query}")


def test_a_match_shows_on_the_next_day(playwright, browser, tmp_path):
    with served_.running(f"sqlite:///{tmp_path}/rekindle.sqlite3", trusted_proxies="1") as served:
        robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim")
        phones.pair(robin, kim)
        decks = [
            {card["id"] for card in each.send("GET", "/deck")["items"] if len(card["seasons"]) == 4}
            for each in (robin, kim)
        ]
        liked = min(decks[0] & decks[1])  # out of season, a match would wait
        for each in (robin, kim):
            each.send("PUT", f"/activities/{liked}/vote", {"vote": "like"})
        with phones.phone(browser, served, playwright.devices["iPhone 15"]) as phone:
            phone.sign_in(kim, "/ideas/matches")
            phone.heading("Nothing to show now").wait_for()
            # A tick of the same day makes the match, for a noon of one of the next days.
            (at,) = wait_for_rows(tmp_path / "rekindle.sqlite3", "SELECT shown_from FROM matches")
            served.jump_to(datetime.fromisoformat(at) + timedelta(minutes=5))
            phone.go("/ideas")
            phone.link("You are both curious about one idea").click()
            phone.link("Plan it").wait_for()
            phone.see("You and Robin like these")
            phone.check_accessible()


def test_the_someday_list_of_two(open_phone, couple):
    robin, kim = couple
    game = robin.send("GET", "/activities?q=regular+game+night")["items"][0]
    phone, other = open_phone(), open_phone("iPhone 15")
    phone.sign_in(robin, "/ideas/someday")
    phone.heading("Nothing on the list yet").wait_for()
    phone.go(f"/activities/{game['id']}")
    phone.button("Put on our someday list").click()
    phone.see("It is on the list that you share with Kim.")
    phone.button("Take off the list").wait_for()
    other.sign_in(kim, "/ideas")
    other.link("Someday list: 1 idea").click()
    other.see("Added by Robin")
    other.check_accessible()
    assert other.link("Plan it").get_attribute("href") == f"/app/propose/{game['id']}"
    other.button("Take off the list").click()
    other.heading("Nothing on the list yet").wait_for()
    phone.come_back()
    phone.button("Put on our someday list").wait_for()
    phone.expect_refusal(409)
    robin.send("PUT", "/me/space", {"kind": "quiet", "dates": []})
    phone.button("Put on our someday list").click()
    phone.see("You are taking space")
    assert robin.send("GET", "/someday-list")["items"] == []
