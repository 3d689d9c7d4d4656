"""When a suite has come to rest: everything spoken was heard, nothing is left to react to, no view is behind."""
from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from percorso.errors import Sorry
from percorso.suite import Suite

FIRST_LOOK_S, LONGEST_S = 0.005, 0.05
Status = dict[str, Any]
Nudge = Callable[[], Awaitable[Any]]


async def settled(suite: Suite, headers: Mapping[str, str], *, clock: str | None = None, patience_s: float = 60.0) -> Status:
    """Wait for rest. `Sorry` says who is behind, or has stopped, when it does not come.

    `clock`: what a scenario's clock shows; set again, it makes the services look at their deadlines at once.
    """
    async def nudge() -> None:
        if clock:
            await suite.set_clock(clock, headers)

    if suite.whole:
        now = await suite.status(headers, rest=patience_s)
    else:
        now = await rest(lambda: suite.status(headers), patience_s, nudge)
    if why := stuck(now):
        raise Sorry(why)
    if why := restless(now):
        raise Sorry(f"The suite does not come to rest within {patience_s:.0f} s: {why}.")
    return now


async def rest(look: Callable[[], Awaitable[Status]], patience_s: float, nudge: Nudge | None = None) -> Status:
    """The status at which two looks show rest and are equal; else that after which waiting is of no use, or the last.

    `nudge` makes the services look at their deadlines.
    """
    end, pause = time.monotonic() + patience_s, FIRST_LOOK_S
    before: Status | None = None
    while True:
        now = await look()
        why = restless(now)
        if time.monotonic() > end or stuck(now) or (why is None and _without_time(now) == before):
            return now
        before = _without_time(now) if why is None else None
        if why is not None:
            if nudge and any(one.get("deadlines") for one in now.values()):
                await nudge()
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_S)


def stuck(status: Mapping[str, Any]) -> str | None:
    """What only an operator can change."""
    for name, one in status.items():
        if one.get("halted"):
            return f"{name} has stopped taking commands: {one['halted']}."
        for source, reason in one.get("stopped", {}).items():
            return f"{name} hears nothing more of {source}: {reason}."
    return None


def restless(status: Mapping[str, Any]) -> str | None:
    """Why these services are not at rest; None if they are."""
    for name, one in status.items():
        if one["log"] != one["relayed"]:
            return f"{name} has not yet spoken all of its log ({_last(one['relayed'])} of {one['log']})"
        for what in ("reactions", "deadlines"):
            if one.get(what):
                return f"{name} has {what} to carry out ({one[what]})"
        if one.get("views", {}).get("behind"):
            return f"{name}'s views are {one['views']['behind']} facts behind"
        why = _unheard(name, one, status)
        if why:
            return why
    return None


def _unheard(name: str, one: Mapping[str, Any], status: Mapping[str, Any]) -> str | None:
    for why in waiting_for_the_clock(one):
        return f"{name} {why}"
    for source, heard in one.get("heard", {}).items():
        for partition, position in status.get(source, {}).get("spoken", {}).items():
            if _last(heard.get(partition, 0)) < _last(position):
                return f"{name} has not yet heard all of {source} (partition {partition}: {heard.get(partition, 0)} of {position})"
    return None


def waiting_for_the_clock(one: Mapping[str, Any]) -> list[str]:
    """Of a service's status, which sources it does not hear for now."""
    return [f"hears nothing of {source} until its clock is nearer to {recorded}, when {source} recorded a fact"
            for source, recorded in one.get("ahead", {}).items()]


def behind(name: str, status: Mapping[str, Any]) -> dict[str, int]:
    """How much a service has not spoken, not heard, not done yet."""
    one = status[name]
    unheard = sum(
        max(0, _last(position) - _last(heard.get(partition, 0))) for source, heard in one.get("heard", {}).items()
        for partition, position in status.get(source, {}).get("spoken", {}).items())
    return {"speak": one["log"] - _last(one["relayed"]), "hear": unheard, "reactions": one.get("reactions", 0),
            "deadlines": one.get("deadlines", 0), "views": one.get("views", {}).get("behind", 0), "parked": one.get("parked", 0)}


def _last(position: Any) -> int:
    """A position, with or without its incarnation before it."""
    return int(position[-1] if isinstance(position, list | tuple) else position or 0)


def _without_time(status: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {key: value for key, value in one.items() if key != "now"} for name, one in status.items()}
