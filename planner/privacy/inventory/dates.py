"""What becomes of the tables of dates and calendars."""

from __future__ import annotations

from planner.calendars.availability import AvailabilityRow
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import BusyTime
from planner.calendars.feeds import CalendarFeed
from planner.dates.dates import Date, DateText, Reschedule, SlotRow
from planner.dates.feedback import FeedbackRow
from planner.dates.important_days import ImportantDay
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.rsvps import Rsvp
from planner.privacy.inventory.table_row import TableRow, private

TABLES: tuple[TableRow, ...] = (
    # Dates
    TableRow(
        Date,
        Date.proposer,
        on_space=("held", "agenda.py hides offers that are held"),
        on_unpair=("changed", "open offers lapse, agreed dates ahead are off"),
        on_erase=("anonymised", "own ones are deleted; those of two lose the words, while the partner keeps something"),
        export=("both", "dates of two, and dates of the person alone"),
        shown_to=("dates", "the partner sees dates of the two"),
    ),
    TableRow(
        SlotRow,
        None,
        on_space=("held", "read with its date only"),
        on_unpair=("changed", "those of an open move go; the times of dates that can still be looked at stay"),
        on_erase=("cascaded", "goes with its date"),
        export=("both", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    TableRow(
        Reschedule,
        Reschedule.sender,
        on_space=("held", "views.py hides offers that are held"),
        on_unpair=("changed", "goes"),
        on_erase=("deleted", "went when the couple ended"),
        export=("none", "open for a week at most, and shown with its date"),
        shown_to=("dates", "with its date"),
    ),
    TableRow(
        DateText,
        DateText.author,
        on_space=("held", "views.py hides texts that are held"),
        on_unpair=("unchanged", "each reads their own; the receiver's record has the others"),
        on_erase=("deleted", "the author's; the receiver's copy is theirs"),
        export=("ordinary", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    private(FeedbackRow, FeedbackRow.person, "the person's feedback on a date"),
    private(Rsvp, Rsvp.person, "whether the person in space goes to a date")._replace(
        on_unpair=("changed", "the partner must not learn who would have gone")
    ),
    TableRow(
        ImportantDay,
        ImportantDay.owner,
        on_space=("held", "important_days.py hides offers that arrived during space"),
        on_unpair=("changed", "those that were offered or shown are their owner's alone again"),
        on_erase=("deleted", "the owner's; the receiver's copy is theirs"),
        export=("private", "own days"),
        shown_to=("important_days", "the partner sees those that are offered or shown to both"),
    ),
    TableRow(
        Ritual,
        None,
        on_space=("held", "read with its dates only; the clock makes dates that a person in space does not go to"),
        on_unpair=("changed", "it ends"),
        on_erase=("cascaded", "goes with its first date"),
        export=("both", "with its dates"),
        shown_to=("dates", "with its dates"),
    ),
    TableRow(
        RitualDate,
        None,
        on_space=("held", "read with its date only"),
        on_unpair=("unchanged", "which ritual a date belongs to"),
        on_erase=("cascaded", "goes with its date"),
        export=("both", "with its date"),
        shown_to=("dates", "with its date"),
    ),
    # Calendars
    private(AvailabilityRow, AvailabilityRow.person, "when the person is free")._replace(
        on_space=("held", "in space, a person's own times do not depend on the partner"),
        on_unpair=("changed", "the consent to find common times ends"),
        shown_to=("free_times", "if both agreed, the partner sees times that suit both"),
    ),
    private(CalendarFeed, CalendarFeed.person, "where calendar programs read the person's dates")._replace(
        on_space=("unaffected", "only its owner makes it; starting a space revokes it"),
        on_unpair=("changed", "revoked: a former partner may have the address"),
        export=("private", "without the hash of its token"),
        shown_to=("calendar_feed", "who has the address sees the dates"),
    ),
    private(BusyCalendar, BusyCalendar.person, "the person's calendars elsewhere, with their secret addresses"),
    private(BusyTime, BusyTime.calendar, "when those calendars are busy")._replace(
        owner=None, on_erase=("cascaded", "goes with its calendar")
    ),
)
