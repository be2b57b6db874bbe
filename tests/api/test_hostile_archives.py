"""Send hostile archives of people who move house: they change nothing of others, and cause no fault."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from planner.privacy.export_format import ORDINARY, PRIVATE
from tests.api import hostile
from tests.api.test_moving import archive_of
from tests.dates import START, agreed, move
from tests.exports import export, private_life
from tests.people import Cast, Person
from tests.photos import memory, upload
from tests.reflections import unlock
from tests.self_care import choose

pytestmark = pytest.mark.usefixtures("quick_photos")

VALUES = [
    *(value for value in hostile.ANYWHERE if not isinstance(value, hostile.Raw)),
    *(text[:6000] for text in hostile.TEXTS),
    *hostile.NO_IDS[:2],
    *hostile.NO_WALLS,
    *hostile.NO_MOMENTS[4:],
    *hostile.NO_DAYS,
    *hostile.NO_ZONES,
    None,
    "-1",
    -1,
    0,
    "[" * 400,
    ["x"] * 50,
    [{"a": [[]]}] * 13,
]


def _places(thing: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each value in a thing. Of a list, yield the first two: all others are like them."""
    within = thing.items() if isinstance(thing, dict) else enumerate(thing[:2]) if isinstance(thing, list) else ()
    for key, value in within:
        yield (*path, key)
        yield from _places(value, *path, key)


def _with(thing: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a thing with another value in one place. It shares all other places with the given thing."""
    if not place:
        return value
    changed = copy.copy(thing)
    changed[place[0]] = _with(thing[place[0]], place[1:], value)
    return changed


def full_life(person: Person, partner: Person, clock: Any) -> dict[str, Any]:
    """Return an archive that has a thing in each list that an import takes."""
    private_life(person, "Harbour")
    shared = agreed(person, partner)
    choose(person)
    upload(person, note_id=memory(person)["id"], caption="The bench")
    person.post("/important-days", {"kind": "own", "title": "The move", "month": 2, "day": 3}, 201)
    kind = person.get("/support-kinds")["items"][0]
    person.put("/me/support-checklists", {"kind": kind["kind"], "criteria": [], "questions": kind["questions"][:1]})
    person.put("/me/preferences", person.get("/me/preferences") | {"prompt_weekdays": ["monday"]})
    clock.move_to(START + timedelta(days=1))
    for each in (person, partner):
        each.sign_in_again()
    move(person, "complete", shared)
    move(person, "feedback", shared)
    person.put(f"/memories/{shared['id']}/hidden", {"hidden": True})
    return archive_of(person)


def test_a_hostile_archive_changes_no_one_else_and_is_no_fault(cast: Cast, stopped_clock):
    archive = full_life(cast.alice, cast.bob, stopped_clock)
    new, others = cast.sam, (cast.alice, cast.bob)
    new.sign_in_again()
    unlock(new)
    before = [export(person, part) for person in others for part in (ORDINARY, PRIVATE)]
    lists = [name for name, things in archive.items() if isinstance(things, list) and things]
    ids = [cast.bob.id, archive["dates"][0]["id"], archive["private_notes"][0]["id"]]
    chance = random.Random(7)
    for value in [*VALUES, *ids]:
        hurt: dict[str, Any] = {**archive, "person": {"id": value}}
        for name in lists:
            thing = chance.choice(archive[name][:2])
            things = [_with(thing, place, value) for place in _places(thing)]
            hurt[name] = chance.sample(things, 1) if name in ("profile", "notifications") else things[:100]
        answer = new.request("POST", "/me/imports", hurt, If_Match="*")
        assert answer.status_code in (200, 409, 422), f"{value!r}: {answer.get_data(as_text=True)[:500]}"
        stopped_clock.shift(timedelta(minutes=4))
    stopped_clock.move_to(START + timedelta(days=1, seconds=1))
    after = [export(person, part) for person in others for part in (ORDINARY, PRIVATE)]
    for one, other in zip(before, after, strict=True):
        changed = [name for name in one if one[name] != other[name]]
        assert set(changed) <= {"exported_at", "sessions", "security_events"}, changed
    assert {part: bool(export(new, part)) for part in (ORDINARY, PRIVATE)} == {ORDINARY: True, PRIVATE: True}
