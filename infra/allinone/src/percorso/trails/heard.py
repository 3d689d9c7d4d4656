"""What reporting has not heard yet: its archive is behind there, which is no loss as long as it hears on."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from percorso.trails.faults import Fault, Trail
from percorso.trails.sealed import Standing
from percorso.trails.stores import ArchiveStore, Noted


@dataclass(frozen=True)
class Heard:
    """`noted`: as read before anything else of the archive was, which only grows: what is past these numbers may lack."""

    store: ArchiveStore
    noted: Mapping[tuple[int, Trail], Noted]

    def lacks(self, incarnation: int, trail: Trail, number: int) -> bool:
        """Whether this fact of a trail is past what was heard; not of an archive that has lost what it says to have heard last."""
        return number > self._whole(incarnation, trail) and self._has_its_last(incarnation, trail)

    def behind(self, incarnation: int, trail: Trail, why: str) -> Fault:
        number = self._whole(incarnation, trail)
        return Fault(self.store.service, self.store.place, "behind", incarnation, self.store.position(incarnation, trail, number) or 0,
                     f"{why}. Reporting says that it has heard {number} facts of it: verify again when it has heard the rest (GET "
                     "/completeness); if it hears nothing more, the rest was cut off", trail)

    def but_seals(self, standing: Standing) -> Standing:
        """Of the seals that others keep and that are not here, those that are still to be heard are behind."""
        return replace(standing, faults=[self._seal(one) if one.what == "cut off" and one.trail else one for one in standing.faults])

    def _seal(self, lacking: Fault) -> Fault:
        assert lacking.trail is not None
        at = lacking.incarnation, lacking.trail
        here = self.store.position(*at, self._whole(*at))
        past = self._whole(*at) == 0 or (here is not None and here < lacking.position)
        return self.behind(*at, lacking.why) if past and self._has_its_last(*at) else lacking

    def _whole(self, incarnation: int, trail: Trail) -> int:
        return self.noted[incarnation, trail].whole if (incarnation, trail) in self.noted else 0

    def _has_its_last(self, incarnation: int, trail: Trail) -> bool:
        noted = self.noted.get((incarnation, trail))
        return noted is None or self.store.position(incarnation, trail, noted.number) is not None
