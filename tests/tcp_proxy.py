"""A proxy before the PostgreSQL of the tests. It can hang, and refuse connections, as a network can."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg


class Proxy:
    """A server on a free port that passes on what it hears, in both directions."""

    def __init__(self, target_url: str, address: str = "127.0.0.1") -> None:
        self._address = address
        with psycopg.connect(target_url) as connection:
            self._target = (connection.info.host, connection.info.port)
            self._user, self._database = connection.info.user, connection.info.dbname
            self._password = urlsplit(target_url).password
        self._passing = threading.Event()
        self._passing.set()
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._changing = threading.Lock()
        self.port = 0
        self.listen()

    def url(self, options: str = "") -> str:
        """Return the URL of the database behind this proxy."""
        secret = f":{self._password}" if self._password else ""
        return (
            f"postgresql://{self._user}{secret}@{self._address}:{self.port}/{self._database}?sslmode=disable{options}"
        )

    def hang(self) -> None:
        """Pass nothing on, but keep all connections, and accept new ones."""
        self._passing.clear()

    def go_on(self) -> None:
        """Pass everything on again, also what came in the meantime."""
        self._passing.set()

    def listen(self) -> None:
        """Accept connections, at the same port as before."""
        self._listener = socket.create_server((self._address, self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """End all connections, and refuse new ones."""
        with self._changing:
            ending = [*self._sockets, *([self._listener] if self._listener else [])]
            self._sockets, self._listener = [], None
        for one in ending:
            _end(one)
        self._passing.set()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._join(client, listener)

    def _join(self, client: socket.socket, listener: socket.socket) -> None:
        """Connect a client to the database, or end it if there is none or the proxy has closed meanwhile."""
        try:
            server = self._connect()
        except OSError:
            _end(client)
            return
        with self._changing:
            is_open = self._listener is listener
            if is_open:
                self._sockets += [client, server]
        if not is_open:
            _end(client)
            _end(server)
            return
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = self._target
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            server.close()
            raise
        return server

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passing.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def refusing(message: str) -> Iterator[int]:
    """Run a server that refuses each session with a message of PostgreSQL, and yield its port."""
    fields = b"".join(
        kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"C", "08P01"), (b"M", message))
    )
    answer = b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0"
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    client.recv(65536)
                    client.sendall(answer)

    threading.Thread(target=refuse, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextlib.contextmanager
def proxied(target_url: str, address: str = "127.0.0.1") -> Iterator[Proxy]:
    """Run a proxy before a database for the time of a block."""
    proxy = Proxy(target_url, address)
    try:
        yield proxy
    finally:
        proxy.close()
