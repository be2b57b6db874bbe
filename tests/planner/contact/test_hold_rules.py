"""The hold rules as tables: the sender's acts, the receiver's choices, and the held acts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from planner.contact import hold_rules
from planner.contact.hold_rules import Quiet, SentEvent
from tests.conftest import NOON

DAY = timedelta(days=1)


def at(day: float):
    return NOON + day * DAY


def subject(number: int) -> UUID:
    return UUID(int=number + 1)


def proposal(number, day, **more):
    return SentEvent(subject(number), "proposal", at(day), **more)


def shared(number, day, **more):
    return SentEvent(subject(number), "shared", at(day), **more)


def held(acts, quiet=Quiet()):  # noqa: B008  # nothing can change it
    return {key[0].int - 1: why for key, why in hold_rules.hold_reasons(acts, quiet).items()}


CALM = Quiet(rhythm="apart", rhythm_since=NOON)  # one proposal and two shared things in seven days
GENTLE = Quiet(rhythm="gentle", rhythm_since=NOON)  # three proposals and seven shared things


@pytest.mark.parametrize(
    ("acts", "quiet", "expected"),
    [
        ([proposal(0, 1), shared(1, 1)], Quiet(), {}),
        ([proposal(0, 1, in_space=True), shared(1, 2)], Quiet(), {0: "space"}),
        ([proposal(0, 1), proposal(1, 1, above=True)], Quiet(), {1: "pace"}),
        # One proposal in exactly seven days. A held proposal does not count.
        ([proposal(0, 0), proposal(1, 3), proposal(2, 6.999), proposal(3, 7)], CALM, {1: "rhythm", 2: "rhythm"}),
        ([shared(0, 0), shared(1, 1), shared(2, 2), shared(3, 7), shared(4, 7.5)], CALM, {2: "rhythm", 4: "rhythm"}),
        # Acts before the choice do not count.
        ([proposal(0, -1), proposal(1, 0), proposal(2, 1)], CALM, {2: "rhythm"}),
        ([*(proposal(n, n / 10) for n in range(4)), *(shared(n, 1) for n in range(10, 17))], GENTLE, {3: "rhythm"}),
        # A proposal and its message are one act: without room for the message, both are held, and neither counts.
        (
            [shared(8, 0), shared(9, 0), proposal(0, 1), SentEvent(subject(0), "shared", at(1)), proposal(1, 2)],
            CALM,
            {0: "rhythm"},
        ),
        # An answered proposal counts, too.
        ([proposal(0, 0, answered=True), proposal(1, 1)], CALM, {1: "rhythm"}),
        # Space is the first reason, and a thing held for it does not count.
        ([proposal(0, 0, in_space=True), proposal(1, 1), proposal(2, 8)], CALM, {0: "space", 1: "rhythm"}),
        ([proposal(0, 0), proposal(1, 1, above=True)], CALM, {1: "pace"}),
    ],
)
def test_held_acts_and_their_reasons(acts, quiet, expected):
    assert held(acts, quiet) == expected
    assert held(reversed(acts), quiet) == expected, "the order of rows means nothing"


def test_a_calmer_rhythm_never_holds_less():
    acts = [proposal(n, n / 7) for n in range(40)] + [shared(n, n / 9) for n in range(50, 120)]
    sizes = [len(held(acts, Quiet(rhythm=rhythm, rhythm_since=NOON))) for rhythm in ("together", "gentle", "apart")]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def test_a_proposal_is_held_until_the_receiver_answers_it():
    acts = [proposal(0, 1, in_space=True), proposal(1, 1, in_space=True, answered=True), proposal(2, 1)]
    assert hold_rules.held(acts, Quiet()) == {(subject(0), at(1)): "space"}
