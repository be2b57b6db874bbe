"""Which question a couple gets. Pure functions. Only the couple, the day, and what both can see decide.

A question of the week must not depend on who opened the app, or on who answered. Otherwise the next one would tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from planner.catalogue import prompts
from planner.catalogue.prompts import PromptEntry

DAYS_TO_ANSWER = timedelta(days=7)
RESTS = timedelta(days=180)
"""For how long a question that was drawn does not come again."""


def week_of(day: date) -> date:
    """Return the Monday on or before a day."""
    return day - timedelta(days=day.weekday())


def candidates(active: Collection[PromptEntry], pace: int) -> list[PromptEntry]:
    """Return the conversation prompts within a pace that suit an answer in writing.

    Prompts that hurt after a no need a table and a voice: they are cards only.
    """
    return [
        prompt
        for prompt in active
        if prompt.content.kind == prompts.CARD_KIND
        and prompt.content.audience == "partner"
        and prompts.suits(prompt, pace)
        and not prompt.content.avoid_after
    ]


def of_week(
    couple: UUID, week: date, suited: Sequence[PromptEntry], drawn: Collection[UUID] = ()
) -> PromptEntry | None:
    """Return the question of a week, or None without candidates. Each candidate has its turn before one comes again.

    `drawn` are the prompts that the couple drew lately, before this week. They are left out if others remain.
    """
    order = sorted(suited, key=lambda prompt: _place(couple, prompt))
    if not order:
        return None
    turn = week.toordinal() // 7 % len(order)
    ahead = order[turn:] + order[:turn]
    return next((prompt for prompt in ahead if prompt.id not in drawn), ahead[0])


def id_of_week(couple: UUID, week: date, prompt: UUID) -> UUID:
    """Return the id of a question of the week. Both get the same one before anything is stored."""
    # Not version 4: no client can draw a question under this id. Its row would tell of a sealed answer.
    return UUID(bytes=hashlib.sha256(f"{couple} {week} {prompt}".encode()).digest()[:16], version=5)


def _place(couple: UUID, prompt: PromptEntry) -> tuple[str, UUID]:
    return hashlib.sha256(f"{couple} {prompt.id}".encode()).hexdigest(), prompt.id
