"""What reporting says (`domain.md` 9.5): programmes with their configuration, and what the funder counts of a person."""
from __future__ import annotations

from contracts.classes import Code, Day, Digest, Flag, Id, Title, Whole
from contracts.envelope import Fact, Part, spoken
from contracts.programme import Configuration
from contracts.task import TaskRaised


class ProgrammeActivated(Fact):
    """A programme begins, with its whole configuration (attivazione del programma). An absent date means open.

    Source: `domain.md` 9.5, 13.4; design 5.
    """

    programme_id: Code
    title: Title
    fund: Code
    cup: Code | None = None
    clp: Code | None = None
    priority: Code | None = None
    action: Code | None = None
    start: Day | None = None
    end: Day | None = None
    config_version: Whole
    config: Configuration


class ProgrammeConfigurationVersioned(Fact):
    """The next configuration of a programme, whole (nuova versione della configurazione), in force from `effective_from`.

    Source: `domain.md` 9.5; design 5.
    """

    programme_id: Code
    title: Title
    fund: Code
    cup: Code | None = None
    clp: Code | None = None
    priority: Code | None = None
    action: Code | None = None
    start: Day | None = None
    end: Day | None = None
    config_version: Whole
    config: Configuration
    effective_from: Day


class ParticipationEntered(Fact):
    """A person is counted as a participant (ingresso), with the entry data of class `*` and the age instead of the birth date.

    Source: `domain.md` 4.3, 9.5, 13.16; Reg. (EU) 2021/1057 Annex I.
    """

    participation_id: Id
    entry_date: Day
    gender: Code
    age: Whole
    labour_status: Code
    unemployment_months: Whole | None = None
    isced: Whole | None = None
    in_education: Flag | None = None
    third_country: Flag | None = None
    foreign_background: Flag | None = None
    homeless: Flag | None = None
    degurba: Whole | None = None
    complete: Flag


class ParticipationExited(Fact):
    """A participant leaves (uscita); after a return the last exit counts. Source: `domain.md` 4.1, 9.5."""

    participation_id: Id
    exit_date: Day
    exit_reason: Code


class ImmediateResultRecorded(Fact):
    """The situation on leaving (risultato immediato), the last one recorded counts. UNKNOWN: nothing was observed in 28 days.

    Source: `domain.md` 4.1, 9.6 Participation.
    """

    participation_id: Id
    observed_on: Day | None = None
    status: Code
    codes: list[Code]
    source: Code | None = None


class SixMonthResultRecorded(Fact):
    """The situation six calendar months after leaving (risultato a sei mesi). Source: `domain.md` 4.1, 9.6 Participation."""

    participation_id: Id
    reference_date: Day
    status: Code
    codes: list[Code]
    source: Code


class TrailEnd(Part):
    """The head of one trail: the number of its last fact, its hash. Without a programme: the trail of none."""

    source: Code
    incarnation: Whole
    number: Whole
    head: Digest
    programme: Code | None = None


class AuditEvidenceExported(Fact):
    """A bundle of the programme was exported (esportazione del fascicolo di prova): of facts that occurred from `since` to `until`.

    `root_hash` is the SHA-256 of the bundle's manifest, `basis` the ends of its trails. Source: `domain.md` 9.5; design 7.
    """

    export_id: Id
    since: Day | None = None
    until: Day | None = None
    facts: Whole
    root_hash: Digest
    basis: list[TrailEnd]


SPOKEN = spoken("reporting", ProgrammeActivated, ProgrammeConfigurationVersioned, ParticipationEntered, ParticipationExited,
                ImmediateResultRecorded, SixMonthResultRecorded, AuditEvidenceExported, TaskRaised)
