"""Reflections: writing for yourself alone, encrypted in the database. Nothing here can be shared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import languages, rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, Number, Password, Text, UtcDateTime, Uuid, new_id
from api.core.languages import CatalogueText
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.parsing import if_match
from api.core.rate_limits import rate_limited
from api.core.routing import Routes, bearer_token
from api.core.validators import InvalidValue
from api.prompts import PromptOut, render_prompt
from planner.catalogue import prompts
from planner.errors import (
    BadCredentials,
    ConfirmationNeeded,
    Conflict,
    IdTaken,
    Invalid,
    NotFound,
    RateLimited,
    VersionConflict,
    VersionMissing,
)
from planner.reflections import reflection_lock, reflections, suggestions
from planner.reflections.reflections import Draft, ReflectionView

routes = Routes("reflections")

_BODY = {"examples": ["It was about being heard, and not about the dishes."]}
_PROMPT = {"examples": [None], "description": "The prompt that it answers."}
_TASK = {"examples": [None], "description": "The neutral task that it is for."}


def _body() -> Text:
    return Text(10_000, lines=True, required=True, metadata=_BODY)


class ReflectionIn(Schema):
    """Your own words, to a question, for a neutral task, or freely."""

    id = new_id()
    body = _body()
    prompt_id = Uuid(load_default=None, allow_none=True, metadata=_PROMPT)
    task = Choice(enumerations.NEUTRAL_TASK, load_default=None, allow_none=True, metadata=_TASK)


class ReflectionPatch(Schema):
    """Other words."""

    body = _body()


class ReflectionOut(Schema):
    """A reflection. Only you can read it."""

    id = Uuid(metadata={"examples": ["0b7c6a52-6f4e-4a55-9a4f-7d0f4c7c1e11"]})
    body = fields.String(metadata=_BODY)
    prompt_id = Uuid(attribute="prompt", allow_none=True, metadata=_PROMPT)
    task = EnumField(enumerations.NEUTRAL_TASK, allow_none=True, metadata=_TASK)
    question = fields.String(
        allow_none=True, metadata={"examples": [None], "description": "The text of the prompt or the task."}
    )
    version = fields.Integer(metadata={"examples": [1]})
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class ReflectionSuggestionOut(Schema):
    """What you could write about today. It comes on at most three days a week; a neutral task is there every day."""

    prompt = fields.Nested(PromptOut(), allow_none=True)
    task = EnumField(enumerations.NEUTRAL_TASK, metadata={"examples": ["room"]})
    task_text = CatalogueText("neutral_tasks", "task", example="room")
    minutes = fields.Integer(metadata={"examples": [10], "description": "How long to write. Then stop."})
    next_day = Day(metadata={"examples": ["2026-11-24"], "description": "The first day that can bring another prompt."})


class ReflectionLockOut(Schema):
    """Whether this sign-in can read your reflections."""

    state = EnumField(enumerations.REFLECTION_STATE, metadata={"examples": ["open"]})
    needs = fields.List(
        EnumField(enumerations.REFLECTION_SECRET),
        metadata={"examples": [["password"]], "description": "What to send to unlock, if it is not open."},
    )
    reflections = fields.Integer(metadata={"examples": [3], "description": "How many you have."})


class ReflectionUnlockIn(Schema):
    """Your password, your recovery code, or both. The code can replace the password, unless `needs` has both."""

    password = Password(256, load_default=None, allow_none=True, metadata={"examples": ["correct horse battery"]})
    recovery_code = Text(60, lines=True, load_default=None, allow_none=True, metadata={"examples": [None]})

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not (data["password"] or data["recovery_code"]):
            raise InvalidValue("one_needed", names=["password", "recovery_code"])


class NewReflectionKeyIn(Schema):
    """How many reflections you have, so that you know what you delete."""

    reflections = Number(0, 1_000_000, required=True, metadata={"examples": [3]})


_reflection = ReflectionOut()


@routes.post(
    "/reflections",
    access=SIGNED_IN,
    body=ReflectionIn(),
    answer=_reflection,
    status=201,
    location="/reflections/{id}",
    no_store=True,
    problems=[Invalid, IdTaken, Conflict],
)
def create_reflection(context: RequestContext) -> dict[str, Any]:
    """Write a reflection. No one but you can ever read it, and it cannot be shared.

    It is encrypted in the database. If `GET /v1/me/reflections` does not say `open`, unlock first.
    """
    body = context.body
    draft = Draft(body["body"], body["prompt_id"], body["task"])
    return _render(reflections.write(context.viewer, bearer_token(), draft, body["id"], context.now))


@routes.get(
    "/reflections",
    access=SIGNED_IN,
    query=PageQuery(),
    answer=page_of(ReflectionOut),
    no_store=True,
    problems=[Invalid, Conflict],
)
def list_reflections(context: RequestContext) -> Page[dict[str, Any]]:
    """List your reflections, newest first."""
    viewer, token = context.viewer, bearer_token()
    read = page(context.query, lambda limit, after: reflections.list_own(viewer, token, limit, after), _by_creation)
    return Page([_render(view) for view in read.items], read.next)


@routes.get("/reflections/suggestion", access=SIGNED_IN, answer=ReflectionSuggestionOut(), no_store=True)
def get_reflection_suggestion(context: RequestContext) -> dict[str, Any]:
    """Ask what to write about today: a neutral task, and on at most three days of seven a question."""
    suggestion = suggestions.today(context.viewer, context.now)
    prompt = suggestion.prompt and render_prompt(suggestion.prompt)
    return {**suggestion._asdict(), "prompt": prompt, "minutes": suggestions.MINUTES}


@routes.get(
    "/reflections/<uuid:reflection_id>",
    access=OWNER,
    answer=_reflection,
    no_store=True,
    problems=[NotFound, Conflict],
)
def get_reflection(context: RequestContext, reflection_id: UUID) -> dict[str, Any]:
    """Read a reflection."""
    return _render(reflections.find(context.viewer, bearer_token(), reflection_id))


@routes.patch(
    "/reflections/<uuid:reflection_id>",
    access=OWNER,
    body=ReflectionPatch(),
    answer=_reflection,
    versioned=True,
    no_store=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit_reflection(context: RequestContext, reflection_id: UUID) -> dict[str, Any]:
    """Change the words of a reflection."""
    words = context.body["body"]
    return _render(reflections.edit(context.viewer, bearer_token(), reflection_id, if_match(), words))


@routes.delete("/reflections/<uuid:reflection_id>", access=OWNER, problems=[NotFound])
def delete_reflection(context: RequestContext, reflection_id: UUID) -> None:
    """Delete a reflection for good."""
    reflections.delete(context.viewer, reflection_id)


@routes.get("/me/reflections", access=SIGNED_IN, answer=ReflectionLockOut(), no_store=True)
def get_reflection_lock(context: RequestContext) -> dict[str, Any]:
    """See whether this sign-in can read your reflections, and what unlocks them if not."""
    return _lock(context)


@routes.post(
    "/me/reflections/unlock",
    access=SIGNED_IN,
    body=ReflectionUnlockIn(),
    answer=ReflectionLockOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def unlock_reflections(context: RequestContext) -> dict[str, Any]:
    """Let this sign-in read your reflections, until it ends. The first time makes the key that encrypts them.

    A sign-in with your password can read them at once. After one with a passkey, send the password or the recovery
    code. After a password reset by mail, send the recovery code and the new password: the mailbox alone opens nothing.
    """
    viewer, body = context.viewer, context.body
    with rate_limited(rate_limits.password(viewer.identity.session), context.now):
        secrets = body["password"], body["recovery_code"]
        reflection_lock.unlock(viewer.identity, bearer_token(), *secrets, context.now)
    return _lock(context)


@routes.post(
    "/me/reflections/lock",
    access=SIGNED_IN,
    answer=ReflectionLockOut(),
    example={"state": "locked"},
    no_store=True,
)
def lock_reflections(context: RequestContext) -> dict[str, Any]:
    """Let this sign-in no longer read your reflections, for example before you lend the phone."""
    reflection_lock.lock(context.viewer.identity)
    return _lock(context)


@routes.post(
    "/me/reflections/begin-afresh",
    access=SIGNED_IN,
    body=NewReflectionKeyIn(),
    answer=ReflectionLockOut(),
    example={"state": "new", "reflections": 0},
    no_store=True,
    problems=[Invalid, Conflict, ConfirmationNeeded],
)
def begin_reflections_afresh(context: RequestContext) -> dict[str, Any]:
    """Delete all your reflections and their key for good, for example if nothing you have opens them any more.

    You need to have signed in, or confirmed your sign-in, within the last day. Send how many reflections you have:
    another number is refused. The next reflection makes a new key.
    """
    context.check_confirmed()
    reflection_lock.begin_afresh(context.viewer.identity, context.body["reflections"])
    return _lock(context)


def _lock(context: RequestContext) -> dict[str, Any]:
    state, needs = reflection_lock.find_state(context.viewer.identity, bearer_token())
    return {"state": state, "needs": needs, "reflections": reflections.count(context.viewer.id)}


def _render(view: ReflectionView) -> dict[str, Any]:
    question = None
    if view.prompt:
        question = prompts.find(view.prompt).content.text
    elif view.task:
        question = languages.text("neutral_tasks", view.task)
    return {**view._asdict(), "question": question}


def _by_creation(view: ReflectionView) -> Any:
    return view.created_at, view.id
