"""A TCP proxy on loopback that can cut a connection right after a COMMIT went through, before its answer comes back."""
from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class CommitCutter:
    """`armed`: how many of the next COMMITs lose their answer; `cut`: how many did."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._port = self._door.getsockname()[1]
        self.armed = self.cut = 0
        self._ends: list[socket.socket] = []
        self._threads = [self._started(self._accept)]

    @property
    def url(self) -> str:
        login = self._to.netloc.rpartition("@")[0]
        return urlunsplit(self._to._replace(netloc=f"{login}@127.0.0.1:{self._port}"))

    def close(self) -> None:
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in (self._door, *self._ends):
            end.close()

    def _started(self, do: object, *args: object) -> threading.Thread:
        thread = threading.Thread(target=do, args=args)  # type: ignore[arg-type]
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection((self._to.hostname or "", self._to.port or 5432))
            self._ends += [client, server]
            lost = threading.Event()
            self._threads += [self._started(self._pump, client, server, lost, True),
                              self._started(self._pump, server, client, lost, False)]

    def _pump(self, source: socket.socket, sink: socket.socket, lost: threading.Event, outward: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                if outward and self.armed and b"COMMIT" in chunk:
                    self.armed, self.cut = self.armed - 1, self.cut + 1
                    lost.set()
                if not outward and lost.is_set():
                    break  # the server has answered; the client never hears it
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
