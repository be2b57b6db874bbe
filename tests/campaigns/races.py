"""Races: two requests at the same moment, many times. Each race must have one of its allowed ends.

    python -m tests.campaigns.races [TIMES]

Each race signs up new people, sends two requests at once, and checks the result and everything that depends on it. The
figures tell how often each end came. A race that always ends alike is no race.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from time_machine import Traveller

from planner.contact.contact_log import ContactEvent
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples.couples import Member
from planner.dates.dates import Date, SlotRow
from planner.inbox import REMINDERS
from planner.storage import db
from tests.campaigns import ground, note_races, talk_races
from tests.dates import START, body_of, items, offer, slot
from tests.people import Person, activity_id
from tests.photos import read_none
from tests.racing import Race, Request, at_once, is_one_of, parted, strangers, two


def date_move(person: Person, name: str, date: dict[str, Any], **more: Any) -> Request:
    """Return the request for a move of a date."""
    return person, "POST", f"/dates/{date['id']}/{name}", {**body_of(name, date), **more}


def whole(*both: Person) -> list[dict[str, Any]]:
    """Check that both partners read the same dates, and that all rows fit them; return the dates."""
    mine, theirs = (person.get("/dates?limit=100")["items"] for person in both)
    common = ("id", "state", "version", "slots", "answer", "expires_at")
    same = [[{name: date[name] for name in common} for date in dates] for dates in (mine, theirs)]
    for date in (date for dates in same for date in dates):
        date["slots"] = [slot["start"] for slot in date["slots"]]
    assert same[0] == same[1]
    for date in mine:
        check_rows(date, *both)
    return mine


def check_rows(date: dict[str, Any], *both: Person) -> None:
    """Check the rows of one date: its slots, its contact events, and the inbox items of both partners."""
    with db.connection():
        row = Date.get_by_id(date["id"])
        slots = SlotRow.select().where(SlotRow.date == row.id).count()
        # A lower pace excuses an open offer: it can no longer be accepted.
        is_open = ContactEvent.outcome.is_null() | (ContactEvent.outcome == "excused")
        still_open = ContactEvent.select().where(
            ContactEvent.subject == row.id, ContactEvent.kind == "proposal", is_open
        )
        open_offers = still_open.count()
    kinds_of = items(date, *both)
    reminded = {name: set(kinds) & set(REMINDERS) for name, kinds in kinds_of.items()}
    assert open_offers == (row.state == "proposed"), (row.state, open_offers)
    if row.state == "accepted":
        assert (slots, row.start is not None) == (1, True)
        assert all(reminded.values()), kinds_of
    else:
        assert row.state == "completed" or not any(reminded.values()), (row.state, kinds_of)
    news = {"date_proposed", "date_countered"} & {kind for kinds in kinds_of.values() for kind in kinds}
    assert bool(news) == (row.state == "proposed"), (row.state, kinds_of)


def accept_and_accept(app: Flask) -> str:
    """Accept two slots of one date on two phones: one of them counts."""
    ada, ben = two(app)
    date = offer(ada)
    yeses = [date_move(ben, "accept", date, slot_id=slot["id"]) for slot in date["slots"]]
    answered = is_one_of(at_once(*yeses), (200, 409), (409, 200))
    (read,) = whole(ada, ben)
    chosen = date["slots"][0 if answered == "200+409" else 1]
    assert (read["state"], read["slots"][0]["start"]) == ("accepted", chosen["start"])
    return answered


def accept_and_withdraw(app: Flask) -> str:
    """Accept a date while its sender withdraws it: one of them succeeds."""
    ada, ben = two(app)
    date = offer(ada)
    answered = is_one_of(
        at_once(date_move(ben, "accept", date), date_move(ada, "withdraw", date)), (200, 409), (409, 200)
    )
    assert [date["state"] for date in whole(ada, ben)] == ["accepted" if answered == "200+409" else "withdrawn"]
    return answered


def accept_and_cancel(app: Flask) -> str:
    """Cancel a date while the partner accepts it: it is off, or the cancel came too early."""
    ada, ben = two(app)
    date = offer(ada)
    off = date_move(ada, "cancel", date, version=date["version"] + 1)
    answered = is_one_of(at_once(date_move(ben, "accept", date), off), (200, 200), (200, 409))
    assert [date["state"] for date in whole(ada, ben)] == ["cancelled" if answered == "200+200" else "accepted"]
    assert ("date_off" in ben.inbox()) == (answered == "200+200")
    return answered


def cancel_and_cancel(app: Flask) -> str:
    """Cancel a date from both sides: one partner cancels, and the other partner finds it off."""
    ada, ben = two(app)
    date = offer(ada)
    agreed = ben.post(f"/dates/{date['id']}/accept", body_of("accept", date))
    answered = at_once(date_move(ada, "cancel", agreed), date_move(ben, "cancel", agreed))
    end = is_one_of(answered, (200, 409), (409, 200))
    assert [date["state"] for date in whole(ada, ben)] == ["cancelled"]
    assert [person.inbox().count("date_off") for person in (ada, ben)] == ([0, 1] if end == "200+409" else [1, 0])
    return end


def space_and_propose(app: Flask) -> str:
    """Propose a date while the partner takes space: the date is listed or held, and no phone rings."""
    ada, ben = two(app)
    light = activity_id(party="two", pace=2)
    body = {"activity_id": light, "slots": [slot(START)]}
    answered = at_once((ben, "PUT", "/me/space", {"kind": "quiet", "dates": []}), (ada, "POST", "/dates", body))
    end = is_one_of(answered, (200, 201))
    (date,) = ada.get("/dates")["items"]
    assert date["state"] == "proposed"
    listed = [date["id"] for date in ben.get("/dates")["items"]]
    held = [thing["id"] for thing in ben.get("/me/held")["items"]]
    assert sorted(listed + held) == [date["id"]], (listed, held)
    assert ben.inbox().count("date_proposed") == len(listed)
    rings: list[str] = []
    with ground.phones(lambda person, text: rings.append(text) if person == ben.id else None):
        ground.tick(START - timedelta(days=2))
    assert "Your partner has proposed a date." not in rings
    with db.connection():
        assert Pause.select().where(Pause.person == ben.id, Pause.ended_at.is_null()).count() == 1
    return f"{end} {'held' if held else 'there before'}"


def leave_and_leave(app: Flask) -> str:
    """Leave from both sides at once: the couple ends once, and one partner is told."""
    ada, ben = two(app)
    date = offer(ada)
    ben.post(f"/dates/{date['id']}/accept", body_of("accept", date))
    end = is_one_of(at_once(*((person, "DELETE", "/couple", None) for person in (ada, ben))), (200, 200))
    parted(ada, ben)
    assert sorted(ada.inbox() + ben.inbox()) == ["couple_ended", "date_off"]
    return f"{end} told {'Ada' if ada.inbox() else 'Ben'}"


def propose_and_propose(app: Flask) -> str:
    """Propose twice at once where one proposal may be open: one succeeds."""
    ada, ben = two(app, "apart")
    light = activity_id(party="two", pace=2)
    bodies = [{"activity_id": light, "slots": [slot(START + timedelta(hours=hour))]} for hour in (0, 1)]
    end = is_one_of(at_once(*((ada, "POST", "/dates", body) for body in bodies)), (201, 409), (409, 201))
    (read,) = whole(ada, ben)
    assert read["slots"][0]["local_time"] == bodies[0 if end == "201+409" else 1]["slots"][0]["local_time"]
    assert ada.get("/me")["allowance"]["proposals"]["left"] == 0
    with db.connection():
        assert ContactEvent.select().where(ContactEvent.person == ada.id).count() == 1
    return end


def crossing_invitations(app: Flask) -> str:
    """Confirm two crossing invitations at once: they make one couple."""
    ada, ben = strangers(app, "Ada", "Ben")
    invitations = {person.name: person.post("/invitations", {}, 201) for person in (ada, ben)}
    for person, other in ((ada, ben), (ben, ada)):
        person.post("/invitations/accept", {"code": invitations[other.name]["code"], "rhythm": "gentle"})
    answered = at_once(*(confirm(person, invitations[person.name]) for person in (ada, ben)))
    end = is_one_of(answered, (200, 200))
    joined(ada, ben)
    return end


def confirm(inviter: Person, invitation: dict[str, Any]) -> Request:
    """Return the request for the second yes."""
    return inviter, "POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}


def joined(*both: Person) -> None:
    """Check that the two people are one couple, in no second couple, and without an open invitation."""
    mine, theirs = (person.get("/me") for person in both)
    assert mine["couple"]["id"] == theirs["couple"]["id"]
    for person in both:
        person.get("/invitations/current", 404)
    with db.connection():
        assert Member.select().where(Member.person.in_([person.id for person in both])).count() == 2


def confirm_and_block(app: Flask) -> str:
    """Confirm an invitee while they block the inviter: the two are no couple, and cannot become one."""
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = ada.post("/invitations", {}, 201)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    answered = at_once(confirm(ada, invitation), (ben, "PUT", "/me/blocks", {"code": invitation["code"]}))
    end = is_one_of(answered, (200, 200), (409, 200))
    assert [person.get("/me")["couple"] for person in (ada, ben)] == [None, None]
    assert ada.inbox() == (["couple_ended"] if end == "200+200" else [])
    ada.request(*confirm(ada, invitation)[1:])
    assert [person.get("/me")["couple"] for person in (ada, ben)] == [None, None]
    return end


def lower_and_accept(app: Flask) -> str:
    """Accept a date while the partner lowers the pace below it."""
    ada, ben = two(app)
    date = offer(ada, activity_id(party="two", pace=4))
    answered = at_once(date_move(ben, "accept", date), (ada, "PUT", "/me/pace", {"pace": 2}))
    end = is_one_of(answered, (200, 200), (409, 200))
    assert [date["state"] for date in whole(ada, ben)] == ["accepted" if end == "200+200" else "proposed"]
    return end


def ask_and_ask(app: Flask) -> str:
    """Let both partners ask for the same step: the second request begins it, once."""
    ada, ben = two(app)
    ada.put("/me/pace", {"pace": 3})
    end = is_one_of(at_once(*((person, "PUT", "/me/pace", {"pace": 4}) for person in (ada, ben))), (200, 200))
    raised_once(4, ada, ben)
    return end


def ask_and_take_back(app: Flask) -> str:
    """Let Ada ask for more while Ben takes his request back: the pace rises and is lowered, or stays."""
    ada, ben = two(app)
    ada.put("/me/pace", {"pace": 3})
    ben.put("/me/pace", {"pace": 4})
    asked, back = ((person, "PUT", "/me/pace", {"pace": pace}) for person, pace in ((ada, 4), (ben, 3)))
    end = is_one_of(at_once(asked, back), (200, 200))
    own = ada.get("/me/pace")
    assert own["pace"] == ben.get("/me/pace")["pace"] == 3
    assert ben.get("/me/pace")["requested_pace"] is None
    return f"{end} {'taken back' if own['requested_pace'] else 'raised and lowered'}"


def raised_once(pace: int, *both: Person) -> None:
    """Check that both partners read the pace, find one item about it, and have no request left."""
    for person in both:
        own = person.get("/me/pace")
        assert (own["pace"], own["requested_pace"]) == (pace, None), own
        assert person.inbox().count("pace_raised") == 1


def seal_and_seal(app: Flask) -> str:
    """Answer a question for two on both phones: the second answer opens both, once."""
    ada, ben = two(app)
    (question,) = ada.get("/questions/current")["items"]
    path = f"/questions/{question['id']}"
    answers = [(person, "PUT", f"{path}/answer", {"body": f"By {person.name}."}) for person in (ada, ben)]
    end = is_one_of(at_once(*answers), (200, 200))
    opened_both(path, ada, ben)
    return end


def seal_and_take_back(app: Flask) -> str:
    """Answer a question while the partner takes back an answer: both open before it, or stay sealed."""
    ada, ben = two(app)
    (question,) = ada.get("/questions/current")["items"]
    path = f"/questions/{question['id']}"
    ada.put(f"{path}/answer", {"body": "By Ada."})
    answered = at_once((ben, "PUT", f"{path}/answer", {"body": "By Ben."}), (ada, "DELETE", f"{path}/answer", None))
    end = is_one_of(answered, (200, 204))
    state = ben.get(path)["state"]
    assert (ben.get(path)["partner_answer"], ben.inbox().count("question_opened")) == (None, 0)
    with db.connection():
        copies = ReceivedCopy.select().where(ReceivedCopy.subject == question["id"]).count()
    assert copies == (2 if state == "open" else 0)
    return f"{end} {state}"


def opened_both(path: str, *both: Person) -> None:
    """Check that both read both answers, with one item, one shared event and one copy each."""
    for person, partner in (both, both[::-1]):
        read = person.get(path)
        assert (read["state"], read["partner_answer"]) == ("open", f"By {partner.name}."), read
        assert person.inbox().count("question_opened") == 1
        with db.connection():
            assert ContactEvent.select().where(ContactEvent.person == person.id).count() == 1
            assert ReceivedCopy.select().where(ReceivedCopy.person == person.id).count() == 1


RACES: tuple[Race, ...] = (
    accept_and_accept, accept_and_withdraw, accept_and_cancel, cancel_and_cancel, space_and_propose,
    leave_and_leave, propose_and_propose, crossing_invitations, confirm_and_block, lower_and_accept,
    ask_and_ask, ask_and_take_back,
    *note_races.RACES,
    *talk_races.RACES,
    seal_and_seal, seal_and_take_back,
)  # fmt: skip


def run(race: Race, app: Flask, times: int) -> Counter[str]:
    """Run a race that many times, and count its ends."""
    ends = Counter[str]()
    with read_none():
        for at in range(times):
            if at % 50 == 0:
                ground.empty()
            ends[race(app)] += 1
    return ends


def campaign(name: str, app: Flask, clock: Traveller, times: int) -> bool:
    """Run all races, and tell whether all ended in an allowed end."""
    good = True
    for race in RACES:
        began = time.monotonic()
        try:
            ends = run(race, app, times)
        except AssertionError as fault:
            good = False
            print(f"{name}, {race.__name__}: FAILED, {fault!r:.1500}", flush=True)
            continue
        counts = ", ".join(f"{end}: {count}" for end, count in sorted(ends.items()))
        print(f"{name}, {race.__name__} x {times}: {counts}; {time.monotonic() - began:.0f} s", flush=True)
    return good


def main(times: int) -> None:
    """Run all races on both databases, and fail when one had another end."""
    answered: list[bool] = []
    ground.on_both(lambda name, app, clock: answered.append(campaign(name, app, clock, times)))
    if not all(answered):
        sys.exit("a race ended in a half state")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
