"""Helpers of tests about reflections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.people import PASSWORD, Person, expect

BODY = "It was about being heard."


def unlock(person: Person, status: int = 200, **secrets: str) -> Any:
    """Unlock the reflections on this sign-in: with the password of the tests, if no secrets are given."""
    return person.post("/me/reflections/unlock", secrets or {"password": PASSWORD}, status)


def write(person: Person, body: str = BODY, **more: Any) -> Any:
    """Unlock, and write a reflection."""
    unlock(person)
    return person.post("/reflections", {"body": body, **more}, 201)


def state(person: Person) -> str:
    """Return whether this sign-in can read the reflections."""
    return str(person.get("/me/reflections")["state"])


def bodies(person: Person) -> list[str]:
    """Return the words of all reflections, newest first."""
    return [item["body"] for item in person.get("/reflections")["items"]]


def signed_in(person: Person, password: str = PASSWORD) -> Person:
    """Return the same person at another device, after a sign-in with the password."""
    body = {"sign_in_name": person.sign_in_name, "password": password}
    return replace(
        person, token=expect(person.app.test_client().post("/v1/sign-ins", json=body), 201)["session"]["token"]
    )


def recovered(person: Person, code: str, password: str, opens: bool = True) -> Person:
    """Return the same person after a recovery with the code. Its answer says whether the new code `opens` them."""
    body = {"sign_in_name": person.sign_in_name, "recovery_code": code, "new_password": password}
    answer = expect(person.app.test_client().post("/v1/recovery", json=body), 200)
    assert answer["opens_reflections"] is opens
    return replace(person, token=answer["session"]["token"], recovery_code=answer["recovery_code"])
