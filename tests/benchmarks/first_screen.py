"""How long the first screen of the web client takes on a slow phone: a first visit, and later ones."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import served
from tests.browser import phones
from tests.browser.phones import Phone

CPU_SLOWDOWN = 4
# "Fast 3G" of Chromium's developer tools: 1.6 Mbit/s down, 0.75 Mbit/s up, 562 ms to the first byte.
FAST_3G = {"offline": False, "downloadThroughput": 180_000, "uploadThroughput": 84_375, "latency": 562.5}


def slow_down(page: Page) -> None:
    """Make a page as slow as on an old phone in a mobile network."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", FAST_3G)


# The page itself notes when the element is there: a question from outside would be slowed down, too.
_NOTE_WHEN_THERE = """selector => {
    const look = () => {
        if (document.querySelector(selector)) window.usableAt = performance.now();
        else requestAnimationFrame(look);
    };
    look();
}"""


def seconds_until_usable(phone: Phone, selector: str) -> float:
    """Load the client, and return the seconds from the start of the navigation until an element is there."""
    phone.page.add_init_script(f"({_NOTE_WHEN_THERE})({json.dumps(selector)})")
    phone.page.goto(f"{phone.base}/", wait_until="commit")
    return float(phone.page.wait_for_function("() => window.usableAt").json_value()) / 1000


def main() -> None:
    """Print the seconds of a first visit and of a visit after the worker has kept the files."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served.running(f"sqlite:///{Path(folder)}/rekindle.sqlite3", trusted_proxies="1") as server,
        sync_playwright() as playwright,
    ):
        browser = phones.launch(playwright)
        pixel = playwright.devices["Pixel 7"]
        firsts = []
        for _ in range(5):
            with phones.phone(browser, server, pixel) as phone:
                slow_down(phone.page)
                firsts.append(seconds_until_usable(phone, "main h1"))
        robin = phones.sign_up(server, "Robin")
        laters = []
        with phones.phone(browser, server, pixel) as phone:
            phone.sign_in(robin)
            phone.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
            phone.open()
            slow_down(phone.page)
            laters = [seconds_until_usable(phone, ".activity-card, .prompt") for _ in range(5)]
        for name, seconds in (("first visit", firsts), ("after install", laters)):
            print(f"{name}: median {sorted(seconds)[2]:.2f} s, slowest {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
