"""Runs of the state machine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test
from time_machine import Traveller

from tests.campaigns.lives.machine import Lives

STEPS = 40


@dataclass
class Figures:
    """The size of a campaign: its runs, its acts by name, and the successful acts."""

    runs: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        """Return one line for a person to read."""
        counts = ", ".join(f"{name} {self.done[name]}/{count}" for name, count in sorted(self.acts.items()))
        return f"{self.runs} runs, {self.acts.total()} acts ({counts})"


def live(app: Flask, clock: Traveller, runs: int, seed: int, steps: int = STEPS, shrink: bool = True) -> Figures:
    """Live that many lives of so many acts. Raise the failure that hypothesis found, made as short as possible."""
    figures = Figures()

    class Here(Lives):
        def __init__(self) -> None:
            super().__init__()
            figures.runs += 1

    Here.app, Here.clock, Here.acts, Here.done = app, clock, figures.acts, figures.done
    chosen = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink][: 1 + shrink],
    )  # fmt: skip
    run_state_machine_as_test(seeded(seed)(Here), settings=chosen)
    return figures
