"""Test that the benchmarks fit the product: else we would notice at the next measurement only."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.benchmarks import filled
from tests.benchmarks.filled import Size

NAMES = sorted(file.stem for file in Path(filled.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_can_be_imported(name: str) -> None:
    importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.one_database
@pytest.mark.parametrize("size", [Size(2, 5, 20), filled.of_many(3)])
def test_a_database_can_be_filled(size: Size, database_url: str) -> None:
    couples = filled.fill(database_url, filled.today(), size)
    assert len(couples) == size.couples
