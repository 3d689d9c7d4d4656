"""The commands of intake: path, decision, roles (`domain.md` 13.3)."""
from __future__ import annotations

from chassis.declare import Command
from intake.adapters.kinds import CASE, REFERRAL, SUBJECT
from intake.domain import casework, eligibility, erasure, referral, subject

REGISTRARS = ("CASE_MANAGER", "REFERRER", "CPI_OPERATOR", "JUDICIAL_DESK_OPERATOR")
"""A case manager, or an operator of the source."""
GUARDIANS = ("DPO", "RP")
"""Who answers for the data of persons, or for the project."""

COMMANDS = (
    Command(REFERRAL, "POST /referrals/{referral_id}", referral.receive_referral, by=REGISTRARS),
    Command(REFERRAL, "POST /referrals/{referral_id}/acceptance", referral.accept_referral, by=("CASE_MANAGER",)),
    Command(REFERRAL, "POST /referrals/{referral_id}/refusal", referral.refuse_referral, by=("CASE_MANAGER",)),
    Command(SUBJECT, "POST /subjects/{subject_id}", subject.register_participant, by=REGISTRARS),
    Command(SUBJECT, "POST /subjects/{subject_id}/corrections", subject.correct_details, by=("CASE_MANAGER",)),
    Command(SUBJECT, "POST /subjects/{subject_id}/legal-holds/{hold_id}", erasure.place_legal_hold, by=GUARDIANS),
    Command(SUBJECT, "POST /subjects/{subject_id}/legal-holds/{hold_id}/release", erasure.release_legal_hold, by=GUARDIANS),
    Command(SUBJECT, "POST /subjects/{subject_id}/erasure", erasure.erase_subject, by=GUARDIANS),
    Command(CASE, "POST /cases/{case_id}/privacy-notice", casework.deliver_privacy_notice, by=REGISTRARS),
    Command(CASE, "POST /cases/{case_id}/opening", casework.open_case, by=REGISTRARS),
    Command(CASE, "POST /cases/{case_id}/case-manager", casework.assign_case_manager, by=("PARTNER_ADMIN",)),
    Command(CASE, "POST /cases/{case_id}/handover", casework.hand_over_case, by=("CASE_MANAGER", "PARTNER_ADMIN")),
    Command(CASE, "POST /cases/{case_id}/categories/{attestation_id}", casework.attest_category, by=("CASE_MANAGER",)),
    Command(CASE, "POST /cases/{case_id}/eligibility", eligibility.confirm_eligibility, by=("CASE_MANAGER",)),
    Command(CASE, "POST /cases/{case_id}/eligibility-denial", eligibility.deny_eligibility, by=("CASE_MANAGER",)),
    Command(CASE, "POST /cases/{case_id}/closing", casework.close_case, by=("CASE_MANAGER",)),
)
