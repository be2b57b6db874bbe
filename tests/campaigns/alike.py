"""What must read alike: names that exist and that do not; codes that are wrong, used, expired or kept from somebody.

    python -m tests.campaigns.alike [TIMES]

Each question is asked in all its forms, by the same person, at the same moment. Status, headers and body are equal.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from flask import Flask
from time_machine import Traveller

from planner.accounts.rate_limits import RateLimitCounter
from planner.storage import db
from tests.campaigns import ground
from tests.conftest import NOON
from tests.dates import offer, own
from tests.people import Person, pair
from tests.racing import strangers

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Told(NamedTuple):
    """An answer, as far as whoever asked can tell. A tag or an id of its own would be a difference."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def ask(person: Person | Flask, method: str, path: str, body: Any = None) -> Told:
    """Ask, past the limits of tries."""
    with db.connection(), db.write():
        RateLimitCounter.delete().execute()
    if isinstance(person, Flask):
        answer = person.test_client().open(f"/v1{path}", method=method, json=body)
    else:
        answer = person.request(method, path, body)
    return Told(answer.status_code, tuple(answer.headers), answer.get_data(as_text=True))


def names(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Told]]:
    """Signing in and recovering, with a name that exists and one that does not."""
    (ada,) = strangers(app, "Ada")
    forms = {"known": ada.sign_in_name, "unknown": "-".join(reversed(ada.sign_in_name.split("-")))}
    found: dict[str, dict[str, Told]] = {"sign-in": {}, "recovery": {}}
    code = "-".join("".join(chance.choices(LETTERS, k=5)) for _ in range(5))
    # The first time, a process reads its keys.
    for form, name in (*forms.items(), *forms.items()):
        found["sign-in"][form] = ask(app, "POST", "/sign-ins", {"sign_in_name": name, "password": "wrong horse"})
        sent = {"sign_in_name": name, "recovery_code": code, "new_password": "another horse battery"}
        found["recovery"][form] = ask(app, "POST", "/recovery", sent)
    return found


def codes(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Told]]:
    """Whatever keeps a code from fitting."""
    asker, *inviters = strangers(app, "Asker", *["Inviter"] * 8)
    expired, used, withdrawn, declined, paired, blocking, blocked, closed = inviters
    forms = {"wrong": "-".join("".join(chance.choices(LETTERS, k=4)) for _ in range(3))}
    forms["expired"] = code_of(expired)
    clock.shift(timedelta(hours=73))
    for name, inviter in (("used", used), ("withdrawn", withdrawn), ("declined", declined), ("of a paired one", paired),
                          ("of one who blocks me", blocking), ("of one whom I block", blocked),
                          ("of one who is paired with nobody", closed)):  # fmt: skip
        forms[name] = code_of(inviter)
    other, another = strangers(app, "Other", "Another")
    other.post("/invitations/accept", {"code": forms["used"], "rhythm": "gentle"})
    withdrawn.delete("/invitations/current")
    another.post("/invitations/decline", {"code": forms["declined"]}, 200)
    pair(another, paired)
    ask(asker, "PUT", "/me/blocks", {"code": forms["of one whom I block"]})
    meets = code_of(asker)
    ask(blocking, "PUT", "/me/blocks", {"code": meets})
    closed.put("/me/blocks", {"who": "everybody"})
    found = {}
    for move in ("look-up", "accept", "decline"):
        body = {"rhythm": "gentle"} if move == "accept" else {}
        found[move] = {
            form: ask(asker, "POST", f"/invitations/{move}", {"code": code, **body}) for form, code in forms.items()
        }
    known = {form: code for form, code in forms.items() if form != "of one whom I block"}  # which is mine to know
    found["block"] = {form: ask(asker, "PUT", "/me/blocks", {"code": code}) for form, code in known.items()}
    return found


def code_of(inviter: Person) -> str:
    """A fresh code of theirs."""
    return str(inviter.post("/invitations", {}, 201)["code"])


def others_things(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Told]]:
    """What is somebody else's, and what does not exist."""
    ada, ben, cleo, dan = strangers(app, "Ada", "Ben", "Cleo", "Dan")
    pair(ada, ben)
    pair(cleo, dan)
    shared = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    ada.post(f"/notes/{shared}/share", {"version": 1})
    private = ada.post("/notes", {"kind": "effort", "body": "Mine."}, 201)["id"]
    idea = ada.post("/activities", {"title": "Count the ducks", "category": "outdoors"}, 201)["id"]
    item = ada.get("/sign-ins")["items"][0]["id"]
    things = {"dates": [offer(ada)["id"], own(ada)["id"]], "notes": [shared, private], "activities": [idea]}
    found: dict[str, dict[str, Told]] = {}
    for room, ids in things.items():
        forms = {**{f"another's {at}": one for at, one in enumerate(ids)}, "nobody's": str(uuid4())}
        found[f"read {room}"] = {form: ask(cleo, "GET", f"/{room}/{one}") for form, one in forms.items()}
    partner = {"the partner's": private, "nobody's": str(uuid4())}
    for move in ("share", "recall"):
        found[move] = {
            form: ask(ben, "POST", f"/notes/{one}/{move}", {"version": 1} if move == "share" else {})
            for form, one in partner.items()
        }
    signs = {"another's": item, "nobody's": str(uuid4())}
    found["sign out"] = {form: ask(cleo, "DELETE", f"/sign-ins/{one}") for form, one in signs.items()}
    return found


QUESTIONS: tuple[Callable[[Flask, Traveller, random.Random], dict[str, dict[str, Told]]], ...] = (
    names, codes, others_things,
)  # fmt: skip


def differences(app: Flask, clock: Traveller, seed: int) -> list[str]:
    """Every question of which two forms are answered differently."""
    found = []
    for question in QUESTIONS:
        ground.empty()
        clock.move_to(NOON)
        for asked, forms in question(app, clock, random.Random(seed)).items():
            (first, told), *rest = forms.items()
            found += [f"{asked}: {form} {other}\nis not {first} {told}" for form, other in rest if other != told]
    return found


def main(times: int) -> None:
    """Both databases; fails when anything could be told apart."""
    different = 0

    def campaign(name: str, app: Flask, clock: Traveller) -> None:
        nonlocal different
        found = [one for seed in range(times) for one in differences(app, clock, seed)]
        different += len(found)
        print("\n".join([*found[:5], f"{name}: {times} times, {len(found)} answers told apart"]), flush=True)

    ground.on_both(campaign)
    if different:
        sys.exit("what should read alike does not")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
