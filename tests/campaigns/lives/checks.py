"""The checks after each act: each person reads exactly what the model predicts."""

from __future__ import annotations

from datetime import datetime

from planner import messages
from planner.contact.contact_log import ContactEvent
from planner.dates.dates import Date
from planner.inbox import FROM_PARTNER, KINDS, NEW_CONTENT_KINDS, REMINDERS, Item
from planner.storage import db
from tests.campaigns.lives.couples import WEEK
from tests.campaigns.lives.model import AGREED, ANSWERS, OPEN, Page, Plan
from tests.campaigns.lives.world import NAMES, World
from tests.dates import instant

# The phone may ring for these in space or after leaving, so that no person waits for a date that is off.
SILENT = {"date_off", "couple_begun", *REMINDERS}


def everything(world: World, *who: str) -> None:
    """Check all that these people read, and the tables."""
    for name in who:
        status(world, name)
        dates(world, name)
        notes(world, name)
        inbox(world, name)
        if world.model.may_hold(name):
            held(world, name)
            choices(world, name)
    rings(world)
    reminders(world)
    contact_log(world)


def status(world: World, who: str) -> None:
    """Check that `me` has the pairing, the pace, the rhythm and the contact budget of the model."""
    me, two = world[who].get("/me"), world.model.two[who]
    assert me["pairing"] == world.pairing.status(who), (who, me)
    assert (me["couple"] is None) == (two is None), (who, me)
    if two:
        assert (me["couple"]["rhythm"], me["couple"]["pace"]) == (two.rhythm, two.pace), (who, me)
        budget = {name: (each["limit"], each["left"], at(each["opens_at"])) for name, each in me["allowance"].items()}
        assert budget == two.left(who, world.model.now), (who, budget, two.left(who, world.model.now))


def at(text: str | None) -> datetime | None:
    """Return an instant from an answer, or None."""
    return instant(text) if text else None


def dates(world: World, who: str) -> None:
    """Check that both partners read the same dates, and that other people read none of them."""
    model, listed = world.model, {date["id"]: date for date in world[who].get("/dates?limit=100")["items"]}
    mine = {plan.id: plan for plan in model.plans if model.lists(who, plan)}
    assert listed.keys() == mine.keys(), (who, listed.keys() ^ mine.keys())
    for plan_id, date in listed.items():
        plan = mine[plan_id]
        assert (date["state"], date["version"], date["answer"]) == (plan.state_at(model.now), plan.version, plan.answer)
        assert date["sender"] == ("me" if plan.sender == who else "partner"), date
        assert [instant(slot["start"]) for slot in date["slots"]] == plan.slots, date
        assert sorted(date["actions"]) == sorted(model.actions(who, plan)), (who, date, model.actions(who, plan))


def notes(world: World, who: str) -> None:
    """Check that the person reads only the notes that the partner shared and did not recall."""
    listed = {note["id"]: note["body"] for note in world[who].get("/notes?from=partner&limit=100")["items"]}
    words = {page.id: world.model.reads_as(who, page) for page in world.model.pages}
    assert listed == {page: body for page, body in words.items() if body is not None}, (who, listed, words)


def held(world: World, who: str) -> None:
    """Check that the list of held things has exactly the things that are held back."""
    model = world.model
    listed = {thing["id"] for thing in world[who].get("/me/held?limit=100")["items"]}
    dismissed = {thing.subject for thing in model.holding.dismissed if thing.who == who}
    dates = {plan.id for plan in model.plans if model.is_theirs(who, plan) and not model.lists(who, plan)}
    back = {
        page.id
        for page in model.pages
        if page.author != who and model.reads(who, page) and model.reads_as(who, page) != page.body
    }
    assert listed == (dates | back) - dismissed, (who, listed ^ ((dates | back) - dismissed))


def choices(world: World, who: str) -> None:
    """Check that a person reads their own choices."""
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
    """Check that in space, and after leaving, a phone rings only for a date that is off or comes soon."""
    for who, sentence in world.phones:
        text = sentence.removeprefix("push: ")
        if text == messages.text("push", "digest"):  # the kinds that it replaces were checked as they rang
            continue
        if world.model.holding.current_pause(who) or not world.model.two[who]:
            kind = next(name for name in KINDS if messages.text("inbox", name) == text)
            assert kind in SILENT or not world.model.holding.current_pause(who), (who, text)
            assert kind in SILENT | {"invitation_accepted"} or world.model.two[who], (who, text)
    world.phones.clear()


def inbox(world: World, who: str) -> None:
    """Check that every inbox item is about a thing that the person may read, and fits its state."""
    things = {thing.id: thing for thing in (*world.model.plans, *world.model.pages)}
    for item in world[who].get("/inbox?limit=100")["items"]:
        kind, about = item["kind"], things.get((item["subject"] or {}).get("id"))
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
    """Tell whether an item fits the state of a date, and reaches the right partner."""
    state, mine = plan.state_at(world.model.now), plan.sender == who
    fitting = {
        "date_proposed": state == OPEN and not mine,
        "date_countered": state == OPEN and not mine,
        "date_waits": state == OPEN and not mine,
        "date_accepted": state == AGREED and mine,
        "date_off": state == "cancelled",
        "date_tomorrow": state == AGREED,
        "date_soon": state == AGREED,
        "date_feedback": state in (AGREED, "completed"),
        **{listed: state == "declined" and mine and plan.answer == answer for answer, listed in ANSWERS.items()},
    }
    return fitting[kind]


def reminders(world: World) -> None:
    """Check that there is no reminder of a date that is not agreed."""
    with db.connection():
        rows = db.fetch_all(
            Item.select(Item.kind, Date.state)
            .join(Date, on=(Date.id == Item.subject))
            .where(Item.kind.in_(REMINDERS), Date.state.not_in((AGREED, "completed")))
        )
    assert rows == []


def contact_log(world: World) -> None:
    """Check that the contact log has what the model sent, and in no seven days more than the rhythm allows."""
    with db.connection():
        rows = db.fetch_all(
            ContactEvent.select(ContactEvent.person, ContactEvent.couple, ContactEvent.kind, ContactEvent.at)
        )
    sent = sorted((world.named[str(person)], kind, moment) for person, _, kind, moment in rows)
    assert sent == sorted((sent.who, sent.kind, sent.at) for sent in world.model.all_sent())
    for two in world.model.couples:
        for who in two.members:
            for kind in ("proposal", "shared"):
                mine = [
                    event for event in two.sent if (event.who, event.kind) == (who, kind) and not event.is_given_back
                ]
                for last in mine:
                    week = [event for event in mine if last.at - WEEK < event.at <= last.at]
                    # Of several events in one instant, the last one counts them all.
                    assert len(week) <= max(event.most for event in mine if event.at == last.at), (who, kind, mine)


def strangers(world: World, thing: Plan | Page) -> None:
    """Check that a person without access gets the 404 of a missing thing, for reads and for moves."""
    see = world.model.sees if isinstance(thing, Plan) else world.model.reads
    path = f"/{'dates' if isinstance(thing, Plan) else 'notes'}/{thing.id}"
    others = [who for who in NAMES if not see(who, thing)]  # type: ignore[arg-type]
    for who in others:
        world.act(who, "GET", path, None, 404)
    if others:
        act = "withdraw" if isinstance(thing, Plan) else "share"
        world.act(others[-1], "POST", f"{path}/{act}", {"version": thing.version}, 404)
