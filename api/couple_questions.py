"""Questions for two: each answers alone, and both answers open when both have answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Day, Text, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from api.prompts import PromptOut, render_prompt
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.notes import couple_questions
from planner.notes.couple_questions import QuestionView

routes = Routes("questions")

_BODY = {"examples": ["The smell of the bakery, at six in the morning."]}


class AnswerPut(Schema):
    """Your answer. You can change it until both answers are open."""

    body = Text(2000, lines=True, required=True, metadata=_BODY)


class DrawIn(Schema):
    """A draw of one more question for you two."""

    id = new_id()


class CoupleQuestionOut(Schema):
    """A question for you two. Before both have answered, nothing in it tells whether your partner has."""

    id = Uuid(metadata={"examples": ["5b2e7c1f-0a64-4c1d-9c39-7f0d5b1a2e66"]})
    prompt = fields.Nested(PromptOut)
    state = EnumField(enumerations.QUESTION_STATE, metadata={"examples": ["unanswered"]})
    drawn = fields.Boolean(
        metadata={"examples": [False], "description": "false: the question of the week. true: one of you drew it."}
    )
    until = Day(
        metadata={
            "examples": ["2026-11-29"],
            "description": "The last day on which it takes answers. Without both it then leaves, with any answer.",
        }
    )
    own_answer = fields.String(allow_none=True, metadata={"examples": [None]})
    partner_answer = fields.String(
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "null before both have answered, and after your partner took it back.",
        },
    )
    opened_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class CurrentQuestionsOut(Schema):
    """The questions that wait for answers, and when you can draw one more."""

    items = fields.List(fields.Nested(CoupleQuestionOut))
    next_draw_at = UtcDateTime(
        allow_none=True, metadata={"examples": [None], "description": "When you can draw another one; null: now."}
    )


_question = CoupleQuestionOut()


@routes.get("/questions/current", access=SIGNED_IN, answer=CurrentQuestionsOut())
def list_current_questions(context: RequestContext) -> dict[str, Any]:
    """List the questions that wait for answers: the one of the week, and those that one of you drew.

    The list is empty without a partner. In space you find only what you have answered.
    """
    viewer, now = context.viewer, context.now
    return {
        "items": [show(question) for question in couple_questions.list_current(viewer, now)],
        "next_draw_at": couple_questions.next_draw_at(viewer, now),
    }


@routes.get("/questions", access=SIGNED_IN, query=PageQuery(), answer=page_of(CoupleQuestionOut), problems=[Invalid])
def list_open_questions(context: RequestContext) -> Page[dict[str, Any]]:
    """List the questions with open answers, newest first."""
    viewer = context.viewer
    opened = page(
        context.query,
        lambda limit, after: couple_questions.list_opened(viewer, limit, after),
        lambda question: (question.opened_at, question.id),  # type: ignore[arg-type,return-value]  # all are open
    )
    return Page([show(question) for question in opened.items], opened.next)


@routes.post(
    "/questions",
    access=SIGNED_IN,
    body=DrawIn(),
    answer=_question,
    status=201,
    location="/questions/{id}",
    example={"drawn": True},
    problems=[Invalid, IdTaken, NotFound, Conflict, QuotaExceeded],
)
def draw_question(context: RequestContext) -> dict[str, Any]:
    """Draw one more question for you two. Your partner finds it without a notification; the others stay."""
    return show(couple_questions.draw(context.viewer, context.body["id"], context.now))


@routes.get("/questions/<uuid:question_id>", access=COUPLE, answer=_question, problems=[NotFound])
def get_question(context: RequestContext, question_id: UUID) -> dict[str, Any]:
    """Read a question that waits for answers, or one with open answers."""
    return show(couple_questions.find(context.viewer, question_id, context.now))


@routes.put(
    "/questions/<uuid:question_id>/answer",
    access=COUPLE,
    body=AnswerPut(),
    answer=_question,
    example={"state": "answered", "own_answer": _BODY["examples"][0]},
    problems=[Invalid, NotFound, Conflict, QuotaExceeded],
)
def put_answer(context: RequestContext, question_id: UUID) -> dict[str, Any]:
    """Answer a question, or change your answer. It is sealed until both of you have answered.

    At a pace below the third, it has at most 400 letters, as a shared note has.
    Then both answers open, and each of you has shared one thing. Your partner is never told of a sealed answer.
    """
    return show(couple_questions.answer(context.viewer, question_id, context.body["body"], context.now))


@routes.delete("/questions/<uuid:question_id>/answer", access=COUPLE, problems=[NotFound, Conflict])
def delete_answer(context: RequestContext, question_id: UUID) -> None:
    """Take your answer back. If it is open, it leaves your partner's view, but you cannot unsay it."""
    couple_questions.take_back(context.viewer, question_id, context.now)


def show(question: QuestionView) -> dict[str, Any]:
    """Return a question in the form of `CoupleQuestionOut`."""
    return {
        **question._asdict(),
        "prompt": render_prompt(question.prompt),
        "state": question.state,
        "until": question.until,
    }
