"""What must hold after each act: everybody reads just what is theirs, as the model tells it."""

from __future__ import annotations

from datetime import datetime

from planner.contact.contact_log import ContactEvent
from planner.dates.views import Date
from planner.inbox import FROM_PARTNER, KINDS, NEW_CONTENT_KINDS, REMINDERS, Item
from planner.storage import db
from tests.campaigns.lives.couples import WEEK
from tests.campaigns.lives.model import AGREED, ANSWERS, OPEN, Page, Plan
from tests.campaigns.lives.world import NAMES, World
from tests.dates import instant

# What may ring in space, or after leaving: nobody waits for a date that is off, and what one goes to goes on.
SILENT = {"date_off", "couple_begun", *REMINDERS}


def everything(world: World, *who: str) -> None:
    """All that these people read, and what the tables say."""
    for name in who:
        standing(world, name)
        dates(world, name)
        notes(world, name)
        inbox(world, name)
        if world.model.may_hold(name):
            held(world, name)
            choices(world, name)
    rings(world)
    reminders(world)
    ledger(world)


def standing(world: World, who: str) -> None:
    """A couple needs two yeses, and an end one: `me` says what the model does, and the budget to the last digit."""
    me, two = world[who].get("/me"), world.model.two[who]
    assert me["pairing"] == world.pairing.standing(who), (who, me)
    assert (me["couple"] is None) == (two is None), (who, me)
    if two:
        assert (me["couple"]["rhythm"], me["couple"]["pace"]) == (two.rhythm, two.pace), (who, me)
        told = {name: (one["limit"], one["left"], at(one["opens_at"])) for name, one in me["allowance"].items()}
        assert told == two.left(who, world.model.now), (who, told, two.left(who, world.model.now))


def at(text: str | None) -> datetime | None:
    """An instant from an answer, if there is one."""
    return instant(text) if text else None


def dates(world: World, who: str) -> None:
    """Who waits for a date that is off? Nobody: both read the same, and others nothing."""
    model, told = world.model, {one["id"]: one for one in world[who].get("/dates?limit=100")["items"]}
    mine = {plan.id: plan for plan in model.plans if model.lists(who, plan)}
    assert told.keys() == mine.keys(), (who, told.keys() ^ mine.keys())
    for plan_id, one in told.items():
        plan = mine[plan_id]
        assert (one["state"], one["version"], one["answer"]) == (plan.state_at(model.now), plan.version, plan.answer)
        assert one["sender"] == ("me" if plan.sender == who else "partner"), one
        assert [instant(slot["start"]) for slot in one["slots"]] == plan.slots, one
        assert sorted(one["actions"]) == sorted(model.actions(who, plan)), (who, one, model.actions(who, plan))


def notes(world: World, who: str) -> None:
    """Only what the partner shared and did not recall; of it the words that came to be seen."""
    told = {one["id"]: one["body"] for one in world[who].get("/notes?from=partner&limit=100")["items"]}
    words = {page.id: world.model.reads_as(who, page) for page in world.model.pages}
    assert told == {page: body for page, body in words.items() if body is not None}, (who, told, words)


def held(world: World, who: str) -> None:
    """What is held back can be looked at, all of it; and nothing else stands there."""
    model = world.model
    told = {one["id"] for one in world[who].get("/me/held?limit=100")["items"]}
    aside = {one.subject for one in model.holding.aside if one.who == who}
    dates = {plan.id for plan in model.plans if model.is_theirs(who, plan) and not model.lists(who, plan)}
    back = {
        page.id
        for page in model.pages
        if page.author != who and model.reads(who, page) and model.reads_as(who, page) != page.body
    }
    assert told == (dates | back) - aside, (who, told ^ ((dates | back) - aside))


def choices(world: World, who: str) -> None:
    """What each chose reads back to them, and only to them."""
    two = world.model.two[who]
    if two is None:
        return
    mine, pace, rhythm = two.own[who], world[who].get("/me/pace"), world[who].get("/me/rhythm")
    assert (pace["pace"], pace["quiet_pace"], pace["requested_pace"]) == (
        two.pace,
        mine.quiet_pace,
        mine.requested_pace,
    ), (who, pace)
    assert (rhythm["choice"], rhythm["quiet_rhythm"]) == (mine.rhythm, mine.quiet_rhythm), (who, rhythm)


def rings(world: World) -> None:
    """Whose phone rings: in space only for what is off, and for what one goes to; after leaving likewise."""
    for who, text in world.phones:
        if world.model.holding.living(who) or not world.model.two[who]:
            kind = next(name for name, kind in KINDS.items() if kind.text == text)
            assert kind in SILENT or not world.model.holding.living(who), (who, text)
            assert kind in SILENT | {"invitation_accepted"} or world.model.two[who], (who, text)
    world.phones.clear()


def inbox(world: World, who: str) -> None:
    """Every item is about something that is the reader's to see, and fits how it stands now."""
    things = {one.id: one for one in (*world.model.plans, *world.model.pages)}
    for item in world[who].get("/inbox?limit=100")["items"]:
        kind, about = item["kind"], things.get(item["subject"])
        if isinstance(about, Plan):
            assert world.model.sees(who, about) or kind == "date_off", (who, item)
            assert kind not in NEW_CONTENT_KINDS or world.model.lists(who, about), (who, item)
            assert fits(world, who, kind, about), (who, item, about)
        elif isinstance(about, Page):
            assert kind == "note_shared", (who, item)
            assert about.author != who, (who, item)
            assert world.model.reads_as(who, about) is not None, (who, item)
        else:
            assert not kind.startswith(("date_", "note_")), (who, item)
        if kind in FROM_PARTNER:
            assert not world.model.holding.in_pause(who, instant(item["visible_at"])), (who, item)


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
        "date_feedback": state in (AGREED, "completed"),
        **{told: state == "declined" and mine and plan.answer == answer for answer, told in ANSWERS.items()},
    }
    return fitting[kind]


def reminders(world: World) -> None:
    """Nothing lies ahead, or in anybody's inbox, that reminds of a date that is not agreed."""
    with db.connection():
        rows = db.fetch_all(
            Item.select(Item.kind, Date.state)
            .join(Date, on=(Date.id == Item.subject))
            .where(Item.kind.in_(REMINDERS), Date.state.not_in((AGREED, "completed")))
        )
    assert rows == []


def ledger(world: World) -> None:
    """Whatever the model saw go out is in the ledger, and no seven days of it hold more than the rhythm allows."""
    with db.connection():
        rows = db.fetch_all(
            ContactEvent.select(ContactEvent.person, ContactEvent.couple, ContactEvent.kind, ContactEvent.at)
        )
    sent = sorted((world.named[str(person)], kind, moment) for person, _, kind, moment in rows)
    assert sent == sorted((one.who, one.kind, one.at) for one in world.model.all_sent())
    for two in world.model.couples:
        for who in two.members:
            for kind in ("proposal", "shared"):
                mine = [one for one in two.sent if (one.who, one.kind) == (who, kind)]
                for last in mine:
                    week = [one for one in mine if last.at - WEEK < one.at <= last.at]
                    # Of several in one instant the last one counts them all.
                    assert len(week) <= max(one.most for one in mine if one.at == last.at), (who, kind, mine)


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
