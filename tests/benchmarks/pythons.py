"""Measure the product on several versions of Python beside each other, in turns.

    python -m tests.benchmarks.pythons ENVIRONMENT ENVIRONMENT ...

Each environment is a folder with the packages of requirements.txt, made by `python3.13 -m venv` for example. The
environment of this process comes first, and the ratios compare with it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks import filled, plays, side_by_side
from tests.benchmarks.plays import BARE, DATE, NOTE_CREATED, PAGE, TODAY
from tests.benchmarks.servers import served

_PLAYS = (BARE, TODAY, PAGE, NOTE_CREATED, DATE)
_TELL = """
import sys, sysconfig
print(sys.version.split()[0] + "t" * bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
"""
_REST, _LATER = "MiB at rest", "MiB after this"

Figures = dict[str, list[float]]


def main() -> None:
    """Fill, serve by each version, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pythons")
    parser.add_argument("environments", nargs="+", type=Path, metavar="ENVIRONMENT")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=int, default=2, metavar="N", help="of each play in each round")
    arguments = parser.parse_args()
    pythons = [sys.executable, *(str(folder / "bin" / "python") for folder in arguments.environments)]
    with tempfile.TemporaryDirectory(prefix="rekindle-pythons-") as name:
        url = f"sqlite:///{name}/rekindle.sqlite3"
        couples = filled.some(filled.fill(url, filled.today(), asking=500), 500)
        figures: dict[str, Figures] = {python: {} for python in pythons}
        for _ in range(arguments.rounds):
            for python in pythons:
                _measure(python, url, couples, Path(name), arguments.seconds, figures[python])
        _print(figures)


def _measure(
    python: str, url: str, couples: Sequence[filled.Two], folder: Path, seconds: int, figures: Figures
) -> None:
    with served(url, folder, python) as server:
        figures.setdefault(_REST, []).append(server.megabytes())
        known = side_by_side.own_plays(server.port, couples)
        for name in _PLAYS:
            plays.run(known[name], server.port, 1)
            figures.setdefault(name, []).append(plays.run(known[name], server.port, seconds).visits)
        figures.setdefault(_LATER, []).append(server.megabytes())


def _print(figures: Mapping[str, Figures]) -> None:
    versions = [_version(python) for python in figures]
    first = next(iter(figures.values()))
    print(f"\n{'requests a second':34}{''.join(f'{version:>24}' for version in versions)}")
    for name, values in first.items():
        cells = []
        for other in figures.values():
            ratio = statistics.median(one / two for one, two in zip(other[name], values, strict=True))
            cells.append(f"{statistics.median(other[name]):>16,.0f} ({ratio:.2f})")
        print(f"{name:34}{''.join(f'{cell:>24}' for cell in cells)}")


def _version(python: str) -> str:
    words = (
        "import sys, sysconfig; print(sys.version.split()[0] + 't' * bool(sysconfig.get_config_var('Py_GIL_DISABLED')))"
    )
    return subprocess.run([python, "-c", words], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
