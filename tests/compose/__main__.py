"""`python -m compose`, by `tests/compose/run`: brings the suite up, checks it, says what was found; ends with 0 only if all holds."""
from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from chassis.logs import described
from compose import databases, images, operators, topics, trouble, watch
from compose.play import Play, Told, embedded, files, personal, play_and_compare
from compose.stack import ONCE, SERVERS, Stack, Wrong
from percorso.errors import Sorry
from percorso.suite import SERVICES

LAST_LINES = 15


@dataclass
class Checks:
    """Each is said as soon as it is done; one that all others need ends them."""

    failed: int = 0
    passed: int = 0
    began: float = field(default_factory=time.monotonic)

    def __call__(self, name: str, check: Callable[[], str], *, needed: bool = False) -> None:
        started = time.monotonic()
        try:
            came, well = check(), True
        except (Wrong, Sorry) as wrong:
            came, well = str(wrong), False
        except Exception as wrong:
            came, well = f"{described(wrong)}: {wrong}", False
        self.passed, self.failed = self.passed + well, self.failed + (not well)
        say(f"{'ok  ' if well else 'FAIL'} {time.monotonic() - started:6.1f} s  {name:<42} {came}")
        if needed and not well:
            raise Ended


class Ended(Exception):
    """What all others need is not there."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    stack, checks = Stack(), Checks()
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(embedded)
        try:
            bring_up(stack, checks)
            play = play_all(stack, checks, other)
            look_at(stack, play, checks)
            make_trouble(stack, play, checks)
        except Ended:
            pass
    if checks.failed:
        tell_the_end(stack)
    say(f"\n{time.monotonic() - checks.began:.0f} s in all\ncontainers: {checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


def play_all(stack: Stack, checks: Checks, other: Future[dict[str, Told]]) -> Play:
    """Each scenario has a suite of its own: a scenario's clock does not go back."""
    plays: list[Play] = []

    def again() -> str:
        stack.down("--volumes")
        stack.up()
        return "down --volumes, and up"

    for file in files():
        if plays:
            checks("an empty suite again", again, needed=True)
        checks(f"the scenario {file.stem}", partial(_played, stack, file, plays, other), needed=file == files()[-1])
    return plays[-1]


def _played(stack: Stack, file: Path, plays: list[Play], other: Future[dict[str, Told]]) -> str:
    came = play_and_compare(stack, file, plays, other.result())
    databases.hold_no_personal_data(stack, personal())
    return came


def bring_up(stack: Stack, checks: Checks) -> None:
    def build() -> str:
        stack.compose("--profile", "operator", "build", "--quiet")
        return images.are_their_own(stack)

    def up() -> str:
        stack.up("--build")
        return "docker compose up --detach --build --wait"

    checks("the images are built", build, needed=True)
    checks("the suite comes up", up, needed=True)
    checks("all is healthy", lambda: watch.is_healthy(stack))
    checks("topics and tables are made once", lambda: databases.are_migrated_once(stack))


def look_at(stack: Stack, play: Play, checks: Checks) -> None:
    checks("health answers", lambda: watch.answers(stack))
    checks("metrics count", lambda: watch.counts(stack, play))
    checks("nothing runs as root", lambda: images.run_as_nobody(stack))
    checks("no secret is in an image", lambda: images.hold_no_secret(stack))
    checks("a role has its own database and no other", lambda: databases.are_each_of_one_service(stack))
    checks("an operator reaches each service", lambda: operators.reach_each(stack))
    checks("the topics are closed", lambda: topics.are_closed(stack))
    checks("no personal data in clear in a database", lambda: databases.hold_no_personal_data(stack, personal()))


def make_trouble(stack: Stack, play: Play, checks: Checks) -> None:
    checks("each service restarts alone", lambda: trouble.restarts_alone(stack, play))
    checks("a service decides alone", lambda: trouble.decides_alone(stack, play))
    checks("Kafka may be away", lambda: trouble.outlives_kafka(stack, play))
    checks("down and up keep all data", lambda: trouble.keeps_its_data(stack, play))
    checks("logs are JSON, without personal data", lambda: watch.logs_json(stack, personal(), trouble.correlation_ids(stack, play)))


def tell_the_end(stack: Stack) -> None:
    """The last lines of each log."""
    for service in (*SERVERS, *ONCE, *SERVICES):
        lines = stack.logs(service).splitlines()[-LAST_LINES:]
        say(f"\n-- {service}, its last lines\n" + "\n".join(line[:300] for line in lines))


if __name__ == "__main__":
    sys.exit(main())
