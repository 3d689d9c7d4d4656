"""What placement says: hosts and places, matches, training, internships and their register, hires (`domain.md` 9.3)."""
from __future__ import annotations

from contracts.envelope import spoken
from contracts.placement.hosting import AgreementSigned, HostRegistered, HostRequirementsDeclared, OpportunityPublished
from contracts.placement.internship import (
    FinalAttestationIssued,
    InsuranceRegistered,
    InternshipCompleted,
    InternshipExtended,
    InternshipInterrupted,
    InternshipPlanned,
    InternshipResumed,
    InternshipStarted,
    InternshipSuspended,
    InternshipWithdrawn,
    MandatoryCommunicationSent,
)
from contracts.placement.pathway import (
    ExternalRegistrationConfirmed,
    HireRecorded,
    MatchAccepted,
    MatchProposed,
    MatchRejected,
    TrainingCompleted,
    TrainingEnrolled,
)
from contracts.placement.register import (
    AttendanceCorrected,
    AttendancePeriodValidated,
    AttendanceRecorded,
    CriticalIssueRaised,
    CriticalIssueResolved,
    TutoringVisitLogged,
)
from contracts.task import TaskRaised

SPOKEN = spoken(
    "placement", HostRegistered, HostRequirementsDeclared, OpportunityPublished, AgreementSigned, MatchProposed, MatchAccepted,
    MatchRejected, TrainingEnrolled, TrainingCompleted, ExternalRegistrationConfirmed, HireRecorded, InternshipPlanned,
    InsuranceRegistered, MandatoryCommunicationSent, InternshipStarted, AttendanceRecorded, AttendanceCorrected,
    AttendancePeriodValidated, TutoringVisitLogged, CriticalIssueRaised, CriticalIssueResolved, InternshipSuspended,
    InternshipResumed, InternshipExtended, InternshipWithdrawn, InternshipInterrupted, InternshipCompleted,
    FinalAttestationIssued, TaskRaised)
