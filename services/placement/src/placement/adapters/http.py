"""The commands of placement: route, decision, roles. The bodies come from the decisions' signatures."""
from __future__ import annotations

from chassis.declare import Command
from chassis.task import TASK, raise_task
from placement.adapters.kinds import AGREEMENT, HIRE, HOST, INTERNSHIP, MATCH, OPPORTUNITY, REGISTRATION, TRAINING
from placement.domain import (
    agreement,
    ending,
    hire,
    host,
    match,
    opportunity,
    planning,
    register,
    registration,
    starting,
    suspension,
    training,
    tutoring,
)

PROMOTER, TUTORS = ("TUTOR_PROMOTORE",), ("TUTOR_AZIENDALE", "TUTOR_PROMOTORE")
MATCHING, TEAM = ("ORIENTATORE", "TUTOR_PROMOTORE"), ("CASE_MANAGER", "ORIENTATORE", "TUTOR_PROMOTORE")
PARTIES = ("ORIENTATORE", "CASE_MANAGER", "TUTOR_AZIENDALE", "SYSTEM")
OF_HOURS = ("WEEKLY_HOURS_EXCEEDED", "DAILY_HOURS_EXCEEDED", "NIGHT_WORK_NOT_ALLOWED", "OUTSIDE_INTERVAL", "DUPLICATE_ROW")
OF_LIMITS = (*OF_HOURS, "DURATION_ABOVE_MAX", "EXTENSION_VALIDATION_MISSING", "OUTSIDE_PROGRAMME_WINDOW")
ONE = "/internships/{internship_id}"

COMMANDS = (
    Command(HOST, "POST /hosts/{host_id}", host.register_host, by=MATCHING),
    Command(HOST, "POST /hosts/{host_id}/requirements", host.declare_requirements, by=("TUTOR_AZIENDALE",)),
    Command(OPPORTUNITY, "POST /opportunities/{opportunity_id}", opportunity.publish_opportunity, by=MATCHING),
    Command(MATCH, "POST /matches/{match_id}", match.propose_match, by=MATCHING),
    Command(MATCH, "POST /matches/{match_id}/acceptances", match.accept_match, by=PARTIES),
    Command(MATCH, "POST /matches/{match_id}/rejection", match.reject_match, by=PARTIES[:3]),
    Command(AGREEMENT, "POST /agreements/{agreement_id}", agreement.sign_agreement, by=PROMOTER),
    Command(TRAINING, "POST /cases/{case_id}/trainings/{enrolment_id}", training.enrol_in_training, by=MATCHING),
    Command(TRAINING, "POST /trainings/{enrolment_id}/completion", training.complete_training, by=MATCHING),
    Command(REGISTRATION, "POST /cases/{case_id}/external-registrations/{registration_id}", registration.confirm_registration,
            by=("CASE_MANAGER",)),
    Command(HIRE, "POST /cases/{case_id}/hires/{hire_id}", hire.record_hire, by=TEAM),
    Command(INTERNSHIP, f"POST {ONE}", planning.plan_internship, by=PROMOTER, also_refuses=OF_LIMITS),
    Command(INTERNSHIP, f"POST {ONE}/insurance", starting.register_insurance, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/communications", starting.send_communication, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/start", starting.start_internship, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/attendance", register.record_attendance, by=TUTORS),
    Command(INTERNSHIP, f"POST {ONE}/attendance/corrections", register.correct_attendance, by=TUTORS),
    Command(INTERNSHIP, f"POST {ONE}/periods/{{number}}/validation", register.validate_period, by=TUTORS),
    Command(INTERNSHIP, f"POST {ONE}/visits/{{visit_id}}", tutoring.log_visit, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/issues/{{issue_id}}", tutoring.raise_issue, by=(*TUTORS, "CASE_MANAGER")),
    Command(INTERNSHIP, f"POST {ONE}/issues/{{issue_id}}/resolution", tutoring.resolve_issue, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/suspension", suspension.suspend_internship, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/resumption", suspension.resume_internship, by=PROMOTER, also_refuses=OF_HOURS),
    Command(INTERNSHIP, f"POST {ONE}/extension", suspension.extend_internship, by=PROMOTER, also_refuses=OF_LIMITS),
    Command(INTERNSHIP, f"POST {ONE}/withdrawal", ending.withdraw_from_internship, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/interruption", ending.interrupt_internship, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/completion", ending.complete_internship, by=PROMOTER),
    Command(INTERNSHIP, f"POST {ONE}/attestation", ending.issue_attestation, by=PROMOTER),
    Command(TASK, "", hire.ask_for_action_plan, by=("SYSTEM",)),
    Command(TASK, "", raise_task, by=("SYSTEM",)),
)
