"""The fixtures of the browser tests: one Chromium and one served product for each process of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests import calendars
from tests import served as served_
from tests.browser import phones
from tests.browser.contexts import Contexts
from tests.browser.phones import Account, Phone
from tests.calendars import Host
from tests.served import Served

expect.set_options(timeout=20_000)  # as long as actions wait: a machine may be busy


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = phones.launch(playwright)
    yield started
    started.close()


@pytest.fixture(scope="session")
def calendar_host() -> Iterator[Host]:
    """Yield a host of calendars that the served product may call."""
    with calendars.running() as running:
        yield running


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the SQLite file of the served product."""
    return tmp_path_factory.mktemp("browser") / "rekindle.sqlite3"


@pytest.fixture(scope="session")
def served(database_file: Path, calendar_host: Host) -> Iterator[Served]:
    more = {"trusted_proxies": "1", "outbound_origins": calendar_host.origin}
    with served_.running(f"sqlite:///{database_file}", **more) as running:
        yield running


@pytest.fixture(scope="session")
def contexts_of() -> Callable[[Browser, Served], Contexts]:
    """Return a function that returns the contexts for the phones of all tests with this browser and this product."""
    return cache(Contexts)


@pytest.fixture
def open_phone(
    browser: Browser, served: Served, playwright: Playwright, contexts_of: Callable[[Browser, Served], Contexts]
) -> Iterator[Callable[..., Phone]]:
    """Return a function that opens a phone: a device's name, or "desktop", and options of its browser.

    A phone with a service worker, with another host or with `fresh` has a new context.
    """
    contexts = contexts_of(browser, served)
    with ExitStack() as stack:

        def open_one(device: str = "Pixel 7", fresh: bool = False, **more: Any) -> Phone:
            described = phones.DESKTOP if device == "desktop" else playwright.devices[device]
            if fresh or "worker" in more or "host" in more:
                return stack.enter_context(phones.phone(browser, served, described, **more))
            return stack.enter_context(phones.borrowed_phone(contexts, described, **more))

        yield open_one


@pytest.fixture
def couple(served: Served) -> tuple[Account, Account]:
    """Robin and Kim, who are connected."""
    robin, kim = phones.sign_up(served, "Robin"), phones.sign_up(served, "Kim", "America/New_York")
    phones.pair(robin, kim)
    return robin, kim
