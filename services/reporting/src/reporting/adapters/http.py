"""The commands of reporting: route, decision, roles."""
from __future__ import annotations

from chassis.declare import Command
from chassis.task import TASK, raise_task
from reporting.adapters.kinds import EVIDENCE, PARTICIPATION, PROGRAMME
from reporting.domain import evidence, participation, programme

CONFIGURES = ("PARTNER_ADMIN", "REPORTING_OFFICER")
COUNTS = ("REPORTING_OFFICER",)
EXPORTS = ("AUDITOR", "REPORTING_OFFICER")

COMMANDS = (
    Command(PROGRAMME, "POST /programmes/{programme_id}/activation", programme.activate_programme, by=CONFIGURES),
    Command(PROGRAMME, "POST /programmes/{programme_id}/configurations", programme.version_configuration, by=CONFIGURES),
    Command(PARTICIPATION, "POST /participations/{participation_id}", participation.enter_participation, by=COUNTS),
    Command(PARTICIPATION, "POST /participations/{participation_id}/exit", participation.exit_participation, by=COUNTS),
    Command(PARTICIPATION, "POST /participations/{participation_id}/immediate-results", participation.record_immediate_result,
            by=COUNTS),
    Command(PARTICIPATION, "POST /participations/{participation_id}/six-month-results", participation.record_six_month_result,
            by=COUNTS),
    Command(EVIDENCE, "POST /programmes/{programme_id}/exports/{export_id}", evidence.export_evidence, by=EXPORTS),
    Command(PARTICIPATION, "", participation.close_immediate_window, by=("SYSTEM",)),
    Command(PARTICIPATION, "", participation.ask_six_month_result, by=("SYSTEM",)),
    Command(TASK, "", raise_task, by=("SYSTEM",)),
)
