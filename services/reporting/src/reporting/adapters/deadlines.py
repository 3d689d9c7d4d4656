"""What an exit sets going (ExitFollowUp, `domain.md` 9.7): the 28 days, the six months."""
from __future__ import annotations

from datetime import timedelta

from chassis.declare import Deadline, Do
from reporting.domain.participation import (
    WINDOW,
    ParticipationExited,
    ask_six_month_result,
    close_immediate_window,
    reference_date,
)

DEADLINES = (
    Deadline("immediate-window", ParticipationExited, lambda left: left.exit_date + WINDOW + timedelta(days=1),
             lambda left: Do(close_immediate_window, {"participation_id": left.participation_id, "exit_date": left.exit_date})),
    Deadline("six-month-result", ParticipationExited, lambda left: reference_date(left.exit_date),
             lambda left: Do(ask_six_month_result, {"participation_id": left.participation_id, "exit_date": left.exit_date})),
)
