"""What intake hears of the other services."""
from __future__ import annotations

HEARS: tuple[str, ...] = (
    "reporting.ProgrammeActivated.v1", "reporting.ProgrammeConfigurationVersioned.v1",
    "placement.InternshipPlanned.v1", "placement.InternshipStarted.v1", "placement.InternshipCompleted.v1",
    "placement.InternshipWithdrawn.v1", "placement.InternshipInterrupted.v1",
    "stipend.StipendApproved.v1", "stipend.StipendAdjusted.v1", "stipend.StipendPaid.v1", "stipend.PaymentReturned.v1",
    "assessment.TrailSealed.v1",  # kept, as those of the others are
)
