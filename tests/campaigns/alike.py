"""Answers that must be alike: names that exist or not, and codes that do not fit for different reasons.

    python -m tests.campaigns.alike [TIMES]

The same person asks each question in all its forms at the same moment. Status, headers and body must be equal.
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


class Answer(NamedTuple):
    """An answer as the asker sees it. Another tag or id would be a difference."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def ask(person: Person | Flask, method: str, path: str, body: Any = None) -> Answer:
    """Send a request without the rate limits."""
    with db.connection(), db.write():
        RateLimitCounter.delete().execute()
    if isinstance(person, Flask):
        answer = person.test_client().open(f"/v1{path}", method=method, json=body)
    else:
        answer = person.request(method, path, body)
    return Answer(answer.status_code, tuple(answer.headers), answer.get_data(as_text=True))


def names(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Answer]]:
    """Sign in and recover with a name that exists and with one that does not."""
    (ada,) = strangers(app, "Ada")
    forms = {"known": ada.sign_in_name, "unknown": "-".join(reversed(ada.sign_in_name.split("-")))}
    answers: dict[str, dict[str, Answer]] = {"sign-in": {}, "recovery": {}}
    code = "-".join("".join(chance.choices(LETTERS, k=5)) for _ in range(5))
    # Each request is sent twice, because a process reads its keys at the first one.
    for form, name in (*forms.items(), *forms.items()):
        answers["sign-in"][form] = ask(app, "POST", "/sign-ins", {"sign_in_name": name, "password": "wrong horse"})
        sent = {"sign_in_name": name, "recovery_code": code, "new_password": "another horse battery"}
        answers["recovery"][form] = ask(app, "POST", "/recovery", sent)
    return answers


def codes(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Answer]]:
    """Use codes that do not fit, for every reason."""
    asker, *inviters = strangers(app, "Asker", *["Inviter"] * 8)
    expired, used, withdrawn, declined, paired, blocking, blocked, closed = inviters
    forms = {"wrong": "-".join("".join(chance.choices(LETTERS, k=4)) for _ in range(3))}
    forms["expired"] = code_of(expired)
    clock.shift(timedelta(days=7, hours=1))
    for name, inviter in (("used", used), ("withdrawn", withdrawn), ("declined", declined), ("of a paired one", paired),
                          ("of one who blocks me", blocking), ("of one whom I block", blocked),
                          ("of one who is paired with nobody", closed)):  # fmt: skip
        forms[name] = code_of(inviter)
    invitee, decliner = strangers(app, "Other", "Another")
    invitee.post("/invitations/accept", {"code": forms["used"], "rhythm": "gentle"})
    withdrawn.delete("/invitations/current")
    decliner.post("/invitations/decline", {"code": forms["declined"]}, 200)
    pair(decliner, paired)
    ask(asker, "PUT", "/me/blocks", {"code": forms["of one whom I block"]})
    asker_code = code_of(asker)
    ask(blocking, "PUT", "/me/blocks", {"code": asker_code})
    closed.put("/me/blocks", {"target": "everybody"})
    answers = {}
    for move in ("look-up", "accept", "decline"):
        body = {"rhythm": "gentle"} if move == "accept" else {}
        answers[move] = {
            form: ask(asker, "POST", f"/invitations/{move}", {"code": code, **body}) for form, code in forms.items()
        }
    # The asker knows of their own block, so this answer may differ.
    known = {form: code for form, code in forms.items() if form != "of one whom I block"}
    answers["block"] = {form: ask(asker, "PUT", "/me/blocks", {"code": code}) for form, code in known.items()}
    return answers


def code_of(inviter: Person) -> str:
    """Return a new code of the inviter."""
    return str(inviter.post("/invitations", {}, 201)["code"])


def others_things(app: Flask, clock: Traveller, chance: random.Random) -> dict[str, dict[str, Answer]]:
    """Ask for the things of another person, and for missing things."""
    ada, ben, cleo, dan = strangers(app, "Ada", "Ben", "Cleo", "Dan")
    pair(ada, ben)
    pair(cleo, dan)
    shared = ada.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    ada.post(f"/notes/{shared}/share", {"version": 1})
    private = ada.post("/notes", {"kind": "effort", "body": "Mine."}, 201)["id"]
    idea = ada.post("/activities", {"title": "Count the ducks", "category": "outdoors"}, 201)["id"]
    sign_in = ada.get("/sign-ins")["items"][0]["id"]
    things = {"dates": [offer(ada)["id"], own(ada)["id"]], "notes": [shared, private], "activities": [idea]}
    answers: dict[str, dict[str, Answer]] = {}
    for room, ids in things.items():
        forms = {**{f"another's {at}": thing for at, thing in enumerate(ids)}, "nobody's": str(uuid4())}
        answers[f"read {room}"] = {form: ask(cleo, "GET", f"/{room}/{thing}") for form, thing in forms.items()}
    partner = {"the partner's": private, "nobody's": str(uuid4())}
    for move in ("share", "recall"):
        answers[move] = {
            form: ask(ben, "POST", f"/notes/{note}/{move}", {"version": 1} if move == "share" else {})
            for form, note in partner.items()
        }
    sign_ins = {"another's": sign_in, "nobody's": str(uuid4())}
    answers["sign out"] = {form: ask(cleo, "DELETE", f"/sign-ins/{sign_in}") for form, sign_in in sign_ins.items()}
    return answers


QUESTIONS: tuple[Callable[[Flask, Traveller, random.Random], dict[str, dict[str, Answer]]], ...] = (
    names, codes, others_things,
)  # fmt: skip


def differences(app: Flask, clock: Traveller, seed: int) -> list[str]:
    """Return the questions that get different answers in two of their forms."""
    different = []
    for question in QUESTIONS:
        ground.empty()
        clock.move_to(NOON)
        for asked, forms in question(app, clock, random.Random(seed)).items():
            (first, first_answer), *rest = forms.items()
            different += [
                f"{asked}: {form} {answer}\nis not {first} {first_answer}"
                for form, answer in rest
                if answer != first_answer
            ]
    return different


def main(times: int) -> None:
    """Run it on both databases, and fail when two answers differ."""
    total = 0

    def campaign(name: str, app: Flask, clock: Traveller) -> None:
        nonlocal total
        different = [each for seed in range(times) for each in differences(app, clock, seed)]
        total += len(different)
        print("\n".join([*different[:5], f"{name}: {times} times, {len(different)} answers told apart"]), flush=True)

    ground.on_both(campaign)
    if total:
        sys.exit("what should read alike does not")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
