"""What reporting has not heard yet: its archive is behind there, which is no loss as long as it hears on."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from percorso.trails.faults import Fault, Trail
from percorso.trails.sealed import Standing
from percorso.trails.stores import ArchiveStore


@dataclass(frozen=True)
class Heard:
    """`upto`: as read before anything else of the archive was, which only grows: what is past these numbers may lack."""

    store: ArchiveStore
    upto: Mapping[tuple[int, Trail], int]

    def lacks(self, incarnation: int, trail: Trail, number: int) -> bool:
        """Whether this fact of a trail is past what was heard."""
        return number > self._upto(incarnation, trail)

    def behind(self, incarnation: int, trail: Trail, why: str) -> Fault:
        number = self._upto(incarnation, trail)
        return Fault(self.store.service, self.store.place, "behind", incarnation, self._at(incarnation, trail) or 0,
                     f"{why}. Reporting says that it has heard {number} facts of it: verify again when it has heard the rest (GET "
                     "/completeness); if it hears nothing more, the rest was cut off", trail)

    def but_seals(self, standing: Standing) -> Standing:
        """Of the seals that others keep and that are not here, those that are still to be heard are behind."""
        return replace(standing, faults=[self._seal(one) if one.what == "cut off" and one.trail else one for one in standing.faults])

    def _seal(self, lacking: Fault) -> Fault:
        assert lacking.trail is not None
        here = self._at(lacking.incarnation, lacking.trail)
        known = here is not None and here < lacking.position
        return self.behind(lacking.incarnation, lacking.trail, lacking.why) if known else lacking

    def _upto(self, incarnation: int, trail: Trail) -> int:
        return self.upto.get((incarnation, trail), 0)

    def _at(self, incarnation: int, trail: Trail) -> int | None:
        """The position of the last fact that was heard: 0 of none; None, if it was taken away since."""
        number = self._upto(incarnation, trail)
        return self.store.position(incarnation, trail, number) if number else 0
