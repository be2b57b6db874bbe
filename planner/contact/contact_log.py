"""The contact log: every event that one person sends to the partner, and the quota that limits it.

Nothing is sent without a charge here. A row is written in the transaction of the event itself. Withdrawn and recalled
events still count. A proposal whose answer asks for another time or idea is given back. Quota decisions read this log
only, which holds what the partner did openly. They never read whether the partner looked at something.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import holds, pauses
from planner.couples import contact_rules
from planner.couples.contact_rules import Decline
from planner.couples.couples import Couple, Pair
from planner.errors import QuotaExceeded
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField

PROPOSAL = "proposal"
SHARED = "shared"
RECORDED = "recorded"
ACCEPTED = "accepted"
ANSWERED = "answered"


class ContactEvent(db.Model):
    """One event: a proposal or a shared thing. `open_until` is when the proposal lapses or was answered."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    pace = peewee.IntegerField(null=True)  # of the proposed activity, or that a shared text needs
    at = UtcDateTimeField()
    open_until = UtcDateTimeField(null=True)
    outcome = peewee.TextField(null=True)

    class Meta:
        table_name = "contact_events"
        indexes = ((("person", "couple", "at"), False),)


class Remaining(NamedTuple):
    """What is left of one quota, and when the next event is possible (None: now)."""

    limit: int
    left: int
    opens_at: datetime | None


class ProposalTerms(NamedTuple):
    """How long a proposal is open, and the pace of its activity. RECORDED is the outcome of a date agreed already."""

    open_until: datetime
    pace: int
    outcome: str | None = None


def charge(
    pair: Pair,
    kind: str,
    subject: UUID,
    now: datetime,
    offer: ProposalTerms | None = None,
    answers: UUID | None = None,
    pace: int | None = None,
) -> None:
    """Book one event of `pair.me`, or refuse it. Call inside the sender's transaction, with both persons locked.

    `answers` is the offer that the event answers, if it is not the subject: in space, a held one may be answered.
    `pace` is what a shared text needs.

    Raises QuotaExceeded with the time of the next possible event, and Conflict if the sender is in space.
    """
    holds.check_may_send(pair.me, answers or subject)
    remaining = remaining_quota(pair, now)
    quotas = [remaining["proposals"], remaining["open_proposals"]] if kind == PROPOSAL else [remaining["shared"]]
    opens_at = max((quota.opens_at for quota in quotas if quota.opens_at), default=None)
    if opens_at is not None:
        raise QuotaExceeded("quota_used_up", opens_at)
    book(pair.couple, pair.me, kind, subject, now, offer, pace)


def book(
    couple: UUID,
    sender: UUID,
    kind: str,
    subject: UUID,
    now: datetime,
    offer: ProposalTerms | None = None,
    pace: int | None = None,
) -> None:
    """Book one event without a check. Only `charge` and `received.exchange` call it."""
    db.insert_if_absent(
        ContactEvent,
        person=sender,
        couple=couple,
        kind=kind,
        subject=subject,
        at=now,
        open_until=offer.open_until if offer else None,
        pace=offer.pace if offer else pace,
        outcome=offer.outcome if offer else None,
    )


def close_proposal(subject: UUID, outcome: str, now: datetime) -> None:
    """Record how and when an open proposal ended. This frees an open place, but not the weekly quota."""
    _close_proposal(subject, outcome, now)


@db.cached_update
def _close_proposal(subject: Any, outcome: Any, now: Any) -> Any:
    # A lapsed proposal ended when it expired, however late the clock records it.
    ended = peewee.Case(
        None, [(ContactEvent.open_until > now, now.typed_as(ContactEvent.open_until))], ContactEvent.open_until
    )
    return ContactEvent.update({ContactEvent.outcome: outcome, ContactEvent.open_until: ended}).where(
        ContactEvent.subject == subject,
        ContactEvent.kind == PROPOSAL,
        ContactEvent.outcome.is_null() | (ContactEvent.outcome == contact_rules.EXCUSED),
    )


def settle_shared(person: UUID, subject: UUID) -> None:
    """Release a shared thing that its receiver `person` answers: it is no longer held. Call inside the transaction."""
    ContactEvent.update(outcome=ANSWERED).where(
        ContactEvent.subject == subject, ContactEvent.kind == SHARED, ContactEvent.outcome.is_null()
    ).execute()
    holds.answer(person, subject)


def settle_recorded(subject: UUID, outcome: str) -> None:
    """Record what the partner says of a date that was written down as agreed: ACCEPTED or "no"."""
    recorded = ContactEvent.subject == subject, ContactEvent.outcome == RECORDED
    ContactEvent.update(outcome=outcome).where(*recorded).execute()


def accept_shared(subject: UUID) -> None:
    """Record that the partner agreed to a shared thing that asks for a yes. It is no longer held then."""
    shared = ContactEvent.subject == subject, ContactEvent.kind == SHARED
    ContactEvent.update(outcome=ACCEPTED).where(*shared, ContactEvent.outcome.is_null()).execute()


def lapse_outcome(subject: UUID, now: datetime) -> str:
    """Return how a proposal that lapses now counts: as LAPSED, or not at all (EXCUSED).

    It reads of the partner's space only what the sentence tells the sender.
    """
    event = ContactEvent.select(ContactEvent.couple, ContactEvent.person, ContactEvent.at, ContactEvent.open_until)
    is_open = ContactEvent.subject == subject, ContactEvent.kind == PROPOSAL, ContactEvent.outcome.is_null()
    row = db.fetch_one(event.where(*is_open))
    if row is None:
        return contact_rules.EXCUSED
    couple, sender, at, open_until = row
    is_excused = contact_rules.is_short(at, open_until) or pauses.is_partner_in_said_space(sender, couple)
    return contact_rules.EXCUSED if is_excused else contact_rules.LAPSED


def excuse_above(couple: UUID, pace: int, now: datetime) -> None:
    """Excuse the open proposals above a pace that both now have: they cannot be accepted any more."""
    ContactEvent.update(outcome=contact_rules.EXCUSED).where(
        ContactEvent.couple == couple,
        ContactEvent.kind == PROPOSAL,
        ContactEvent.outcome.is_null(),
        ContactEvent.open_until > now,
        ContactEvent.pace > pace,
    ).execute()


def remaining_quota(pair: Pair, now: datetime) -> dict[str, Remaining]:
    """Return what `pair.me` has left: `proposals`, `open_proposals` and `shared`.

    Declined proposals in a row set `proposals` to zero for a while. One query; one more in that case.
    """
    quota, has_cooldown = contact_rules.QUOTAS[pair.own_rhythm], _has_cooldown(pair)
    rows = quota_reading(pair, now).rows()
    proposals = [row for row in rows if row[0] == PROPOSAL]
    week = {
        kind: [
            at + contact_rules.WINDOW
            for row_kind, at, _, outcome in rows
            if row_kind == kind and outcome not in contact_rules.GIVEN_BACK_OUTCOMES
        ]
        for kind in (PROPOSAL, SHARED)
    }
    # A proposal is open for seven days at most, so all open ones are in the window.
    still_open = [open_until for _, _, open_until, outcome in proposals if outcome is None]
    cooldown = _cooldown_until(pair, proposals, now) if has_cooldown else None
    return {
        "proposals": _remaining(quota.proposals, week[PROPOSAL], now, cooldown),
        "open_proposals": _remaining(quota.open_proposals, still_open, now),
        "shared": _remaining(quota.shared, week[SHARED], now),
    }


def quota_reading(pair: Pair, now: datetime) -> Reading:
    """Return the reading of the events that count for the quotas of `pair.me`."""
    week_ago = now - contact_rules.WINDOW
    since = now - contact_rules.LOOK_BACK if _has_cooldown(pair) else week_ago
    return _since.on(pair.me, pair.couple, since, week_ago)


def _has_cooldown(pair: Pair) -> bool:
    return pair.own_rhythm in contact_rules.RHYTHMS_WITH_COOLDOWN


@db.cached_query
def _since(person: Any, couple: Any, at: Any, week_ago: Any) -> Any:
    return ContactEvent.select(ContactEvent.kind, ContactEvent.at, ContactEvent.open_until, ContactEvent.outcome).where(
        ContactEvent.person == person,
        ContactEvent.couple == couple,
        ContactEvent.at > at,
        (ContactEvent.kind == PROPOSAL) | (ContactEvent.at > week_ago),
    )


def _cooldown_until(pair: Pair, proposals: list[tuple[Any, ...]], now: datetime) -> datetime | None:
    declined, accepted = [], []
    for _, at, ended, outcome in proposals:
        # A lapse counts from its expiry, whether or not the clock has recorded it.
        if outcome is None and ended <= now:
            outcome = contact_rules.EXCUSED if contact_rules.is_short(at, ended) else contact_rules.LAPSED
        if outcome in contact_rules.DECLINED_OUTCOMES:
            declined.append(Decline(ended, contact_rules.DECLINED_OUTCOMES[outcome]))
        elif outcome == "accepted":
            accepted.append(ended)
    if not declined:
        return None
    partner_event_at = latest_event_at(pair.partner, pair.couple)
    return contact_rules.cooldown_until(
        declined, max([*accepted, partner_event_at] if partner_event_at else accepted, default=None)
    )


def latest_event_at(person: UUID, couple: UUID) -> datetime | None:
    """Return when a person last sent the partner something, or None."""
    rows = _latest_event_at(person, couple)
    return rows[0][0] if rows else None


@db.cached_query
def _latest_event_at(person: Any, couple: Any) -> Any:
    events = ContactEvent.select(ContactEvent.at).where(ContactEvent.person == person, ContactEvent.couple == couple)
    return events.order_by(ContactEvent.at.desc()).limit(1)


def _remaining(most: int, releases: list[datetime], now: datetime, cooldown: datetime | None = None) -> Remaining:
    is_waiting = cooldown is not None and cooldown > now
    left = 0 if is_waiting else max(0, most - sum(release > now for release in releases))
    opens_at = max(contact_rules.opens_at(most, releases, now), cooldown or now)
    # Return None for "now", so that equal answers stay equal when they are repeated.
    return Remaining(most, left, opens_at if opens_at > now else None)
