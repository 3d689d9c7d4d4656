"""The treasurer's journal, or an account statement (giornale di cassa): imported once; its lines close executed orders."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from chassis.decide import Refused
from stipend.domain.forms import Digest, Reference
from stipend.domain.payment import ExecutionAwaited, Payment, PaymentReconciled

Format = Literal["GIORNALE_CASSA", "CAMT053"]


@dataclass(frozen=True)
class StatementLine:
    """One debit. `end_to_end_id` where the bank gives it."""

    line: int
    amount_cents: int
    booked_on: date
    end_to_end_id: Reference | None = None


@dataclass(frozen=True)
class BankStatementImported:
    statement_id: str
    format: str
    msg_id: str
    starts: date
    ends: date
    lines: tuple[StatementLine, ...]
    file_digest: str


Event = BankStatementImported


@dataclass(frozen=True)
class Statement:
    imported: bool = False
    lines: tuple[StatementLine, ...] = ()


@dataclass(frozen=True)
class FileSeen:
    """The keyed digest of a file, and the statement that has it, or its MsgId, already."""

    digest: str
    statement_id: str | None = None


@dataclass(frozen=True)
class Paid:
    """Entitlement and payments by the EndToEndIds of a statement; lines that have closed an order already."""

    by_end_to_end_id: Mapping[str, tuple[str, Payment]] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()


def evolve(state: Statement, event: Event) -> Statement:
    return Statement(True, event.lines)


def import_bank_statement(state: Statement, *, statement_id: str, format: Format, msg_id: Reference, starts: date, ends: date,
                          lines: list[StatementLine], file_sha256: Digest, seen: FileSeen) -> list[Any]:
    """Take in the debits of a statement. The same file, or another with its MsgId, is refused."""
    if state.imported or seen.statement_id:
        raise Refused("STATEMENT_ALREADY_IMPORTED", f"the file is statement {seen.statement_id or statement_id}")
    return [BankStatementImported(statement_id, format, msg_id, starts, ends, tuple(lines), seen.digest)]


def reconcile_statement(state: Statement, *, statement_id: str, paid: Paid) -> list[Any]:
    """Close every executed order that a line names by its EndToEndId, with its amount; await others. One line closes one order, once."""
    found: dict[str, PaymentReconciled | ExecutionAwaited] = {}
    for line in state.lines:
        entitlement_id, payment = paid.by_end_to_end_id.get(line.end_to_end_id or "", ("", Payment()))
        order = payment.by_end_to_end_id(line.end_to_end_id or "")
        if order is None or order.reconciled or order.order_id in found or line.line in paid.closed:
            continue
        if order.amount_cents != line.amount_cents:
            continue
        if order.state in ("EXECUTED", "RETURNED"):
            found[order.order_id] = PaymentReconciled(entitlement_id, order.order_id, statement_id, line.line, "E2E")
        elif order.state in ("TRANSMITTED", "ACCEPTED") and not order.awaited_by:
            found[order.order_id] = ExecutionAwaited(entitlement_id, order.order_id, statement_id)
    return list(found.values())
