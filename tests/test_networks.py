"""A database whose packets vanish, shortly. `make campaign` does it for a minute, and cuts off one of two hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns import networks


@pytest.fixture(autouse=True)
def _with_networks() -> None:
    if reason := networks.why_not():
        pytest.skip(reason)


@pytest.mark.real_time
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_host_without_its_database_answers_and_recovers(database_url: str, tmp_path: Path) -> None:
    found = networks.cut_off(database_url, tmp_path, 6, readers=2)
    assert found.kept
    assert found.statuses.keys() <= {200, 503}
    assert 503 in found.statuses or max(found.reads.seconds) > 3, "the cut was not felt"
    assert found.health.p99 < networks.LONGEST
    assert max(found.reads.seconds) < 10
    assert found.recovery < 10
