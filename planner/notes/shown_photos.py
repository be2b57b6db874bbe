"""Shown photos: who adds a photo to what, and who sees it.

The partner sees the photos of a note while it is shared, and those of a date of two. An own idea that is proposed shows
the photos that it had then. A photo of a date of two costs one shared thing, and is held like the texts of the date.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.catalogue import activities, own_activities
from planner.catalogue.activities import Activity
from planner.child_readers import ReadingFault
from planner.contact import received
from planner.contact.holds import is_dismissed, is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.dates import state_machine, views
from planner.dates.dates import Date, find_row
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.notes import notes
from planner.notes.notes import Note, Share
from planner.photos import photo_readings, photos
from planner.photos.photos import DATE, IDEA, NOTE, Photo, PhotoRow, PhotoView, Subject
from planner.storage import db

_WRONG_FILE = {
    "not_a_photo": FieldError("data", "not_a_photo"),
    "photo_damaged": FieldError("data", "photo_damaged"),
    "photo_too_hard": FieldError("data", "photo_too_hard"),
    "photo_too_large": FieldError("data", "photo_too_large", most=photo_readings.MOST_BYTES // photos.MEGABYTE),
    "too_many_pixels": FieldError("data", "too_many_pixels", most=photo_readings.MOST_MEGAPIXELS),
    "webp_too_many_pixels": FieldError(
        "data", "webp_too_many_pixels", most=photo_readings.MOST_MEGAPIXELS_OF_ANIMATION
    ),
}
TAKES_PHOTOS = (state_machine.ACCEPTED, state_machine.COMPLETED)


def add(viewer: Viewer, about: Subject, caption: str, data: bytes, photo_id: UUID | None, now: datetime) -> PhotoView:
    """Add a photo to a private memory, an agreed date or an own idea. A repeat returns the photo as it is now.

    Raise NotFound, Invalid, IdTaken, Conflict, QuotaExceeded, or Unavailable when many photos wait.
    """
    photo_id, request = photo_id or uuid4(), photos.digest(about, caption, data)
    if not photos.is_repeat(viewer.id, photo_id, request):
        _check(viewer, about)  # before the work of reading
        try:
            files = photo_readings.read(data)
        except ReadingFault as fault:
            raise Invalid(_WRONG_FILE[fault.reason]) from None
        with couples.locked(viewer.id) as pair:
            if not photos.is_repeat(viewer.id, photo_id, request):
                viewer = viewer.as_of(pair)
                _check(viewer, about)
                photos.insert(viewer.id, photo_id, about, caption, files, request, now)
                _announce(viewer, about, photo_id, caption, now)
    return find(viewer, photo_id)


def _check(viewer: Viewer, about: Subject) -> None:
    if about.kind == NOTE:
        _check_note(viewer, about.id)
    elif about.kind == IDEA:
        own_activities.check_takes_photos(viewer, about.id)
    else:
        date = find_row(viewer.id, viewer.couple, about.id)
        if date is None:
            raise NotFound
        if date.state not in TAKES_PHOTOS:
            raise Conflict("date_moved_on")
        if date.couple_id and (viewer.own_pace or 0) < contact_rules.WORDS_PACE:
            raise Invalid(FieldError("data", "photo_above_pace"))


def _check_note(viewer: Viewer, note_id: UUID) -> None:
    note = notes.find(viewer, note_id)
    if not note.mine:
        raise NotFound
    if note.state != "private":
        raise Conflict("note_shared")
    if note.kind != notes.MEMORY:
        raise Invalid(FieldError("note_id", "not_a_memory"))


def _count_in_note(viewer: Viewer, note_id: UUID) -> None:
    """Give a private memory a new version: its author shares only what they have seen."""
    was_shared = peewee.fn.EXISTS(Share.select(Share.id).where(Share.note == note_id))
    private = (Note.id == note_id) & (Note.author == viewer.id) & Note.deleted_at.is_null() & ~was_shared
    if not Note.update(version=Note.version + 1).where(private).execute():
        raise Conflict("note_shared")


def _announce(viewer: Viewer, about: Subject, photo_id: UUID, caption: str, now: datetime) -> None:
    """Count the change of what the photo belongs to. The partner gets what is on a date of two."""
    if about.kind == NOTE:
        _count_in_note(viewer, about.id)
    elif about.kind == IDEA:
        own_activities.count_photo(viewer, about.id, now)
    elif viewer.pair and Date.select().where(Date.id == about.id, Date.couple == viewer.couple).exists():
        received.deliver(viewer.pair, "message", photo_id, {"photo": caption}, now, contact_rules.WORDS_PACE)
        inbox.add(viewer.pair.partner, "date_photo", photo_id, now, target=about.id)


def withdraw(viewer: Viewer, photo_id: UUID, now: datetime) -> None:
    """Withdraw an own photo: its files are deleted at once. A repeat changes nothing. Raise NotFound."""
    with couples.locked(viewer.id):
        if not Photo.select().where(Photo.id == photo_id, Photo.owner == viewer.id).exists():
            raise NotFound
        _withdraw(viewer.id, Photo.id == photo_id, now)


def withdraw_shared(person: UUID, couple: UUID, now: datetime) -> None:
    """Withdraw a person's photos of the dates and shared notes of a couple. Call inside a transaction."""
    dates = Date.select(Date.id).where(Date.couple == couple)
    shared = Share.select(Share.note).where(Share.couple == couple)
    _withdraw(person, Photo.subject.in_(dates) | Photo.subject.in_(shared), now)


def _withdraw(person: UUID, condition: Any, now: datetime) -> None:
    for photo_id in photos.withdraw(person, condition, now):
        inbox.withdraw(photo_id, ["date_photo"])


def find(viewer: Viewer, photo_id: UUID) -> PhotoView:
    """Return an own photo, or one that the partner shows to the viewer. Raise NotFound."""
    rows = _by_id(photo_id, viewer.id, viewer.couple)
    if not rows:
        raise NotFound
    return _view(viewer, PhotoRow(*rows[0]))


def list_own(viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None) -> list[PhotoView]:
    """Return a page of the viewer's own photos, newest first."""
    return [photos.view(row, viewer.id) for row in photos.list_own(viewer.id, limit, after)]


def list_of_date(viewer: Viewer, date_id: UUID, now: datetime) -> list[PhotoView]:
    """Return the photos of a date that the viewer sees, those of both. Raise NotFound."""
    views.find(viewer, date_id, now)
    return [photos.view(PhotoRow(*row), viewer.id) for row in _of_date(date_id, viewer.id, viewer.couple)]


def list_of_dates(viewer: Viewer, dates: list[UUID]) -> dict[UUID, list[PhotoView]]:
    """Return the photos of each of these dates that the viewer sees. Held ones are left out."""
    photos_of: dict[UUID, list[PhotoView]] = {}
    for row in map(PhotoRow._make, _of_dates(viewer.id, viewer.couple, dates)):
        photos_of.setdefault(row.subject, []).append(photos.view(row, viewer.id))
    return photos_of


def list_of_activity(viewer: Viewer, activity: UUID) -> list[PhotoView]:
    """Return the photos of an own idea, or of the partner's idea as it was proposed. Raise NotFound."""
    return own_activities.photos_of(viewer, activities.find(viewer, activity))


def count_shown(viewer: Viewer) -> int:
    """Return how many photos of the viewer the partner can see."""
    return int(_count_shown(viewer.id, viewer.couple)[0][0]) if viewer.couple else 0


@db.cached_query
def _count_shown(me: Any, couple: Any) -> Any:
    mine = (Photo.owner == me) & Photo.withdrawn_at.is_null()
    return Photo.select(peewee.fn.COUNT(Photo.id)).where(mine, _is_shown(couple))


def _view(viewer: Viewer, row: PhotoRow) -> PhotoView:
    if row.kind == IDEA and row.owner != viewer.id:
        # The id of the idea itself is its author's.
        copies = _newest_copy(row.subject, viewer.couple)
        if not copies:
            raise NotFound  # it was retired at this moment
        return photos.view(row, viewer.id, copies[0][0])
    return photos.view(row, viewer.id)


@db.cached_query
def _newest_copy(idea: Any, couple: Any) -> Any:
    copies = Activity.select(Activity.id).where(Activity.copy_of == idea, *_is_shown_copy(couple))
    return copies.order_by(Activity.changed_at.desc(), Activity.id).limit(1)


@db.cached_query
def _by_id(photo_id: Any, me: Any, couple: Any) -> Any:
    return photos.listed((Photo.id == photo_id) & _is_visible(me, couple))


@db.cached_query
def _of_date(date_id: Any, me: Any, couple: Any) -> Any:
    return photos.listed((Photo.subject == date_id) & _is_visible(me, couple))


@db.cached_query
def _of_dates(me: Any, couple: Any, dates: list[Any]) -> Any:
    of_two = peewee.fn.EXISTS(Date.select(Date.id).where(Date.id == Photo.subject, Date.couple == couple))
    is_shown = (Photo.owner == me) | (of_two & ~is_held(me, Photo.id))
    return photos.listed((Photo.kind == DATE) & Photo.subject.in_(dates) & is_shown)


def _is_visible(me: Any, couple: Any) -> Any:
    """Return the condition for own photos, and for those that the partner shows. Only in a cached query."""
    is_dismissed_photo = (Photo.kind == DATE) & is_dismissed(me, Photo.id)
    return (Photo.owner == me) | (_is_shown(couple) & ~is_dismissed_photo)


def _is_shown(couple: Any) -> Any:
    """Return the condition that both of a couple see a photo. Only in a cached query."""
    # Without a couple, `couple = NULL` matches no row.
    shared = Share.select(Share.id).join(Note, on=(Share.note == Note.id))
    shared = shared.where(Share.note == Photo.subject, Share.couple == couple, Note.kind == notes.MEMORY)
    shared = shared.where(Share.recalled_at.is_null(), Note.deleted_at.is_null())
    dates = Date.select(Date.id).where(Date.id == Photo.subject, Date.couple == couple)
    copies = Activity.select(Activity.id).where(Activity.copy_of == Photo.subject, *_is_shown_copy(couple))
    copies = copies.where(Activity.changed_at >= Photo.created_at)
    return (
        ((Photo.kind == NOTE) & peewee.fn.EXISTS(shared))
        | ((Photo.kind == DATE) & peewee.fn.EXISTS(dates))
        | ((Photo.kind == IDEA) & peewee.fn.EXISTS(copies))
    )


def _is_shown_copy(couple: Any) -> tuple[Any, ...]:
    return Activity.shown_to == couple, Activity.retired_at.is_null()
