"""Figures for Prometheus, of all workers, on an address of their own. They are off by default, and name no person.

Each process writes its figures to files in one folder, which the client library maps into memory. One process reads
them all, and asks the database for the backlog of deliveries. The library chooses this way of working when it is
imported, so it is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask

from api.core import request_log
from api.core.request_log import Observed
from planner import clock, readiness
from planner.notifications import backlog
from planner.notifications.backlog import Backlog
from planner.storage import health_check
from planner.storage.health_check import Check

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COUNT_PATIENCE_S = 5.0  # a count of a million takes seconds, and Prometheus waits for ten


def watch_requests(app: Flask) -> None:
    """Count the requests of this process, and measure their time."""
    from prometheus_client import Counter, Histogram

    requests = Counter("rekindle_requests", "Requests that were answered.", ("method", "route", "status"))
    seconds = Histogram(
        "rekindle_request_seconds", "Seconds from arrival to answer.", ("method", "route"), buckets=_BUCKETS
    )

    def observe(observed: Observed) -> None:
        requests.labels(observed.method, observed.route, observed.status).inc()
        seconds.labels(observed.method, observed.route).observe(observed.seconds)

    request_log.observe(app, observe)


def watch_ticks() -> Callable[[float], None]:
    """Return a function that notes how long a tick of this process took, in seconds."""
    from prometheus_client import Histogram

    ticks = Histogram("rekindle_tick_seconds", "Seconds of a tick of the clock.", buckets=_BUCKETS)
    return ticks.observe


def answer(environ: Any, start_response: Any) -> Any:
    """Answer with all figures, as a WSGI app."""
    from prometheus_client import CollectorRegistry, make_wsgi_app
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Database())
    return make_wsgi_app(registry)(environ, start_response)


class _Database:
    """What the database knows, for all processes of all hosts."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures. Without an answer of the database, yield only that."""
        from prometheus_client.core import GaugeMetricFamily

        is_up = health_check.database_answers()
        yield GaugeMetricFamily("rekindle_database_up", "1 if the database answers.", value=is_up)
        facts = _check.answer() if is_up else None
        if facts is None:
            return
        channels, oldest_s, tick_s = facts
        deliveries = GaugeMetricFamily(
            "rekindle_deliveries", "Stored deliveries, of 30 days.", labels=("channel", "state")
        )
        for channel in channels:
            for state in Backlog._fields[1:]:
                deliveries.add_metric((channel.channel, state), getattr(channel, state))
        yield deliveries
        yield GaugeMetricFamily("rekindle_oldest_due_seconds", "Age of the oldest due delivery.", value=oldest_s)
        if tick_s is not None:
            yield GaugeMetricFamily("rekindle_last_tick_seconds", "Age of the last noted tick.", value=tick_s)


def _ask() -> tuple[list[Backlog], float, float | None]:
    now = clock.utcnow()
    oldest = backlog.oldest_due(now)
    oldest_s = (now - oldest).total_seconds() if oldest else 0.0
    return backlog.count(now), oldest_s, readiness.seconds_since_tick()


_check = Check(_ask, _COUNT_PATIENCE_S)
