"""`python -m <service> serve | api | consume | relay | deadlines | migrate`: one process of one service."""
from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from chassis import errors
from chassis.declare import Declared
from chassis.logs import described, to_json
from chassis.settings import Settings, SettingsWrong
from chassis.web.app import PARTS, create_app

RUNS: dict[str, tuple[str, ...]] = {"serve": PARTS, "api": (), "consume": ("consume",), "relay": ("relay",), "deadlines": ("deadlines",)}
"""The parts of each way to run. All answer health, metrics and status; commands and reads only `serve` and `api`."""
SEALING = ("serve", "api", "relay")
"""Seals are made where the relay runs, and where one is asked for."""
STOP_SECONDS = 10
logger = logging.getLogger(__name__)


class CannotListen(OSError):
    """The address is taken, or is not this machine's."""


def main(declared: Declared, argv: Sequence[str] | None = None) -> None:
    """Run, then exit: 0 when asked to stop, 2 for settings that cannot be used, 1 for what went wrong. Never a traceback."""
    parser = argparse.ArgumentParser(prog=f"python -m {declared.name}", description=f"Percorso: the service {declared.name}")
    parser.add_argument("run", choices=[*RUNS, "migrate"], help="serve does all; the others are for processes of their own")
    asked: str = parser.parse_args(argv).run
    try:
        settings = Settings.load(declared.name)
        to_json(declared.name, settings.log_level)
        _run(declared, settings, asked)
    except SettingsWrong as wrong:
        sys.exit(_say(f"{declared.name} cannot start:\n{wrong}", 2))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(0)
    except (errors.StoreAway, CannotListen, ValueError) as wrong:
        sys.exit(_say(f"{declared.name} cannot run: {wrong}", 1))
    except Exception as wrong:
        logger.error("the service stopped", exc_info=wrong)
        sys.exit(_say(f"{declared.name} stopped: {described(wrong)}; the log says where", 1))


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return code


def _run(declared: Declared, settings: Settings, asked: str) -> None:
    from chassis.service import migrate

    if asked == "migrate":
        migrate(declared, settings)
        return
    if asked in SEALING and settings.seal_key is None:
        raise SettingsWrong("PERCORSO_SEAL_KEY: Field required: the Ed25519 private key that signs this service's seals "
                            "(openssl genpkey -algorithm ed25519), by itself or in PERCORSO_SEAL_KEY_FILE")
    with listening(settings.host, settings.port) as at, asyncio.Runner(loop_factory=_config(FastAPI()).get_loop_factory()) as runner:
        runner.run(_serve(declared, settings, asked, at))


async def _serve(declared: Declared, settings: Settings, asked: str, at: socket.socket) -> None:
    from chassis.service import build

    app = create_app(build(declared, settings), RUNS[asked], takes_commands=asked in ("serve", "api"))
    leave_alone_what_is_here()
    await serve(app, at)


def leave_alone_what_is_here() -> None:
    """What a process has made by now stays: the collector, looking through it again and again, would take a fifth of the time. What comes
    and goes is looked through after so many more objects as an answer of some hundred rows has."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket on this address, taken before anything else is started."""
    try:
        at = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as wrong:
        raise CannotListen(f"{host} port {port}: {wrong.strerror}") from None
    with at:
        yield at


async def serve(app: FastAPI, at: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then answer what was asked, stop the app's parts, return."""
    server, this = _Server(_config(app)), asyncio.current_task()

    def stop() -> None:
        server.should_exit = True
        if not server.started and this is not None:
            this.cancel()

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    async with app.router.lifespan_context(app):
        host, port, *_ = at.getsockname()
        logger.info("listening", extra={"fields": {"host": host, "port": port}})
        await server.serve(sockets=[at])
    logger.info("stopped")


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again before the app's parts have stopped."""
        yield


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
                          timeout_graceful_shutdown=STOP_SECONDS)
