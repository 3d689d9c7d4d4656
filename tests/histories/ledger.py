"""The money of a history, reckoned once more from what placement and stipend have spoken, by rules of this file alone."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from chassis.topics import topic_of
from histories.people import CENTS, PROGRAMME
from histories.world import World

Fact = Mapping[str, Any]
LIVE = ("ISSUED", "TRANSMITTED", "ACCEPTED", "EXECUTED")
MOVES = {"PaymentAccepted": ("TRANSMITTED",), "PaymentRejected": ("TRANSMITTED", "ACCEPTED"), "StipendPaid": ("TRANSMITTED", "ACCEPTED"),
         "PaymentReturned": ("EXECUTED",)}
"""In which state an order must be for what the bank says."""
BECOMES = {"PaymentAccepted": "ACCEPTED", "PaymentRejected": "REJECTED", "StipendPaid": "EXECUTED", "PaymentReturned": "RETURNED"}


@dataclass
class Accrual:
    entitlement: str
    period: int
    amount: int
    approved: int = 0
    asked_back: int = 0


@dataclass
class Order:
    accrual: str
    amount: int
    end_to_end_id: str
    state: str = "ISSUED"


@dataclass
class Money:
    """What stipend's facts come to, one after the other; an assertion fails at the first that breaks a promise."""

    accruals: dict[str, Accrual] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    totals: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def takes(self, fact: Fact) -> None:
        data, name = fact["data"], fact["type"].split(".")[1]
        match name:
            case "StipendAccrued":
                self._accrues(data)
            case "StipendAdjusted":
                accrual = self.accruals[data["accrual_id"]]
                accrual.amount += data["delta_cents"]
                assert accrual.amount == data["new_amount_cents"], f"{fact['id']}: an adjustment says what it comes to"
                self.totals["accrued_cents"] += data["delta_cents"]
            case "StipendApproved":
                self.accruals[data["accrual_id"]].approved = data["amount_cents"]
            case "RecoveryRequested":
                self.accruals[data["accrual_ids"][0]].asked_back += data["amount_cents"]
            case "PaymentOrderIssued" | "PaymentReissued":
                self._orders(data)
            case "PaymentBatchTransmitted":
                for order in data["orders"]:
                    self._moves(order, ("ISSUED",), "TRANSMITTED")
            case "StipendStopped" if data.get("order_id"):
                self._moves(data["order_id"], ("ISSUED",), "STOPPED")
            case _ if name in MOVES:
                self._is_answered(name, data)

    def _accrues(self, data: Fact) -> None:
        same = [one for one in self.accruals.values() if (one.entitlement, one.period) == (data["entitlement_id"], data["period"])]
        assert not same, f"period {data['period']} of {data['entitlement_id']} accrues twice"
        self.accruals[data["accrual_id"]] = Accrual(data["entitlement_id"], data["period"], data["amount_cents"])
        self.totals["accrued_cents"] += data["amount_cents"]

    def _orders(self, data: Fact) -> None:
        accrual, order = self.accruals[data["accrual_id"]], Order(data["accrual_id"], data["amount_cents"], data["end_to_end_id"])
        assert data["order_id"] not in self.orders, f"order {data['order_id']} is issued twice"
        assert order.end_to_end_id not in self.numbers, f"{order.end_to_end_id} names two payments"
        self.orders[data["order_id"]] = order
        self.numbers.add(order.end_to_end_id)
        self.totals["ordered_cents"] += order.amount
        assert self.of(data["accrual_id"], *LIVE) <= min(accrual.approved, accrual.amount), f"{order} is more than was approved"

    def _is_answered(self, name: str, data: Fact) -> None:
        order = self.orders[data["order_id"]]
        if name in ("StipendPaid", "PaymentReturned"):
            assert data["amount_cents"] == order.amount, f"{name} is of another amount than {order}"
            self.totals["paid_cents"] += order.amount if name == "StipendPaid" else -order.amount
        self._moves(data["order_id"], MOVES[name], BECOMES[name])
        assert self.of(order.accrual, "EXECUTED") <= self.of(order.accrual, *LIVE)

    def _moves(self, order_id: str, states: tuple[str, ...], to: str) -> None:
        order = self.orders[order_id]
        assert order.state in states, f"{order} becomes {to}"
        order.state = to

    def of(self, accrual_id: str, *states: str) -> int:
        return sum(one.amount for one in self.orders.values() if one.accrual == accrual_id and one.state in states)


async def adds_up(world: World) -> None:
    """No one is paid twice, every step rests on the one before, what was paid beyond is asked back; the ledger says the same."""
    money = Money()
    for fact in await facts(world, "stipend"):
        money.takes(fact)
    for accrual_id, accrual in money.accruals.items():
        beyond = max(0, money.of(accrual_id, "EXECUTED") - accrual.amount)
        assert accrual.asked_back == beyond, f"{beyond} was paid beyond {accrual}"
    said = await world.read("reporting", "programmeLedger", programme_id=PROGRAMME)
    totals = {name: money.totals[name] for name in ("accrued_cents", "ordered_cents", "paid_cents")}
    assert {name: said["totals"][name] for name in totals} == totals, "the ledger's totals are what stipend has spoken"
    await _worth(world, money)


async def _worth(world: World, money: Money) -> None:
    """Each accrual of an internship that ran as planned is what its register says by now, however often it was corrected."""
    rows: dict[str, dict[str, Decimal]] = defaultdict(dict)
    periods: dict[tuple[str, int], tuple[str, str]] = {}
    otherwise: set[str] = set()
    for fact in await facts(world, "placement"):
        data, name = fact["data"], fact["type"].split(".")[1]
        match name:
            case "AttendanceRecorded" | "AttendanceCorrected":
                new = "" if name == "AttendanceRecorded" else "new_"
                rows[data["internship_id"]][data["day"]] = Decimal(data[f"{new}hours"])
            case "AttendancePeriodValidated":
                periods[data["internship_id"], data["number"]] = (data["starts"], data["ends"])
            case "InternshipSuspended" | "InternshipWithdrawn" | "InternshipInterrupted" | "InternshipCompleted":
                otherwise |= {data["internship_id"]} if name != "InternshipCompleted" or data.get("early_reason") else set()
    of = {person.id("entitlement"): person.id("internship") for person in world.people}
    for accrual in money.accruals.values():
        internship = of[accrual.entitlement]
        if internship not in otherwise:
            first, last = periods[internship, accrual.period]
            hours = sum((hours for day, hours in rows[internship].items() if first <= day <= last), Decimal())
            assert accrual.amount == worth(hours / 50), f"{accrual}, and the register says {hours} hours"


def worth(ratio: Decimal) -> int:
    """Of a month of programme S02: all from 60 % of its hours on, half from 40 % on."""
    return CENTS if ratio >= Decimal("0.6") else CENTS // 2 if ratio >= Decimal("0.4") else 0


async def facts(world: World, source: str) -> list[Fact]:
    """What a service has spoken aloud, each once, in the order of its log."""
    found: dict[int, Fact] = {}
    topic = topic_of(source)
    for part, (_, end) in (await world.bus.bounds(topic)).items():
        for record in await world.bus.read(topic, part, 0, end):
            fact = orjson.loads(record.value)
            found[int(fact["position"])] = fact
    return [found[position] for position in sorted(found) if "data" in found[position]]
