"""What an export says of requests and commitments: the requests that the person sent, and all own promises."""

from __future__ import annotations

from collections.abc import Iterator

from planner.notes.commitments import Commitment, CommitmentDay
from planner.notes.requests import Request
from planner.privacy.export_format import DAY, ORDINARY, PRIVATE, ExportScope, Section, Thing, columns
from planner.storage import db

_REQUEST = (Request.id, Request.body, Request.day, Request.state, Request.answers, Request.created_at)
_COMMITMENT = (Commitment.id, Commitment.body, Commitment.request, Commitment.created_at, Commitment.ended_at)


def _requests(scope: ExportScope) -> Iterator[Thing]:
    query = Request.select(*_REQUEST).where(Request.sender == scope.viewer.id)
    for row in db.fetch_all(query.order_by(Request.created_at, Request.id)):
        yield dict(zip([field.name for field in _REQUEST], row, strict=True))


def _commitments(scope: ExportScope) -> Iterator[Thing]:
    query = Commitment.select(*_COMMITMENT).where(Commitment.person == scope.viewer.id)
    for row in db.fetch_all(query.order_by(Commitment.created_at, Commitment.id)):
        logged = CommitmentDay.select(CommitmentDay.day).where(CommitmentDay.commitment == row[0])
        days = [day for (day,) in db.fetch_all(logged.order_by(CommitmentDay.day))]
        yield {**dict(zip([field.name for field in _COMMITMENT], row, strict=True)), "days": days}


REQUESTS: tuple[Section, ...] = (
    Section(
        "requests",
        "ExportedRequest",
        ORDINARY,
        "What you asked of a partner.",
        columns(*_REQUEST),
        (Request,),
        _requests,
    ),
    Section(
        "commitments",
        "ExportedCommitment",
        PRIVATE,
        "Your promises to yourself, with the days that you logged.",
        {**columns(*_COMMITMENT), "days": {"type": "array", "items": DAY}},
        (Commitment, CommitmentDay),
        _commitments,
    ),
)
