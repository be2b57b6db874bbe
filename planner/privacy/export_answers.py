"""The sections of an export with the person's answers to questions for two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from planner.notes import couple_questions
from planner.notes.couple_questions import CoupleQuestion, QuestionAnswer, QuestionView
from planner.privacy.export_format import ORDINARY, PRIVATE, TEXT, ExportScope, Section, Thing, columns, pages


def _open(scope: ExportScope) -> Iterator[Thing]:
    opened = pages(lambda limit, after: couple_questions.list_opened(scope.viewer, limit, after), _place)
    for question in opened:
        if question.own_answer is not None:
            yield {**_answer_of(question), "opened_at": question.opened_at}


def _place(question: QuestionView) -> tuple[datetime, UUID]:
    assert question.opened_at is not None, "a list of open ones"
    return question.opened_at, question.id


def _sealed(scope: ExportScope) -> Iterator[Thing]:
    for question in couple_questions.list_sealed(scope.viewer):
        yield _answer_of(question)


def _answer_of(question: QuestionView) -> dict[str, object]:
    return {
        "id": question.id,
        "question": question.prompt.content.text,
        "day": question.day,
        "answered_at": question.answered_at,
        "body": question.own_answer,
    }


_ANSWER = {
    **columns(CoupleQuestion.id, CoupleQuestion.day, QuestionAnswer.answered_at, QuestionAnswer.body),
    "question": TEXT,
}
ANSWERS: tuple[Section, ...] = (
    Section(
        "open_answers",
        "ExportedOpenAnswer",
        ORDINARY,
        "Your answers to questions for two that a partner could read.",
        {**_ANSWER, **columns(CoupleQuestion.opened_at)},
        (CoupleQuestion, QuestionAnswer),
        _open,
    ),
    Section(
        "sealed_answers",
        "ExportedSealedAnswer",
        PRIVATE,
        "Your answers to questions that the two of you have not both answered.",
        _ANSWER,
        (QuestionAnswer,),
        _sealed,
    ),
)
