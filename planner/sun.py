"""Say when it gets light and dark in a zone. The main place of the zone, from the table of the IANA, counts for all.

The times come from the astral package, which follows the tables of NOAA, to a minute or two. Within a zone of an hour's
width they differ by up to half an hour from those at home, which is good enough to choose an evening for a walk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from astral import Observer, sun

from planner import clock

_HORIZON, _SEES_BY_TWILIGHT, _STARS_SHOW = 0.833, 6, 12
"""Degrees of the sun below the horizon: at sunrise, and at the end of civil and of nautical twilight."""
_LATITUDE_WITHOUT_PLACE = 45.0
_MINUTES_OF_DAY = 24 * 60


class Daylight(NamedTuple):
    """Wall times of one day in minutes after its midnight; None if the sun does not do so.

    From `dawn` to `dusk` there is enough light to walk or play by. At `dark` the stars show. The last may be past
    midnight.
    """

    dawn: int | None
    sunrise: int | None
    sunset: int | None
    dusk: int | None
    dark: int | None


def hemisphere(zone_name: str) -> str | None:
    """Return "north" or "south" for the place of a zone, or None without a place, as for UTC."""
    place = _place(zone_name)
    return None if place is None else "south" if place.latitude < 0 else "north"


@lru_cache(4096)
def daylight(zone_name: str, day: date, fallback: str) -> Daylight:
    """Return when it gets light and dark, in about 0.5 ms, then cached.

    `fallback` is the hemisphere of a zone without a place.
    """
    zone = clock.get_zone(zone_name)
    midnight = datetime.combine(day, time(), zone)
    place = _place(zone_name) or _guess(midnight, fallback)
    noon = sun.noon(place, day, zone)
    if noon.date() != day:  # the zone is far from its sun, as on some islands
        noon += timedelta(days=(day - noon.date()).days)
    highest, lowest = (sun.elevation(place, noon + timedelta(hours=hours)) for hours in (0, 12))

    def minute(event: Callable[..., datetime], degrees: float = _HORIZON) -> int | None:
        """Return the event nearest to this noon in minutes of the day, or None if there is none."""
        below = {} if degrees == _HORIZON else {"depression": degrees}
        for shift in (0, -1, 1) if lowest < -degrees < highest else (0,):
            # The package finds nothing when the event is just beyond midnight. Then it is on a day beside this one.
            with suppress(ValueError):
                at = event(place, day + timedelta(days=shift), tzinfo=zone, **below)
                days = round((at - noon) / timedelta(days=1))
                return round((at - midnight) / timedelta(minutes=1)) - days * _MINUTES_OF_DAY
        return None

    dawn, dusk = minute(sun.dawn, _SEES_BY_TWILIGHT), minute(sun.dusk, _SEES_BY_TWILIGHT)
    if lowest > -_SEES_BY_TWILIGHT:  # a white night
        dawn, dusk = 0, _MINUTES_OF_DAY
    dark = 0 if highest < -_STARS_SHOW else minute(sun.dusk, _STARS_SHOW)
    return Daylight(dawn, minute(sun.sunrise), minute(sun.sunset), dusk, dark)


def _place(zone_name: str) -> Observer | None:
    places, aliases = _places()
    return places.get(zone_name) or places.get(aliases.get(zone_name, ""))


def _guess(midnight: datetime, hemisphere: str) -> Observer:
    """Return a place in the middle of a zone without a place: its noon is at twelve."""
    offset = midnight.utcoffset() or timedelta(0)
    latitude = _LATITUDE_WITHOUT_PLACE if hemisphere == "north" else -_LATITUDE_WITHOUT_PLACE
    return Observer(latitude, offset / timedelta(hours=1) * 15)


@cache
def _places() -> tuple[dict[str, Observer], dict[str, str]]:
    """Return the main place of each zone in the table of the IANA, and the zones of the other names."""
    files = resources.files("tzdata") / "zoneinfo"
    table = (files / "zone.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in table if not line.startswith("#"))
    places = {zone: _observer(coordinates) for _, coordinates, zone, *_ in rows}
    links = (line.split() for line in (files / "tzdata.zi").read_text("utf-8").splitlines() if line.startswith("L "))
    return places, {alias: zone for _, zone, alias in links}


def _observer(coordinates: str) -> Observer:
    """Return the place at coordinates of ISO 6709, such as +5130-00007: degrees, minutes and perhaps seconds."""
    split = max(coordinates.rfind("+"), coordinates.rfind("-"))
    return Observer(_degrees(coordinates[:split], 3), _degrees(coordinates[split:], 4))


def _degrees(text: str, width: int) -> float:
    """Return the degrees in a text whose sign and whole degrees have this width."""
    minutes, seconds = text[width : width + 2], text[width + 2 :] or "0"
    size = int(text[1:width]) + int(minutes) / 60 + int(seconds) / 3600
    return -size if text[0] == "-" else size
