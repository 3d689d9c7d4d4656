"""An internship, from its plan to its attestation (`domain.md` 9.3, 9.6 Internship; rules R01 to R35)."""
from __future__ import annotations

from contracts.classes import Code, Day, Digest, Flag, Id, Money, Number, Whole
from contracts.envelope import Fact, Part


class PeriodHours(Part):
    """The PFI's hours of one period. `full`: of the whole month, where the internship covers part of it."""

    number: Whole
    starts: Day
    ends: Day
    hours: Number
    full: Number


class InternshipPlanned(Fact):
    """An internship was planned (progetto formativo individuale), under the policy of the envelope's `policyref`.

    `amount_cents` is the stipend of a month, absent where the mode is NONE. `validation_kind`: what allows a longer one (R04).
    The planned days and their times stay home. Source: `domain.md` 9.3, 2.5.
    """

    internship_id: Id
    match_id: Id
    opportunity_id: Id
    host_id: Id
    unit_id: Id
    agreement_id: Id
    plan_id: Id
    plan_version: Whole
    type: Code
    start: Day
    planned_end: Day
    weekly_hours: Number
    planned_hours_by_period: list[PeriodHours]
    promoter_tutor: Id
    host_tutor: Id
    goal_ids: list[Id]
    pfi_digest: Digest
    pfi_signed_on: Day
    signatures: list[Code]
    no_prior_relationship: Flag
    stipend_mode: Code
    amount_cents: Money | None = None
    validation_kind: Code | None = None


class InsuranceRegistered(Fact):
    """INAIL and third-party liability cover was registered (assicurazione); the positions' numbers are sealed. Rule R24."""

    internship_id: Id
    valid_from: Day
    valid_to: Day


class MandatoryCommunicationSent(Fact):
    """A mandatory communication was sent (comunicazione obbligatoria, UniLav): START, EXTENSION, TERMINATION, CORRECTION.

    `late`: later than the rule's days (R22, a warning). The protocol is sealed. Rules R21 to R23.
    """

    internship_id: Id
    kind: Code
    sent_on: Day
    effective_on: Day
    internship_type: Code
    late: Flag


class Check(Part):
    """What the start found of one rule: PASSED, NOT_APPLICABLE."""

    rule: Code
    result: Code


class InternshipStarted(Fact):
    """An internship began (avvio del tirocinio), every check of its policy passed."""

    internship_id: Id
    host_id: Id
    started_on: Day
    checks: list[Check]


class InternshipSuspended(Fact):
    """An internship is interrupted for a time (sospensione): `reason_kind` PERSON or HOST; reason and evidence are sealed."""

    internship_id: Id
    reason_kind: Code
    suspended_from: Day
    expected_to: Day


class InternshipResumed(Fact):
    """An internship goes on (ripresa). `suspended_days` moved the end (R12); `cut`: the shift stopped at the programme's end.

    `planned_hours_by_period` are all periods, as they now stand.
    """

    internship_id: Id
    resumed_on: Day
    suspended_days: Whole
    new_planned_end: Day
    cut: Flag
    planned_hours_by_period: list[PeriodHours]


class InternshipExtended(Fact):
    """An internship's end was moved by decision (proroga), rule R04. `planned_hours_by_period`: all, as they now stand."""

    internship_id: Id
    old_end: Day
    new_end: Day
    reason_code: Code
    validation_kind: Code | None = None
    planned_hours_by_period: list[PeriodHours]


class InternshipWithdrawn(Fact):
    """The participant left (recesso); `last_day` is the last active one. The note is sealed."""

    internship_id: Id
    last_day: Day
    reason_code: Code
    total_planned: Number
    total_recognised: Number


class InternshipInterrupted(Fact):
    """HOST or PROMOTER ended it (interruzione): SERIOUS_BREACH, GOALS_UNREACHABLE, HOST_LOST_REQUIREMENTS. The note is sealed."""

    internship_id: Id
    last_day: Day
    interrupted_by: Code
    cause: Code
    total_planned: Number
    total_recognised: Number


class InternshipCompleted(Fact):
    """An internship reached its end, or its goals early (conclusione). Sums of the register; `ratio` is for reading."""

    internship_id: Id
    ended_on: Day
    total_planned: Number
    total_recognised: Number
    ratio: Number
    early_reason: Code | None = None


class FinalAttestationIssued(Fact):
    """The final attestation was issued (attestazione finale), rule R32; its number is sealed."""

    internship_id: Id
    hours: Number
    planned_hours: Number
    competences: list[Code]
