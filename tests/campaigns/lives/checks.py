"""What must hold after each act: everybody reads just what is theirs, as the model tells it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from planner.dates.agenda import Date
from planner.dates.plans import REMINDERS
from planner.inbox import Item
from planner.people.contacts import Contact
from planner.storage import db
from tests.campaigns.lives.model import AGREED, ANSWERS, OPEN, RHYTHMS, WEEK, Page, Plan
from tests.campaigns.lives.world import NAMES, World
from tests.dates import instant


def everything(world: World, *who: str) -> None:
    """All that these people read, and what the tables say."""
    for name in who:
        standing(world, name)
        dates(world, name)
        notes(world, name)
        inbox(world, name)
    reminders(world)
    ledger(world)


def standing(world: World, who: str) -> None:
    """A couple needs two yeses, and an end one: `me` says what the model does, and the budget to the last digit."""
    me, two = world[who].get("/me"), world.model.two[who]
    assert me["pairing"] == world.pairing.standing(who), (who, me)
    assert (me["couple"] is None) == (two is None), (who, me)
    if two:
        assert (me["couple"]["rhythm"], me["couple"]["pace"]) == (two.rhythm, two.pace), (who, me)
        told = {name: (one["limit"], one["left"], at(one["opens_at"])) for name, one in me["contact"].items()}
        assert told == world.model.left(who), (who, told)


def at(text: str | None) -> datetime | None:
    """An instant from an answer, if there is one."""
    return instant(text) if text else None


def dates(world: World, who: str) -> None:
    """Who waits for a date that is off? Nobody: both read the same, and others nothing."""
    model, told = world.model, {one["id"]: one for one in world[who].get("/dates?limit=100")["items"]}
    mine = {plan.id: plan for plan in model.plans if model.sees(who, plan)}
    assert told.keys() == mine.keys(), (who, told.keys() ^ mine.keys())
    for plan_id, one in told.items():
        plan = mine[plan_id]
        assert (one["state"], one["version"], one["answer"]) == (plan.state_at(model.now), plan.version, plan.answer)
        assert one["sender"] == ("me" if plan.sender == who else "partner"), one
        assert [instant(slot["start"]) for slot in one["slots"]] == plan.slots, one
        assert sorted(one["actions"]) == sorted(model.actions(who, plan)), (who, one, model.actions(who, plan))


def notes(world: World, who: str) -> None:
    """Only what the partner shared and did not recall; of it the words as they stand."""
    told = {one["id"]: one["body"] for one in world[who].get("/notes?from=partner&limit=100")["items"]}
    pages = [page for page in world.model.pages if page.author != who and world.model.reads(who, page)]
    assert told == {page.id: page.body for page in pages}, (who, told)


def inbox(world: World, who: str) -> None:
    """Every item is about something that is the reader's to see, and fits how it stands now."""
    things = {one.id: one for one in (*world.model.plans, *world.model.pages)}
    for item in world[who].get("/inbox?limit=100")["items"]:
        kind, about = item["kind"], things.get(item["subject"])
        if isinstance(about, Plan):
            assert world.model.sees(who, about), (who, item)
            assert fits(world, who, kind, about), (who, item, about)
        elif isinstance(about, Page):
            assert kind == "note_shared", (who, item)
            assert about.author != who, (who, item)
            assert world.model.reads(who, about), (who, item)
        else:
            assert kind in ("couple_begun", "invitation_accepted"), (who, item)


def fits(world: World, who: str, kind: str, plan: Plan) -> bool:
    """Whether an item tells the truth about a date, and to the right one of the two."""
    state, mine = plan.state_at(world.model.now), plan.sender == who
    fitting = {
        "date_proposed": state == OPEN and not mine,
        "date_countered": state == OPEN and not mine,
        "date_accepted": state == AGREED and mine,
        "date_off": state == "cancelled",
        "date_tomorrow": state == AGREED,
        "date_soon": state == AGREED,
        "date_outcome": state in (AGREED, "completed"),
        **{told: state == "declined" and mine and plan.answer == answer for answer, told in ANSWERS.items()},
    }
    return fitting[kind]


def reminders(world: World) -> None:
    """Nothing lies ahead, or in anybody's inbox, that reminds of a date that is not agreed."""
    with db.connection():
        rows = db.rows(
            Item.select(Item.kind, Date.state)
            .join(Date, on=(Date.id == Item.subject))
            .where(Item.kind.in_(REMINDERS), Date.state.not_in((AGREED, "completed")))
        )
    assert rows == []


def ledger(world: World) -> None:
    """Whatever the model saw go out is in the ledger, and no seven days of it hold more than the rhythm allows."""
    with db.connection():
        rows = db.rows(Contact.select(Contact.person, Contact.couple, Contact.kind, Contact.at))
    sent = sorted((world.named[str(person)], kind, moment) for person, _, kind, moment in rows)
    assert sent == sorted((one.who, one.kind, one.at) for one in world.model.all_sent())
    for two in world.model.couples:
        for who in two.members:
            for kind, most in (("proposal", 1), ("shared", 2)):
                times = [one.at for one in two.sent if (one.who, one.kind) == (who, kind)]
                assert all(week <= RHYTHMS[two.rhythm][most] for week in weeks(times)), (who, kind, times)


def weeks(times: list[datetime]) -> Iterator[int]:
    """How many fall into the seven days that end with each."""
    for last in times:
        yield sum(last - WEEK < one <= last for one in times)


def strangers(world: World, thing: Plan | Page) -> None:
    """Whoever is not meant finds what does not exist, by reading as by acting."""
    see = world.model.sees if isinstance(thing, Plan) else world.model.reads
    path = f"/{'dates' if isinstance(thing, Plan) else 'notes'}/{thing.id}"
    others = [who for who in NAMES if not see(who, thing)]  # type: ignore[arg-type]
    for who in others:
        world.act(who, "GET", path, None, 404)
    if others:
        act = "withdraw" if isinstance(thing, Plan) else "share"
        world.act(others[-1], "POST", f"{path}/{act}", {"version": thing.version}, 404)
