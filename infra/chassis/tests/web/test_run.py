"""A process of a service: bad settings are sentences, a signal lets it finish."""
import base64
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from chassis import run
from chassis.declare import Declared

SERVED = """
import asyncio, sys
from contextlib import asynccontextmanager
from chassis.logs import to_json
from chassis.run import listening, serve
from chassis.web.app import ProblemApp

@asynccontextmanager
async def lifespan(app):
    yield
    await asyncio.sleep(0)
    print("parts stopped", flush=True)

to_json("tickets", "INFO")
with listening("127.0.0.1", 0) as at:
    asyncio.run(serve(ProblemApp("tickets", lifespan), at))
"""


def test_settings_that_cannot_be_used_end_with_2_and_a_sentence_each(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for name in ("DATABASE_URL", "BUS", "JWKS", "MASTER_KEY", "ACTOR_KEY"):
        monkeypatch.delenv(f"PERCORSO_{name}", raising=False)
    with pytest.raises(SystemExit) as ended:
        run.main(Declared("tickets", (), {}), ["serve"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "tickets cannot start:" in said
    assert "PERCORSO_DATABASE_URL: Field required" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("how", ["serve", "api", "relay"])
def test_who_speaks_does_not_start_without_a_sealing_key(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    for name, value in {"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite", "BUS": f"local://{tmp_path}/bus.sqlite", "JWKS": "/keys.json",
                        "MASTER_KEY": key, "ACTOR_KEY": key}.items():
        monkeypatch.setenv(f"PERCORSO_{name}", value)
    monkeypatch.delenv("PERCORSO_SEAL_KEY", raising=False)
    with pytest.raises(SystemExit) as ended:
        run.main(Declared("tickets", (), {}), [how])
    assert ended.value.code == 2
    assert "PERCORSO_SEAL_KEY: Field required" in capsys.readouterr().err


def test_an_address_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, \
            pytest.raises(run.CannotListen, match=r"127\.0\.0\.1 port .*in use"), run.listening("127.0.0.1", taken.getsockname()[1]):
        pass


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_parts_and_the_process_ends_well(name: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    listening = json.loads(process.stderr.readline())
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{listening['port']}/")
    process.send_signal(name)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, "Traceback" in err) == (0, "parts stopped\n", False)
