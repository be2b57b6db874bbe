"""How often something may be tried: over HTTP, over time, and over processes that share only the database."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
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
from tests.people import PASSWORD, Person, expect
from tests.racing import strangers, together

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


def through(answers: list[TestResponse]) -> int:
    """How many of the answers were not refused for their number."""
    return sum(answer.status_code != 429 for answer in answers)


def tries(url: str, times: int) -> int:
    """In a process of its own: how many of some tries get through."""
    db.open_database(url)
    with db.connection():
        found = sum(try_once() for _ in range(times))
    db.dispose()
    return found


def try_once() -> bool:
    try:
        rate_limits.hit([LIMIT, OTHER], THEN)
    except RateLimited:
        return False
    return True


@pytest.mark.real_time
def test_over_several_processes_exactly_as_many_get_through_as_the_limit_says(database: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        assert sum(pool.starmap(tries, [(database, 30)] * 4, chunksize=1)) == LIMIT.most
    with db.connection():
        # What was refused counts nowhere, so the wider limit has not moved either.
        assert {count for (count,) in db.fetch_all(RateLimitCounter.select(RateLimitCounter.count))} == {LIMIT.most}


def test_over_threads_exactly_ten_wrong_passwords_are_looked_at(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    answers = together(*[partial(sign_in, app, sam.sign_in_name)] * 16)
    assert through(answers) == 10
    assert {answer.status_code for answer in answers} == {403, 429}
    assert expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)["type"] == "/problems/too-many-requests"
    expect(sign_in(app, sam.sign_in_name, PASSWORD, AWAY), 201)


def test_a_rightful_try_is_handed_back(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    for _ in range(9):
        expect(sign_in(app, sam.sign_in_name), 403)
    for _ in range(12):
        expect(sign_in(app, sam.sign_in_name, PASSWORD), 201)
    expect(sign_in(app, sam.sign_in_name), 403)
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)


def test_each_way_of_typing_a_name_has_the_same_tries(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    name = sam.sign_in_name
    typed = [
        name,
        name.upper(),
        name.replace("-", " "),
        name.replace("-", "."),
        name.replace("-", "--"),
        f"-{name}",
    ] * 4
    assert through([sign_in(app, spelling) for spelling in typed]) == 10


def recover(app: Flask, name: str, code: str = "ABCDE-FGHIJ", address: str = HOME) -> TestResponse:
    sent = {"sign_in_name": name, "recovery_code": code, "new_password": PASSWORD}
    return app.test_client().post("/v1/recovery", json=sent, environ_overrides={"REMOTE_ADDR": address})


def test_guesses_at_a_name_from_everywhere_do_not_lock_its_owner_out_of_recovery(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    for i in range(70):
        sign_in(app, sam.sign_in_name, address=f"192.0.2.{i}")
        recover(app, sam.sign_in_name, address=f"192.0.2.{i}")
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)
    expect(recover(app, sam.sign_in_name, sam.recovery_code), 200)


def test_wrong_recovery_codes_from_one_address_end_and_a_right_one_is_handed_back(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    code = sam.recovery_code
    for _ in range(3):
        code = expect(recover(app, sam.sign_in_name, code), 200)["recovery_code"]
    assert through([recover(app, f"name-number-{i}") for i in range(25)]) == 20
    expect(recover(app, kim.sign_in_name, kim.recovery_code), 429)
    expect(recover(app, kim.sign_in_name, kim.recovery_code, AWAY), 200)


def test_one_address_alone_never_locks_a_person_out_elsewhere(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    for _ in range(6):
        assert through([sign_in(app, sam.sign_in_name) for _ in range(25)]) <= 10
        expect(sign_in(app, sam.sign_in_name, PASSWORD, AWAY), 201)
        stopped_clock.shift(timedelta(minutes=10))


def test_guesses_at_one_name_from_many_addresses_end(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    assert through([sign_in(app, sam.sign_in_name, address=f"192.0.2.{i}") for i in range(70)]) == 60


def test_guesses_at_many_names_from_one_address_end(app: Flask) -> None:
    assert through([sign_in(app, f"name-number-{i}") for i in range(70)]) == 60


def test_the_answer_says_when_to_try_again_and_is_true(app: Flask, stopped_clock: Traveller) -> None:
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


def test_what_a_wrong_clock_counted_locks_nobody_out_once_it_is_right_again(
    app: Flask, stopped_clock: Traveller
) -> None:
    (sam,) = strangers(app, "Sam")
    stopped_clock.shift(timedelta(days=400))
    for _ in range(11):
        sign_in(app, sam.sign_in_name)
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 429)
    stopped_clock.shift(timedelta(days=-400))
    expect(sign_in(app, sam.sign_in_name, PASSWORD), 201)
    assert through([sign_in(app, sam.sign_in_name) for _ in range(12)]) == 10


def test_tidying_waits_for_no_try_and_so_cannot_stand_in_a_ring(postgresql_url: str) -> None:
    db.open_database(postgresql_url)
    with db.connection():
        rate_limits.hit([LIMIT, OTHER], THEN)
        held = db.fetch_all(RateLimitCounter.select(RateLimitCounter.id).order_by(RateLimitCounter.id))[0][0]
    with ThreadPoolExecutor(1) as pool, psycopg.connect(postgresql_url) as trying:
        trying.execute("SELECT 1 FROM rate_limit_counters WHERE id = %s FOR UPDATE", [held])
        pool.submit(forget_all).result(timeout=10)
    with db.connection():
        assert db.fetch_all(RateLimitCounter.select(RateLimitCounter.id)) == [(held,)]
        rate_limits.purge_expired(THEN + timedelta(days=1))
        assert db.fetch_all(RateLimitCounter.select(RateLimitCounter.id)) == []
    db.dispose()


def forget_all() -> None:
    with db.connection():
        rate_limits.purge_expired(THEN + timedelta(days=1))


def test_wrong_current_passwords_end_for_whoever_holds_a_token(app: Flask) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    wrong = {"current_password": "wrong horse", "new_password": "another horse"}
    found = [sam.request("PUT", "/me/password", wrong).status_code for _ in range(12)]
    assert found == [403] * 10 + [429] * 2
    sam.put("/me/password", wrong | {"current_password": PASSWORD}, 429)
    kim.put("/me/password", wrong | {"current_password": PASSWORD}, 204)


def test_sign_ups_from_one_address_end_and_another_goes_on(app: Flask, stopped_clock: Traveller) -> None:
    answers = [sign_up(app, HOME) for _ in range(23)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429] * 3
    expect(sign_up(app, AWAY), 201)
    stopped_clock.shift(timedelta(hours=1))
    expect(sign_up(app, HOME), 201)


def test_an_ipv6_household_is_one_and_its_neighbour_another(app: Flask) -> None:
    answers = [sign_up(app, f"2001:db8:1:2:{i:x}::{i:x}") for i in range(1, 24)]
    assert through(answers) == 20
    expect(sign_up(app, "2001:db8:1:3::1"), 201)


def test_addresses_of_the_old_kind_are_told_apart_in_their_new_form(app: Flask) -> None:
    assert through([sign_up(app, f"::ffff:{HOME}") for _ in range(11)] + [sign_up(app, HOME) for _ in range(11)]) == 20
    expect(sign_up(app, f"::ffff:{AWAY}"), 201)


@pytest.mark.parametrize("address", ["", "198.51.100.7:4711", "fe80::1%eth0"])
def test_an_address_of_any_form_is_counted_not_a_fault(app: Flask, address: str) -> None:
    assert through([sign_up(app, address) for _ in range(22)]) == 20


def test_no_address_and_no_name_is_kept_readable(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    sign_in(app, sam.sign_in_name)
    with db.connection():
        kept = repr(list(RateLimitCounter.select().dicts()))
    assert HOME not in kept
    assert sam.sign_in_name not in kept


@pytest.mark.parametrize("move", ["look-up", "accept", "decline"])
def test_ten_wrong_codes_an_hour_for_an_account_wherever_it_is(app: Flask, move: str) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    code = kim.post("/invitations", {}, 201)["code"]
    found = [by_code(sam, "ABCD-EFGH-IJKL", move, f"192.0.2.{i}") for i in range(12)]
    assert [answer.status_code for answer in found] == [404] * 10 + [429] * 2
    expect(by_code(sam, code, address=AWAY), 429)


def test_ten_wrong_codes_an_hour_for_an_address_whoever_sends_them(app: Flask) -> None:
    people = strangers(app, *["Robin"] * 12)
    assert through([by_code(person, "ABCD-EFGH-IJKL") for person in people]) == 10


def test_over_threads_exactly_ten_wrong_codes_are_looked_at(app: Flask) -> None:
    (sam,) = strangers(app, "Sam")
    assert through(together(*[partial(by_code, sam, "ABCD-EFGH-IJKL")] * 16)) == 10


def test_the_right_code_is_handed_back_even_at_the_wrong_moment(app: Flask) -> None:
    sam, kim, lee = strangers(app, "Sam", "Kim", "Lee")
    of_kim, of_lee = (person.post("/invitations", {}, 201)["code"] for person in (kim, lee))
    expect(by_code(sam, of_kim, "accept"), 200)
    for _ in range(12):
        expect(by_code(sam, of_lee), 200)
        expect(by_code(sam, of_lee, "accept"), 409)
        expect(by_code(sam, of_kim, "accept"), 200)
    assert through([by_code(sam, "ABCD-EFGH-IJKL") for _ in range(11)]) == 10


def test_after_an_hour_codes_may_be_tried_again(app: Flask, stopped_clock: Traveller) -> None:
    (sam,) = strangers(app, "Sam")
    assert through([by_code(sam, "ABCD-EFGH-IJKL") for _ in range(11)]) == 10
    stopped_clock.shift(timedelta(minutes=60))
    expect(by_code(sam, "ABCD-EFGH-IJKL"), 404)
