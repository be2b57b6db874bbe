"""Test the marks of devices: wrong passwords elsewhere lock no device out on which the person has signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from planner.accounts import device_marks
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.device_marks import DeviceMark
from planner.storage import db
from tests.people import PASSWORD, Person, expect
from tests.racing import strangers

HOME = "198.51.100.7"
NEVER_GIVEN = "A" * 43


def sign_in(person: Person, mark: str | None = None, password: str = PASSWORD, path: str = "/sign-ins") -> TestResponse:
    sent = {"sign_in_name": person.sign_in_name, "password": password, "device_mark": mark}
    return person.app.test_client().post(f"/v1{path}", json=sent, environ_overrides={"REMOTE_ADDR": HOME})


def mark_of(answer: TestResponse, status: int = 201) -> str:
    mark: str = expect(answer, status)["session"]["device_mark"]
    return mark


def recover(person: Person, mark: str | None, code: str) -> TestResponse:
    sent = {"sign_in_name": person.sign_in_name, "recovery_code": code, "new_password": PASSWORD, "device_mark": mark}
    return person.app.test_client().post("/v1/recovery", json=sent, environ_overrides={"REMOTE_ADDR": HOME})


def lock_out(person: Person) -> None:
    """Guess passwords and recovery codes at the person's address and elsewhere, until all limits are reached."""
    guess: dict[str, Any] = {"sign_in_name": person.sign_in_name, "password": "wrong horse"}
    for number in range(80):
        address = HOME if number < 12 else f"192.0.2.{number}"
        person.app.test_client().post("/v1/sign-ins", json=guess, environ_overrides={"REMOTE_ADDR": address})
    for _ in range(21):
        recover(person, None, "ABCDE-FGHIJ")
    expect(sign_in(person), 429)
    expect(recover(person, None, person.recovery_code), 429)


def test_a_person_who_is_locked_out_signs_in_on_a_known_device(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    mark = mark_of(sign_in(sam))
    lock_out(sam)
    expect(sign_in(sam, NEVER_GIVEN), 429)
    assert mark_of(sign_in(sam, mark)) == mark
    assert mark_of(recover(sam, mark, sam.recovery_code), 200) == mark


def test_a_deleted_account_comes_back_on_a_known_device(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    mark = mark_of(sign_in(sam))
    sam.request("DELETE", "/me", {"password": PASSWORD})
    lock_out(sam)
    expect(sign_in(sam, None, path="/me/undo-deletion"), 429)
    expect(sign_in(sam, mark, path="/me/undo-deletion"), 201)


def test_a_known_device_has_ten_tries_of_its_own(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    mark = mark_of(sign_in(sam))
    for _ in range(10):
        expect(sign_in(sam, mark, "wrong horse"), 403)
    expect(sign_in(sam, mark), 429)
    other = mark_of(sign_in(sam))
    assert other != mark
    assert mark_of(sign_in(sam, other)) == other
    stopped_clock.shift(timedelta(minutes=15))
    expect(sign_in(sam, mark), 201)


def test_a_mark_alone_opens_nothing_and_does_not_tell_who_has_an_account(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    mark = mark_of(sign_in(sam))
    answers = [sign_in(sam, mark, "wrong horse"), sign_in(kim, mark, "wrong horse"), sign_in(kim, None, "wrong horse")]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert len({answer.data for answer in answers}) == 1


def test_one_mark_serves_all_people_of_a_device_without_linking_them(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    with db.connection():
        DeviceMark.delete().execute()
    mark = mark_of(sign_in(sam))
    assert mark_of(sign_in(kim, mark)) == mark
    lock_out(sam)
    for person in (sam, kim):
        expect(sign_in(person, mark), 201)
    with db.connection():
        digests = [digest for (digest,) in db.fetch_all(DeviceMark.select(DeviceMark.digest))]
    assert len(set(digests)) == 2
    assert mark not in digests


def test_a_sign_up_on_a_known_device_keeps_its_mark(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    mark = mark_of(sign_in(sam))
    sent = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC", "device_mark": mark}
    assert mark_of(app.test_client().post("/v1/people", json=sent)) == mark


@pytest.mark.parametrize("mark", ["", "x", "A" * 44, "é" * 43, "A" * 42 + "\n", "A" * 42 + "\0", 7, ["A" * 43]])
def test_a_malformed_mark_is_refused(app: Flask, mark: Any) -> None:
    sent = {"sign_in_name": "amber-otter-lamp", "password": PASSWORD, "device_mark": mark}
    (fault,) = expect(app.test_client().post("/v1/sign-ins", json=sent), 422)["errors"]
    assert (fault["field"], fault["code"]) == ("device_mark", "not_a_device_mark")


def test_beyond_fifty_the_device_unused_for_longest_is_forgotten(sam: Person, stopped_clock: Traveller) -> None:
    first, second = mark_of(sign_in(sam)), mark_of(sign_in(sam))
    with db.connection():
        row = PersonRow.get_by_id(UUID(sam.id))
        for number in range(48):
            with db.write((PersonRow, [row.id])):
                device_marks.give(row, None, row.created_at + timedelta(seconds=number + 1))
        assert DeviceMark.select().where(DeviceMark.person == row.id).count() == 50
    stopped_clock.shift(timedelta(minutes=1))
    expect(sign_in(sam, second), 201)
    mark_of(sign_in(sam))
    with db.connection():
        known = [device_marks.recognize(sam.sign_in_name, mark) is not None for mark in (first, second)]
    assert known == [False, True]
