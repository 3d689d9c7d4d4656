"""A rebuild is killed -9 at moments that nobody chose while facts arrive and readers read: no wrong answer, and an equal end."""
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from case_told import CASE
from facts_made import Said
from spine import file_url
from spine.place import KILLS, TESTS

from rebuild import everything, hear, reporting, town, wrong
from reporting import shown
from reporting.projector import Projector

PEOPLE, AT_FIRST = 24, 500


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return file_url(tmp_path, "reporting") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


class Meanwhile:
    """Facts that arrive, late ones among them, and readers who look whether what they are shown is right."""

    def __init__(self, url: str, spoken: list[Said], rng: random.Random) -> None:
        self._url, self._spoken, self._rng = url, spoken, rng
        self.wrong, self.read, self._end = list[str](), 0, threading.Event()
        self._threads = [threading.Thread(target=self._guarded, args=(what,)) for what in (self._arrive, self._look, self._look)]

    def __enter__(self) -> "Meanwhile":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, what: Any) -> None:
        projector = reporting(self._url)
        try:
            what(projector)
        except Exception as failed:
            self.wrong.append(repr(failed))
        finally:
            projector.database.close()

    def _arrive(self, projector: Projector) -> None:
        at = 0
        while at < len(self._spoken):
            hear(projector, self._spoken[at:at + 4])
            projector.catch_up()
            at += 4
            self._end.wait(0.02)

    def _look(self, projector: Projector) -> None:
        cases = [f"{CASE[:24]}{person:06x}{CASE[-6:]}" for person in range(PEOPLE)]
        while not self._end.is_set():
            case = self._rng.choice(cases)
            if said := shown.together(projector.database, lambda tx, case=case: wrong(tx, case)):  # type: ignore[misc]
                self.wrong.append(said)
            self.read += 1
            self._end.wait(0.02)


def rebuilding(url: str, workers: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "rebuild.run", url, str(workers)], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "PYTHONPATH": str(TESTS)})


def killed_at_random(url: str, rng: random.Random) -> list[str]:
    """Begin a rebuild, kill it after a step; the steps it had said."""
    last, steps = rng.randrange(1, 20), list[str]()
    with rebuilding(url, rng.randrange(1, 3)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            steps.append(line.strip())
            if len(steps) == last:
                time.sleep(rng.random() * 0.03)
                process.kill()
        assert process.wait() in (0, -9)
    return steps


def test_a_rebuild_killed_again_and_again_serves_nothing_wrong_and_ends_equal(url: str) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    spoken = town(PEOPLE)
    later = spoken[AT_FIRST:]
    rng.shuffle(later)
    projector = reporting(url)
    hear(projector, spoken[:AT_FIRST])
    projector.catch_up()
    with Meanwhile(url, later, rng) as meanwhile:
        for _ in range(KILLS if "postgresql" in url else KILLS // 2):
            killed_at_random(url, rng)
        with rebuilding(url, 2) as process:
            assert process.stdout is not None
            assert process.stdout.read().splitlines()[-1] == "equal", f"seed {seed}"
    assert (meanwhile.wrong, meanwhile.read > 10) == ([], True), f"seed {seed}"
    hear(projector, spoken)
    projector.catch_up()
    straight = reporting("sqlite://")
    hear(straight, spoken)
    straight.catch_up()
    assert everything(projector.database) == everything(straight.database), f"seed {seed}"
    straight.database.close()
    projector.database.close()


def test_a_second_start_is_refused_while_the_first_is_at_work(url: str) -> None:
    projector = reporting(url)
    hear(projector, town(6))
    projector.catch_up()
    with rebuilding(url) as first:
        assert first.stdout is not None
        first.stdout.readline()
        os.kill(first.pid, 19)
        second = subprocess.run([sys.executable, "-m", "rebuild.run", url, "1"], capture_output=True, text=True, check=False,
                                env={**os.environ, "PYTHONPATH": str(TESTS)})
        os.kill(first.pid, 18)
        assert second.stderr.splitlines()[-1] == "reporting.rebuild.AlreadyRunning"
        assert first.stdout.read().splitlines()[-1] == "equal"
    projector.database.close()
