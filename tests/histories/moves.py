"""What may happen to a case, by its name: one command or a few, as the person's affairs stand; most of it is refused now and then."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

from histories.beginning import COMMITMENT
from histories.people import Person, made
from histories.story import DOCUMENT, Step, account, validated
from histories.world import World

Move = Callable[[World, Person, int], Awaitable[None]]
"""`number`: what is chosen where there is a choice."""
ROWS = (("0", "ABSENT"), ("2.5", "PRESENT"), ("5", "PRESENT"), ("7.5", "PRESENT"), ("0", "ABSENT_JUSTIFIED"))
FAULTS = ("AC04", "MS03", "AC01", "AM05")


def _some_day(world: World, number: int) -> date:
    """Today, or for two of three a day that has passed: as far back as forty days."""
    return world.today - timedelta(days=number % 41 if number % 3 else 0)


async def onward(world: World, person: Person, number: int) -> None:
    await world.onward(person, COMMITMENT)


async def attends(world: World, person: Person, number: int) -> None:
    """A day of the register, told late or never before."""
    day = person.days[number % len(person.days)]
    hours, kind = ROWS[number % len(ROWS)]
    await world.sends(person, Step(day, "host_tutor", "placement.recordAttendance", {
        "internship_id": person.id("internship"), "day": day.isoformat(), "hours": hours, "kind": kind}))


async def corrects(world: World, person: Person, number: int) -> None:
    """A row put right, up or down, whether it is validated or not, paid or not."""
    hours, kind = ROWS[number // len(person.days) % len(ROWS)]
    await world.sends(person, Step(_some_day(world, number), "host_tutor", "placement.correctAttendance", {
        "internship_id": person.id("internship"), "day": person.days[number % len(person.days)].isoformat(), "new_hours": hours,
        "new_kind": kind, "reason_code": "LATE_EVIDENCE"}))


async def validates(world: World, person: Person, number: int) -> None:
    await world.sends(person, validated(person, 1 + number % 2, _some_day(world, number)))


async def suspends(world: World, person: Person, number: int) -> None:
    since = _some_day(world, number)
    await world.sends(person, Step(since, "tutor", "placement.suspendInternship", {
        "internship_id": person.id("internship"), "reason": "ILLNESS", "suspended_from": since.isoformat(),
        "expected_to": (since + timedelta(days=40)).isoformat()}))


async def resumes(world: World, person: Person, number: int) -> None:
    await world.sends(person, Step(_some_day(world, number), "tutor", "placement.resumeInternship", {
        "internship_id": person.id("internship")}))


async def ends(world: World, person: Person, number: int) -> None:
    """Before its time: the participant leaves, the host ends it, or the goals are reached."""
    day = min(max(_some_day(world, number), person.start), person.end)
    name, field, more = (("withdrawFromInternship", "last_day", {"reason_code": "FOUND_JOB"}),
                         ("interruptInternship", "last_day", {"interrupted_by": "HOST", "cause": "GOALS_UNREACHABLE"}),
                         ("completeInternship", "ended_on", {"early_reason": "HIRED"}))[number % 3]
    await world.sends(person, Step(world.today, "tutor", f"placement.{name}", {
        "internship_id": person.id("internship"), field: min(day, world.today).isoformat(), **more}))


async def leaves(world: World, person: Person, number: int) -> None:
    """The participation: exit, then its results."""
    name, more = (("exitParticipation", {"exit_reason": "WITHDRAWN"}),
                  ("recordImmediateResult", {"status": "EMPLOYED", "codes": ["EECR04"], "source": "COB"}),
                  ("recordSixMonthResult", {"status": "NONE", "source": "CALL"}))[number % 3]
    await world.sends(person, Step(_some_day(world, number), "reporter", f"reporting.{name}", {
        "participation_id": person.id("participation"), **more}))


async def closes(world: World, person: Person, number: int) -> None:
    await world.sends(person, Step(_some_day(world, number), "case_manager", "intake.closeCase", {
        "case_id": person.case, "reason": "WITHDRAWN"}))


async def approves(world: World, person: Person, number: int) -> None:
    if accrual := await _chosen(world, person, "accruals", number):
        await world.sends(person, Step(_some_day(world, number), "officer", "stipend.approveStipend", {
            "entitlement_id": person.id("entitlement"), "accrual_id": accrual["accrual_id"], "act_no": f"SYN-LIQ-{len(world.sent)}"}))


async def orders(world: World, person: Person, number: int) -> None:
    """All that is approved and not yet ordered; half of it; a cent too much."""
    if accrual := await _chosen(world, person, "accruals", number):
        found = await world.entitlement(person)
        live = sum(one["amount_cents"] for one in found["orders"] if one["accrual_id"] == accrual["accrual_id"]
                   and one["state"] not in ("STOPPED", "REJECTED", "RETURNED"))
        left = min(accrual.get("approved_cents", 0), accrual["amount_cents"]) - live
        cents = (left, left, max(left // 2, 1), max(left, 0) + 1)[number // 2 % 4]
        await world.sends(person, Step(_some_day(world, number), "approver", "stipend.issuePaymentOrder", {
            "entitlement_id": person.id("entitlement"), "order_id": made(f"order {len(world.sent)}"), "accrual_id": accrual["accrual_id"],
            "amount_cents": cents, "rail": "SEPA", "mandate_no": f"SYN-M-{len(world.sent)}"}))


async def transmits(world: World, person: Person, number: int) -> None:
    """What was ordered, of this person and of the next one, in one file."""
    listed = []
    for one in (person, world.people[(person.number + 1) % len(world.people)])[:1 + number % 2]:
        found = await world.entitlement(one)
        listed += [{"entitlement_id": found["entitlement_id"], "order_id": order["order_id"]}
                   for order in (found or {}).get("orders", ()) if order["state"] == "ISSUED"]
    if listed:
        await world.sends(person, Step(_some_day(world, number), "approver", "stipend.transmitPaymentBatch", {
            "batch_id": made(f"batch {len(world.sent)}"), "msg_id": f"B-{len(world.sent)}", "orders": listed, "file_digest": DOCUMENT}))


async def answers(world: World, person: Person, number: int) -> None:
    """The bank's: taken in charge, refused, executed, come back."""
    if order := await _chosen(world, person, "orders", number // 4):
        ours = {"entitlement_id": person.id("entitlement"), "order_id": order["order_id"]}
        name, fields = (
            ("confirmExecution", ours), ("confirmExecution", ours), ("acceptPayment", ours),
            ("rejectPayment", {**ours, "reason_code": FAULTS[number % 4]}))[number % 4]
        if order["state"] == "EXECUTED":
            name, fields = "recordReturn", {"entitlement_id": person.id("entitlement"), "end_to_end_id": order["end_to_end_id"],
                                            "amount_cents": order["amount_cents"], "reason_code": FAULTS[number % 2]}
        await world.sends(person, Step(_some_day(world, number), "treasurer", f"stipend.{name}", fields))


async def reissues(world: World, person: Person, number: int) -> None:
    if order := await _chosen(world, person, "orders", number):
        await world.sends(person, Step(_some_day(world, number), "approver", "stipend.reissuePayment", {
            "entitlement_id": person.id("entitlement"), "order_id": made(f"order {len(world.sent)}"), "reissue_of": order["order_id"]}))


async def changes_account(world: World, person: Person, number: int) -> None:
    for step in account(person, 1 + number % 3, _some_day(world, number)):
        await world.sends(person, step)


async def stops(world: World, person: Person, number: int) -> None:
    entitlement: dict[str, Any] = {"entitlement_id": person.id("entitlement")}
    if number % 2:
        await world.sends(person, Step(world.today, "approver", "stipend.liftStop", {**entitlement, "reason": "CLEARED"}))
        return
    order = await _chosen(world, person, "orders", number) if number % 4 else None
    only = {"order_id": order["order_id"]} if order else {}
    await world.sends(person, Step(_some_day(world, number), "officer", "stipend.stopPayments", {
        **entitlement, **only, "reason": "WRONG_AMOUNT"}))


async def reckons(world: World, person: Person, number: int) -> None:
    """By hand what reactions do: accrue, adjust, project."""
    entitlement, accrual = {"entitlement_id": person.id("entitlement")}, person.accrual(1 + number % 2)
    name, fields = (("accrueStipend", {"accrual_id": accrual, "period": 1 + number % 2}),
                    ("adjustStipend", {"accrual_id": accrual, "reason": "COMPUTATION_ERROR"}), ("projectStipends", {}))[number // 2 % 3]
    await world.sends(person, Step(world.today, "officer", f"stipend.{name}", {**entitlement, **fields}))


async def reconciles(world: World, person: Person, number: int) -> None:
    """A statement with a line for each of the person's orders, some of them not executed yet."""
    found = await world.entitlement(person)
    lines = [{"line": n, "amount_cents": order["amount_cents"], "booked_on": world.today.isoformat(),
              **({"end_to_end_id": order["end_to_end_id"]} if (n + number) % 3 else {})}
             for n, order in enumerate((found or {}).get("orders", ()), 1)]
    if lines:
        await world.sends(person, Step(world.today, "officer", "stipend.importBankStatement", {
            "statement_id": made(f"statement {len(world.sent)}"), "format": "CAMT053", "msg_id": f"S-{len(world.sent)}",
            "starts": person.start.isoformat(), "ends": world.today.isoformat(), "lines": lines, "file_sha256": DOCUMENT}))


async def repeats(world: World, person: Person, number: int) -> None:
    """A command of this person again, under its own key: it is answered as before."""
    mine = [one for one in world.sent if one.person == person.number]
    if not mine:
        return
    first = mine[number % len(mine)]
    again = await world.sends(person, Step(world.today, first.actor, first.operation, dict(first.fields)), first.key)
    if first.status < 300:
        assert (again.status, again.said) == (first.status, first.said), f"{first.operation} under its own key: {again.said}"


async def says_again(world: World, person: Person, number: int) -> None:
    """A command of this person again, as another."""
    if mine := [one for one in world.sent if one.person == person.number]:
        first = mine[number % len(mine)]
        await world.sends(person, Step(world.today, first.actor, first.operation, dict(first.fields)))


async def holds(world: World, person: Person, number: int) -> None:
    """A legal hold, placed or released."""
    name, date_field = (("placeLegalHold", {"reason": "AUDIT"}), ("releaseLegalHold", {}))[number % 2]
    await world.sends(person, Step(world.today, "guardian", f"intake.{name}", {
        "subject_id": person.subject, "hold_id": person.id(f"hold {number // 2 % 3}"), **date_field}))


async def erases(world: World, person: Person, number: int) -> None:
    """Of this person or, for three of four, of one whose case is closed. Where all has been heard, no figure moves by it."""
    closed = [world.people[n] for n in sorted(world.closed - world.erased)]
    person = closed[number % len(closed)] if closed and number % 4 else person
    if not world.held:
        await world.rest()
    before = None if world.held else await world.figures()
    sent = await world.sends(person, Step(world.today, "guardian", "intake.eraseSubject", {
        "subject_id": person.subject, "legal_ground": "NO_LONGER_NECESSARY"}))
    if sent.status >= 300:
        return
    world.erased.add(person.number)
    if before is not None:
        await world.rest()
        assert await world.figures() == before, f"the figures moved by the erasure of person {person.number}"


async def _chosen(world: World, person: Person, name: str, number: int) -> Mapping[str, Any] | None:
    """One of a list of the person's entitlement; where there is none yet, the story goes on."""
    if some := (await world.entitlement(person) or {}).get(name):
        return dict(some[number % len(some)])
    await world.onward(person, COMMITMENT)
    return None


OF_A_CASE: Mapping[str, tuple[Move, int]] = {
    "goes on": (onward, 14), "attends": (attends, 6), "is corrected": (corrects, 14), "is validated": (validates, 6),
    "is suspended": (suspends, 3), "is resumed": (resumes, 3), "ends early": (ends, 3), "leaves": (leaves, 2), "is closed": (closes, 3),
    "is approved": (approves, 8), "is ordered": (orders, 8), "is transmitted": (transmits, 6), "is answered": (answers, 10),
    "is issued again": (reissues, 4), "changes account": (changes_account, 3), "is stopped": (stops, 3), "is reckoned": (reckons, 3),
    "is reconciled": (reconciles, 3), "is repeated": (repeats, 5), "is said again": (says_again, 4), "is held": (holds, 2),
    "is erased": (erases, 4)}
"""Each with how often it is drawn beside the others."""
