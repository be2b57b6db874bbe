"""Test acts for which an older sign-in has to be confirmed with the password."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from time_machine import Traveller

from api.app import OPERATIONS
from api.core.openapi import example_of
from api.core.operations import Operation
from planner.errors import ConfirmationNeeded
from tests.api.answers import path_of
from tests.conftest import NOON
from tests.people import PASSWORD, Cast, Person

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LIVES = {"passkeys.prepare_passkey": timedelta(minutes=10)}
"""How long a sign-in is good for an act, where it is less than a day."""
GUARDED = [operation for operation in OPERATIONS if ConfirmationNeeded in operation.problems]


def needs(person: Person, operation: Operation) -> bool:
    """Send a request as a phone that enters no password by itself, and tell whether the server asks for one."""
    body = example_of(operation.body) if operation.body else None
    answer = replace(person, confirms=False).request(operation.method, path_of(operation), body)
    told = answer.get_json(silent=True) or {}
    if told.get("type") != "/problems/confirm-first":
        return False
    assert (answer.status_code, told["reason"], "opens_at" in told) == (403, "confirm_first", False)
    return True


def confirm(person: Person, password: str = PASSWORD, status: int = 200) -> Any:
    return person.post("/sign-ins/current/confirm", {"password": password}, status)


def test_leaving_blocking_and_ending_other_sign_ins_are_guarded() -> None:
    names = {operation.endpoint for operation in GUARDED}
    assert names >= {"couple.leave_couple", "blocks.block_person", "sign_ins.delete_sign_in"}


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.view.__name__)
def test_a_guarded_act_needs_a_sign_in_confirmed_lately(
    cast: Cast, stopped_clock: Traveller, operation: Operation
) -> None:
    life = LIVES.get(operation.endpoint, DAY)
    stopped_clock.shift(life - SECOND)
    assert not needs(cast.alice, operation)
    stopped_clock.shift(SECOND)
    assert needs(cast.charlie, operation)
    assert cast.charlie.get("/couple")["partner"] == "Dana"
    assert confirm(cast.charlie)["confirmed_until"] == f"{NOON + life + DAY:%Y-%m-%dT%H:%M:%S.000Z}"
    assert not needs(cast.charlie, operation)


def test_a_confirmation_is_for_one_sign_in_and_one_day(cast: Cast, stopped_clock: Traveller) -> None:
    leave = next(operation for operation in GUARDED if operation.endpoint == "couple.leave_couple")
    stopped_clock.shift(2 * DAY)
    tablet = replace(cast.sam)
    tablet.sign_in_again()
    assert [needs(phone, leave) for phone in (cast.sam, tablet)] == [True, False]
    confirm(cast.sam)
    stopped_clock.shift(DAY)
    assert [needs(phone, leave) for phone in (cast.sam, tablet)] == [True, True]


def test_a_wrong_password_confirms_nothing(cast: Cast, stopped_clock: Traveller) -> None:
    stopped_clock.shift(2 * DAY)
    for _ in range(10):
        assert confirm(cast.alice, "wrong horse", 403)["reason"] == "current_password_wrong"
    confirm(cast.alice, PASSWORD, 429)
    assert all(needs(cast.alice, operation) for operation in GUARDED)


def test_a_device_signs_itself_out_without_a_password(cast: Cast, stopped_clock: Traveller) -> None:
    stopped_clock.shift(2 * DAY)
    phone = replace(cast.alice, confirms=False)
    (mine,) = phone.get("/sign-ins")["items"]
    phone.delete(f"/sign-ins/{mine['id']}")
    phone.get("/me", 401)


def test_a_confirmation_under_a_wrong_clock_does_not_last(cast: Cast, stopped_clock: Traveller) -> None:
    stopped_clock.shift(100 * DAY)
    confirm(cast.alice)
    stopped_clock.shift(-98 * DAY)
    assert all(needs(cast.alice, operation) for operation in GUARDED)
