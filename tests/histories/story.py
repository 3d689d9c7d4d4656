"""The ordinary story of a case, step by step, from the referral to its end with two months paid: what moves then disturb."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from histories.people import CENTS, PROGRAMME, Person

DOCUMENT = "0" * 64


@dataclass(frozen=True)
class Step:
    """One command: when, by whom, to which operation (`service.operationId`)."""

    on: date
    actor: str
    operation: str
    fields: dict[str, Any]


def story(person: Person, commitment: str) -> list[Step]:
    """Every step; those of a person whose ids are not known yet have none in their place."""
    return [*_entered(person), *_prepared(person, commitment), *_attended(person), *_paid(person), *_ended(person)]


def _entered(person: Person) -> Iterator[Step]:
    on, case = person.start - timedelta(days=28), {"case_id": person.case}
    them = person.identity
    yield Step(on, "service", "intake.receiveReferral", {
        "referral_id": person.id("referral"), "programme_id": PROGRAMME, "source": "COMUNE_ATS_SERVICE", "protocol_no": "SYN-S02",
        "declared_categories": ["POVERTY"], **them})
    yield Step(on, "case_manager", "intake.acceptReferral", {"referral_id": person.id("referral")})
    yield Step(on, "case_manager", "intake.registerParticipant", {"subject_id": person.subject, **them, "residence": "075035"})
    yield Step(on, "case_manager", "intake.deliverPrivacyNotice", {
        **case, "notice_version": "v1", "language": "it", "channel": "IN_PERSON"})
    yield Step(on, "case_manager", "intake.openCase", {**case, "territorial_unit": "ATS_1"})
    yield Step(on, "admin", "intake.assignCaseManager", {
        **case, "operator_id": person.operators.get("case_manager"), "operator_role": "CASE_MANAGER"})
    yield Step(on, "case_manager", "intake.attestCategory", {
        **case, "attestation_id": person.id("poverty"), "category": "POVERTY", "evidence_doc": "doc-isee", "valid_from": "2024-01-01"})
    yield Step(on, "case_manager", "intake.confirmEligibility", case)
    yield Step(on, "reporter", "reporting.enterParticipation", {
        **case, "participation_id": person.id("participation"), "birth_date": them["birth_date"], "gender": them["gender"],
        "labour_status": "UNEMPLOYED", "unemployment_months": 8, "isced": 3, "in_education": False, "third_country": False,
        "foreign_background": False, "homeless": False, "degurba": 2})
    yield from _assessed(person, on)


def _assessed(person: Person, on: date) -> Iterator[Step]:
    members = [{"operator": person.operators.get(who), "role": role, "org": "COMUNE_ESEMPIO"}
               for who, role in (("case_manager", "CASE_MANAGER"), ("educator", "SOCIAL_EDUCATOR"))]
    roles, signed = [member["role"] for member in members], on.isoformat()
    yield Step(on, "case_manager", "assessment.conveneTeam", {
        "evaluation_id": person.id("evaluation"), "case_id": person.case, "members": members})
    yield Step(on, "case_manager", "assessment.completeEvaluation", {
        "evaluation_id": person.id("evaluation"), "domains": ["WORK"], "present_roles": roles, "signed_by": roles})
    yield Step(on, "case_manager", "assessment.draftPlan", {
        "plan_id": person.id("plan"), "case_id": person.case, "evaluation_id": person.id("evaluation"), "policy_id": "S02-STEPS",
        "goals": [{"goal_id": person.id("goal"), "text": "Imparare un mestiere"}]})
    yield Step(on, "case_manager", "assessment.agreePlan", {
        "plan_id": person.id("plan"), "version": 1, "valid_to": "2030-12-31", "coherent": True, "signatures": [
            {"party": party, "method": "HANDWRITTEN", "on": signed} for party in ("PARTICIPANT", "CASE_MANAGER")]})


def _prepared(person: Person, commitment: str) -> Iterator[Step]:
    on = person.start - timedelta(days=20)
    host, agreement, opportunity, match = (person.id(name) for name in ("host", "agreement", "opportunity", "match"))
    yield Step(on, "counsellor", "placement.registerHost", {
        "host_id": host, "name": "Vivaio Sintetico", "vat_number": person.vat_number, "ateco": "81.30", "ateco_version": "2007",
        "risk_class": "LOW", "legal_nature": "PRIVATE",
        "units": [{"unit_id": person.id("unit"), "istat": "075035", "employees_open_ended": 4}]})
    yield Step(on, "host_tutor", "placement.declareRequirements", {
        "host_id": host, "valid_to": "2030-12-31", "signatory": "Il titolare",
        "checklist": [{"item": "DURC", "met": True}, {"item": "SAFETY", "met": True}]})
    yield Step(on, "tutor", "placement.signAgreement", {
        "agreement_id": agreement, "host_id": host, "promoter": "COMUNE_ESEMPIO", "kind": "CONVENZIONE", "valid_to": "2030-12-31",
        "document_digest": DOCUMENT})
    yield Step(on, "counsellor", "placement.publishOpportunity", {
        "opportunity_id": opportunity, "host_id": host, "unit_id": person.id("unit"), "tasks": "Cura del verde", "places": 1,
        "weekly_hours": "36", "starts": person.start.isoformat()})
    yield Step(on, "counsellor", "placement.proposeMatch", {
        "match_id": match, "case_id": person.case, "opportunity_id": opportunity,
        "criteria": [{"name": "COMPETENCES", "score": "8", "weight": "1"}]})
    for who, party in (("counsellor", "PARTICIPANT"), ("host_tutor", "HOST"), ("case_manager", "TEAM")):
        yield Step(on, who, "placement.acceptMatch", {"match_id": match, "accepted_by": party})
    for module in ("SAFETY_GENERAL", "SAFETY_SPECIFIC_LOW"):
        enrolment = person.id(module)
        yield Step(on, "counsellor", "placement.enrolInTraining", {
            "case_id": person.case, "enrolment_id": enrolment, "module_code": module, "hours": "4"})
        yield Step(on, "counsellor", "placement.completeTraining", {"enrolment_id": enrolment, "hours_attended": "4", "outcome": "PASSED"})
    yield from _planned(person, commitment, person.start - timedelta(days=10))


def _planned(person: Person, commitment: str, on: date) -> Iterator[Step]:
    internship, start, end = person.id("internship"), person.start.isoformat(), person.end.isoformat()
    yield Step(on, "officer", "stipend.decideTaxTreatment", {
        "plan_id": person.id("plan"), "case_id": person.case, "plan_version": 1, "treatment": "EXEMPT_ART34", "motivation": "Assistenza"})
    yield Step(on, "tutor", "placement.planInternship", {
        "internship_id": internship, "match_id": person.id("match"), "agreement_id": person.id("agreement"),
        "type": "FORMATIVO_ORIENTAMENTO", "start": start, "planned_end": end, "weekly_hours": "36",
        "calendar": [{"day": day.isoformat(), "hours": "5"} for day in person.days], "promoter_tutor": person.operators.get("tutor"),
        "host_tutor": person.operators.get("host_tutor"), "goal_ids": [person.id("goal")], "pfi_digest": DOCUMENT,
        "pfi_signed_on": on.isoformat(), "signatures": ["PROMOTER", "HOST", "PARTICIPANT", "TUTOR_PROMOTORE", "TUTOR_AZIENDALE"],
        "no_prior_relationship": True, "amount_cents": CENTS})
    yield Step(on, "tutor", "placement.registerInsurance", {
        "internship_id": internship, "inail_position": "SYN-INAIL", "rct_policy": "SYN-RCT", "valid_from": start, "valid_to": "2030-12-31"})
    yield Step(on, "officer", "stipend.openEntitlement", {
        "entitlement_id": person.id("entitlement"), "case_id": person.case, "internship_id": internship, "commitment_id": commitment})
    yield from account(person, 0, on)
    yield Step(on, "tutor", "placement.sendCommunication", {
        "internship_id": internship, "kind": "START", "protocol": "SYN-COB", "effective_on": start,
        "internship_type": "FORMATIVO_ORIENTAMENTO"})
    yield Step(person.start, "tutor", "placement.startInternship", {"internship_id": internship})


def account(person: Person, which: int, on: date) -> Iterator[Step]:
    """An account of the person, registered by one and verified by another."""
    details = {"subject_id": person.subject, "details_id": person.id(f"bank {which}")}
    yield Step(on, "officer", "stipend.registerBankDetails", {**details, "iban": person.iban(which), "holder_role": "PARTICIPANT"})
    yield Step(on, "approver", "stipend.verifyBankDetails", {**details, "method": "BANK_LETTER"})


def _attended(person: Person) -> Iterator[Step]:
    for day in (*person.days[:5], *person.days[10:17]):  # 25 of 50 hours, half of the month's amount; then 35 of 50, all of it
        yield Step(day, "host_tutor", "placement.recordAttendance", {
            "internship_id": person.id("internship"), "day": day.isoformat(), "hours": "5", "kind": "PRESENT"})


def validated(person: Person, period: int, on: date) -> Step:
    tutors = [{"operator": person.operators.get(who), "role": role}
              for who, role in (("host_tutor", "TUTOR_AZIENDALE"), ("tutor", "TUTOR_PROMOTORE"))]
    return Step(on, "tutor", "placement.validatePeriod", {
        "internship_id": person.id("internship"), "number": period, "validators": tutors})


def _paid(person: Person) -> Iterator[Step]:
    on, entitlement = person.end + timedelta(days=3), {"entitlement_id": person.id("entitlement")}
    for period in (1, 2):
        yield validated(person, period, on)
        yield Step(on, "officer", "stipend.approveStipend", {
            **entitlement, "accrual_id": person.accrual(period), "act_no": f"SYN-LIQ-{period}"})
    for period, cents in ((1, CENTS // 2), (2, CENTS)):
        order = {**entitlement, "order_id": person.id(f"order {period}")}
        yield Step(on, "approver", "stipend.issuePaymentOrder", {
            **order, "accrual_id": person.accrual(period), "amount_cents": cents, "rail": "OPI", "mandate_no": f"SYN-M-{period}"})
        yield Step(on, "approver", "stipend.transmitPaymentBatch", {
            "batch_id": person.id(f"batch {period}"), "msg_id": f"B-{person.number}-{period}", "orders": [order], "file_digest": DOCUMENT})
        yield Step(on, "treasurer", "stipend.confirmExecution", order)


def _ended(person: Person) -> Iterator[Step]:
    on = person.end + timedelta(days=5)
    yield Step(on, "tutor", "placement.completeInternship", {"internship_id": person.id("internship"), "ended_on": person.end.isoformat()})
    yield Step(on, "reporter", "reporting.exitParticipation", {
        "participation_id": person.id("participation"), "exit_reason": "COMPLETED"})
    yield Step(on, "reporter", "reporting.recordImmediateResult", {
        "participation_id": person.id("participation"), "status": "EMPLOYED", "codes": ["EECR04"], "source": "COB"})
    yield Step(on, "case_manager", "intake.closeCase", {"case_id": person.case, "reason": "COMPLETED"})
