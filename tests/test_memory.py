"""Test how much memory the product takes as it is served: at rest, and after some work."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import served
from tests.campaigns.stalls import sign_up

pytestmark = [pytest.mark.real_time, pytest.mark.one_database]

MOST_AT_REST, MOST_LATER = 150, 200
"""MiB for everything that `make run` starts. It takes about 120, and 160 when both workers have done all kinds."""


def megabytes(group: int) -> float:
    """Return the memory of a process group. Pages that several processes share count once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:  # a process of others that has just ended
            continue
    return total / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory processes share")
def test_workers_share_what_they_load_and_give_back_what_hashes_took(sqlite_url: str) -> None:
    with served.running(sqlite_url, password_cost="standard") as server:
        assert megabytes(server.process.pid) < MOST_AT_REST
        with ThreadPoolExecutor(4) as threads:
            tokens = list(threads.map(lambda _: sign_up(server), range(6)))
        for token in tokens * 2:  # so that each worker has answered some
            assert server.request("GET", "/v1/today", token)[0] == 200
        assert megabytes(server.process.pid) < MOST_LATER
