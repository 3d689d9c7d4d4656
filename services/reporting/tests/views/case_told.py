"""One person's case in few facts: two months, the second below the threshold, paid."""
from __future__ import annotations

from facts_made import Speaker

CATALOGUE = {"version": "1", "indicators": [
    {"code": "EECO01", "title_it": "Totale", "title_en": "Total", "moment": "ENTRY", "sum_of": ["EECO02", "EECO04", "EECO05"]},
    {"code": "EECO02", "title_it": "Disoccupati", "title_en": "Unemployed", "moment": "ENTRY",
     "conditions": [{"field": "labour_status", "op": "EQ", "values": ["UNEMPLOYED"]}]},
    {"code": "EECO03", "title_it": "Di lunga durata", "title_en": "Long-term", "moment": "ENTRY",
     "conditions": [{"field": "labour_status", "op": "EQ", "values": ["UNEMPLOYED"]},
                    {"field": "unemployment_months", "op": "GT", "values": ["12"]}]},
    {"code": "EECO04", "title_it": "Inattivi", "title_en": "Inactive", "moment": "ENTRY",
     "conditions": [{"field": "labour_status", "op": "EQ", "values": ["INACTIVE"]}]},
    {"code": "EECO09", "title_it": "ISCED 0-2", "title_en": "ISCED 0-2", "moment": "ENTRY",
     "conditions": [{"field": "isced", "op": "LE", "values": ["2"]}]},
    {"code": "EECR02", "title_it": "Formazione", "title_en": "Education", "moment": "IMMEDIATE"}]}
CASE, SUBJECT = "00000000-0000-4000-8000-0000000000c1", "00000000-0000-4000-8000-0000000000a1"
ABOUT = {"case": CASE, "programme": "002", "subject": SUBJECT}


def tell(speaker: Speaker, case: str = CASE) -> None:
    """From the programme's activation to the result on leaving."""
    about = ABOUT | {"case": case}
    speaker.say("reporting.ProgrammeActivated", "programme", "002", {
        "programme_id": "002", "title": "Bari", "fund": "PN", "config_version": 1, "config": {"catalogue": CATALOGUE}},
        programme="002", occurred="2024-07-01")
    speaker.say("intake.ReferralReceived", "referral", "r1", {"referral_id": "r1", "source_kind": "SOCIAL", "received_on": "2024-09-09"},
                occurred="2024-09-09", **about)
    speaker.say("intake.ParticipantRegistered", "subject", SUBJECT, {"subject_id": SUBJECT}, subject=SUBJECT, occurred="2024-09-11")
    speaker.say("intake.CaseOpened", "case", case, {"case_id": case, "opened_on": "2024-09-11", "territorial_unit": "M3"},
                occurred="2024-09-11", **about)
    speaker.say("reporting.ParticipationEntered", "participation", "p1", {
        "participation_id": "p1", "entry_date": "2024-09-16", "gender": "F", "age": 38, "labour_status": "UNEMPLOYED",
        "unemployment_months": 30, "isced": 2, "complete": True}, occurred="2024-09-16", **about)
    speaker.say("placement.HostRegistered", "host", "h1", {
        "host_id": "h1", "body_name": "Cartolibreria", "sole_trader": False, "ateco": "47.62", "units": []}, occurred="2024-09-16")
    speaker.say("stipend.CommitmentRegistered", "commitment", "k1", {
        "commitment_id": "k1", "act_no": "SYN-DET-1", "act_date": "2024-10-04", "amount_cents": 120000, "binding": True},
        programme="002", occurred="2024-10-04")
    speaker.say("placement.InternshipPlanned", "internship", "i1", {
        "internship_id": "i1", "host_id": "h1", "start": "2024-10-14", "planned_end": "2024-12-13", "weekly_hours": "30"},
        occurred="2024-10-04", **about)
    speaker.say("stipend.StipendEntitlementOpened", "entitlement", "e1", {
        "entitlement_id": "e1", "internship_id": "i1", "commitment_id": "k1", "starts": "2024-10-14", "projected_cents": 120000},
        occurred="2024-10-04", policyref="P@1", **about)
    speaker.say("placement.TaskRaised", "task", "t1", {
        "task_id": "t1", "kind": "GEPI_REGISTRATION", "role": "CASE_MANAGER", "due": "2024-10-14", "cause": "i1",
        "done_by": "placement.ExternalRegistrationConfirmed.v1"}, occurred="2024-10-04", **about)
    speaker.say("placement.ExternalRegistrationConfirmed", "registration", "g1", {"registration_id": "g1", "system": "GEPI"},
                occurred="2024-10-11", **about)
    month(speaker, about, 1, "2024-10-14", "2024-11-13", "116", 60000, 120000)
    month(speaker, about, 2, "2024-11-14", "2024-12-13", "72", 36000, 96000)
    speaker.say("reporting.ParticipationExited", "participation", "p1", {
        "participation_id": "p1", "exit_date": "2025-01-07", "exit_reason": "COMPLETED"}, occurred="2025-01-07", **about)
    speaker.say("reporting.ImmediateResultRecorded", "participation", "p1", {
        "participation_id": "p1", "observed_on": "2025-01-09", "status": "EDUCATION", "codes": ["EECR02"], "source": "REGISTER"},
        occurred="2025-01-09", **about)


def month(speaker: Speaker, about: dict[str, str], number: int, starts: str, ends: str, hours: str, cents: int, share_cents: int) -> None:
    validated = speaker.say("placement.AttendancePeriodValidated", "internship", "i1", {
        "internship_id": "i1", "number": number, "planned_hours": "120", "recognised_hours": hours}, occurred=ends, **about)
    accrual, order, share = f"a{number}", f"o{number}", {"entitlement_id": "e1"}
    speaker.say("stipend.StipendAccrued", "entitlement", "e1", share | {
        "accrual_id": accrual, "number": number, "period": number, "starts": starts, "ends": ends, "planned_full": "120",
        "planned_hours": "120", "recognised_hours": hours, "ratio": "0.6000", "rule": "FLAT_THRESHOLD", "base_cents": 60000,
        "amount_cents": cents, "validated_fact": validated, "share_cents": share_cents}, occurred=ends, policyref="P@1", **about)
    speaker.say("stipend.StipendApproved", "entitlement", "e1", share | {
        "accrual_id": accrual, "act_no": f"SYN-LIQ-{number}", "amount_cents": cents, "approved_by": "op-2"}, occurred=ends, **about)
    speaker.say("stipend.PaymentOrderIssued", "payment", "e1", share | {
        "order_id": order, "accrual_id": accrual, "attempt": 1, "amount_cents": cents, "end_to_end_id": f"002-A{number}-1",
        "rail": "OPI", "issued_by": "op-3", "mandate_no": f"SYN-M-{number}"}, occurred=ends, **about)
    speaker.say("stipend.PaymentBatchTransmitted", "payment", "e1", share | {
        "batch_id": "b1", "msg_id": "m1", "count": 1, "control_sum_cents": cents, "orders": [order]}, occurred=ends, **about)
    speaker.say("stipend.StipendPaid", "payment", "e1", share | {
        "order_id": order, "accrual_id": accrual, "end_to_end_id": f"002-A{number}-1", "amount_cents": cents, "executed_on": ends},
        occurred=ends, **about)
