"""`python -m bench.serving ours|library DATABASE ISSUER_KEY`: one worker on a free port of loopback, which it says."""
from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bench import library, pad
from chassis.run import listening, serve
from chassis.service import build, migrate
from chassis.settings import Settings
from chassis.web.app import create_app


def main(which: str, url: str, key: Path, folder: Path) -> None:
    settings = Settings(service=pad.DECLARED.name, database_url=url, bus=f"local://{folder}/bus.sqlite", issuer_key_file=key,
                        master_key=b"m" * 32, actor_key=b"a" * 32)
    with ExitStack() as stack:
        migrate(pad.DECLARED, settings)
        service = build(pad.DECLARED, settings)
        if which == "library":
            service.executor.carry_out = library.PadsOffice(stack.enter_context(library.pads(url))).carry_out  # type: ignore[method-assign]
        at = stack.enter_context(listening("127.0.0.1", 0))
        runner = stack.enter_context(asyncio.Runner(loop_factory=loop_factory()))
        sys.stdout.write(f"{at.getsockname()[1]}\n")
        sys.stdout.flush()
        runner.run(serve(create_app(service, ()), at))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop that a service runs on."""
    return uvicorn.Config(FastAPI(), log_config=None).get_loop_factory()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(made))
