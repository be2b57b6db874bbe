"""Mails by four processes that are killed: the short form of tests/campaigns/mails.py."""

from __future__ import annotations

import pytest

from tests.campaigns import mails

pytestmark = [pytest.mark.real_time, pytest.mark.one_database]


def test_no_mail_is_lost_and_at_most_one_comes_twice_for_each_kill(database: str) -> None:
    figures = mails.run(database, 100, kills=2)
    assert figures.lost == 0
    assert figures.repeated <= figures.kills
