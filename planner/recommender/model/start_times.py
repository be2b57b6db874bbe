"""Say when on a day an activity may begin: by its part of the day, and by the sun. Pure."""

from __future__ import annotations

from typing import NamedTuple

from planner.sun import Daylight

DAY = 24 * 60

HOURS = {"early": (0, 8), "morning": (8, 12), "afternoon": (12, 17), "evening": (17, 22), "night": (22, 24)}
"""First and last hour of each part of the day. Only a sunrise, and a person who is free then, begin early."""

_BY_DAY_WHOLLY = 12 * 60
"""A shorter activity by daylight also ends by daylight. A longer one may have a night in it."""
_ENDS_BY_MIDNIGHT = 6 * 60
"""A shorter activity of the evening ends by midnight. A longer one is a night out on purpose."""

# When to begin, in minutes before and after the sun is on the horizon. Each span holds two quarters of an hour.
_BEFORE_SUNRISE = (-40, -10)
_AROUND_SUNSET = (-15, 20)


class StartSpan(NamedTuple):
    """The minutes of a day between which an activity may begin, `closes` excluded.

    One that is shorter than `if_shorter` also ends by `ends_by`. A longer one may last through the night.
    """

    opens: int
    closes: int
    ends_by: int = DAY
    if_shorter: int = 0

    def last_start(self, shortest: int) -> int:
        """Return the minute before which an activity of at least `shortest` minutes begins."""
        return min(self.closes, self.ends_by - shortest) if shortest < self.if_shorter else self.closes


def start_span(part: str, light: str, daylight: Daylight | None) -> StartSpan | None:
    """Return when an activity in a part of the day may begin, or None if the sun forbids it.

    `light` is a key of vocabulary.LIGHTS. At sunrise and dusk, the sun decides alone, and the part does not count.
    Without `daylight`, the sun does not count.
    """
    opens, closes = (hour * 60 for hour in HOURS[part])
    if daylight is None or light == "any":
        return StartSpan(opens, closes, DAY, _ENDS_BY_MIDNIGHT if part == "evening" else 0)
    if light == "sunrise":
        return _around(daylight.sunrise, _BEFORE_SUNRISE)
    if light == "dusk":
        return _around(daylight.sunset, _AROUND_SUNSET)
    if light == "dark":
        return None if daylight.dark is None else StartSpan(max(opens, _round_up(daylight.dark)), closes)
    if daylight.dawn is None or daylight.dusk is None:
        return None
    return StartSpan(max(opens, _round_up(daylight.dawn)), min(closes, daylight.dusk), daylight.dusk, _BY_DAY_WHOLLY)


def _around(at: int | None, span: tuple[int, int]) -> StartSpan | None:
    return None if at is None else StartSpan(_round_up(at + span[0]), at + span[1])


def _round_up(minute: int) -> int:
    """Return the next quarter of an hour: dates begin at one."""
    return -(-minute // 15) * 15
