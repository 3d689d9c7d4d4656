"""Profiles (profilazione): what an instrument found about a participant. Answers and score are sealed."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from assessment.domain.instrument import Instrument, InstrumentVersionPublished
from assessment.domain.known import Case, at_work
from chassis.decide import OccurredOn, Private, Refused, refuse


@dataclass(frozen=True)
class Answer:
    """The answer to an item, as its number of points."""

    item: str
    value: int


@dataclass(frozen=True)
class ProfileCompleted:
    profile_id: str
    case_id: str
    programme_id: str
    subject_id: str
    instrument_code: str
    version: int
    needs: tuple[str, ...]
    competences: tuple[str, ...]
    band: str | None
    answers: Annotated[tuple[Answer, ...], Private("profile")]
    score: Annotated[int, Private("profile")]
    special_needs: Annotated[tuple[str, ...], Private("health")]


Event = ProfileCompleted


@dataclass(frozen=True)
class Profile:
    completed: bool = False
    case_id: str | None = None
    programme_id: str | None = None
    subject_id: str | None = None


def evolve(state: Profile, event: Event) -> Profile:
    return replace(state, completed=True, case_id=event.case_id, programme_id=event.programme_id, subject_id=event.subject_id)


def complete_profile(state: Profile, *, profile_id: str, case_id: str, case: Case, instrument: Instrument, instrument_code: str,
                     version: int, answers: Annotated[tuple[Answer, ...], Private("profile")],
                     needs: Annotated[tuple[str, ...], Private("health")] = (), competences: tuple[str, ...] = (),
                     on: OccurredOn) -> list[Event]:
    """Complete a profile with a published instrument (profilazione). Needs that reveal a special category are sealed."""
    if state.completed:
        return []
    refuse(*at_work(case))
    asked = instrument.versions.get(version)
    if asked is None:
        raise Refused("INSTRUMENT_NOT_PUBLISHED", "publish this version of the instrument first")
    refuse(_incomplete(asked, answers), *_foreign(asked, answers, needs, competences))
    special = {need.code for need in asked.needs if need.special}
    score = sum(answer.value for answer in answers)
    return [ProfileCompleted(profile_id, case_id, case.programme_id, case.subject_id, instrument_code, version,
                             tuple(n for n in needs if n not in special), competences, _band(asked, score), answers, score,
                             tuple(n for n in needs if n in special))]


def _incomplete(asked: InstrumentVersionPublished, answers: tuple[Answer, ...]) -> Refused | None:
    given = {answer.item for answer in answers}
    open_items = [item.code for item in asked.items if item.mandatory and item.code not in given]
    return Refused("PROFILE_INCOMPLETE", f"answer {', '.join(open_items)}") if open_items else None


def _foreign(asked: InstrumentVersionPublished, answers: tuple[Answer, ...], needs: tuple[str, ...],
             competences: tuple[str, ...]) -> Iterable[Refused]:
    items = [answer.item for answer in answers]
    known = {"answers": (items, {i.code for i in asked.items}), "needs": (needs, {n.code for n in asked.needs}),
             "competences": (competences, set(asked.competences))}
    for field, (given, words) in known.items():
        if not words.issuperset(given) or len(set(given)) < len(given):
            yield Refused("NOT_IN_INSTRUMENT", "use each word of this version of the instrument at most once, and no other",
                          about=field)


def _band(asked: InstrumentVersionPublished, score: int) -> str | None:
    reached = [band for band in asked.bands if band.from_score <= score]
    return max(reached, key=lambda band: band.from_score).code if reached else None
