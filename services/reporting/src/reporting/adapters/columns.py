"""The columns of each read as CSV, in order."""
from __future__ import annotations

HISTORY = ("occurred", "recorded", "cited", "source", "type", "known", "it", "en", "actor", "actorrole", "actororg",
           "aggregatetype", "aggregate", "sequence", "case", "programme", "subject", "policyref", "causation", "correlation",
           "incarnation", "position", "id", "data")
TRAIL = ("occurred", "recorded", "source", "incarnation", "position", "trail_number", "trail_hash", "type", "known", "it",
         "en", "case", "aggregatetype", "aggregate", "sequence", "actor", "actorrole", "actororg", "policyref", "id")
LEDGER = ("programme", "case", "entitlement_id", "number", "period", "starts", "ends", "planned_full", "planned_hours",
          "recognised_hours", "ratio", "rule", "base_cents", "computed_cents", "amount_cents", "adjusted_cents", "policyref", "act_no",
          "approved_by", "approved_on", "attempt", "order_cents", "end_to_end_id", "rail", "mandate_no", "issued_by",
          "issued_on", "msg_id", "executed_on", "paid_cents", "reconciled_on", "reconciled_by_rule", "status", "stopped",
          "reason", "accrual_id", "order_id", "reissue_of", "first", "adjustments", "asked_back_cents", "recovery_facts", "facts")
COMMITMENTS = ("commitment_id", "programme", "act_no", "act_date", "amount_cents", "binding", "cup", "chapter", "pdc_code",
               "accrued_cents", "projected_cents", "left_cents", "entitlements", "fact", "binding_fact")
PARTICIPATIONS = ("participation_id", "programme", "case", "subject", "codes", "entry", "exit", "immediate", "six_month",
                  "entry_fact", "exit_fact", "immediate_fact", "six_month_fact")
INDICATORS = ("code", "title_it", "title_en", "moment", "by_gender", "total")
HOSTS = ("host_id", "body_name", "sole_trader", "legal_nature", "ateco", "ateco_version", "risk_class", "units",
         "requirements", "agreements", "opportunities", "internships_planned", "internships_started", "registered_on",
         "registered_fact")
TASKS = ("task_id", "source", "kind", "role", "due", "state", "case", "programme", "subject", "cause", "done_by", "occurred",
         "raised", "done", "done_fact", "fact")
DIFF = ("view", "key", "part", "column", "before", "after", "facts")
READINGS = ("read_at", "reader", "role", "org", "purpose", "case_id", "reading_id")
CASELOAD = ("case", "programme", "subject", "case_manager", "managed_since", "stage", "opened_on", "last_occurred", "plan", "internship",
            "open_tasks", "overdue", "next_due", "parked", "closed_on", "closed_for", "entitlement_ids")
MANAGERS = ("case_manager", "cases", "open", "by_stage")
AGENDA = ("due", "passed", "state", "what", "kind", "role", "case", "programme", "subject", "cause", "source", "task_id", "done_by",
          "occurred", "raised", "done", "done_fact", "fact")
BUDGET = ("commitment_id", "programme", "act_no", "act_date", "cup", "chapter", "pdc_code", "binding", "admitted_cents", "binding_cents",
          "accrued_cents", "ordered_cents", "disbursed_cents", "unpaid_cents", "open_cents", "economies_cents", "remaining_cents",
          "entitlements", "fact", "binding_fact")
