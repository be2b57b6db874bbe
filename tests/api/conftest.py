"""Fixtures of the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from planner import outbound
from planner.settings import Settings
from tests.calendars import Host, running


@pytest.fixture
def host() -> Iterator[Host]:
    """Return a host of calendars that the operator allows."""
    with running() as allowed:
        outbound.use(replace(Settings(), outbound_origins=(allowed.origin,)))
        yield allowed
        outbound.use(Settings())
