"""Test that the benchmarks fit the product: else we would notice at the next measurement only."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.benchmarks import filled

NAMES = sorted(file.stem for file in Path(filled.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_can_be_imported(name: str) -> None:
    importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.one_database
def test_a_database_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size, value in (("COUPLES", 2), ("NOTES", 10), ("DATES", 40)):
        monkeypatch.setattr(filled, size, value)
    couples = filled.fill(f"sqlite:///{tmp_path}/filled.sqlite3", filled.today())
    assert len(couples) == 2
