"""Notifications in the browser: offered after the first agreed date, subscribed in a tap, sent, shown and opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests import push_services
from tests import served as served_
from tests.browser import phones
from tests.browser.phones import INSECURE
from tests.browser.test_dates import accept, day, propose
from tests.push_services import Device, PushService
from tests.served import Served

pytestmark = pytest.mark.real_time

AT_ANY_HOUR = {"quiet_from": None, "quiet_until": None}

# The browsers of the tests reach no push service. The subscriptions are those of the test, in turn.
_STUB = """subscriptions => {
    const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
    const make = () => localStorage.subscribed && {
        ...JSON.parse(localStorage.subscribed),
        options: {applicationServerKey: bytes(localStorage.used).buffer},
        toJSON() { return JSON.parse(localStorage.subscribed); },
        async unsubscribe() { delete localStorage.subscribed; return true; },
    } || null;
    PushManager.prototype.getSubscription = async () => make();
    PushManager.prototype.subscribe = async ({userVisibleOnly, applicationServerKey}) => {
        if (!userVisibleOnly) throw new DOMException("", "NotAllowedError");
        if (!localStorage.subscribed) {
            localStorage.count = Number(localStorage.count ?? -1) + 1;
            localStorage.subscribed = JSON.stringify(subscriptions[localStorage.count]);
            localStorage.used = btoa(String.fromCharCode(...applicationServerKey));
        }
        return make();
    };
}"""
_SHOWN = """async () => {
    const { title, body } = (await (await navigator.serviceWorker.ready).getNotifications())[0] ?? {};
    return body && [title, body];
}"""
_CLICK = """async () => {
    const [notification] = await registration.getNotifications();
    const event = new NotificationEvent("notificationclick", {notification});
    event.waitUntil = () => {};
    self.dispatchEvent(event);
}"""
_CHANGE = """async subscription => {
    const event = new ExtendableEvent("pushsubscriptionchange");
    event.newSubscription = {toJSON: () => subscription};
    let done;
    event.waitUntil = promise => { done = promise; };
    self.dispatchEvent(event);
    await done;
}"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield a browser that can get push notifications."""
    started = phones.launch(playwright, push=True)
    yield started
    started.close()


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    with push_services.running() as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, push_service: PushService) -> Iterator[Served]:
    """Serve the product with push, which is off on the server of most tests."""
    settings = {
        "trusted_proxies": "1",
        "public_url": "https://rekindle.example.org",
        "outbound_origins": push_service.origin,
        "push_hosts": push_service.host,
    }
    with served_.running(f"sqlite:///{tmp_path_factory.mktemp('push')}/rekindle.sqlite3", **settings) as running:
        yield running


def agree(robin, kim):
    return accept(kim, propose(robin, f"{day(3)}T19:00"))


def share(kim, words: str = "You carried the shelf.") -> str:
    note: str = kim.send("POST", "/notes", {"kind": "effort", "body": words})["id"]
    kim.send("POST", f"/notes/{note}/share", {}, **{"If-Match": '"1"'})
    return note


def wait_for(page: Page, what: Any) -> Any:
    """Return a result as soon as there is one."""
    until = monotonic() + 20
    while not (result := what()):
        assert monotonic() < until, "it did not come"
        page.wait_for_timeout(50)
    return result


def arrived(page: Page, service: PushService, device: Device, path: str) -> dict[str, Any]:
    """Return the payload that leads to a screen, when it has arrived at a device."""

    def look() -> Any:
        payloads = [each.payload for each in service.received if each.device == device.name]
        return next((each for each in payloads if each["notification"]["navigate"].endswith(path)), None)

    return dict(wait_for(page, look))


def push(phone, payload: dict[str, Any]) -> None:
    """Let the browser hand a decrypted message to the service worker."""
    session, registrations = phone.context.new_cdp_session(phone.page), list[Any]()
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    wait_for(phone.page, lambda: registrations)
    message = {"origin": phone.base.removesuffix("/app"), "registrationId": registrations[0]["registrationId"]}
    session.send("ServiceWorker.deliverPushMessage", {**message, "data": json.dumps(payload)})


def open_subscribed(open_phone, devices: list[Device], name: str = "Pixel 7", **more: Any):
    phone = open_phone(name, worker=True, permissions=["notifications"], **more)
    phone.context.add_init_script(f"({_STUB})({json.dumps([_json(device) for device in devices])})")
    return phone


def _json(device: Device) -> dict[str, Any]:
    return {"endpoint": device.endpoint, "expirationTime": None, "keys": device.keys}


def test_from_the_offer_to_the_screen_that_a_notification_opens(open_phone, couple, push_service):
    robin, kim = couple
    # The answer to the proposal would be one of two pushes a week, if the clock tells of it late enough.
    usual = robin.send("GET", "/me/preferences")
    channels = {**usual["channels"], "proposal": []}
    robin.send("PUT", "/me/preferences", {**usual, **AT_ANY_HOUR, "channels": channels})
    devices = [push_service.add_device() for _ in range(3)]
    phone = open_subscribed(open_phone, devices)
    phone.sign_in(robin)
    expect(phone.link("Plan it").first).to_be_visible()
    offer = phone.button("Notify me on this device")
    expect(offer).to_have_count(0)

    date = agree(robin, kim)
    phone.open()
    offer.wait_for()
    phone.check_accessible()
    offer.click()
    phone.see("This device gets notifications now.")
    expect(offer).to_have_count(0)
    assert [device["host"] for device in robin.send("GET", "/devices")["items"]] == ["127.0.0.1"]

    note = share(kim)
    payload = arrived(phone.page, push_service, devices[0], f"/app/notes/{note}")
    push(phone, payload)
    shown = wait_for(phone.page, lambda: phone.page.evaluate(_SHOWN))
    assert shown == ["Rekindle", "There is something new for you."]
    (worker,) = phone.context.service_workers
    worker.evaluate(_CLICK)
    phone.page.wait_for_url(f"**/app/notes/{note}")
    phone.see("You carried the shelf.")

    # The server has another key: the device subscribes anew at the next start.
    phone.page.evaluate("localStorage.used = 'AAAA'")
    with phone.page.expect_response("**/v1/devices/*") as told:
        phone.open()
    assert told.value.ok
    assert phone.page.evaluate("localStorage.count") == "1"
    second = share(kim, "You waited.")
    arrived(phone.page, push_service, devices[1], f"/app/notes/{second}")

    # The browser changes the subscription by itself, also while no page is open.
    worker.evaluate(_CHANGE, _json(devices[2]))
    # Dates ring beside the two a week.
    kim.send("POST", f"/dates/{date['id']}/cancel", {}, **{"If-Match": f'"{date["version"]}"'})
    arrived(phone.page, push_service, devices[2], f"/app/dates/{date['id']}")
    assert len(robin.send("GET", "/devices")["items"]) == 1

    phone.go("/us")
    phone.button("Sign out").click()
    phone.expected += ("Clear-Site-Data",)
    phone.expect_refusal(401)
    phone.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    phone.link("Sign in").first.wait_for()
    assert phone.page.evaluate("localStorage.subscribed") is None


def test_the_switch_turns_notifications_on_and_off(open_phone, couple, push_service):
    robin, kim = couple
    elsewhere = push_service.add_device()
    kim.send("PUT", "/devices/0c9f3a34-93d1-4c0c-8b50-0f2a5d1f9c33", elsewhere.subscription)
    phone = open_subscribed(open_phone, [push_service.add_device()], "desktop", color_scheme="dark")
    phone.sign_in(robin, "/us")
    phone.link("Notifications").click()
    switch = phone.page.get_by_role("switch", name="Notifications on this device")
    expect(switch).not_to_be_checked()
    assert robin.send("GET", "/devices")["items"] == []
    switch.click()
    expect(switch).to_be_checked()
    phone.check_accessible()
    wait_for(phone.page, lambda: len(robin.send("GET", "/devices")["items"]) == 1)
    phone.open("/me/notifications")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    wait_for(phone.page, lambda: phone.page.evaluate("!localStorage.subscribed"))
    assert robin.send("GET", "/devices")["items"] == []


def test_the_switch_is_right_after_an_answer_that_never_came(open_phone, couple, push_service):
    robin, _ = couple
    phone = open_subscribed(open_phone, [push_service.add_device(), push_service.add_device()])
    phone.sign_in(robin, "/me/notifications")
    phone.expect_offline()
    switch = phone.page.get_by_role("switch", name="Notifications on this device")
    phone.page.route("**/v1/devices/*", lambda route: route.abort())
    with phone.page.expect_event("requestfailed"):
        switch.click()
    expect(switch).not_to_be_checked()
    wait_for(phone.page, lambda: phone.page.evaluate("!localStorage.subscribed"))
    phone.page.unroute_all()
    phone.page.route("**/v1/devices/*", lambda route: route.fetch())  # the server gets it, and the page no answer
    switch.click()
    (device,) = wait_for(phone.page, lambda: robin.send("GET", "/devices")["items"])
    phone.page.unroute_all(behavior="ignoreErrors")
    phone.open("/me/notifications")
    expect(switch).to_be_checked()
    phone.settle()
    assert [each["id"] for each in robin.send("GET", "/devices")["items"]] == [device["id"]]


def test_another_device_is_listed_and_can_be_removed(open_phone, served, couple, push_service):
    robin, _ = couple
    body = {"sign_in_name": robin.answer["sign_in_name"], "password": "a long enough password", "device": "tablet"}
    token = served.request("POST", "/v1/sign-ins", None, body)[1]["session"]["token"]
    device = push_service.add_device()
    path = "/v1/devices/0c9f3a34-93d1-4c0c-8b50-0f2a5d1f9c33"
    assert served.request("PUT", path, token, device.subscription)[0] == 200
    phone = open_phone()
    phone.sign_in(robin, "/me/notifications")
    phone.see("This browser cannot show notifications.")
    phone.see("Over 127.0.0.1")
    phone.check_accessible()
    phone.button("Remove").click()
    expect(phone.heading("Your other devices")).to_have_count(0)
    assert robin.send("GET", "/devices")["items"] == []


def test_a_phone_that_cannot_ring_says_why(open_phone, couple):
    robin, kim = couple
    agree(robin, kim)
    refused = open_phone(worker=True)
    refused.sign_in(robin, "/me/notifications")
    switch = refused.page.get_by_role("switch", name="Notifications on this device")
    reason = refused.page.get_by_text("Your browser does not let this page show notifications.")
    switch.or_(reason).first.wait_for()
    if switch.is_visible():  # some browsers without a person to ask have refused already
        switch.click()
    reason.wait_for()
    plain = open_phone(host=INSECURE)
    plain.sign_in(robin, "/me/notifications")
    plain.see("This page was opened over plain http.")
    plain.open()
    plain.heading("Your next date").wait_for()
    expect(plain.button("Notify me on this device")).to_have_count(0)


def test_a_person_chooses_what_rings_and_when(open_phone, couple):
    robin, kim = couple
    phone = open_phone()
    phone.sign_in(robin, "/me/notifications")
    page = phone.page
    page.get_by_role("switch", name="Proposals and answers").click()
    page.get_by_role("switch", name="Remind me the day before").click()
    page.get_by_label("30 mins", exact=True).check()
    page.get_by_label("From").fill("21:30")
    page.get_by_label("Until").fill("07:15")
    for weekday in ("Mon", "Wed", "Fri"):  # the third day replaces the first
        page.get_by_label(weekday, exact=True).check()
    page.get_by_label("At", exact=True).fill("18:45")
    page.get_by_label("Your plan, in your own words").fill("When the kettle is on.")
    phone.check_accessible()
    phone.button("Save").click()
    phone.see("Saved")
    assert robin.send("GET", "/me/preferences") == {
        "channels": {**{key: ["push", "mail"] for key in ("reminder", "prompt", "note")}, "proposal": ["mail"]},
        "day_before": False, "minutes_before": 30, "quiet_from": "21:30", "quiet_until": "07:15",
        "prompt_weekdays": ["wednesday", "friday"], "prompt_at": "18:45", "cue": "When the kettle is on.",
    }  # fmt: skip
    phone.open("/notes/questions")
    phone.see("Your plan: When the kettle is on.")
    phone.open("/me/notifications")
    expect(page.get_by_role("switch", name="Proposals and answers")).not_to_be_checked()
    expect(page.get_by_label("Your plan, in your own words")).to_have_value("When the kettle is on.")
    page.get_by_role("switch", name="No ringing in these hours").click()
    expect(page.get_by_label("From")).to_have_count(0)
    phone.button("Save").click()
    phone.see("Saved")
    assert robin.send("GET", "/me/preferences")["quiet_until"] is None
    assert kim.send("GET", "/me/preferences")["cue"] is None
