"""The ledger of everything one person puts before the other, and its gate. Nothing is sent around it.

A row is written in the transaction of the act itself. Withdrawn and recalled acts still count. What the gate decides by
is in this ledger only, which holds what the other did openly; whether they look at any of it, nobody asks here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import holds
from planner.couples import contact_rules
from planner.couples.couples import Couple, Pair
from planner.errors import QuotaExceeded
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

PROPOSAL = "proposal"
SHARED = "shared"


class ContactEvent(db.Model):
    """One act: a proposal or a shared thing. `open_until` is when a proposal lapses, or the answer that came before."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    pace = peewee.IntegerField(null=True)  # of what was proposed
    at = UtcDateTimeField()
    open_until = UtcDateTimeField(null=True)
    outcome = peewee.TextField(null=True)

    class Meta:
        table_name = "contact_events"
        indexes = ((("person", "couple", "at"), False),)


class Remaining(NamedTuple):
    """What is left of one allowance, and when the next act is possible (None: now)."""

    limit: int
    left: int
    opens_at: datetime | None


class ProposalTerms(NamedTuple):
    """What the ledger keeps of a proposal: until when it is open, and the pace of its activity."""

    open_until: datetime
    pace: int


def charge(pair: Pair, kind: str, subject: UUID, now: datetime, offer: ProposalTerms | None = None) -> None:
    """Book one act of `pair.me`, or refuse it. Inside the sender's transaction, with both persons locked.

    Raises TooSoon with the moment at which it opens again, WrongState for somebody who is in space.
    """
    holds.check_may_send(pair.me, subject)
    left = remaining_quota(pair, now)
    wanted = [left["proposals"], left["open_proposals"]] if kind == PROPOSAL else [left["shared"]]
    opens_at = max((one.opens_at for one in wanted if one.opens_at), default=None)
    if opens_at is not None:
        raise QuotaExceeded(
            "There is room for this again at the time given. What you have sent may take its time.", opens_at
        )
    db.insert_if_absent(
        ContactEvent,
        person=pair.me,
        couple=pair.couple,
        kind=kind,
        subject=subject,
        at=now,
        open_until=offer.open_until if offer else None,
        pace=offer.pace if offer else None,
    )


def close_proposal(subject: UUID, outcome: str, now: datetime) -> None:
    """Note how an open proposal ended, and when. It frees the place of an open one, never the week's count."""
    _close_proposal(subject, outcome, now)


@db.cached_update
def _close_proposal(subject: Any, outcome: Any, now: Any) -> Any:
    # What has lapsed, lapsed at its own time, however late the clock notes it.
    ended = peewee.Case(
        None, [(ContactEvent.open_until > now, now.typed_as(ContactEvent.open_until))], ContactEvent.open_until
    )
    return ContactEvent.update({ContactEvent.outcome: outcome, ContactEvent.open_until: ended}).where(
        ContactEvent.subject == subject, ContactEvent.kind == PROPOSAL, ContactEvent.outcome.is_null()
    )


def remaining_quota(pair: Pair, now: datetime) -> dict[str, Remaining]:
    """What `pair.me` has left: `proposals` (after noes in a row none, for a while), `open_proposals`, `shared`.

    One query; one more after noes in a row.
    """
    rhythm, week_ago = pair.own_rhythm, now - contact_rules.WINDOW
    allowance, waits = contact_rules.QUOTAS[rhythm], rhythm in contact_rules.RHYTHMS_WITH_COOLDOWN
    rows = _since(pair.me, pair.couple, now - contact_rules.LOOK_BACK if waits else week_ago, week_ago)
    proposed = [row for row in rows if row[0] == PROPOSAL]
    week = {kind: [at + contact_rules.WINDOW for one, at, _, _ in rows if one == kind] for kind in (PROPOSAL, SHARED)}
    # A proposal lives seven days at most, so those still open are all in the window.
    still_open = [open_until for _, _, open_until, outcome in proposed if outcome is None]
    wait = _cooldown_until(pair, proposed, now) if waits else None
    return {
        "proposals": _remaining(allowance.proposals, week[PROPOSAL], now, wait),
        "open_proposals": _remaining(allowance.open_proposals, still_open, now),
        "shared": _remaining(allowance.shared, week[SHARED], now),
    }


@db.cached_query
def _since(person: Any, couple: Any, at: Any, week_ago: Any) -> Any:
    return ContactEvent.select(ContactEvent.kind, ContactEvent.at, ContactEvent.open_until, ContactEvent.outcome).where(
        ContactEvent.person == person,
        ContactEvent.couple == couple,
        ContactEvent.at > at,
        (ContactEvent.kind == PROPOSAL) | (ContactEvent.at > week_ago),
    )


def _cooldown_until(pair: Pair, proposed: list[tuple[Any, ...]], now: datetime) -> datetime | None:
    noes, yeses = [], []
    for _, _, ended, outcome in proposed:
        # A lapse counts from its own moment, whether or not the clock has noted it.
        if outcome in contact_rules.DECLINED_OUTCOMES or (outcome is None and ended <= now):
            noes.append(ended)
        elif outcome == "accepted":
            yeses.append(ended)
    if len(noes) < 2:
        return None
    theirs = latest_event_at(pair.partner, pair.couple)
    return contact_rules.cooldown_until(noes, max([*yeses, theirs] if theirs else yeses, default=None))


def latest_event_at(person: UUID, couple: UUID) -> datetime | None:
    """When somebody last put something before the other; None: not yet."""
    found = _latest_event_at(person, couple)
    return found[0][0] if found else None


@db.cached_query
def _latest_event_at(person: Any, couple: Any) -> Any:
    acts = ContactEvent.select(ContactEvent.at).where(ContactEvent.person == person, ContactEvent.couple == couple)
    return acts.order_by(ContactEvent.at.desc()).limit(1)


def _remaining(most: int, releases: list[datetime], now: datetime, wait: datetime | None = None) -> Remaining:
    waiting = wait is not None and wait > now
    left = 0 if waiting else max(0, most - sum(release > now for release in releases))
    opens_at = max(contact_rules.opens_at(most, releases, now), wait or now)
    # No moment for "now": what is said twice a second should not differ each time.
    return Remaining(most, left, opens_at if opens_at > now else None)
