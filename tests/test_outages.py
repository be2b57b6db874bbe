"""An outage of the database while people read, write and wait for reminders. `make campaign` tries more of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns import outages


@pytest.mark.real_time
def test_after_an_outage_nothing_is_lost_and_each_reminder_has_come_once(database_url: str, tmp_path: Path) -> None:
    fault = outages.lock if database_url.startswith("sqlite") else outages.restart
    found, sent = outages.suffer(database_url, tmp_path, fault, 1, reminders=20, readers=2)
    assert outages.faults_of(found, sent) == []
    assert sent.due == sent.found == 20
