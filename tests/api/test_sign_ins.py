"""Test sign-ins over HTTP: passwords, recovery, tokens, and the list of sign-ins."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar, Literal
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from planner import clock, scheduler
from planner.accounts import passwords, sessions
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.rate_limits import RateLimitCounter
from planner.accounts.sessions import Session
from planner.contact.viewer import authenticate
from planner.storage import db
from tests.databases import without_table
from tests.people import PASSWORD, Cast, Person, expect
from tests.racing import strangers, together

NEW = "another horse entirely"


def sign_in(person: Person, name: str | None = None, password: str = PASSWORD, device: str = "tablet") -> TestResponse:
    sent = {"sign_in_name": person.sign_in_name if name is None else name, "password": password, "device": device}
    return person.app.test_client().post("/v1/sign-ins", json=sent)


def recover(person: Person, code: str, name: str | None = None, password: str = NEW) -> TestResponse:
    sent = {"sign_in_name": name or person.sign_in_name, "recovery_code": code, "new_password": password}
    return person.app.test_client().post("/v1/recovery", json=sent)


def change_password(person: Person, current: str = PASSWORD, new: str = NEW) -> TestResponse:
    return person.request("PUT", "/me/password", {"current_password": current, "new_password": new})


def elsewhere(person: Person, password: str = PASSWORD) -> Person:
    """Sign in on another device, and return the person with its token."""
    token = expect(sign_in(person, password=password), 201)["session"]["token"]
    return Person(person.app, person.name, person.id, person.sign_in_name, token, person.recovery_code)


def alike(first: TestResponse, second: TestResponse) -> bool:
    return (first.status, first.data, dict(first.headers)) == (second.status, second.data, dict(second.headers))


def test_a_name_may_be_typed_in_any_case_and_with_spaces_or_dots(sam: Person) -> None:
    name = sam.sign_in_name
    for typed in (name, name.upper(), name.replace("-", " "), f"  {name.title()} ", name.replace("-", " - "),
                  name.replace("-", "."), name.replace("-", "  "), name.replace("-", "\u2011") + "\n",
                  name.replace("i", "\u0130").upper()):  # fmt: skip
        assert expect(sign_in(sam, typed), 201)["session"]["person_id"] == sam.id


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(sam: Person) -> None:
    answers = [sign_in(sam, password="wrong horse"), sign_in(sam, "no-such-name"), sign_in(sam, "nobody", "x")]
    expect(answers[0], 403)
    assert all(alike(answers[0], answer) for answer in answers)
    assert "WWW-Authenticate" not in answers[0].headers


def test_a_wrong_name_and_a_wrong_recovery_code_get_the_same_answer(sam: Person) -> None:
    answers = [recover(sam, "ABCDE-FGHIJ"), recover(sam, sam.recovery_code, "no-such-name"), recover(sam, "-")]
    expect(answers[0], 403)
    assert all(alike(answers[0], answer) for answer in answers)
    expect(sign_in(sam), 201)


def test_the_recovery_code_is_used_once_and_ends_every_sign_in(sam: Person) -> None:
    other = elsewhere(sam)
    recovered = expect(recover(sam, sam.recovery_code), 200)
    assert (recovered["session"]["person_id"], recovered["sign_in_name"]) == (sam.id, sam.sign_in_name)
    assert recovered["recovery_code"] != sam.recovery_code
    for old in (sam, other):
        old.get("/me", 401)
    expect(recover(sam, sam.recovery_code, password="a third one, again"), 403)
    expect(sign_in(sam), 403)
    expect(sign_in(sam, password=NEW), 201)
    assert expect(recover(sam, recovered["recovery_code"]), 200)["session"]["person_id"] == sam.id


def test_the_recovery_code_tolerates_other_spellings(sam: Person) -> None:
    code = sam.recovery_code
    for typed in (str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "),
                  lambda code: code.replace("O", "0").replace("I", "1"),
                  lambda code: code.translate({ord("-"): "–\n", ord("2"): "２"})):  # fmt: skip
        code = expect(recover(sam, typed(code)), 200)["recovery_code"]


def test_a_failed_recovery_changes_nothing(sam: Person) -> None:
    with without_table("sessions"):
        assert recover(sam, sam.recovery_code).status_code in (500, 503)
    sam.get("/me")
    expect(sign_in(sam), 201)
    expect(recover(sam, sam.recovery_code), 200)


def test_simultaneous_recoveries_with_one_code_succeed_once(sam: Person) -> None:
    answers = together(*[partial(recover, sam, sam.recovery_code, password=f"{NEW} {i}") for i in range(5)])
    won = [i for i, answer in enumerate(answers) if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 403}
    expect(sign_in(sam, password=f"{NEW} {won[0]}"), 201)


def test_a_password_change_ends_all_other_sign_ins(sam: Person) -> None:
    phone, tablet = elsewhere(sam), elsewhere(sam)
    expect(change_password(phone), 204)
    phone.get("/me")
    for ended in (sam, tablet):
        ended.get("/me", 401)
    expect(sign_in(sam), 403)
    expect(sign_in(sam, password=NEW), 201)


def test_a_token_without_the_current_password_cannot_change_it(sam: Person) -> None:
    other = elsewhere(sam)
    answer = change_password(sam, current=NEW)
    assert expect(answer, 403)["type"] == "/problems/wrong-secret"
    expect(change_password(sam, new="too short"), 422)
    other.get("/me")
    expect(sign_in(sam), 201)


def test_a_new_recovery_code_replaces_the_old_one(sam: Person) -> None:
    tablet = elsewhere(sam)
    answer = sam.request("POST", "/me/recovery-code", {"password": PASSWORD})
    code = expect(answer, 200)["recovery_code"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert code != sam.recovery_code
    for phone in (sam, tablet):
        phone.get("/me")
    expect(recover(sam, sam.recovery_code), 403)
    assert expect(recover(sam, code), 200)["session"]["person_id"] == sam.id


def test_a_wrong_password_makes_no_recovery_code(sam: Person) -> None:
    for _ in range(10):
        assert sam.post("/me/recovery-code", {"password": NEW}, 403)["reason"] == "current_password_wrong"
    sam.post("/me/recovery-code", {"password": PASSWORD}, 429)
    expect(recover(sam, sam.recovery_code), 200)


def test_of_simultaneous_password_changes_one_wins(sam: Person) -> None:
    devices = [sam, elsewhere(sam), elsewhere(sam), elsewhere(sam)]
    answers = together(*[partial(change_password, phone, new=f"{NEW} {i}") for i, phone in enumerate(devices)])
    results = [answer.status_code for answer in answers]
    (won,) = [i for i, status in enumerate(results) if status == 204]
    assert set(results) <= {204, 403, 401}
    assert [device.request("GET", "/me").status_code for device in devices] == [
        200 if i == won else 401 for i in range(4)
    ]
    expect(sign_in(sam, password=f"{NEW} {won}"), 201)


def test_the_old_password_gives_no_sign_in_during_its_change(sam: Person) -> None:
    # Each sign-in may check the old password before the change and create its token after it.
    old = PASSWORD
    for i in range(8):
        new = f"{NEW} {i}"
        changed, *entered = together(
            partial(change_password, sam, old, new), *[partial(sign_in, sam, password=old)] * 3
        )
        expect(changed, 204)
        tokens = [answer.get_json()["session"]["token"] for answer in entered if answer.status_code == 201]
        for token in tokens:
            Person(sam.app, "", sam.id, "", token, "").get("/me", 401)
        old = new


def test_sign_ins_are_listed_newest_first_to_their_owner_only(cast: Cast, stopped_clock: Traveller) -> None:
    stopped_clock.shift(timedelta(hours=30))
    other = elsewhere(cast.alice)
    items = other.get("/sign-ins")["items"]
    assert [(item["device"], item["current"]) for item in items] == [("tablet", True), ("unnamed device", False)]
    assert [item["used_on"] for item in items] == ["2026-11-24", "2026-11-23"]
    for stranger in (cast.bob, cast.charlie, cast.sam):
        assert not {item["id"] for item in stranger.get("/sign-ins")["items"]} & {item["id"] for item in items}


def test_a_revoked_sign_in_is_refused(sam: Person) -> None:
    other = elsewhere(sam)
    ids = {item["current"]: item["id"] for item in sam.get("/sign-ins")["items"]}
    answer = sam.request("DELETE", f"/sign-ins/{ids[False]}")
    assert answer.status_code == 204
    assert "Clear-Site-Data" not in answer.headers
    refusal = other.request("GET", "/me")
    expect(refusal, 401)
    assert refusal.headers["WWW-Authenticate"].startswith("Bearer")
    sam.delete(f"/sign-ins/{ids[False]}", 404)
    mine = sam.request("DELETE", f"/sign-ins/{ids[True]}")
    assert mine.headers["Clear-Site-Data"] == '"storage"'
    sam.get("/me", 401)


def test_a_person_cannot_end_the_sign_in_of_another_person(cast: Cast) -> None:
    (theirs,) = cast.alice.get("/sign-ins")["items"]
    for other in (cast.bob, cast.charlie, cast.sam):
        missing = other.request("DELETE", f"/sign-ins/{uuid4()}")
        assert alike(other.request("DELETE", f"/sign-ins/{theirs['id']}"), missing)
        expect(missing, 404)
    cast.alice.get("/me")


def test_a_malformed_token_is_refused(sam: Person) -> None:
    for sent in ("", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer x{}", "Bearer {}x", "Bearer {} x", "Bearer \xe9"):
        expect(sam.app.test_client().get("/v1/me", headers={"Authorization": sent.format(sam.token)}), 401)


def test_the_scheme_of_the_token_is_case_insensitive(sam: Person) -> None:
    expect(sam.app.test_client().get("/v1/me", headers={"Authorization": f"bEARER  {sam.token} "}), 200)


def test_the_last_use_is_written_once_a_day_in_the_zone_of_the_person(sam: Person, stopped_clock: Traveller) -> None:
    statements: list[str] = []
    run = db.proxy.obj.execute_sql

    def counting(sql: str, *rest: object, **more: object) -> object:
        statements.append(sql)
        return run(sql, *rest, **more)

    db.proxy.obj.execute_sql = counting
    sam.request("PATCH", "/me", {"zone": "Pacific/Apia"}, If_Match="1")
    statements.clear()
    for hours in (0, 1, 12, 22, 23, 24):
        stopped_clock.move_to(datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(hours=hours))
        sam.get("/me")
        sam.get("/today")
    written = [sql for sql in statements if sql.startswith("UPDATE") and "used_on" in sql]
    # The 24th begins at midnight in Lisbon, the old zone. The 25th begins at midnight in Apia, eleven hours later.
    assert len(written) == 2
    assert sam.get("/sign-ins")["items"][0]["used_on"] == "2026-11-25"


def test_a_sign_in_that_rests_180_days_ends(sam: Person, stopped_clock: Traveller) -> None:
    tablet = elsewhere(sam)
    stopped_clock.shift(timedelta(days=180))
    sam.get("/me")
    scheduler.run_housekeeping(clock.utcnow())
    assert len(sam.get("/sign-ins")["items"]) == 2
    stopped_clock.shift(timedelta(days=1))
    assert tablet.get("/me", 401)["reason"] == "token_not_valid"
    scheduler.run_housekeeping(clock.utcnow())
    assert [item["current"] for item in sam.get("/sign-ins")["items"]] == [True]


def test_beyond_fifty_the_oldest_sign_ins_of_the_person_end(app: Flask, now: datetime) -> None:
    sam, kim = strangers(app, "Sam", "Kim")
    with db.connection():
        tokens = [sam.token]
        tokens += [
            sessions.sign_in_after_sign_up(UUID(sam.id), f"{i}", now + timedelta(seconds=i)).token for i in range(1, 52)
        ]
    assert len(sam.get("/me", 401)) > 0
    results = [replace(sam, token=token).request("GET", "/me").status_code for token in tokens]
    assert results == [401] * 2 + [200] * 50
    kim.get("/me")
    listed = replace(sam, token=tokens[-1]).get("/sign-ins")["items"]
    assert [item["device"] for item in listed] == [f"{i}" for i in range(51, 1, -1)]


def test_the_newest_sign_in_works_even_with_an_old_time(app: Flask, now: datetime) -> None:
    (sam,) = strangers(app, "Sam")
    with db.connection():
        for _ in range(60):
            token = sessions.sign_in_after_sign_up(UUID(sam.id), "phone", now - timedelta(days=1)).token
            assert str(authenticate(token, now).id) == sam.id
        assert Session.select().count() == 50


def stored_hash(person: Person) -> str:
    with db.connection():
        return str(PersonRow.get_by_id(UUID(person.id)).password_hash)


def test_a_sign_in_replaces_a_hash_of_lower_cost(sam: Person) -> None:
    cheap = stored_hash(sam)
    passwords.set_cost("standard")
    try:
        expect(sign_in(sam, password="wrong horse battery"), 403)
        assert stored_hash(sam) == cheap
        answers = together(*[partial(sign_in, sam)] * 4)
        assert [answer.status_code for answer in answers] == [201] * 4, "the new hash refuses no one"
        dear = stored_hash(sam)
        assert dear.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        expect(sign_in(sam), 201)
        assert stored_hash(sam) == dear
    finally:
        passwords.set_cost("cheapest")
    expect(sign_in(sam), 201)
    assert stored_hash(sam) == dear, "a cost is never lowered"


class Verifier(PasswordHasher):
    """A hasher that notes the cost of each hash that it verifies."""

    seen: ClassVar[list[int]] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.seen.append(extract_parameters(str(hash)).memory_cost)
        return super().verify(hash, password)


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Raise the cost of hashes, and return the list in which the cost of each verified hash will be."""
    passwords.set_cost("standard")
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "_hasher", Verifier(2, 19456, 1))
        patch.setattr(Verifier, "seen", [])
        yield Verifier.seen
    passwords.set_cost("cheapest")


UNKNOWN = [f"no-such-name-{number}" for number in range(8)]


def test_an_unknown_name_takes_as_long_as_the_accounts_here_after_the_cost_was_raised(
    app: Flask, sam: Person, cast: Cast, costs: list[int]
) -> None:
    expect(cast.alice.request("DELETE", "/me", {"password": PASSWORD}), 200)
    costs.clear()
    for name in (sam.sign_in_name, cast.alice.sign_in_name, *UNKNOWN):
        expect(sign_in(sam, name, "wrong horse"), 403)
        body = {"sign_in_name": name, "password": "wrong horse"}
        expect(app.test_client().post("/v1/me/undo-deletion", json=body), 403)
    assert costs == [8] * 2 * (2 + len(UNKNOWN)), "no account has a hash of the new cost"


def test_an_unknown_name_always_looks_like_the_same_account(sam: Person, cast: Cast, costs: list[int]) -> None:
    for person in (sam, cast.alice):
        expect(sign_in(person), 201)  # these two have a hash of the new cost from now on
    costs.clear()
    for _ in range(2):
        for name in UNKNOWN:
            expect(sign_in(sam, name, "wrong horse"), 403)
    assert costs[: len(UNKNOWN)] == costs[len(UNKNOWN) :]
    assert set(costs) <= {8, 19456}


def test_a_token_is_stored_only_as_its_digest(sam: Person) -> None:
    with db.connection():
        ((digest,),) = db.fetch_all(Session.select(Session.token_hash))
    assert sam.token not in digest
    expect(sam.app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {digest}"}), 401)


def test_housekeeping_deletes_ended_windows_of_rate_limits_only(app: Flask, now: datetime) -> None:
    (sam,) = strangers(app, "Sam")
    expect(sign_in(sam, password="wrong horse"), 403)
    for minutes, left in ((0, 4), (15, 3), (60, 0)):
        scheduler.run_housekeeping(now + timedelta(minutes=minutes))
        with db.connection():
            assert RateLimitCounter.select().count() == left, minutes
