"""The moves of a talk. Each is one conditional UPDATE, and either of the two may make any of them.

A repeat, and a move that the partner has just made, too, answer with the talk as it is. So two phones that go on at
once advance one step, and a pause or a stop is never refused because the partner was a moment faster.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime, timedelta
from uuid import UUID

from planner import inbox
from planner.contact import contact_log
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.errors import Conflict, FieldError, Invalid, QuotaExceeded, VersionConflict
from planner.talks import talk_flow, talks
from planner.talks.talk_flow import NEXT, PAUSE, PAUSED, PREPARING, READY, RESUME, RUNNING, STOP, Flow
from planner.talks.talks import ANNOUNCED, Talk, TalkRow, TalkView
from seeds.guidance import Guide

Change = Callable[[Flow, Guide, bool], Flow]
"""The flow after a move, from the flow before it, the guide, and whether the opener moves."""


def get_ready(viewer: Viewer, talk_id: UUID, now: datetime) -> TalkView:
    """Note that the viewer has read the preparation. The talk starts when both have. Raise NotFound or Conflict."""
    return _move(viewer, talk_id, READY, lambda flow, guide, is_opener: talk_flow.get_ready(flow, is_opener, now), now)


def go_on(viewer: Viewer, talk_id: UUID, versions: Container[int], now: datetime) -> TalkView:
    """Go to the next step, from a version that the viewer saw. Raise NotFound, Conflict or VersionConflict."""
    change: Change = lambda flow, guide, is_opener: talk_flow.go_on(flow, guide, now)  # noqa: E731
    return _move(viewer, talk_id, NEXT, change, now, versions)


def pause(viewer: Viewer, talk_id: UUID, resume_at: datetime | None, now: datetime) -> TalkView:
    """Pause a talk, perhaps with a time to resume, of which both are reminded. Raise NotFound, Conflict or Invalid."""

    def change(flow: Flow, guide: Guide, is_opener: bool) -> Flow:
        _check_time(guide, resume_at, now)
        return talk_flow.pause(flow, guide, resume_at, now)

    return _move(viewer, talk_id, PAUSE, change, now)


def resume(viewer: Viewer, talk_id: UUID, now: datetime) -> TalkView:
    """Note that the viewer would like to go on. The talk goes on when both would.

    Raise NotFound, Conflict, or QuotaExceeded before the least time of a pause is over.
    """

    def change(flow: Flow, guide: Guide, is_opener: bool) -> Flow:
        opens_at = talk_flow.resume_from(flow, guide)
        if opens_at and opens_at > now:
            raise QuotaExceeded("pause_not_over", opens_at)
        return talk_flow.get_ready(flow, is_opener, now)

    return _move(viewer, talk_id, RESUME, change, now)


def stop(viewer: Viewer, talk_id: UUID, now: datetime) -> TalkView:
    """Stop a talk, for both. One that is over stays as it is. Raise NotFound."""
    return _move(viewer, talk_id, STOP, lambda flow, guide, is_opener: talk_flow.stop(flow), now)


def _move(
    viewer: Viewer,
    talk_id: UUID,
    move: str,
    change: Change,
    now: datetime,
    versions: Container[int] | None = None,
) -> TalkView:
    with couples.locked(viewer.id) as pair:
        viewer = viewer.as_of(pair)
        row, view = talks.find_row_of(viewer, talk_id), talks.find(viewer, talk_id, now)
        if _is_done(row, view, move, versions):
            return view
        if move not in view.actions:
            raise Conflict("talk_moved_on")
        if versions is not None and row.version not in versions:
            raise VersionConflict
        assert pair is not None, "a talk has a couple"
        flow = change(row.flow, view.guide, view.opened_by_me)
        _update(row, flow, move)
        _tell(pair, row, flow, now)
        return talks.find(viewer, talk_id, now)


def _is_done(row: TalkRow, view: TalkView, move: str, versions: Container[int] | None) -> bool:
    """Return whether nothing is left to do for a move, because the viewer or the partner has made it already."""
    if move == STOP:
        return view.state not in talk_flow.OPEN
    if move == PAUSE:
        return view.state == PAUSED
    if move == NEXT:
        return versions is not None and row.last_move == NEXT and row.version - 1 in versions
    waiting = PREPARING if move == READY else PAUSED
    has_started = view.state == RUNNING and row.last_move == move
    return has_started or (view.state == waiting and view.ready)


def _check_time(guide: Guide, resume_at: datetime | None, now: datetime) -> None:
    if resume_at is None:
        return
    if resume_at < now + timedelta(minutes=guide.pause_minutes):
        raise Invalid(FieldError("resume_at", "pause_too_short", minutes=guide.pause_minutes))
    if resume_at > now + timedelta(hours=guide.resume_hours):
        raise Invalid(FieldError("resume_at", "pause_too_long", hours=guide.resume_hours))


def _update(row: TalkRow, flow: Flow, move: str) -> None:
    values = {**flow._asdict(), "last_move": move, "version": row.version + 1}
    unchanged = Talk.id == row.id, Talk.version == row.version, Talk.state == row.state
    if not Talk.update(**values).where(*unchanged, Talk.ends_at == row.ends_at).execute():
        raise Conflict("talk_moved_on")


def _tell(pair: Pair, row: TalkRow, flow: Flow, now: datetime) -> None:
    """Close the offer of a talk that starts or ends, and remind both of the time to resume."""
    if flow.state == row.state:
        return
    inbox.withdraw(row.id, ANNOUNCED)
    if row.state == PREPARING:
        contact_log.close_proposal(row.id, contact_log.ACCEPTED if flow.state == RUNNING else "withdrawn", now)
    if flow.resume_at and flow.state == PAUSED:
        for person in (pair.me, pair.partner):
            inbox.add(person, "talk_resumes", row.id, flow.resume_at, flow.ends_at)
