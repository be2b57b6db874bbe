"""Questions for two: each answers alone, and both answers open when both have answered.

A question comes to both each Monday, and either can draw another. An unanswered one leaves after seven days. Until both
have answered, no request of one shows whether the partner has: the question of the week exists without a row, and a
draw does not replace it.

An answer costs one shared thing when it opens, not before: the contact log of a sealed answer would tell of it. Writing
needs a free place of the writer's own, and the opening is never refused. So a person is refused only because of what
this person has sent.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox, text
from planner.accounts.accounts import Person
from planner.catalogue import prompts
from planner.catalogue.prompts import Prompt, PromptEntry
from planner.contact import contact_log, holds, received
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Pair
from planner.errors import Conflict, IdTaken, NotFound, QuotaExceeded
from planner.notes import question_draw
from planner.notes.question_draw import DAYS_TO_ANSWER
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

DRAWS_A_WEEK = {"together": 3, "gentle": 1, "apart": 1}
"""How many questions a couple can draw in seven days, by the rhythm of the person who draws."""
_PURGED_AFTER = timedelta(days=9)  # over in each time zone


class CoupleQuestion(db.Model):
    """A question of a couple, from `day` on. `drawn_at` is null for a question of the week.

    A question of the week has a row from its first answer on. `opened_at` is when both had answered.
    """

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    prompt = peewee.ForeignKeyField(Prompt, on_delete="RESTRICT", index=False)
    day = peewee.DateField()
    drawn_at = UtcDateTimeField(null=True)
    opened_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "couple_questions"
        indexes = ((("couple", "day"), False), (("couple", "opened_at"), False))


class QuestionAnswer(db.Model):
    """The answer of one person. The partner reads it from the opening of its question on."""

    question = peewee.ForeignKeyField(CoupleQuestion, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    body = peewee.TextField()
    answered_at = UtcDateTimeField()

    class Meta:
        table_name = "question_answers"
        indexes = ((("question", "person"), True),)


class QuestionView(NamedTuple):
    """A question as one of the two reads it. The partner's answer is None until both have answered."""

    id: UUID
    prompt: PromptEntry
    day: date
    drawn: bool
    own_answer: str | None = None
    answered_at: datetime | None = None
    partner_answer: str | None = None
    opened_at: datetime | None = None

    @property
    def until(self) -> date:
        """Return the last day on which the question takes answers."""
        return self.day + DAYS_TO_ANSWER - timedelta(days=1)

    @property
    def state(self) -> str:
        """Return "unanswered", "answered" or "open"."""
        if self.opened_at:
            return "open"
        return "unanswered" if self.own_answer is None else "answered"


def list_current(viewer: Viewer, now: datetime) -> list[QuestionView]:
    """Return the questions that wait for answers: the one of the week, then the drawn ones, newest first.

    In space, a person sees only those that this person has answered.
    """
    if viewer.pair is None:
        return []
    today = now.date()  # in UTC: two people in different zones have the same question
    weekly = _of_week(viewer.pair, today)
    first_day = today - DAYS_TO_ANSWER + timedelta(days=1)
    stored = _views(_waiting(viewer.id, viewer.couple, first_day, weekly.id if weekly else uuid4()))
    questions = [question for question in stored if question.opened_at is None]
    if weekly and weekly.id not in {question.id for question in stored}:
        questions.append(weekly)
    shown = [question for question in questions if _is_shown(viewer, question)]
    return sorted(shown, key=lambda question: question.drawn)


def _is_shown(viewer: Viewer, question: QuestionView) -> bool:
    # An own answer is always shown: its author must find it to take it back.
    is_offered = viewer.space_since is None and prompts.suits(question.prompt, viewer.own_pace)
    return is_offered or question.own_answer is not None


def find(viewer: Viewer, question_id: UUID, now: datetime) -> QuestionView:
    """Return a question that waits for answers, or one that is open, also a held one. Raise NotFound."""
    rows = _opened_by_id(question_id, viewer.id, viewer.couple)
    if rows:
        return _views(rows)[0]
    for question in list_current(viewer, now):
        if question.id == question_id:
            return question
    raise NotFound


def list_opened(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None) -> list[QuestionView]:
    """Return a page of the questions with open answers, newest first, without held ones.

    A person who left a couple still finds their own answers.
    """
    return _views(_list_opened(viewer.id, viewer.couple, limit, *(after or ())))


def list_sealed(viewer: Viewer) -> list[QuestionView]:
    """Return all questions with a sealed answer of the viewer, oldest first. Only for the viewer's export."""
    return _views(_sealed(viewer.id, viewer.couple))


def get_many(viewer: Viewer, ids: list[UUID]) -> list[QuestionView]:
    """Return those of the questions to which the partner's answer is open, held ones included."""
    views = _views(_opened_by_ids(viewer.id, viewer.couple, ids))
    return [view for view in views if view.partner_answer is not None]


def count_open_answers(viewer: Viewer) -> int:
    """Return the number of the viewer's answers that the partner can read, or could before a hold."""
    return int(_count_open(viewer.id, viewer.couple)[0][0])


def draw(viewer: Viewer, question_id: UUID | None, now: datetime) -> QuestionView:
    """Draw another question for both. A repeat returns the same one.

    Raise QuotaExceeded, IdTaken, or Conflict without a partner, in space, or when no question is left.
    """
    question_id = question_id or uuid4()
    with couples.locked(viewer.id) as pair:
        if pair is None:
            raise Conflict("no_partner")
        viewer = viewer.as_of(pair)
        columns = CoupleQuestion.couple, CoupleQuestion.drawn_at
        if row := db.fetch_one(CoupleQuestion.select(*columns).where(CoupleQuestion.id == question_id)):
            if row[0] != pair.couple or row[1] is None:
                raise IdTaken
            return find(viewer, question_id, now)
        holds.check_may_send(pair.me, question_id)
        if opens_at := _draws_open_at(pair, now):
            raise QuotaExceeded("draws_used_up", opens_at)
        today = now.date()
        prompt = _draw(pair, today, [question.prompt.id for question in list_current(viewer, now)])
        CoupleQuestion.create(id=question_id, couple=pair.couple, prompt=prompt.id, day=today, drawn_at=now)
        return QuestionView(question_id, prompt, today, drawn=True)


def next_draw_at(viewer: Viewer, now: datetime) -> datetime | None:
    """Return when the viewer can draw another question; None: now, or without a partner."""
    return _draws_open_at(viewer.pair, now) if viewer.pair else None


def _draws_open_at(pair: Pair, now: datetime) -> datetime | None:
    releases = [at + contact_rules.WINDOW for (at,) in _draws_since(pair.couple, now - contact_rules.WINDOW)]
    opens_at = contact_rules.opens_at(DRAWS_A_WEEK[pair.own_rhythm], releases, now)
    return opens_at if opens_at > now else None


def _draw(pair: Pair, today: date, waiting: Sequence[UUID]) -> PromptEntry:
    suited = question_draw.candidates(prompts.snapshot().active, pair.own_pace)
    recent = {prompt for (prompt,) in _drawn(pair.couple, today - question_draw.RESTS, today + timedelta(days=2))}
    others = [prompt for prompt in suited if prompt.id not in waiting]
    fresh = [prompt for prompt in others if prompt.id not in recent]
    if not others:
        raise Conflict("no_question_left")
    return random.choice(fresh or others)  # noqa: S311  # not a secret


def answer(viewer: Viewer, question_id: UUID, body: str, now: datetime) -> QuestionView:
    """Store or change the viewer's answer. If the partner has answered, both answers open.

    Raise NotFound, or QuotaExceeded without a free place. Raise Conflict in space, for a text that is too long for the
    viewer's pace, and for another text once the answers are open. A repeat changes nothing.
    """
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        question = find(viewer, question_id, now)
        if question.own_answer == body:
            return question
        if pair is None or question.opened_at:
            raise Conflict("answers_open")
        if contact_rules.is_too_long(text.count_letters(body), pair.own_pace):
            raise Conflict("answer_long_for_pace", most=contact_rules.MOST_LETTERS_AFAR)
        holds.check_may_send(pair.me, question_id)
        if question.own_answer is None:
            _check_free_place(pair, now)
        _store(pair, question, body, now)
        return find(viewer, question_id, now)


def _check_free_place(pair: Pair, now: datetime) -> None:
    shared = contact_log.remaining_quota(pair, now)["shared"]
    if shared.opens_at:
        raise QuotaExceeded("quota_used_up", shared.opens_at)


def _store(pair: Pair, question: QuestionView, body: str, now: datetime) -> None:
    db.insert_if_absent(CoupleQuestion, id=question.id, couple=pair.couple, prompt=question.prompt.id, day=question.day)
    values = {"body": body, "answered_at": now}
    if not db.insert_if_absent(QuestionAnswer, question=question.id, person=pair.me, **values):
        own = QuestionAnswer.question == question.id, QuestionAnswer.person == pair.me
        QuestionAnswer.update(values).where(*own).execute()
    of_partner = QuestionAnswer.question == question.id, QuestionAnswer.person == pair.partner
    if row := db.fetch_one(QuestionAnswer.select(QuestionAnswer.body).where(*of_partner)):
        _open(pair, question, {pair.me: body, pair.partner: row[0]}, now)


def _open(pair: Pair, question: QuestionView, bodies: dict[UUID, str], now: datetime) -> None:
    sealed = CoupleQuestion.id == question.id, CoupleQuestion.opened_at.is_null()
    if not CoupleQuestion.update(opened_at=now).where(*sealed).execute():
        raise Conflict("answers_open")
    asked = question.prompt.content.text
    words = {sender: {"question": asked, "body": body} for sender, body in bodies.items()}
    paces = {sender: contact_rules.pace_of_text(text.count_letters(body)) for sender, body in bodies.items()}
    received.exchange(pair, "answer", question.id, words, paces, now)
    inbox.add(pair.partner, "question_opened", question.id, now)
    inbox.add(pair.me, "question_opened", question.id, now, notify=False)  # they are looking at it


def take_back(viewer: Viewer, question_id: UUID, now: datetime) -> None:
    """Delete the viewer's answer, also an open one: it leaves the partner's view. A repeat changes nothing.

    The partner's own record keeps an open answer. Raise NotFound.
    """
    with couples.locked(viewer.id) as pair:
        own = QuestionAnswer.question == question_id, QuestionAnswer.person == viewer.id
        was_answered = QuestionAnswer.delete().where(*own).execute()
        if not was_answered:
            find(viewer.as_of(pair), question_id, now)
        elif pair:
            inbox.withdraw(question_id, ["question_opened"], pair.partner)


def end(couple: UUID) -> None:
    """Delete the questions of a couple that ends, with sealed answers. Open answers stay their authors'."""
    CoupleQuestion.delete().where(CoupleQuestion.couple == couple, CoupleQuestion.opened_at.is_null()).execute()


def purge_unanswered(today: date) -> None:
    """Delete the answers to questions that are over and did not open, and old questions without answers."""
    with db.write():
        unopened = CoupleQuestion.opened_at.is_null()
        over = CoupleQuestion.select(CoupleQuestion.id).where(unopened, CoupleQuestion.day < today - _PURGED_AFTER)
        QuestionAnswer.delete().where(QuestionAnswer.question.in_(over)).execute()
        # A drawn question rests for a while. Its row says so.
        CoupleQuestion.delete().where(unopened, CoupleQuestion.day < today - question_draw.RESTS).execute()


def _of_week(pair: Pair, today: date) -> QuestionView | None:
    week = question_draw.week_of(today)
    drawn = {prompt for (prompt,) in _drawn(pair.couple, week - question_draw.RESTS, week)}
    suited = question_draw.candidates(prompts.snapshot().active, pair.pace)
    prompt = question_draw.of_week(pair.couple, week, suited, drawn)
    if prompt is None:
        return None
    return QuestionView(question_draw.id_of_week(pair.couple, week, prompt.id), prompt, week, drawn=False)


@db.cached_query
def _drawn(couple: Any, since: Any, before: Any) -> Any:
    return CoupleQuestion.select(CoupleQuestion.prompt).where(
        CoupleQuestion.couple == couple,
        CoupleQuestion.drawn_at.is_null(False),
        CoupleQuestion.day >= since,
        CoupleQuestion.day < before,
    )


@db.cached_query
def _draws_since(couple: Any, since: Any) -> Any:
    query = CoupleQuestion.select(CoupleQuestion.drawn_at)
    return query.where(CoupleQuestion.couple == couple, CoupleQuestion.drawn_at > since)


@db.cached_query
def _waiting(me: Any, couple: Any, first_day: Any, weekly: Any) -> Any:
    """Return the drawn questions since a day, those that the viewer answered, and the stored one of the week.

    Its row may be there because the partner has answered. So it is shown with or without a row.
    """
    # After a change of the pace, the question of the week is another one.
    is_known = CoupleQuestion.drawn_at.is_null(False) | QuestionAnswer.id.is_null(False)
    waits = (is_known & (CoupleQuestion.day >= first_day)) | (CoupleQuestion.id == weekly)
    query = _rows(me, couple).where(CoupleQuestion.couple == couple, waits)
    return query.order_by(CoupleQuestion.drawn_at.desc(), CoupleQuestion.id)


@db.cached_query
def _opened_by_id(question_id: Any, me: Any, couple: Any) -> Any:
    return _opened(me, couple).where(CoupleQuestion.id == question_id)


@db.cached_query
def _opened_by_ids(me: Any, couple: Any, ids: Any) -> Any:
    return _opened(me, couple).where(CoupleQuestion.id.in_(ids), CoupleQuestion.couple == couple)


@db.cached_query
def _list_opened(me: Any, couple: Any, limit: Any, *after: Any) -> Any:
    is_answered = QuestionAnswer.id.is_null(False) | _PartnerAnswer.id.is_null(False)
    query = _opened(me, couple).where(is_answered, ~is_held(me, CoupleQuestion.id))
    if after:
        at, last = after
        moment = CoupleQuestion.opened_at
        query = query.where(moment <= at, (moment < at) | (CoupleQuestion.id < last))
    return query.order_by(CoupleQuestion.opened_at.desc(), CoupleQuestion.id.desc()).limit(limit)


@db.cached_query
def _sealed(me: Any, couple: Any) -> Any:
    is_sealed = CoupleQuestion.opened_at.is_null(), CoupleQuestion.id.in_(_answered(me))
    return _rows(me, couple).where(*is_sealed).order_by(QuestionAnswer.answered_at)


@db.cached_query
def _count_open(me: Any, couple: Any) -> Any:
    count = QuestionAnswer.select(peewee.fn.COUNT(QuestionAnswer.id)).join(CoupleQuestion)
    is_open = (CoupleQuestion.couple == couple) & CoupleQuestion.opened_at.is_null(False)
    return count.where(QuestionAnswer.person == me, is_open)


_PartnerAnswer: Any = QuestionAnswer.alias()


def _opened(me: Any, couple: Any) -> Any:
    # A union: with OR, the database reads the questions of all people. Without a couple, `couple = NULL` is never true.
    mine = CoupleQuestion.select(CoupleQuestion.id).where(CoupleQuestion.couple == couple) | _answered(me)
    return _rows(me, couple).where(CoupleQuestion.opened_at.is_null(False), CoupleQuestion.id.in_(mine))


def _answered(me: Any) -> Any:
    return QuestionAnswer.select(QuestionAnswer.question).where(QuestionAnswer.person == me)


def _rows(me: Any, couple: Any) -> Any:
    """Return the query of questions with the viewer's answer, and with the partner's once both are open."""
    left = peewee.JOIN.LEFT_OUTER
    own = (QuestionAnswer.question == CoupleQuestion.id) & (QuestionAnswer.person == me)
    theirs = (
        (_PartnerAnswer.question == CoupleQuestion.id)
        & (_PartnerAnswer.person != me)
        & CoupleQuestion.opened_at.is_null(False)
        & (CoupleQuestion.couple == couple)
    )
    return (
        CoupleQuestion.select(
            CoupleQuestion.id,
            CoupleQuestion.prompt,
            CoupleQuestion.day,
            CoupleQuestion.drawn_at,
            QuestionAnswer.body,
            QuestionAnswer.answered_at,
            _PartnerAnswer.body,
            CoupleQuestion.opened_at,
        )
        .join(QuestionAnswer, left, on=own)
        .join(_PartnerAnswer, left, on=theirs)
    )


def _views(rows: list[tuple[Any, ...]]) -> list[QuestionView]:
    by_id = prompts.snapshot().by_id if rows else {}
    return [
        QuestionView(question_id, by_id[prompt], day, drawn_at is not None, *answers)
        for question_id, prompt, day, drawn_at, *answers in rows
    ]
