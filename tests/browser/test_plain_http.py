"""The client over plain http in a home network, without a worker, locks and a clipboard."""

from __future__ import annotations

import pytest

from tests.browser.phones import INSECURE, sign_up

pytestmark = pytest.mark.real_time

WRITE_A_NOTE = """async () => {
    const load = name => import(document.querySelector("script[type=module]").src.replace("main.js", name));
    const [{ send }, { newId }] = [await load("outbox.js"), await load("api.js")];
    await send("note", "POST", "/notes", { id: newId(), kind: "effort", body: "You carried the shelf." });
}"""


def test_the_client_works_without_a_secure_context_and_says_what_is_missing(open_phone, served):
    phone = open_phone(host=INSECURE)
    sam = sign_up(served, "Sam")
    phone.sign_in(sam)
    assert phone.page.evaluate("[isSecureContext, 'serviceWorker' in navigator, !!navigator.locks]") == [False] * 3
    phone.see("A question for today")
    phone.page.evaluate(WRITE_A_NOTE)
    assert [note["body"] for note in sam.send("GET", "/notes")["items"]] == ["You carried the shelf."]
    phone.go("/us")
    phone.see("Over plain http")
