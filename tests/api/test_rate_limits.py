"""Test rate limits over HTTP, over time, and over processes that share only the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from planner.accounts import rate_limits
from planner.accounts.rate_limits import RateLimit, RateLimitCounter
from planner.errors import RateLimited
from planner.storage import db
from tests import processes
from tests.people import PASSWORD, Person, expect
from tests.racing import strangers, together

on_both_databases = pytest.mark.both_databases

WRONG = "wrong horse"
HOME, AWAY = "198.51.100.7", "203.0.113.9"
LIMIT = RateLimit("sign-in name", "amber-otter-lamp", 10, timedelta(minutes=15))
OTHER = RateLimit("sign-in address", HOME, 60, timedelta(hours=1))
THEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def sign_in(app: Flask, name: str, password: str = WRONG, address: str = HOME) -> TestResponse:
    sent = {"sign_in_name": name, "password": password}
    return app.test_client().post("/v1/sign-ins", json=sent, environ_overrides={"REMOTE_ADDR": address})


def sign_up(app: Flask, address: str) -> TestResponse:
    sent = {"display_name": "Robin", "password": PASSWORD, "zone": "UTC"}
    return app.test_client().post("/v1/people", json=sent, environ_overrides={"REMOTE_ADDR": address})


def by_code(person: Person, code: str, move: str = "look-up", address: str = HOME) -> TestResponse:
    sent = {"code": code} | ({"rhythm": "gentle"} if move == "accept" else {})
    headers = {"Authorization": f"Bearer {person.token}"}
    path = f"/v1/invitations/{move}"
    return person.app.test_client().post(path, json=sent, headers=headers, environ_overrides={"REMOTE_ADDR": address})


def count_passed(answers: list[TestResponse]) -> int:
    """Count the answers that no rate limit refused."""
    return sum(answer.status_code != 429 for answer in answers)


def count_tries(url: str, times: int) -> int:
    """Count, in a separate process, how many tries get through."""
    db.open_database(url)
    with db.connection():
        passed = sum(try_once() for _ in range(times))
    db.dispose()
    return passed


def try_once() -> bool:
    try:
        rate_limits.hit([LIMIT, OTHER], THEN)
    except RateLimited:
        return False
    return True


@on_both_databases
@pytest.mark.real_time
def test_several_processes_share_one_limit_exactly(database: str) -> None:
    with processes.context().Pool(4) as pool:
        assert sum(pool.starmap(count_tries, [(database, 30)] * 4, chunksize=1)) == LIMIT.most
    with db.connection():
        # Refused tries are not counted, so the wider limit has the same count.
        assert {count for (count,) in db.fetch_all(RateLimitCounter.select(RateLimitCounter.count))} == {LIMIT.most}


@on_both_databases
def test_of_simultaneous_wrong_passwords_ten_are_checked(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    answers = together(*[partial(sign_in, app, sam.sign_in_name)] * 16)
    assert count_passed(answers) == 10
    assert {answer.status_code for answer in answers} == {403, 429}
    assert expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)["type"] == "/problems/too-many-requests"
    expect(sign_in(app, sam.sign_in_name, PASSWORD, AWAY), 201)


def test_a_right_password_is_not_counted(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    for _ in range(9):
        expect(sign_in(app, sam.sign_in_name), 403)
    for _ in range(12):
        expect(sign_in(app, sam.sign_in_name, PASSWORD), 201)
    expect(sign_in(app, sam.sign_in_name), 403)
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)


def test_all_spellings_of_a_name_share_one_limit(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    name = sam.sign_in_name
    spellings = [
        name,
        name.upper(),
        name.replace("-", " "),
        name.replace("-", "."),
        name.replace("-", "--"),
        f"-{name}",
    ] * 4
    assert count_passed([sign_in(app, spelling) for spelling in spellings]) == 10


def recover(app: Flask, name: str, code: str = "ABCDE-FGHIJ", address: str = HOME) -> TestResponse:
    sent = {"sign_in_name": name, "recovery_code": code, "new_password": PASSWORD}
    return app.test_client().post("/v1/recovery", json=sent, environ_overrides={"REMOTE_ADDR": address})


def test_guesses_from_many_addresses_do_not_lock_the_owner_out_of_recovery(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    for i in range(70):
        sign_in(app, sam.sign_in_name, address=f"192.0.2.{i}")
        recover(app, sam.sign_in_name, address=f"192.0.2.{i}")
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)
    expect(recover(app, sam.sign_in_name, sam.recovery_code), 200)


def test_guesses_at_a_name_keep_no_signed_in_device_from_anything(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    for i in range(70):
        sign_in(app, sam.sign_in_name, address=f"192.0.2.{i}")
    for address in (HOME, AWAY):
        expect(sign_in(app, sam.sign_in_name, PASSWORD, address), 429)
    sam.get("/today")
    sam.put("/me/password", {"current_password": PASSWORD, "new_password": "another horse entirely"}, 204)
    sam.post("/me/received", {"password": "another horse entirely"})
    assert len(sam.get("/sign-ins")["items"]) == 1


def test_wrong_recovery_codes_of_an_address_are_limited_and_right_ones_do_not_count(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    code = sam.recovery_code
    for _ in range(3):
        code = expect(recover(app, sam.sign_in_name, code), 200)["recovery_code"]
    assert count_passed([recover(app, f"name-number-{i}") for i in range(25)]) == 20
    expect(recover(app, kim.sign_in_name, kim.recovery_code), 429)
    expect(recover(app, kim.sign_in_name, kim.recovery_code, AWAY), 200)


def test_one_address_cannot_lock_a_person_out_elsewhere(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    for _ in range(6):
        assert count_passed([sign_in(app, sam.sign_in_name) for _ in range(25)]) <= 10
        expect(sign_in(app, sam.sign_in_name, PASSWORD, AWAY), 201)
        stopped_clock.shift(timedelta(minutes=10))


def test_guesses_at_one_name_from_many_addresses_are_limited(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    assert count_passed([sign_in(app, sam.sign_in_name, address=f"192.0.2.{i}") for i in range(70)]) == 60


def test_guesses_at_many_names_from_one_address_are_limited(app: Flask) -> None:
    assert count_passed([sign_in(app, f"name-number-{i}") for i in range(70)]) == 60


@on_both_databases
def test_the_answer_says_correctly_when_to_try_again(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    for _ in range(10):
        expect(sign_in(app, sam.sign_in_name), 403)
    stopped_clock.shift(timedelta(minutes=5))
    answer = sign_in(app, sam.sign_in_name, PASSWORD)
    wait = expect(answer, 429)["retry_after"]
    assert answer.headers["Retry-After"] == str(wait)
    assert wait == 600
    stopped_clock.shift(timedelta(minutes=10, seconds=-1))
    assert expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)["retry_after"] == 1
    stopped_clock.shift(timedelta(seconds=1))
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 201)


@on_both_databases
def test_a_request_that_is_overtaken_does_not_count_anew(app: Flask, now: datetime) -> None:
    limit = RateLimit("sign-in name", "amber-otter-lamp", 1, timedelta(minutes=15))
    with app.app_context(), db.connection():
        rate_limits.hit([limit], now)
        with pytest.raises(RateLimited):
            rate_limits.hit([limit], now - timedelta(seconds=3))


@on_both_databases
def test_tries_counted_by_a_fast_clock_do_not_count_later(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    stopped_clock.shift(timedelta(days=400))
    for _ in range(11):
        sign_in(app, sam.sign_in_name)
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)
    stopped_clock.shift(timedelta(days=-400))
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 201)
    assert count_passed([sign_in(app, sam.sign_in_name) for _ in range(12)]) == 10


def test_the_purge_skips_locked_counters_and_cannot_deadlock(postgresql_url: str) -> None:
    db.open_database(postgresql_url)
    with db.connection():
        rate_limits.hit([LIMIT, OTHER], THEN)
        locked_id = db.fetch_all(RateLimitCounter.select(RateLimitCounter.id).order_by(RateLimitCounter.id))[0][0]
    with ThreadPoolExecutor(1) as pool, psycopg.connect(postgresql_url) as connection:
        connection.execute("SELECT 1 FROM rate_limit_counters WHERE id = %s FOR UPDATE", [locked_id])
        pool.submit(purge_all).result(timeout=10)
    with db.connection():
        assert db.fetch_all(RateLimitCounter.select(RateLimitCounter.id)) == [(locked_id,)]
        rate_limits.purge_expired(THEN + timedelta(days=1))
        assert db.fetch_all(RateLimitCounter.select(RateLimitCounter.id)) == []
    db.dispose()


def purge_all() -> None:
    with db.connection():
        rate_limits.purge_expired(THEN + timedelta(days=1))


def test_wrong_current_passwords_are_limited_for_each_sign_in(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    wrong = {"current_password": "wrong horse", "new_password": "another horse"}
    results = [sam.request("PUT", "/me/password", wrong).status_code for _ in range(12)]
    assert results == [403] * 10 + [429] * 2
    sam.put("/me/password", wrong | {"current_password": PASSWORD}, 429)
    other_phone = replace(sam)
    other_phone.sign_in_again()
    other_phone.put("/me/password", wrong | {"current_password": PASSWORD}, 204)
    kim.put("/me/password", wrong | {"current_password": PASSWORD}, 204)


def test_sign_ups_from_one_address_are_limited(app: Flask, stopped_clock: Traveller) -> None:
    answers = [sign_up(app, HOME) for _ in range(23)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429] * 3
    expect(sign_up(app, AWAY), 201)
    stopped_clock.shift(timedelta(hours=1))
    expect(sign_up(app, HOME), 201)


@pytest.mark.parametrize("minutes", [1, 40])
def test_a_wait_does_not_tell_when_others_at_the_address_signed_up(
    app: Flask, stopped_clock: Traveller, minutes: int
) -> None:
    stopped_clock.shift(timedelta(minutes=minutes))
    expect(sign_up(app, HOME), 201)
    stopped_clock.move_to(THEN + timedelta(minutes=50))
    assert count_passed([sign_up(app, HOME) for _ in range(20)]) == 19
    assert expect(sign_up(app, HOME), 429)["retry_after"] == 600
    stopped_clock.move_to(THEN + timedelta(minutes=60))
    expect(sign_up(app, HOME), 201)


def test_hosts_on_both_sides_of_the_end_of_a_window_count_together(app: Flask) -> None:
    limit, end = RateLimit("sign-in name", "amber-otter-lamp", 2, timedelta(minutes=15)), THEN + timedelta(minutes=15)
    with app.app_context(), db.connection():
        for seconds in (1, -1):
            rate_limits.hit([limit], end + timedelta(seconds=seconds))
        for seconds in (1, -1):
            with pytest.raises(RateLimited):
                rate_limits.hit([limit], end + timedelta(seconds=seconds))


def test_an_ipv6_network_counts_as_one_address(app: Flask) -> None:
    answers = [sign_up(app, f"2001:db8:1:2:{i:x}::{i:x}") for i in range(1, 24)]
    assert count_passed(answers) == 20
    expect(sign_up(app, "2001:db8:1:3::1"), 201)


def test_ipv4_addresses_written_as_ipv6_are_told_apart(app: Flask) -> None:
    assert (
        count_passed([sign_up(app, f"::ffff:{HOME}") for _ in range(11)] + [sign_up(app, HOME) for _ in range(11)])
        == 20
    )
    expect(sign_up(app, f"::ffff:{AWAY}"), 201)


@pytest.mark.parametrize("address", ["", "198.51.100.7:4711", "fe80::1%eth0"])
def test_a_malformed_address_is_counted(app: Flask, address: str) -> None:
    assert count_passed([sign_up(app, address) for _ in range(22)]) == 20


@on_both_databases
def test_addresses_and_names_are_not_stored_in_readable_form(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    sign_in(app, sam.sign_in_name)
    with db.connection():
        rows = repr(list(RateLimitCounter.select().dicts()))
    assert HOME not in rows
    assert sam.sign_in_name not in rows


@pytest.mark.parametrize("move", ["look-up", "accept", "decline"])
def test_an_account_has_ten_wrong_codes_an_hour_from_all_addresses(app: Flask, move: str) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    code = kim.post("/invitations", {}, 201)["code"]
    answers = [by_code(sam, "ABCD-EFGH-IJKL", move, f"192.0.2.{i}") for i in range(12)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429] * 2
    expect(by_code(sam, code, address=AWAY), 429)


def test_an_address_has_ten_wrong_codes_an_hour_for_all_accounts(app: Flask) -> None:
    people = strangers(app, *["Robin"] * 12)
    assert count_passed([by_code(person, "ABCD-EFGH-IJKL") for person in people]) == 10


@on_both_databases
def test_of_simultaneous_wrong_codes_ten_are_checked(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    assert count_passed(together(*[partial(by_code, sam, "ABCD-EFGH-IJKL")] * 16)) == 10


def test_a_right_code_is_not_counted_even_when_it_is_refused(app: Flask) -> None:
    sam, kim, lee = strangers(app, "Sam", "Kim", "Lee")
    of_kim, of_lee = (person.post("/invitations", {}, 201)["code"] for person in (kim, lee))
    expect(by_code(sam, of_kim, "accept"), 200)
    for _ in range(12):
        expect(by_code(sam, of_lee), 200)
        expect(by_code(sam, of_lee, "accept"), 409)
        expect(by_code(sam, of_kim, "accept"), 200)
    assert count_passed([by_code(sam, "ABCD-EFGH-IJKL") for _ in range(11)]) == 10


def test_codes_may_be_tried_again_after_an_hour(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    assert count_passed([by_code(sam, "ABCD-EFGH-IJKL") for _ in range(11)]) == 10
    stopped_clock.shift(timedelta(minutes=60))
    expect(by_code(sam, "ABCD-EFGH-IJKL"), 404)
