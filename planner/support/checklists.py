"""Checklists for outside help: which questions and criteria a person has ticked off. Only that person reads them."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import peewee

from planner.accounts.accounts import Person
from planner.contact.viewer import Viewer
from planner.errors import FieldError, Invalid
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from seeds import reader
from seeds.guidance import SupportResource


class ChecklistRow(db.Model):
    """What a person ticked for one kind of help: JSON lists of criteria, and of questions in full."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    criteria = peewee.TextField()
    questions = peewee.TextField()
    changed_at = UtcDateTimeField()

    class Meta:
        table_name = "support_checklists"
        indexes = ((("person", "kind"), True),)


class Checklist(NamedTuple):
    """What a person ticked for one kind of help, in the order of its lists."""

    kind: str
    criteria: list[str]
    questions: list[str]


def list_checklists(viewer: Viewer) -> list[Checklist]:
    """Return the viewer's ticks for each kind of help, without lists that have none. One query."""
    stored = {kind: (criteria, questions) for kind, criteria, questions in _stored(viewer.id)}
    shown = (_show(resource, *stored[resource.slug]) for resource in reader.resources() if resource.slug in stored)
    return [each for each in shown if each.criteria or each.questions]


def save(viewer: Viewer, kind: str, criteria: Collection[str], questions: Collection[str], now: datetime) -> Checklist:
    """Replace the viewer's ticks for one kind of help. Raise Invalid for the kind or a tick."""
    resource = next((resource for resource in reader.resources() if resource.slug == kind), None)
    if resource is None:
        raise Invalid(FieldError("kind", "unknown_kind"))  # an emergency number needs no checklist
    _check(resource, criteria, questions)
    values = {"criteria": _dump(criteria), "questions": _dump(questions), "changed_at": now}
    with db.write((Person, [viewer.id])):
        mine = ChecklistRow.person == viewer.id, ChecklistRow.kind == kind
        if not criteria and not questions:
            ChecklistRow.delete().where(*mine).execute()
        elif not ChecklistRow.update(values).where(*mine).execute():
            ChecklistRow.create(person=viewer.id, kind=kind, **values)
    return _show(resource, values["criteria"], values["questions"])


def _check(resource: SupportResource, criteria: Collection[str], questions: Collection[str]) -> None:
    faults = [
        FieldError(f"criteria.{place}", "unknown_criterion")
        for place, name in enumerate(criteria)
        if resource.criteria.get(name, "none") == "none"
    ]
    faults += [
        FieldError(f"questions.{place}", "unknown_question")
        for place, question in enumerate(questions)
        if question not in resource.questions
    ]
    if faults:
        raise Invalid(*faults)


def _show(resource: SupportResource, criteria: Any, questions: Any) -> Checklist:
    """Return the ticks that the current lists have. A later version may ask other questions."""
    ticked, asked = json.loads(criteria), json.loads(questions)
    return Checklist(
        resource.slug,
        [name for name in resource.criteria if name in ticked],
        [question for question in resource.questions if question in asked],
    )


def _dump(values: Collection[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


@db.cached_query
def _stored(person: Any) -> Any:
    return ChecklistRow.select(ChecklistRow.kind, ChecklistRow.criteria, ChecklistRow.questions).where(
        ChecklistRow.person == person
    )
