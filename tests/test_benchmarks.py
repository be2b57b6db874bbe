"""Test that the benchmarks fit the product: else we would notice at the next measurement only."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.benchmarks import filled, plays, routes, servers, side_by_side
from tests.benchmarks.filled import Size
from tests.benchmarks.load import Connections

NAMES = sorted(file.stem for file in Path(filled.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_can_be_imported(name: str) -> None:
    importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.one_database
@pytest.mark.parametrize("size", [Size(2, 5, 20), filled.of_many(3)])
def test_a_database_can_be_filled(size: Size, database_url: str) -> None:
    couples = filled.fill(database_url, filled.today(), size)
    assert len(couples) == size.couples


@pytest.mark.real_time
@pytest.mark.one_database
def test_what_the_benchmarks_ask_is_answered(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rekindle.sqlite3"
    couples = filled.fill(url, filled.today(), Size(2, 5, 20))
    with servers.served(url, tmp_path, workers="1") as server, Connections(server.port, 1) as connection:
        for play in side_by_side.own_plays(server.port, couples).values():
            plays.check(play, server.port)
        for route in routes.of(server.port, couples):
            assert connection.run([route.script(0)], 60, 10_000).count
