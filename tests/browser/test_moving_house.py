"""The whole move in the browser: two files from one served product, brought in on the phone at another one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests import served as served_
from tests.browser import phones
from tests.browser.phones import PASSWORD, Account, sign_up
from tests.photos import encoded, picture
from tests.served import Served

pytestmark = pytest.mark.real_time


@pytest.fixture(scope="module")
def new_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return another served product, with a database of its own."""
    file = tmp_path_factory.mktemp("new-house") / "rekindle.sqlite3"
    with served_.running(f"sqlite:///{file}", trusted_proxies="1") as running:
        yield running


@pytest.fixture
def open_there(browser: Browser, new_house: Served, playwright: Playwright) -> Iterator[Callable[..., phones.Phone]]:
    """Return a function that opens a phone at the new server."""
    opened = []

    def open_one(device: str) -> phones.Phone:
        described = phones.DESKTOP if device == "desktop" else playwright.devices[device]
        opened.append(phones.phone(browser, new_house, described))
        return opened[-1].__enter__()

    yield open_one
    for phone in opened:
        phone.__exit__(None, None, None)


def export(account: Account, folder: Path, part: str) -> Path:
    """Save a part of an export as the person would."""
    file = folder / f"{account.name}-{part}.zip"
    sent = {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"}
    body = json.dumps({"password": PASSWORD, "part": part}).encode()
    address = f"http://{account.served.address}:{account.served.port}/v1/me/exports"
    with urlopen(Request(address, body, sent)) as answer:
        file.write_bytes(answer.read())
    return file


def live(robin: Account) -> None:
    """Write and add something of each kind that the screen names."""
    memory = robin.send("POST", "/notes", {"kind": "memory", "body": "The bench by the river."})["id"]
    idea = {"title": "Feed the ducks", "category": "outdoors", "for": "one"}
    idea_id = robin.send("POST", "/activities", idea)["id"]
    for about, caption in (({"note_id": memory}, "The bench"), ({"activity_id": idea_id}, "A duck")):
        data = base64.b64encode(encoded("JPEG", picture(900, 600))).decode()
        robin.send("POST", "/photos", {**about, "caption": caption, "data": data})
    robin.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
    robin.send("POST", "/reflections", {"body": "It was about being heard."})
    robin.send("POST", "/commitments", {"body": "Put the phone away at dinner."})
    robin.send("POST", "/important-days", {"kind": "own", "title": "Our first walk", "month": 5, "day": 14})
    first = (datetime.now(UTC) + timedelta(days=1)).date()
    plan = robin.send("GET", "/self-care-plans")["items"][0]["slug"]
    times = robin.send("GET", f"/me/self-care-plans/times?slug={plan}&from={first}")["items"]
    chosen = [{name: each[name] for name in ("action", "local_time")} for each in times if each["local_time"]]
    robin.send("POST", "/me/self-care-plans", {"slug": plan, "starts_on": str(first), "times": chosen})


def line(phone: phones.Phone, kind: str) -> str:
    """Return the numbers of a kind in the result."""
    row = phone.page.locator(".card dl > div", has=phone.page.locator("dt", has_text=kind))
    return str(row.locator("dd").inner_text())


def bring_in(phone: phones.Phone) -> Any:
    """Press the button, and return the answer of the import."""
    with phone.page.expect_response(lambda answer: answer.url.endswith("/me/imports")) as answer:
        phone.button("Bring it in").click()
    return answer.value


def test_a_whole_life_moves_to_another_server(couple, open_phone, open_there, new_house, tmp_path):
    robin, _ = couple
    live(robin)
    files = [export(robin, tmp_path, part) for part in ("ordinary", "private")]
    there = sign_up(new_house, "Robin")
    phone = open_there("Pixel 7")
    phone.expect_refusal(409)
    phone.sign_in(there, "/me/import")
    phone.heading("What stays in the file").wait_for()
    phone.check_accessible()
    phone.page.get_by_label("Your export files").set_input_files(files)
    assert bring_in(phone).status == 409
    phone.see("Your password makes the key that encrypts them here.")
    phone.check_accessible()
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    sent: list[str] = []
    phone.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    phone.button("Begin").click()
    phone.heading("What came over").wait_for()
    phone.page.get_by_text("2 new, 0 here already").first.wait_for()
    for kind, numbers in (("Notes", "1 new"), ("Photos", "2 new"), ("Reflections", "1 new"), ("Promises", "1 new")):
        assert line(phone, kind).startswith(numbers), kind
    assert sum(url.endswith("/v1/photos") for url in sent) == 2
    phone.check_accessible()

    assert bring_in(phone).status == 200
    phone.page.get_by_text("0 new, 2 here already").first.wait_for()
    phone.go("/notes")
    phone.page.get_by_alt_text("The bench").wait_for()
    phone.go("/notes/reflections")
    phone.see("It was about being heard.")
    phone.go("/notes/promises")
    phone.see("Put the phone away at dinner.")
    phone.go("/calendar/days")
    phone.see("Our first walk")
    assert len(there.send("GET", "/me/self-care-plans")["items"]) == 1
    with ZipFile(export(there, tmp_path, "private")) as again:
        assert sum(name.startswith("photos/") for name in again.namelist()) == 2


def test_photos_go_on_where_they_stopped(couple, open_there, new_house, tmp_path):
    robin, _ = couple
    live(robin)
    file = export(robin, tmp_path, "private")
    there = sign_up(new_house, "Robin")
    phone = open_there("desktop")
    phone.expect_refusal(409, 429)
    phone.sign_in(there, "/me/import")
    phone.page.get_by_label("Your export files").set_input_files(file)
    assert bring_in(phone).status == 409
    problem = {
        "type": "/problems/too-many-requests",
        "title": "Too many",
        "status": 429,
        "reason": "too_many",
        "params": {},
    }
    taken: list[str] = []

    def take_one(route: Any) -> None:
        if taken:
            detail = {**problem, "detail": "Please wait a moment."}
            route.fulfill(status=429, content_type="application/problem+json", body=json.dumps(detail))
        else:
            taken.append(route.request.url)
            route.continue_()

    phone.page.route("**/v1/photos", take_one)
    with phone.page.expect_response(lambda answer: answer.status == 429):
        phone.button("Leave the reflections in the file").click()
    phone.see("Please wait a moment.")
    phone.see("One photo is still to come.")
    phone.check_accessible()
    phone.page.unroute("**/v1/photos")
    assert there.send("GET", "/me/reflections")["reflections"] == 0
    phone.button("Bring it in").click()
    phone.button("Leave the reflections in the file").click()
    phone.page.get_by_text("1 new, 1 here already").first.wait_for()
    assert len(there.send("GET", "/photos")["items"]) == 2


def test_files_that_cannot_move_say_why(couple, open_phone, tmp_path):
    robin, kim = couple
    phone = open_phone("iPhone 15")
    phone.expect_refusal(409)
    phone.sign_in(robin, "/me/import")
    choose = phone.page.get_by_label("Your export files")
    choose.set_input_files([export(robin, tmp_path, "ordinary"), export(kim, tmp_path, "private")])
    phone.button("Bring it in").click()
    phone.see("These files belong to two different people.")
    choose.set_input_files(export(robin, tmp_path, "private"))
    assert bring_in(phone).status == 409
    phone.see("This is an export of this very account.")
    damaged = tmp_path / "damaged.zip"
    whole = export(kim, tmp_path, "ordinary").read_bytes()
    damaged.write_bytes(whole[:200] + bytes(400) + whole[600:])
    choose.set_input_files(damaged)
    phone.button("Bring it in").click()
    phone.see("This is not an export of Rekindle, or it is damaged.")
    phone.check_accessible()
    expect(phone.heading("What came over")).to_have_count(0)
