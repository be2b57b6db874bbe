"""Display names: a person changes theirs, and the partner reads the new one.

An inbox item tells the partner so, without a notification. A name may change once in 30 days in a couple. Otherwise
names could be a line of messages that no quota counts.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from uuid import UUID

from planner import inbox
from planner.accounts import accounts
from planner.couples import couples
from planner.couples.couples import Member, Pair
from planner.errors import QuotaExceeded
from planner.storage import db

CHANGE_AGAIN = timedelta(days=30)
"""How long a name stays before its owner may change it again in the same couple."""


def edit_account(person: UUID, versions: Container[int], changes: dict[str, str], now: datetime) -> None:
    """Change the display name or the zone of one of these versions.

    Raises VersionConflict, and QuotaExceeded when the partner saw another new name less than 30 days ago.
    """
    with couples.locked(person) as pair:
        accounts.edit(person, versions, changes, now)
        if pair and "display_name" in changes:
            _show_to_partner(pair, changes["display_name"], now)


def _show_to_partner(pair: Pair, name: str, now: datetime) -> None:
    mine = Member.couple == pair.couple, Member.person == pair.me
    shown_name, changed_at = db.fetch_all(Member.select(Member.name, Member.name_changed_at).where(*mine))[0]
    if name == shown_name:
        return
    if changed_at and changed_at + CHANGE_AGAIN > now:
        raise QuotaExceeded("name_changed_recently", changed_at + CHANGE_AGAIN)
    couples.update_own_choices(pair, name=name, name_changed_at=now)
    inbox.withdraw(pair.couple, ["name_changed"], pair.partner)
    inbox.add(pair.partner, "name_changed", pair.couple, now, notify=False)
