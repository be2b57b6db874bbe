"""Without a network, or without a store: the client shows its last state, and loses nothing that a person wrote."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real_time

# The client's own modules: what they do is what a screen does.
_CALL = """async ([file, name, values]) => {
    const main = document.querySelector("script[type=module]").src;
    return (await import(main.replace("main.js", file)))[name](...values);
}"""
_CONTROLLED = """() => navigator.serviceWorker.controller ? 1 : new Promise(resolve =>
    navigator.serviceWorker.addEventListener("controllerchange", () => resolve(1), {once: true}))"""
_STORES = """() => new Promise((resolve, reject) => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
        const stores = opened.result.transaction(["kept", "outbox"]);
        const answers = ["kept", "outbox"].map(name => [name, stores.objectStore(name)]);
        const asked = answers.map(([name, store]) => [name, store.getAllKeys(), store.getAll()]);
        stores.oncomplete = () => {
            opened.result.close();
            resolve(Object.fromEntries(asked.map(([name, keys, values]) =>
                [name, Object.fromEntries(keys.result.map((key, index) => [key, values.result[index]]))])));
        };
    };
})"""
_CACHED = """async () => {
    const names = await caches.keys();
    const lists = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
    return lists.flat().map(each => new URL(each.url).pathname);
}"""
_SENT = """async () => {
    const main = document.querySelector("script[type=module]").src;
    return (await (await import(main.replace("main.js", "storage.js"))).listOutbox()).length === 0;
}"""
ZALGO = "A" + "\u0301" * 40


def call(phone, file, name, *values):
    return phone.page.evaluate(_CALL, [file, name, list(values)])


def sign_out(phone):
    # The client sends no cookies, so the header of this name cannot act: the client empties the device itself.
    phone.expected += ("Clear-Site-Data",)
    phone.expect_refusal(401)  # of a read that was on its way when the session ended
    call(phone, "session.js", "signOut")
    phone.page.locator("nav.tabs").wait_for(state="detached")


def stores(phone):
    """Return what the phone keeps: {"kept": {key: value}, "outbox": {key: value}}."""
    return phone.page.evaluate(_STORES)


@contextmanager
def offline(phone):
    phone.expected += ("net::ERR_",)
    phone.context.set_offline(True)
    yield
    phone.context.set_offline(False)


def control(phone):
    """Wait until the service worker serves the page."""
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.page.reload()
    phone.page.evaluate(_CONTROLLED)
    phone.page.locator("main h1").wait_for()


def write(phone, body):
    phone.go("/notes/new")
    phone.page.get_by_label("Your words").fill(body)
    phone.button("Keep for me").click()


def bodies(account):
    return [note["body"] for note in account.send("GET", "/notes")["items"]]


def settle(phone):
    """Wait until the server has everything, and look at the notes."""
    phone.wait_for(_SENT)
    phone.go("/notes")
    phone.page.get_by_role("heading", name="Notes", exact=True, level=1).wait_for()
    expect(phone.page.get_by_text("Waits for a connection", exact=True)).to_have_count(0)


def test_offline_the_last_state_shows_and_writes_arrive_once(open_phone, couple):
    robin, _ = couple
    robin.send("POST", "/notes", {"kind": "memory", "body": "Soup on the platform."})
    idea = robin.send("GET", "/suggestions")["items"][0]["activity"]["id"]
    phone = open_phone(worker=True)
    phone.sign_in(robin, "/notes")
    phone.see("Soup on the platform.")
    control(phone)
    phone.see("Soup on the platform.")
    call(phone, "resources.js", "refresh", "/dates?show=upcoming")

    with offline(phone):
        phone.open("/")
        phone.heading("Robin").wait_for()
        phone.see("No connection to the server")
        phone.go("/notes")
        phone.link("Memory").click()
        phone.see("Soup on the platform.")
        write(phone, "The kettle was on.")
        phone.see("Waits for a connection")
        call(phone, "outbox.js", "send", "vote", "PUT", f"/activities/{idea}/vote", {"vote": "pass"})
        call(phone, "outbox.js", "send", "vote", "PUT", f"/activities/{idea}/vote", {"vote": "like"})
        phone.open("/notes")
        phone.see("The kettle was on.")
        phone.link("2 changes wait for a connection").wait_for()
        phone.check_accessible()
        waiting = stores(phone)["outbox"].values()
        assert sorted(each["kind"] for each in waiting) == ["note", "vote"], "the later vote replaces the earlier one"
        # The server had the note already, and only its answer was lost.
        (note,) = (each["body"] for each in waiting if each["kind"] == "note")
        robin.send("POST", "/notes", note)
        other = phone.context.new_page()
        other.goto(phone.base + "/notes")
        other.get_by_text("The kettle was on.").wait_for()

    settle(phone)
    other.get_by_text("Waits for a connection").wait_for(state="detached")
    assert sorted(bodies(robin)) == ["Soup on the platform.", "The kettle was on."]
    assert robin.send("GET", f"/activities/{idea}")["vote"] == "like"
    assert stores(phone)["outbox"] == {}


def test_an_interrupted_write_arrives_and_a_refused_one_is_changed_or_thrown_away(open_phone, couple):
    robin, _ = couple
    phone = open_phone("iPhone 15", worker=True)
    phone.sign_in(robin, "/notes")
    phone.expect_refusal(404, 422)
    phone.page.route("**/v1/notes", lambda route: None)  # no answer
    with phone.page.expect_request("**/v1/notes"):
        write(phone, "The page closed meanwhile.")
    phone.page.unroute("**/v1/notes")
    control(phone)
    settle(phone)
    phone.see("The page closed meanwhile.")
    with offline(phone):
        write(phone, ZALGO)
        phone.see("Waits for a connection")
        unknown = "/activities/3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77/vote"
        call(phone, "outbox.js", "send", "vote", "PUT", unknown, {"vote": "like"})
    phone.see("2 things that you sent were not accepted.")
    phone.link("Look").click()
    phone.see("marks on one letter")
    phone.check_accessible()
    card = phone.page.get_by_role("listitem").filter(has=phone.heading("What you think of an idea"))
    card.get_by_role("button", name="Throw away").click()
    phone.page.get_by_role("dialog").get_by_role("button", name="Throw away").click()
    card.wait_for(state="detached")
    phone.link("Change").click()
    words = phone.page.get_by_label("Your words")
    assert words.input_value() == ZALGO
    words.fill("Plain letters.")
    phone.button("Keep for me").click()
    phone.see("Your note is kept")
    assert bodies(robin) == ["Plain letters.", "The page closed meanwhile."]
    assert stores(phone)["outbox"] == {}


def test_private_things_stay_off_the_device_and_sign_out_empties_it(open_phone, couple):
    robin, kim = couple
    kim.send("PUT", "/me/space", {"kind": "said", "sentence": "full"})
    phone = open_phone(worker=True)
    phone.sign_in(robin)
    control(phone)
    phone.see("I have a lot on my mind")
    private = ("/me/space", "/me/pace", "/me/rhythm", "/me/held", "/me/safety", "/me/help")
    free = {"kind": "free", "weekdays": ["saturday", "sunday"], "from": "10:00", "until": "22:00", "label": None}
    robin.send("PUT", "/availability", {"windows": [free], "days": []}, **{"If-Match": '"0"'})
    suggestions = robin.send("GET", "/suggestions")["items"]
    assert any(item["slots"] for item in suggestions)
    idea = suggestions[0]["activity"]["id"]
    slots = f"/activities/{idea}/slots?for=two"  # they follow the hours and the calendars of Robin
    for path in (*private, "/me", "/couple", "/inbox", "/suggestions", f"/activities/{idea}", slots):
        call(phone, "resources.js", "refresh", path)
    phone.go("/notes/new")
    phone.page.get_by_label("Your words").fill("Half a thought")
    phone.go("/notes")
    phone.see("Half a thought")
    kept = stores(phone)["kept"]
    answers = {key.removeprefix("answer:"): each["data"] for key, each in kept.items() if key.startswith("answer:")}
    assert {"/today", "/couple", "/me", "/inbox", f"/activities/{idea}"} <= set(answers)
    assert slots not in answers
    assert not any(item["slots"] for item in (*answers["/suggestions"]["items"], answers["/today"]["idea"]))
    assert not [path for path in answers if path.startswith("/me/")]
    for couple_ in (answers["/today"]["couple"], answers["/me"]["couple"], answers["/couple"]):
        assert (couple_["pace"], couple_["rhythm"], couple_["sentences"]) == (0, "", [])
    assert (answers["/today"]["allowance"], answers["/me"]["allowance"]) == (None, None)
    assert answers["/today"]["unseen"] == len(answers["/today"]["inbox"]) < robin.send("GET", "/today")["unseen"]
    assert not [text for text in ("on my mind", "space_said", "opens_at") if text in str(kept)]
    robin.send("PUT", "/me/space", {"kind": "quiet"})
    call(phone, "resources.js", "refresh", "/today")
    space = stores(phone)["kept"]["answer:/today"]["data"]["space"]
    assert space == {"kind": None, "since": None, "until": None, "held": False}
    assert not [path for path in phone.page.evaluate(_CACHED) if not path.startswith("/app/")]

    # Another page may have signed out a moment ago: then this one must not write any more.
    phone.keep_session({"token": "another"})
    call(phone, "storage.js", "keep", "answer:/late", {"data": "late"})
    assert "answer:/late" not in stores(phone)["kept"]
    phone.keep_session(robin.answer["session"])

    other = phone.context.new_page()
    other.goto(phone.base + "/notes")
    other.get_by_text("Half a thought").wait_for()
    sign_out(phone)
    other.locator("nav.tabs").wait_for(state="detached")
    assert stores(phone) == {"kept": {}, "outbox": {}}
    assert kim.served.request("GET", "/v1/me", robin.token)[0] == 401


def test_without_indexeddb_everything_works_in_memory(open_phone, couple):
    robin, _ = couple
    phone = open_phone(worker=True)
    phone.context.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    phone.open()
    call(phone, "session.js", "startSession", robin.answer["session"])
    phone.heading("Robin").wait_for()
    phone.page.evaluate(_CONTROLLED)
    with offline(phone):
        write(phone, "Written in a private window.")
        phone.see("Waits for a connection")
    settle(phone)
    assert bodies(robin) == ["Written in a private window."]
    sign_out(phone)
