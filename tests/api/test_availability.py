"""Test the availability of a person, and the consent to find common times."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from time_machine import Traveller

from tests.people import Person, expect, pair
from tests.racing import together

pytestmark = pytest.mark.both_databases

WORK = {"kind": "never", "weekdays": ["monday", "friday"], "from": "09:00", "until": "17:00", "label": "work"}
EVENINGS = {"kind": "free", "weekdays": ["tuesday"], "from": "18:00", "until": "22:00", "label": None}
DAY_OFF = {"kind": "free", "day": "2026-12-24", "from": "10:00", "until": "00:00"}
NOTHING = {"windows": [], "days": [], "shared": False, "common": False, "version": 0}


def set_hours(person: Person, *windows: dict[str, Any], days: Any = (), status: int = 200) -> Any:
    """Replace the availability of a person, whatever it is now."""
    version = person.get("/availability")["version"]
    return person.put("/availability", {"windows": windows, "days": list(days), "version": version}, status)


def share(*people: Person, shared: bool = True) -> list[Any]:
    return [person.put("/availability/sharing", {"shared": shared}) for person in people]


def test_the_hours_are_replaced_as_a_whole(alice: Person) -> None:
    assert alice.get("/availability") == NOTHING
    saved = set_hours(alice, WORK, EVENINGS, days=[DAY_OFF])
    assert (
        saved == alice.get("/availability") == {**NOTHING, "windows": [WORK, EVENINGS], "days": [DAY_OFF], "version": 1}
    )
    assert set_hours(alice) == {**NOTHING, "version": 2}


def test_an_old_version_changes_nothing(alice: Person) -> None:
    set_hours(alice, WORK)
    assert alice.put("/availability", {"windows": [], "days": [], "version": 0}, 412)["reason"] == "version_conflict"
    alice.put("/availability", {"windows": [], "days": []}, 428)
    assert alice.get("/availability")["windows"] == [WORK]
    others = [{"windows": windows, "days": [], "version": 1} for windows in ([], [EVENINGS], [WORK, EVENINGS])]
    answers = together(*[partial(alice.request, "PUT", "/availability", body) for body in others])
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


def test_a_repeated_change_changes_nothing(alice: Person) -> None:
    saved = set_hours(alice, WORK)
    body = {"windows": [WORK], "days": [], "version": 0}
    answers = together(*[partial(alice.request, "PUT", "/availability", body)] * 3)
    assert [expect(answer, 200) for answer in answers] == [saved] * 3


@pytest.mark.parametrize(
    ("windows", "days", "field", "code"),
    [
        ([{**EVENINGS, "label": "work"}], [], "windows.0.label", "label_of_free"),
        ([{**WORK, "weekdays": []}], [], "windows.0.weekdays", "empty"),
        ([{**WORK, "weekdays": ["someday"]}], [], "windows.0.weekdays.0", "not_a_choice"),
        ([{**WORK, "until": "24:00"}], [], "windows.0.until", "not_a_time"),
        ([WORK] * 41, [], "windows", "too_many"),
        ([], [DAY_OFF] * 101, "days", "too_many"),
        ([], [{**DAY_OFF, "day": "2026-02-30"}], "days.0.day", "not_a_day"),
    ],
)
def test_wrong_hours_are_refused(sam: Person, windows: Any, days: Any, field: str, code: str) -> None:
    (error,) = set_hours(sam, *windows, days=days, status=422)["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert sam.get("/availability") == NOTHING


def test_days_that_are_over_are_left_out(alice: Person, stopped_clock: Traveller) -> None:
    days = [{**DAY_OFF, "day": f"2026-11-{day}"} for day in (21, 22, 23, 24)]
    saved = set_hours(alice, days=[*reversed(days), days[0], days[3]])
    assert [each["day"] for each in saved["days"]] == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_common_times_begin_with_the_second_consent_and_end_with_the_first_withdrawal(
    alice: Person, bob: Person
) -> None:
    set_hours(alice, WORK)
    (mine,) = share(alice)
    assert (mine["shared"], mine["common"], mine["version"]) == (True, False, 1)
    assert bob.get("/availability") == NOTHING
    assert share(alice) == [mine], "a repeat changes nothing"
    (theirs,) = share(bob)
    assert (theirs["shared"], theirs["common"]) == (True, True)
    assert alice.get("/availability")["common"]
    assert share(bob, shared=False)[0]["common"] is False
    mine = alice.get("/availability")
    assert (mine["shared"], mine["common"], mine["windows"]) == (True, False, [WORK])


def test_a_consent_ends_with_the_couple(alice: Person, bob: Person, sam: Person) -> None:
    assert sam.put("/availability/sharing", {"shared": True}, 409)["reason"] == "no_partner"
    set_hours(alice, WORK)
    share(alice, bob)
    alice.delete("/couple")
    for person in (alice, bob):
        answer = person.get("/availability")
        assert (answer["shared"], answer["common"]) == (False, False)
    share(alice, shared=False)
    pair(alice, bob)
    assert not alice.get("/availability")["shared"]
    assert alice.get("/availability")["windows"] == [WORK]


def test_the_safety_check_tells_of_common_times(alice: Person, bob: Person) -> None:
    def finding() -> list[Any]:
        return [line for line in alice.get("/me/safety")["items"] if line["kind"] == "free_times"]

    share(alice)
    assert finding() == []
    share(bob)
    (line,) = finding()
    assert "Bob can look for times that suit you both" in line["text"]
    end = line["end"]
    assert not alice.put(end["path"].removeprefix("/v1"), end["body"])["shared"]
    assert finding() == []
