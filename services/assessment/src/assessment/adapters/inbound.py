"""What assessment listens to. It reacts to nothing by itself: what it hears bears on what people may decide."""
from __future__ import annotations

from chassis.declare import Reaction

ERASES = "intake.SubjectErased.v1"
HEARS: tuple[str, ...] = (
    "reporting.ProgrammeActivated.v1", "reporting.ProgrammeConfigurationVersioned.v1",
    "intake.ReferralAccepted.v1", "intake.PrivacyNoticeDelivered.v1", "intake.CaseOpened.v1", "intake.CaseManagerAssigned.v1",
    "intake.CaseHandedOver.v1", "intake.EligibilityConfirmed.v1", "intake.CaseClosed.v1",
    "placement.InternshipPlanned.v1", "placement.InternshipStarted.v1", "placement.InternshipCompleted.v1",
    "placement.InternshipWithdrawn.v1", "placement.InternshipInterrupted.v1", "placement.HireRecorded.v1",
    "stipend.TrailSealed.v1",  # kept, as those of the others are
)
REACTIONS: tuple[Reaction, ...] = ()
