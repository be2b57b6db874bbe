"""The address of the figures, and their folder. The master of a server opens them, so this loads little."""

from __future__ import annotations

import os
import shutil
from socket import AF_INET6
from socketserver import ThreadingMixIn
from tempfile import mkdtemp
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_CLIENT_TIMEOUT_S = 10


class MetricsServer(ThreadingMixIn, WSGIServer):
    """A server with a thread for each request. It needs its app (`set_app`)."""

    daemon_threads = True


class _MetricsServer6(MetricsServer):
    address_family = AF_INET6


class _QuietHandler(WSGIRequestHandler):
    timeout = _CLIENT_TIMEOUT_S

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: a monitor asks every few seconds."""


def prepare(host: str, port: int) -> MetricsServer:
    """Open the address, and make the folder of the figures. Call it before the workers start. Raises OSError."""
    server = (_MetricsServer6 if ":" in host else MetricsServer)((host, port), _QuietHandler)
    os.environ[_FOLDER] = mkdtemp(prefix="rekindle-metrics-")  # not before: a start that fails leaves nothing behind
    return server


def clean_up() -> None:
    """Delete the figures at the end of the server."""
    shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)
