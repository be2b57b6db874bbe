"""Instants keep their meaning on both databases, in any zone of the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from tests.conftest import NOON, is_postgresql


class Moment(db.Model):
    at = UtcDateTimeField(null=True)


@pytest.fixture
def moments(database: str) -> type[Moment]:
    db.proxy.create_tables([Moment])
    return Moment


@pytest.fixture
def moments_in_new_york(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Moment]]:
    """Yield the table on a server and in a process with the zone of New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    options = "&options=-c%20timezone%3DAmerica/New_York" if is_postgresql(database_url) else ""
    url = f"{database_url}{options}"
    db.open_database(url)
    db.proxy.create_tables([Moment])
    yield Moment
    db.dispose()
    monkeypatch.undo()
    time.tzset()


INSTANTS = st.datetimes(
    datetime(2000, 1, 2),  # hypothesis adds the zone
    datetime(2199, 12, 30),  # the same reason
    timezones=st.timezones() | st.just(UTC),
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(INSTANTS, min_size=2, max_size=4))
def test_instants_come_back_equal_in_utc_and_in_order(moments: type[Moment], instants: list[datetime]) -> None:
    with db.write():
        moments.delete().execute()
        for at in instants:
            moments.create(at=at)
    read = [row[0] for row in db.fetch_all(moments.select(moments.at).order_by(moments.at))]
    assert read == sorted(at.astimezone(UTC) for at in instants)
    assert all(at.tzinfo is UTC for at in read)
    latest = max(at.astimezone(UTC) for at in instants)
    assert moments.select().where(moments.at < latest).count() == sum(at.astimezone(UTC) < latest for at in instants)


def test_the_zone_of_the_server_does_not_change_instants(moments_in_new_york: type[Moment]) -> None:
    at = datetime(2026, 3, 8, 7, 30, 0, 1, tzinfo=UTC)  # in the hour that New York skips
    row = moments_in_new_york.create(at=at)
    assert moments_in_new_york.get_by_id(row.id).at == at
    assert moments_in_new_york.get_by_id(row.id).at.utcoffset() == timedelta(0)
    assert moments_in_new_york.select(db.peewee.fn.MAX(moments_in_new_york.at)).scalar() == at
    assert not moments_in_new_york.select().where(moments_in_new_york.at > at).exists()


def test_equal_instants_of_different_offsets_are_equal(moments: type[Moment]) -> None:
    moments.create(at=NOON.astimezone(timezone(timedelta(hours=5, minutes=45))))
    for zone in (UTC, ZoneInfo("America/New_York"), timezone(-timedelta(hours=9, minutes=30))):
        assert moments.select().where(moments.at == NOON.astimezone(zone)).count() == 1


def test_the_two_instants_of_a_repeated_hour_stay_different(moments: type[Moment]) -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    first = datetime(2026, 10, 25, 1, 30, tzinfo=lisbon, fold=0)
    moments.create(at=first)
    moments.create(at=first.replace(fold=1))
    read = [row[0] for row in db.fetch_all(moments.select(moments.at).order_by(moments.at))]
    assert read[1] - read[0] == timedelta(hours=1)


def test_microseconds_are_stored(moments: type[Moment]) -> None:
    instants = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1)]
    for at in reversed(instants):
        moments.create(at=at)
    assert [row[0] for row in db.fetch_all(moments.select(moments.at).order_by(moments.at))] == instants
    assert moments.select().where(moments.at > NOON).count() == 2


def test_null_stays_null(moments: type[Moment]) -> None:
    assert moments.get_by_id(moments.create(at=None).id).at is None


def test_a_naive_datetime_is_refused_in_writes_and_queries(moments: type[Moment]) -> None:
    with pytest.raises(ValueError, match="naive"):
        moments.create(at=datetime(2026, 11, 23))  # naive on purpose
    with pytest.raises(ValueError, match="naive"):
        moments.select().where(moments.at > datetime(2026, 11, 23)).count()  # the same reason
    assert moments.select().count() == 0
