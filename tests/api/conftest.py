"""Fixtures of the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from planner import outbound
from planner.photos import photo_readings
from planner.settings import Settings
from tests.calendars import Host, running
from tests.photos import FAKE


@pytest.fixture
def host() -> Iterator[Host]:
    """Return a host of calendars that the operator allows."""
    with running() as allowed:
        outbound.use(replace(Settings(), outbound_origins=(allowed.origin,)))
        yield allowed
        outbound.use(Settings())


@pytest.fixture
def quick_photos(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Read no photo, unless a test asks for `real_photos`: each would take a process."""
    if "real_photos" not in request.fixturenames:
        monkeypatch.setattr(photo_readings, "read", lambda data: FAKE)


@pytest.fixture
def real_photos() -> None:
    """Read the photos of a test in the child process."""
