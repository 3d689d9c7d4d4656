"""Verification of one source in one place: its seals, its trails computed again, and the first fault of them by name."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from chassis import saved
from chassis.bus import TopicMissing
from chassis.errors import StoreAway
from chassis.seals import fingerprint
from chassis.timestamps import Roots
from percorso.trails.chain import Chain, Expected, named
from percorso.trails.faults import Broken, Fault, Named, Trail
from percorso.trails.heard import Heard
from percorso.trails.locate import Told, comes_to, first_difference, told
from percorso.trails.ranges import ranges
from percorso.trails.rows import TAIL, Digested
from percorso.trails.sealed import Sealed, Seals, Standing
from percorso.trails.stores import ArchiveStore, Life, LogStore
from percorso.trails.topic import TopicStore

Witness = tuple[str, Callable[[int, Trail, int], Iterable[Told]]]
"""Its name; the facts of a trail of a life after a number, as it tells them."""


@dataclass
class Result:
    """What was verified of one source in one place. `faults`: in order of position, the first first."""

    source: str
    place: str
    facts: int = 0
    octets: int = 0
    trails: int = 0
    seals: int = 0
    held: int = 0
    key: str = ""
    stamps: int = 0
    authority: bool = False
    """Whether it was looked at whose signature the time stamps bear."""
    faults: list[Fault] = field(default_factory=list)
    programmes: set[str] = field(default_factory=set)
    """Those of which there are facts among what was followed; empty: of none."""

    def said(self) -> dict[str, Any]:
        return {"source": self.source, "place": self.place, "facts": self.facts, "bytes": self.octets, "trails": self.trails,
                "seals": self.seals, "seals_held_elsewhere": self.held, "fingerprint": fingerprint(self.key) if self.key else None,
                "time_stamps": self.stamps, "authority_checked": self.authority, "faults": [fault.said() for fault in self.faults]}


@dataclass(frozen=True)
class Asked:
    """What is verified against what. `kept`: the seals that other services keep, by source; `heads`: those held outside, by source;
    `roots`: the certificates that time stamps must lead to, by source; `witnesses` tell where exactly two tellings part."""

    keys: Sequence[str] = ()
    kept: Mapping[str, Sequence[Sealed]] = field(default_factory=dict)
    heads: Mapping[str, Sequence[tuple[int, Trail, Expected]]] = field(default_factory=dict)
    programme: str | None = None
    roots: Mapping[str, Roots] = field(default_factory=dict)
    witnesses: Callable[[str, str], Sequence[Witness]] = lambda source, place: ()

    def standing(self, source: str, place: str, own: Iterable[Sealed]) -> Standing:
        """What seals and heads held elsewhere say of a source."""
        seals = Seals(source, place, self.keys, self.roots.get(source, ()))
        seals.follow(own)
        seals.hold(self.kept.get(source, ()))
        for incarnation, trail, head in self.heads.get(source, ()):
            seals.standing.heads[incarnation][trail].append(head)
        return seals.standing


class Following:
    """The trails of one source in one place, life by life, and what is found of them."""

    def __init__(self, asked: Asked, source: str, place: str, standing: Standing) -> None:
        self._asked, self.standing = asked, standing
        self.result = Result(source, place, seals=standing.count, held=standing.held, key=standing.key, stamps=standing.stamps,
                             authority=bool(standing.stamps and asked.roots.get(source)), faults=list(standing.faults))
        self._lives: set[int] = set()

    def life(self, incarnation: int, trail: Trail | None = None) -> Chain:
        """The chain of a life; of one trail of it only, if it is said."""
        self._lives.add(incarnation)
        heads = self.standing.heads[incarnation]
        expected = {trail: heads.get(trail, [])} if trail else heads
        return Chain(self.result.source, incarnation, expected, self.standing.sealed[incarnation], self._asked.programme)

    def count(self, chain: Chain) -> None:
        self.result.facts, self.result.octets = self.result.facts + chain.facts, self.result.octets + chain.octets
        trails = [trail for trail, _ in chain.heads()]
        self.result.trails += len(trails)
        self.result.programmes.update(programme for _, programme in trails)

    def fault(self, incarnation: int, wrong: Broken | Named, here: Callable[[Trail, int], Iterable[Told]]) -> None:
        """Name what is wrong; `here`: the facts of a trail after a position, as they lie in this place."""
        self.result.faults.append(self._named(incarnation, wrong) if isinstance(wrong, Named) else self._located(incarnation, wrong, here))

    def done(self) -> Result:
        """The lives that somebody knows of, and that are not here at all, are at fault too."""
        for incarnation, heads in self.standing.heads.items():
            if incarnation not in self._lives and heads:
                trail, some = min(heads.items())
                self.result.faults.append(Fault(self.result.source, self.result.place, "missing", incarnation, 0,
                                                f"{some[0].by} knows of this life of the log, and nothing of it is here", trail))
        self.result.faults.sort(key=lambda fault: (fault.incarnation, fault.position))
        return self.result

    def _named(self, incarnation: int, wrong: Named) -> Fault:
        position, why = wrong.position, wrong.why
        if wrong.what == "missing" and wrong.trail:
            for name, telling in self._witnesses():
                if one := next(iter(_readable(telling(incarnation, wrong.trail, wrong.lacks - 1))), None):
                    position, why = one.position, f"{name} has a fact here, fact {wrong.lacks} of the trail"
                    break
        return Fault(self.result.source, self.result.place, wrong.what, incarnation, position, why, wrong.trail)

    def _located(self, incarnation: int, broken: Broken, here: Callable[[Trail, int], Iterable[Told]]) -> Fault:
        number, position, _ = broken.good
        for name, telling in self._witnesses():
            if not comes_to(broken, _readable(telling(incarnation, broken.trail, number))):
                continue
            found = first_difference(_readable(here(broken.trail, position)), _readable(telling(incarnation, broken.trail, number)), name,
                                     bool(number))
            if found:
                return Fault(self.result.source, self.result.place, found.what, incarnation, found.position,
                             f"{found.why}; {broken.why}", broken.trail)
        if broken.lacks:
            return Fault(self.result.source, self.result.place, "cut off" if broken.upto else "missing", incarnation, broken.upto,
                         f"{broken.why}: what followed this position is not here", broken.trail)
        return Fault(self.result.source, self.result.place, "changed", incarnation, position + 1,
                     f"{broken.why}: a fact between was changed, removed, inserted or moved, and no witness here tells which", broken.trail,
                     broken.upto)

    def _witnesses(self) -> Sequence[Witness]:
        return self._asked.witnesses(self.result.source, self.result.place)


def _readable(facts: Iterable[Told]) -> Iterator[Told]:
    """As far as they can be read."""
    with suppress(Named, StoreAway):
        yield from facts


def verify_log(store: LogStore, asked: Asked) -> Result:
    """A service's own log, and in it what it has noted of its relay."""
    noted, lives, head = saved.look(store.database), store.lives(), store.head()
    with ExitStack() as readers:
        digested = readers.enter_context(_digested(store, lives[0], head))
        try:
            standing = asked.standing(store.service, store.place, store.seals(head))
        except Named as wrong:
            return Result(store.service, store.place, faults=[Fault(store.service, store.place, wrong.what, 0, wrong.position, wrong.why)])
        for trail, (number, hash_) in noted.trails.items():
            standing.heads[noted.incarnation][trail].append(Expected(number, hash_, 0, "what the relay has noted"))
        following = Following(asked, store.service, store.place, standing)
        for life in lives:
            if life is not lives[0]:
                digested = readers.enter_context(_digested(store, life, head))
            chain = following.life(life.incarnation)
            try:
                with readers.pop_all():
                    for some in digested:
                        chain.take_all(some)
                for position, stored, added in store.foreign(life):
                    chain.saying(position, stored, added)
                chain.end()
            except (Broken, Named) as wrong:
                following.fault(life.incarnation, wrong, lambda trail, after, life=life: of_trail(store.facts(life, after), trail))  # type: ignore[misc]
            following.count(chain)
    return following.done()


def _digested(store: LogStore, life: Life, head: int) -> AbstractContextManager[Iterator[Digested]]:
    return ranges(store.where(), life.first - 1, head if life.last is None else life.last)


def of_trail(facts: Iterable[tuple[int, bytes]], trail: Trail) -> Iterator[Told]:
    """The facts of one trail."""
    for position, stored in facts:
        found = TAIL.fullmatch(stored, stored.rfind(b',"id":"'))
        if found is None or named((found[5], found[1])) == trail:
            yield Told(position, stored)


def verify_archive(store: ArchiveStore, asked: Asked) -> Result:
    """What reporting archived of a source."""
    try:
        heard = Heard(store, store.noted())
    except Named as wrong:
        return Result(store.service, store.place, faults=[Fault(store.service, store.place, wrong.what, 0, 0, wrong.why, wrong.trail)])
    following = Following(asked, store.service, store.place, heard.but_seals(asked.standing(store.service, store.place, store.seals())))
    wanted = [(incarnation, trail) for incarnation, trail in store.trails() if asked.programme is None or trail[1] in ("", asked.programme)]
    known = [(incarnation, trail) for incarnation, heads in following.standing.heads.items() for trail in heads
             if asked.programme is None or trail[1] in ("", asked.programme)]
    for incarnation, trail in sorted({*wanted, *known}):
        chain = following.life(incarnation, trail)
        try:
            for position, stored, added in store.facts(incarnation, trail):
                chain.saying(position, stored, added)
            chain.end()
        except (Broken, Named) as wrong:
            if heard.lacks(incarnation, trail, wrong.lacks):
                following.result.faults.append(heard.behind(incarnation, trail, wrong.why))
            else:
                following.fault(incarnation, wrong, lambda of, after, at=incarnation: (  # type: ignore[misc]
                    Told(position, stored) for position, stored, _ in store.facts(at, of) if position > after))
        following.count(chain)
    return following.done()


async def verify_topic(store: TopicStore, asked: Asked) -> Result:
    """What a topic holds of its source."""
    try:
        standing = asked.standing(store.service, store.place, await store.seals())
    except Named as wrong:
        return Result(store.service, store.place, faults=[Fault(store.service, store.place, wrong.what, 1, wrong.position, wrong.why)])
    except TopicMissing:
        return Result(store.service, store.place, faults=[Fault(store.service, store.place, "missing", 1, 0, "there is no such topic")])
    following = Following(asked, store.service, store.place, standing)
    chain = following.life(1)
    try:
        async for (incarnation, position), stored, added in store.facts():
            if incarnation != chain.incarnation:
                chain.end()
                following.count(chain)
                chain = following.life(incarnation)
            chain.saying(position, stored, added)
        chain.end()
    except (Broken, Named) as wrong:
        following.fault(chain.incarnation, wrong, lambda trail, after: ())
    following.count(chain)
    return following.done()


def log_witness(store: LogStore) -> Witness:
    """The service's own log, for what others hold of it."""
    lives = {life.incarnation: life for life in store.lives()}

    def telling(incarnation: int, trail: Trail, number: int) -> Iterator[Told]:
        found = of_trail(store.facts(lives[incarnation]), trail) if incarnation in lives else iter(())
        return (one for at, one in enumerate(found, 1) if at > number)

    return f"{store.service}'s log", telling


def archive_witness(store: ArchiveStore) -> Witness:
    return "the archive", lambda incarnation, trail, number: told(
        (position, stored) for position, stored, _ in store.facts(incarnation, trail, number))


__all__ = ["Asked", "Result", "archive_witness", "log_witness", "verify_archive", "verify_log", "verify_topic"]
