"""Test how much memory the product takes as it is served: at rest, and after some work."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import served
from tests.benchmarks.servers import megabytes
from tests.campaigns.stalls import sign_up

pytestmark = [pytest.mark.real_time, pytest.mark.one_database]

MOST_AT_REST, MOST_LATER = 140, 180
"""MiB for everything that `make run` starts. It takes about 120, and 160 when both workers have done all kinds."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory processes share")
def test_workers_share_what_they_load_and_give_back_what_hashes_took(sqlite_url: str) -> None:
    # A new interpreter: a forked one would share memory with the process that forked it.
    with served.running(sqlite_url, within=["env"], password_cost="standard") as server:
        assert megabytes(server.process.pid) < MOST_AT_REST
        with ThreadPoolExecutor(4) as threads:
            tokens = list(threads.map(lambda _: sign_up(server), range(6)))
        for token in tokens * 2:  # so that each worker has answered some
            assert server.request("GET", "/v1/today", token)[0] == 200
        assert megabytes(server.process.pid) < MOST_LATER
