"""Read a calendar with libical, for the Python of the system: its packages are not in our environment.

It reads the file from standard input, and writes JSON: one list of text and epoch seconds for each occurrence. They
start before the instant of the argument.
"""

import json
import sys

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402  # gi needs the version first


def main() -> None:
    """Write the occurrences of all events from 2000 on."""
    calendar = ICalGLib.Component.new_from_string(sys.stdin.read())
    assert calendar.count_errors() == 0, calendar.as_ical_string()
    last = int(sys.argv[1])
    since = ICalGLib.Time.new_from_string("20000101T000000Z")
    until = ICalGLib.Time.new_from_timet_with_zone(last, 0, ICalGLib.Timezone.get_utc_timezone())
    events = _events(calendar)
    # libical expands the rule of each event, and leaves it to its users to replace single times.
    replaced = {(event.get_uid(), _instant(event)) for event in events if _replaces(event)}
    occurrences = []
    for event in events:
        status = event.get_first_property(ICalGLib.PropertyKind.STATUS_PROPERTY).get_value_as_string()
        all_day = event.get_dtstart().is_date()
        texts = [event.get_uid(), event.get_summary(), status, event.get_sequence(), all_day]
        # The span of whole days counts their end day: libical wants it so for what is busy.
        whole_end = event.get_dtend().as_timet() if all_day else None
        alone = _replaces(event)

        def add(
            _: object,
            span: ICalGLib.TimeSpan,
            texts: list[object] = texts,
            whole_end: int | None = whole_end,
            alone: bool = alone,
        ) -> None:
            if span.get_start() < last and (alone or (texts[0], span.get_start()) not in replaced):
                occurrences.append([*texts, span.get_start(), whole_end or span.get_end()])

        event.foreach_recurrence(since, until, add)
    print(json.dumps(occurrences))


def _events(calendar: ICalGLib.Component) -> list[ICalGLib.Component]:
    events = []
    event = calendar.get_first_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    while event is not None:
        events.append(event)
        event = calendar.get_next_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    return events


def _replaces(event: ICalGLib.Component) -> bool:
    return event.get_first_property(ICalGLib.PropertyKind.RECURRENCEID_PROPERTY) is not None


def _instant(event: ICalGLib.Component) -> int:
    """Return the instant of the time that an event replaces."""
    replaced = event.get_first_property(ICalGLib.PropertyKind.RECURRENCEID_PROPERTY)
    time = replaced.get_datetime_with_component(event)  # the same of the event does not know its zone
    return int(time.as_timet_with_zone(time.get_timezone()))


main()
