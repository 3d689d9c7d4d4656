"""A TCP proxy on loopback that can cut a connection right after a COMMIT went through, before its answer comes back."""
from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit, urlunsplit


class CommitCutter:
    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.armed = 0
        self.cut = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        login = self._to.netloc.rpartition("@")[0]
        return urlunsplit(self._to._replace(netloc=f"{login}@127.0.0.1:{self._door.getsockname()[1]}"))

    def close(self) -> None:
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection((self._to.hostname or "", self._to.port or 5432))
            lost = threading.Event()
            threading.Thread(target=self._pump, args=(client, server, lost, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, lost, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, lost: threading.Event, outward: bool) -> None:
        try:
            while chunk := source.recv(65536):
                if outward and self.armed and b"COMMIT" in chunk:
                    self.armed, self.cut = self.armed - 1, self.cut + 1
                    lost.set()
                if not outward and lost.is_set():
                    break  # the server has answered; the client never hears it
                sink.sendall(chunk)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
