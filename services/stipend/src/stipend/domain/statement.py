"""The treasurer's journal, or an account statement (giornale di cassa): imported once; its lines close executed orders."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from chassis.decide import Refused, Today, refuse
from stipend.domain.forms import Digest, Reference
from stipend.domain.payment import ExecutionAwaited, Payment, PaymentReconciled

Format = Literal["GIORNALE_CASSA", "CAMT053"]
LINES_A_PART = 1000
"""Lines of one fact: of 120 bytes each at most, beneath the 256 KiB of a fact."""


@dataclass(frozen=True)
class StatementLine:
    """One debit. `end_to_end_id` where the bank gives it."""

    line: int
    amount_cents: int
    booked_on: date
    end_to_end_id: Reference | None = None


@dataclass(frozen=True)
class BankStatementImported:
    """A statement, or where it is long one of its `parts`, numbered from 1. Its parts are stored together."""

    statement_id: str
    format: str
    msg_id: str
    starts: date
    ends: date
    lines: tuple[StatementLine, ...]
    file_digest: str
    part: int | None = None
    parts: int | None = None


Event = BankStatementImported


@dataclass(frozen=True)
class Statement:
    parts: tuple[tuple[StatementLine, ...], ...] = ()

    @property
    def lines(self) -> tuple[StatementLine, ...]:
        return tuple(line for part in self.parts for line in part)

    def line(self, number: int) -> StatementLine | None:
        return next((line for line in self.lines if line.line == number), None)

    def named(self, part: int | None, end_to_end_id: str | None) -> tuple[StatementLine, ...]:
        """The lines of one part, those of one EndToEndId, or all."""
        return tuple(line for number, lines in enumerate(self.parts, 1) if part in (None, number)
                     for line in lines if end_to_end_id in (None, line.end_to_end_id))


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
    return Statement((*state.parts, event.lines))


def import_bank_statement(state: Statement, *, statement_id: str, format: Format, msg_id: Reference, starts: date, ends: date,
                          lines: list[StatementLine], file_sha256: Digest, seen: FileSeen, today: Today) -> list[Any]:
    """Take in the debits of a statement. The same file, or another with its MsgId, is refused. A long one is stored in parts."""
    if state.parts or seen.statement_id:
        raise Refused("STATEMENT_ALREADY_IMPORTED", f"the file is statement {seen.statement_id or statement_id}")
    refuse(_backwards(starts, ends), _repeated(lines), _no_debit(lines), _outside(lines, starts, ends, today),
           _ahead(lines, ends, today))
    cut = [tuple(lines[at:at + LINES_A_PART]) for at in range(0, len(lines), LINES_A_PART)] or [()]
    if len(cut) == 1:
        return [BankStatementImported(statement_id, format, msg_id, starts, ends, cut[0], seen.digest)]
    return [BankStatementImported(statement_id, format, msg_id, starts, ends, part, seen.digest, number, len(cut))
            for number, part in enumerate(cut, 1)]


def _backwards(starts: date, ends: date) -> Refused | None:
    return Refused("INTERVAL_INVALID", f"the statement ends on {ends}, before it starts on {starts}") if ends < starts else None


def _repeated(lines: Sequence[StatementLine]) -> Refused | None:
    again = next((line for line, times in Counter(n.line for n in lines).items() if times > 1), None)
    return Refused("DUPLICATE_ROW", f"line {again} is there twice: number the lines as the file has them") if again is not None else None


def _no_debit(lines: Sequence[StatementLine]) -> Refused | None:
    wrong = next((n for n in lines if n.amount_cents <= 0), None)
    return Refused("INPUT_INVALID", f"line {wrong.line} is of {wrong.amount_cents} cents: the lines are debits, above 0") if wrong else None


def _outside(lines: Sequence[StatementLine], starts: date, ends: date, today: date) -> Refused | None:
    """Of those that are not in the future; of a statement that does not end before it starts."""
    wrong = next((n for n in lines if n.booked_on <= today and not starts <= n.booked_on <= ends), None) if starts <= ends else None
    return Refused("OUTSIDE_INTERVAL", f"line {wrong.line} is booked on {wrong.booked_on}, and the statement is of {starts} to {ends}") \
        if wrong else None


def _ahead(lines: Sequence[StatementLine], ends: date, today: date) -> Refused | None:
    if ends > today:
        return Refused("DATE_IN_THE_FUTURE", f"the statement ends on {ends}, after today, {today}")
    wrong = next((n for n in lines if n.booked_on > today), None)
    return Refused("DATE_IN_THE_FUTURE", f"line {wrong.line} is booked on {wrong.booked_on}, after today, {today}") if wrong else None


def reconcile_statement(state: Statement, *, statement_id: str, paid: Paid, part: int | None = None,
                        end_to_end_id: Reference | None = None) -> list[Any]:
    """Close every executed order that a line names by its EndToEndId, with its amount; await others. One line closes one order, once.

    Of one part of the statement, or of the lines of one EndToEndId, where it is given.
    """
    found: dict[str, PaymentReconciled | ExecutionAwaited] = {}
    used = set(paid.closed)
    for line in state.named(part, end_to_end_id):
        entitlement_id, payment = paid.by_end_to_end_id.get(line.end_to_end_id or "", ("", Payment()))
        order = payment.by_end_to_end_id(line.end_to_end_id or "")
        if order is None or order.reconciled or order.order_id in found or line.line in used:
            continue
        if order.amount_cents != line.amount_cents:
            continue
        if order.state in ("EXECUTED", "RETURNED"):
            found[order.order_id] = PaymentReconciled(entitlement_id, order.order_id, statement_id, line.line, "E2E")
            used.add(line.line)
        elif order.state in ("TRANSMITTED", "ACCEPTED") and not order.awaited_by:
            found[order.order_id] = ExecutionAwaited(entitlement_id, order.order_id, statement_id)
    return list(found.values())
