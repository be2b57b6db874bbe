"""Important days: birthdays, anniversaries and others, with a countdown. A day is its owner's alone.

Its owner may offer to show the countdown to both. The partner agrees, or not, quietly: the owner finds the offer as it
was. Either can end it. A day that was offered and taken back rests before another offer, so that no one asks again and
again.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox, messages, text
from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.contact import contact_log, holds, received
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Pair
from planner.dates import transitions, yearly_days
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, QuotaExceeded, VersionConflict
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField

BIRTHDAY = "birthday"
KINDS = (BIRTHDAY, "anniversary", "own")
BIRTHDAY_OF = ("me", "partner", "other")
NEAR = timedelta(days=30)
"""How long before it a day shows on the first screen."""
_YEARS_AHEAD = 5


class ImportantDay(db.Model):
    """A day of the year. `couple` is set while it is offered or shown to both.

    `birthday_of` is set for birthdays, from the owner's side. It is "partner" only until that couple ends.
    Only the partner reads `declined_at`. `offered_at` stays after an offer was taken back: the day rests.
    """

    owner = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    title = peewee.TextField(null=True)
    birthday_of = peewee.TextField(null=True)
    month = peewee.IntegerField()
    day = peewee.IntegerField()
    year = peewee.IntegerField(null=True)
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()
    created_at = UtcDateTimeField()
    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    offered_at = UtcDateTimeField(null=True)
    agreed_at = UtcDateTimeField(null=True)
    declined_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "important_days"
        constraints = [peewee.Check("kind IN ('birthday', 'anniversary', 'own')")]
        indexes = ((("owner", "created_at"), False),)


class Draft(NamedTuple):
    """The values of a day that its owner chooses. Without a year it has no count of years."""

    kind: str
    title: str | None
    birthday_of: str | None
    month: int
    day: int
    year: int | None


class DayView(NamedTuple):
    """A day as its owner or the partner reads it. The partner gets no version."""

    id: UUID
    mine: bool
    kind: str
    title: str | None
    birthday_of: str | None
    month: int
    day: int
    year: int | None
    version: int | None
    state: str
    next_day: date
    days_left: int

    @property
    def years(self) -> int | None:
        """Return how many years it is on its next day, or None."""
        return (self.next_day.year - self.year) or None if self.year else None

    @property
    def actions(self) -> tuple[str, ...]:
        """Return what the reader can do now."""
        if self.mine:
            return ("edit", "delete", "offer") if self.state == "private" else ("delete", "stop")
        return {"offered": ("agree", "decline"), "agreed": ("stop",)}.get(self.state, ())


def add(viewer: Viewer, draft: Draft, day_id: UUID | None, now: datetime) -> DayView:
    """Add a day for its owner alone. A repeat returns it as it is now.

    Raise Invalid, IdTaken, or Conflict at the cap or for the birthday of a missing partner.
    """
    day_id = day_id or uuid4()
    _check(draft, viewer.today(now))
    request = transitions.digest(*draft)
    with couples.locked(viewer.id) as pair:
        _check_partner(pair, draft)
        viewer = viewer.as_of(pair)
        values = {**draft._asdict(), "version": 1, "request": request, "created_at": now}
        is_new = db.insert_if_absent(ImportantDay, id=day_id, owner=viewer.id, **values)
        own = ImportantDay.select().where(ImportantDay.owner == viewer.id)
        if is_new and own.count() > caps.most("important_days"):
            raise Conflict("too_many_important_days", most=caps.most("important_days"))
        if not is_new and not own.where(ImportantDay.id == day_id, ImportantDay.request == request).exists():
            raise IdTaken
        return find(viewer, day_id, now)


def edit(viewer: Viewer, day_id: UUID, versions: Container[int], changes: dict[str, Any], now: datetime) -> DayView:
    """Change a day that its owner alone sees, in one of these versions. A repeat changes nothing.

    Raise NotFound, Invalid, VersionConflict, or Conflict while it is offered or shown.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        before = _find_own(viewer, day_id, now)
        if before.state != "private":
            raise Conflict("day_is_shared")
        draft = Draft(*(changes.get(name, getattr(before, name)) for name in Draft._fields))
        _check(draft, viewer.today(now))
        _check_partner(pair, draft)
        if all(getattr(before, name) == value for name, value in changes.items()):
            return before
        if before.version not in versions:
            raise VersionConflict
        query = ImportantDay.update(**changes, version=ImportantDay.version + 1)
        still_same = ImportantDay.id == day_id, ImportantDay.version == before.version
        if not query.where(*still_same, ImportantDay.couple.is_null()).execute():
            raise VersionConflict
        return find(viewer, day_id, now)


def delete(viewer: Viewer, day_id: UUID, now: datetime) -> None:
    """Delete an own day, also from the partner's view. Raise NotFound."""
    with couples.locked(viewer.id) as pair:
        _find_own(viewer.as_of(pair), day_id, now)
        ImportantDay.delete().where(ImportantDay.id == day_id).execute()
        inbox.delete_about(day_id)


def show_to_both(viewer: Viewer, day_id: UUID, now: datetime) -> DayView:
    """Offer an own day to the partner, or agree to the partner's offer. A repeat changes nothing.

    An offer costs one shared thing, and an answer nothing. Raise NotFound, QuotaExceeded, or Conflict without a
    partner or in space.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        view = find(viewer, day_id, now)
        if pair is None:
            raise Conflict("no_partner")
        if view.mine and view.state == "private":
            _offer(pair, view, now)
        elif not view.mine and view.state == "offered":
            _agree(pair, view, now)
        return find(viewer, day_id, now)


def _offer(pair: Pair, view: DayView, now: datetime) -> None:
    _check_rest(pair, view, now)
    received.deliver(pair, "day", view.id, {name: getattr(view, name) for name in Draft._fields}, now)
    offered = {"couple": pair.couple, "offered_at": now, "agreed_at": None, "declined_at": None}
    if not ImportantDay.update(offered).where(ImportantDay.id == view.id, ImportantDay.couple.is_null()).execute():
        raise Conflict("day_is_shared")
    inbox.add(pair.partner, "day_offered", view.id, now)


def _check_rest(pair: Pair, view: DayView, now: datetime) -> None:
    """Raise QuotaExceeded while a day rests that was offered a while ago, also if it was deleted and made again."""
    rest, offered_at = contact_rules.ACTIVITY_COOLDOWN[pair.own_rhythm], ImportantDay.get_by_id(view.id).offered_at
    if offered_at and offered_at + rest > now:
        raise QuotaExceeded("day_rests", offered_at + rest)
    same = _what_it_is(view._asdict())
    for sent, at in received.list_sent(pair, "day", now - rest):
        if _what_it_is(sent) == same:
            raise QuotaExceeded("day_rests", at + rest)


def _what_it_is(day: dict[str, Any]) -> tuple[Any, ...]:
    # Not whose birthday: with another choice, the same day would come again at once.
    return day["kind"], day["month"], day["day"], text.fold_wording(day["title"] or "")


def _agree(pair: Pair, view: DayView, now: datetime) -> None:
    holds.check_may_send(pair.me, view.id)
    is_open = ImportantDay.couple == pair.couple, ImportantDay.agreed_at.is_null()
    query = ImportantDay.update(agreed_at=now, declined_at=None).where(ImportantDay.id == view.id, *is_open)
    if not query.execute():
        raise NotFound
    contact_log.accept_shared(view.id)
    holds.answer(pair.me, view.id)
    inbox.withdraw(view.id, ["day_offered"], pair.me)
    inbox.add(pair.partner, "day_agreed", view.id, now)


def show_no_longer(viewer: Viewer, day_id: UUID, now: datetime) -> DayView:
    """Take back an offer, decline one quietly, or end the countdown. A repeat changes nothing. Raise NotFound.

    The partner who ends a countdown gets the day as private, and does not find it again.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        view = find(viewer, day_id, now)
        if not view.mine and view.state == "offered":
            _decline(view.id, viewer.id, now)
        elif view.state != "private":
            ImportantDay.update(**_PRIVATE).where(ImportantDay.id == day_id).execute()
            inbox.delete_about(day_id)
            return view._replace(state="private")
        return view


_PRIVATE = {"couple": None, "agreed_at": None, "declined_at": None}


def _decline(day_id: UUID, person: UUID, now: datetime) -> None:
    """Decline quietly: nothing that the owner reads changes."""
    is_open = ImportantDay.id == day_id, ImportantDay.agreed_at.is_null(), ImportantDay.declined_at.is_null()
    ImportantDay.update(declined_at=now).where(*is_open).execute()
    holds.dismiss(person, day_id, now)
    inbox.withdraw(day_id, ["day_offered"], person)


def end_sharing(couple: UUID, members: Sequence[UUID]) -> None:
    """Give the days of a couple that ends back to their owners. The partner's birthday becomes one without a name."""
    ImportantDay.update(**_PRIVATE, offered_at=None).where(ImportantDay.couple == couple).execute()
    own_title = peewee.fn.COALESCE(ImportantDay.title, messages.text("important_days", BIRTHDAY))
    of_partner = ImportantDay.owner.in_(members), ImportantDay.birthday_of == "partner"
    ImportantDay.update(birthday_of="other", title=own_title).where(*of_partner).execute()


def find(viewer: Viewer, day_id: UUID, now: datetime) -> DayView:
    """Return an own day, or one that the partner offers or shows, also a held or declined one. Raise NotFound."""
    rows = _by_id(day_id, viewer.id, viewer.couple)
    if not rows:
        raise NotFound
    return _view(viewer, rows[0], viewer.today(now))


def _find_own(viewer: Viewer, day_id: UUID, now: datetime) -> DayView:
    view = find(viewer, day_id, now)
    if not view.mine:
        raise NotFound
    return view


def list_days(viewer: Viewer, now: datetime) -> list[DayView]:
    """Return the viewer's days and those that the partner offers or shows, the next one first.

    Held and declined ones are left out.
    """
    today = viewer.today(now)
    views = [_view(viewer, row, today) for row in days_reading(viewer).rows()]
    return sorted(views, key=lambda view: (view.next_day, view.id))


def days_reading(viewer: Viewer) -> Reading:
    """Return the reading of the viewer's days and those that the partner offers or shows."""
    return _all.on(viewer.id, viewer.couple)


def list_near(viewer: Viewer, now: datetime) -> list[DayView]:
    """Return the days of the next weeks for the first screen: own ones, and those shown to both.

    In space, a person finds only those that no one else sees.
    """
    near = [view for view in list_days(viewer, now) if view.days_left <= NEAR.days]
    if viewer.space_since:
        return [view for view in near if view.state == "private"]
    return [view for view in near if view.mine or view.state == "agreed"]


def get_many(viewer: Viewer, ids: list[UUID], now: datetime) -> list[DayView]:
    """Return those of the days that the partner offers, held ones included."""
    today = viewer.today(now)
    return [_view(viewer, row, today) for row in _offered_by_ids(viewer.id, viewer.couple, ids)]


def count_shared(viewer: Viewer) -> int:
    """Return the number of the viewer's days that the partner can see."""
    own = ImportantDay.owner == viewer.id, ImportantDay.couple == viewer.couple
    return int(ImportantDay.select().where(*own).count()) if viewer.couple else 0


class OwnDay(NamedTuple):
    """An own day for a calendar program."""

    id: UUID
    kind: str
    title: str | None
    birthday_of: str | None
    month: int
    day: int
    year: int | None
    version: int
    created_at: datetime


def list_own(person: UUID) -> list[OwnDay]:
    """Return all days of a person."""
    return [OwnDay(*row) for row in _own(person)]


@db.cached_query
def _own(me: Any) -> Any:
    columns = [getattr(ImportantDay, name) for name in OwnDay._fields]
    return ImportantDay.select(*columns).where(ImportantDay.owner == me).order_by(ImportantDay.id)


@db.cached_query
def _by_id(day_id: Any, me: Any, couple: Any) -> Any:
    return _rows().where(ImportantDay.id == day_id, (ImportantDay.owner == me) | (ImportantDay.couple == couple))


@db.cached_query
def _all(me: Any, couple: Any) -> Any:
    offered = (ImportantDay.couple == couple) & ImportantDay.declined_at.is_null() & ~is_held(me, ImportantDay.id)
    return _rows().where((ImportantDay.owner == me) | offered)


@db.cached_query
def _offered_by_ids(me: Any, couple: Any, ids: Any) -> Any:
    return _rows().where(ImportantDay.id.in_(ids), ImportantDay.couple == couple, ImportantDay.owner != me)


def _rows() -> Any:
    names = ("id", "owner", *Draft._fields, "version", "couple", "agreed_at")
    return ImportantDay.select(*(getattr(ImportantDay, name) for name in names))


def _view(viewer: Viewer, row: tuple[Any, ...], today: date) -> DayView:
    day_id, owner, kind, title, birthday_of, month, day, year, version, couple, agreed_at = row
    mine = owner == viewer.id
    if not mine:
        birthday_of = {"me": "partner", "partner": "me"}.get(birthday_of, birthday_of)
    # In the owner's space, the partner's yes waits.
    is_agreed = agreed_at and not (mine and viewer.space_since and agreed_at >= viewer.space_since)
    state = "private" if couple is None else "agreed" if is_agreed else "offered"
    next_day = yearly_days.next_after(month, day, year, today)
    days_left = (next_day - today).days
    own_version = version if mine else None
    return DayView(day_id, mine, kind, title, birthday_of, month, day, year, own_version, state, next_day, days_left)


def _check(draft: Draft, today: date) -> None:
    faults = []
    if (draft.kind == BIRTHDAY) != (draft.birthday_of is not None):
        faults.append(FieldError("birthday_of", "whose_birthday"))
    if (draft.kind == "own" or draft.birthday_of == "other") and not draft.title:
        faults.append(FieldError("title", "title_missing"))
    if not yearly_days.is_day(draft.month, draft.day, draft.year):
        faults.append(FieldError("day", "no_such_day"))
    if draft.year and draft.year > today.year + _YEARS_AHEAD:
        faults.append(FieldError("year", "year_too_far", most=today.year + _YEARS_AHEAD))
    if faults:
        raise Invalid(*faults)


def _check_partner(pair: Pair | None, draft: Draft) -> None:
    if draft.birthday_of == "partner" and pair is None:
        raise Conflict("no_partner")
