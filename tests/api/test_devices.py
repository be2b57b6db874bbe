"""Devices: register and remove them, and what arrives at a push service that decrypts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from time_machine import Traveller

from planner import clock, outbound, scheduler
from planner.accounts import caps
from planner.notifications import web_push
from planner.notifications.deliveries import Delivery
from planner.notifications.devices import Device
from planner.settings import Settings
from planner.storage import db
from tests import push_services
from tests.conftest import NOON, SETTINGS
from tests.dates import START, agreed, offer
from tests.exports import export
from tests.people import PASSWORD, Cast, Person
from tests.push_services import PushService
from tests.spaces import share

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OTHER = "push_host_not_allowed"
PUBLIC_URL = "https://rekindle.example.org"


def allow(service: PushService, **more: object) -> None:
    """Let the server call this push service."""
    settings = {"public_url": PUBLIC_URL, "push_hosts": (service.host,), "outbound_origins": (service.origin,), **more}
    outbound.use(replace(SETTINGS, **settings))
    web_push.use(replace(SETTINGS, **settings))


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_services.running() as running:
        allow(running)
        yield running
        outbound.use(Settings())
        web_push.use(Settings())


def register(person: Person, device: push_services.Device, status: int = 200, installation: str | None = None) -> dict:
    person.put("/me/preferences", {**person.get("/me/preferences"), "quiet_from": None, "quiet_until": None})
    return person.put(f"/devices/{installation or uuid4()}", device.subscription, status)


def waits() -> list[object]:
    """Return when the deliveries that wait are due."""
    waiting = Delivery.channel == "push", Delivery.next_at.is_null(False)
    with db.connection():
        return [at for (at,) in db.fetch_all(Delivery.select(Delivery.next_at).where(*waiting))]


def installations(person: Person) -> list[str]:
    return [item["id"] for item in person.get("/devices")["items"]]


def test_a_device_gets_fixed_sentences_that_say_neither_who_nor_what(service, cast):
    device, mine = service.add_device(), str(uuid4())
    scheduler.tick(NOON)
    made = register(cast.bob, device, installation=mine)
    assert made == {
        "id": mine, "kind": "web_push", "host": "127.0.0.1", "sign_in_id": cast.bob.get("/sign-ins")["items"][0]["id"],
        "created_at": "2026-11-23T12:00:00.000Z", "current": True,
    }  # fmt: skip
    proposed = offer(cast.alice, message="Come to the mill, Bob")
    note = share(cast.alice, "You carried the shelf.")
    scheduler.tick(NOON)
    assert service.texts() == ["There is something new for you."] * 2
    first, second = service.received
    shown = first.payload["notification"]
    assert first.payload["web_push"] == 8030
    screens = {each.payload["notification"]["navigate"] for each in service.received}
    assert screens == {f"{PUBLIC_URL}/app/dates/{proposed['id']}", f"{PUBLIC_URL}/app/notes/{note}"}
    assert (shown["title"], shown["lang"], shown["dir"], shown["silent"]) == ("Rekindle", "en", "ltr", False)
    sent = json.dumps([each.payload for each in service.received])
    assert not [word for word in ("Alice", "Bob", "mill", "shelf", "partner", "date ", "note ") if word in sent]
    assert len(first.body) == len(second.body)
    headers = first.headers
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == (str(3 * 86400), "normal", "aes128gcm")
    assert headers["topic"] == shown["tag"]
    assert headers["topic"] != second.headers["topic"]
    assert f"k={cast.bob.get('/server')['push_key']}" in headers["authorization"]


def test_only_reminders_are_urgent_and_they_end_with_their_use(service, cast):
    device = service.add_device()
    date = agreed(cast.alice, cast.bob)
    scheduler.tick(NOON)
    register(cast.bob, device)
    scheduler.tick(START - DAY)
    scheduler.tick(START - HOUR)
    tomorrow, soon = service.received
    assert service.texts() == ["Something is planned for tomorrow.", "Something starts soon."]
    assert (tomorrow.headers["urgency"], soon.headers["urgency"], soon.headers["ttl"]) == ("high", "high", "3600")
    assert soon.payload["notification"]["navigate"].endswith(f"/app/dates/{date['id']}")


def test_each_device_has_its_own_delivery_and_a_repeat_reaches_one_only(service, cast):
    well, ill = service.add_device(), service.add_device()
    service.answers[ill.name] = (503, {})
    scheduler.tick(NOON)
    for device in (well, ill):
        register(cast.bob, device)
    share(cast.alice)
    scheduler.tick(NOON)
    assert (len(service.texts(well)), len(service.texts(ill))) == (1, 1)
    del service.answers[ill.name]
    scheduler.tick(NOON + 2 * MINUTE)
    assert (len(service.texts(well)), len(service.texts(ill))) == (1, 2)
    topics = {each.headers["topic"] for each in service.received if each.device == ill.name}
    assert len(topics) == 1, "a repeat replaces the first one"


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_its_push_service_no_longer_knows_goes(service, cast, status):
    device = service.add_device()
    service.answers[device.name] = (status, {})
    scheduler.tick(NOON)
    register(cast.bob, device)
    share(cast.alice)
    scheduler.tick(NOON)
    assert cast.bob.get("/devices")["items"] == []
    assert waits() == []


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (429, {"Retry-After": "600"}, 600, 750), (503, {"Retry-After": "Mon, 23 Nov 2026 12:20:00 GMT"}, 1200, 1500),
        (500, {}, 60, 75), (503, {"Retry-After": "soon"}, 60, 75), (429, {"Retry-After": "9" * 40}, 21600, 27000),
        (400, {}, 60, 60), (403, {}, 60, 60), (301, {"Location": "/push/elsewhere"}, 60, 60),
    ],
)  # fmt: skip
def test_a_refused_message_is_tried_later(service, cast, status, headers, least, most):
    device = service.add_device()
    service.answers[device.name] = (status, headers)
    scheduler.tick(NOON)
    register(cast.bob, device)
    share(cast.alice)
    scheduler.tick(NOON)
    (next_at,) = waits()
    assert least <= (next_at - NOON).total_seconds() <= most
    assert len(service.received) == 1, "no redirect is followed"
    assert len(installations(cast.bob)) == 1


def test_a_host_that_hangs_holds_up_one_message_only(service, cast, monkeypatch):
    monkeypatch.setattr(web_push, "MOST_SECONDS", 0.2)
    devices = [service.add_device() for _ in range(3)]
    for device in devices:
        service.answers[device.name] = Event()
        register(cast.bob, device)
    asked = []
    post = outbound.post
    monkeypatch.setattr(outbound, "post", lambda *arguments: asked.append(arguments[3]) or post(*arguments))
    share(cast.alice)
    scheduler.tick(NOON)
    assert asked == [0.2]
    assert len(waits()) == 3 * 2, "two items for three devices"
    for device in devices:
        del service.answers[device.name]
    scheduler.tick(NOON + 2 * MINUTE)
    assert len(service.texts()) == 6


def test_a_host_is_checked_again_before_each_message(service, cast):
    device = service.add_device()
    scheduler.tick(NOON)
    register(cast.bob, device)
    allow(service, push_hosts=())
    share(cast.alice)
    scheduler.tick(NOON)
    allow(service, outbound_origins=())
    scheduler.tick(NOON + MINUTE)
    assert service.received == []
    allow(service)
    scheduler.tick(NOON + HOUR)
    assert len(service.received) == 1


def test_without_a_public_address_there_is_no_push(service, cast):
    device = service.add_device()
    scheduler.tick(NOON)
    register(cast.bob, device)
    for public_url in (None, "http://rekindle.example.org"):
        allow(service, public_url=public_url)
        assert cast.bob.get("/server")["push_key"] is None
        assert register(cast.bob, device, 409)["reason"] == "push_off"
    share(cast.alice)
    scheduler.tick(NOON)
    assert (service.received, waits()) == ([], [])


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("https://evil.example.org/push", OTHER), ("https://10.0.0.1/push", OTHER), ("push", "not_an_endpoint"),
        ("https://fcm.googleapis.com.example.org/x", OTHER), ("https://fcm.googleapis.com:8443/x", OTHER),
        ("https://evilfcm.googleapis.com/x", OTHER), ("http://fcm.googleapis.com/x", OTHER),
        ("https://a@fcm.googleapis.com/x", OTHER), ("https://fcm.googleapis.com/" + "x" * 2000, "too_long"),
    ],
)  # fmt: skip
def test_an_endpoint_elsewhere_is_refused_at_its_field(service, sam, endpoint, code):
    body = {**service.add_device().subscription, "endpoint": endpoint}
    (fault,) = sam.put(f"/devices/{uuid4()}", body, 422)["errors"]
    assert (fault["field"], fault["code"]) == ("endpoint", code)
    assert installations(sam) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x:y", "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://web.push.apple.com/x", "https://wns2-db5p.notify.windows.com/w/?token=x",
    ],
)  # fmt: skip
def test_the_push_services_of_browsers_are_known(service, sam, endpoint):
    sam.put(f"/devices/{uuid4()}", {**service.add_device().subscription, "endpoint": endpoint})
    listed = json.dumps(sam.get("/devices"))
    assert endpoint not in listed
    assert endpoint.split("/")[2] in listed


@pytest.mark.parametrize(
    ("keys", "field", "code"),
    [
        ({"p256dh": "B" * 87}, "keys.p256dh", "not_a_push_key"), ({"p256dh": "B" * 86}, "keys.p256dh", "not_encoded"),
        ({"auth": "?" * 22}, "keys.auth", "not_encoded"), ({"auth": None}, "keys.auth", "null"),
    ],
)  # fmt: skip
def test_wrong_keys_are_refused_at_their_field(service, sam, keys, field, code):
    subscription = service.add_device().subscription
    subscription["keys"].update(keys)
    (fault,) = sam.put(f"/devices/{uuid4()}", subscription, 422)["errors"]
    assert (fault["field"], fault["code"]) == (field, code)


def test_a_repeat_changes_nothing_and_a_new_subscription_replaces_the_old_one(service, cast, stopped_clock: Traveller):
    old, new, installation = service.add_device(), service.add_device(), str(uuid4())
    scheduler.tick(NOON)
    made = register(cast.bob, old, installation=installation)
    with db.connection():
        before = list(Device.select().dicts())
        commits = db.commits()
    stopped_clock.shift(HOUR)
    assert cast.bob.put(f"/devices/{installation}", old.subscription) == made
    with db.connection():
        assert list(Device.select().dicts()) == before
    assert db.commits() == commits
    assert register(cast.bob, new, installation=installation) == made
    share(cast.alice)
    scheduler.tick(clock.utcnow())
    assert (len(service.texts(old)), len(service.texts(new))) == (0, 1)


def test_a_shared_phone_rings_for_the_person_who_registered_it_last(service, cast):
    phone, installation = service.add_device(), str(uuid4())
    scheduler.tick(NOON)
    register(cast.bob, phone, installation=installation)
    register(cast.alice, phone, installation=installation)
    assert (installations(cast.bob), installations(cast.alice)) == ([], [installation])
    share(cast.alice)
    scheduler.tick(NOON)
    assert service.received == []
    # The same id alone takes nothing away: another person cannot know the endpoint.
    register(cast.sam, service.add_device(), installation=installation)
    assert installations(cast.alice) == [installation]
    cast.bob.delete(f"/devices/{installation}", 404)


@pytest.mark.parametrize("end", ["sign_out", "revoke", "password"])
def test_the_end_of_a_sign_in_ends_its_devices(service, cast, end, app):
    body = {"sign_in_name": cast.bob.sign_in_name, "password": PASSWORD}
    session = app.test_client().post("/v1/sign-ins", json=body).get_json()["session"]
    other = replace(cast.bob, token=session["token"])
    stays, goes = service.add_device(), service.add_device()
    scheduler.tick(NOON)
    register(cast.bob, stays)
    register(other, goes)
    share(cast.alice)
    if end == "sign_out":
        other.delete("/sign-ins/current")
    elif end == "revoke":
        cast.bob.delete(f"/sign-ins/{session['id']}")
    else:
        cast.bob.put("/me/password", {"current_password": PASSWORD, "new_password": "another long password"}, 204)
    scheduler.tick(NOON)
    assert service.texts(goes) == []
    assert len(service.texts(stays)) >= 1
    assert len(installations(cast.bob)) == 1


def test_a_removed_device_rings_no_more_and_a_waiting_message_is_dropped(service, cast):
    phone, installation = service.add_device(), str(uuid4())
    service.answers[phone.name] = (503, {})
    scheduler.tick(NOON)
    register(cast.bob, phone, installation=installation)
    share(cast.alice)
    scheduler.tick(NOON)
    cast.bob.delete(f"/devices/{installation}")
    cast.bob.delete(f"/devices/{installation}", 404)
    service.received.clear()
    scheduler.tick(NOON + HOUR)
    assert (service.received, waits()) == ([], [])


def test_beyond_the_cap_the_device_that_was_unused_for_longest_goes(service, cast: Cast, stopped_clock: Traveller):
    caps.use(replace(SETTINGS, max_devices=2))
    first, second, third = (str(uuid4()) for _ in range(3))
    phone = service.add_device()
    for installation, device in ((first, phone), (second, service.add_device())):
        register(cast.bob, device, installation=installation)
        stopped_clock.shift(MINUTE)
    stopped_clock.shift(DAY)
    register(cast.bob, phone, installation=first)  # the client confirms it when it starts
    register(cast.bob, service.add_device(), installation=third)
    assert sorted(installations(cast.bob)) == sorted([first, third])


def test_an_export_has_the_devices_without_what_lets_others_send(service, cast):
    phone = service.add_device()
    register(cast.alice, phone)
    exported = json.dumps(export(cast.alice, "private"))
    assert '"devices"' in exported
    assert not [secret for secret in (phone.endpoint, *phone.keys.values()) if secret in exported]
