"""Today in the browser: what waits, what comes next, and what the partner does while the page is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.real_time


def propose(sender, days: int = 3, **more):
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    idea = sender.send("GET", "/suggestions")["items"][0]["activity"]
    body = {"activity_id": idea["id"], "slots": [{"local_time": f"{day}T19:30", "zone": "Europe/Lisbon"}], **more}
    return sender.send("POST", "/dates", body)


def test_today_shows_what_waits_and_what_comes_next(open_phone, couple):
    robin, kim = couple
    waiting, agreed = propose(kim), propose(robin, 5)
    kim.send("POST", f"/dates/{agreed['id']}/accept", {"slot_id": agreed["slots"][0]["id"]}, **{"If-Match": '"1"'})
    phone = open_phone()
    phone.sign_in(robin)
    phone.heading("Robin").wait_for()
    phone.heading("Waits for your answer").wait_for()
    phone.link(waiting["activity"]["title"]).first.wait_for()
    assert agreed["activity"]["title"] in phone.page.locator(".next-date").inner_text()
    phone.check_accessible()


def test_a_proposal_of_the_partner_appears_on_focus(open_phone, couple):
    robin, kim = couple
    phone = open_phone("iPhone 15")
    phone.sign_in(robin)
    phone.heading("A question for today").wait_for()
    waiting = propose(kim)
    phone.come_back()
    phone.link(waiting["activity"]["title"]).first.wait_for()
