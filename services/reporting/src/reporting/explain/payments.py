"""What a case was paid (indennità), fact by fact: each amount that stipend says, and the expression that it must equal."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation

from reporting.explain.accrual import Period, Rules, internship_of, nothing_if_not_active, rules_of, worth
from reporting.explain.figure import Expression, Figure, cite, leaf, number, op, total
from reporting.views.fact import Fact

AMOUNTS = {"StipendAccrued": "/data/amount_cents", "StipendAdjusted": "/data/new_amount_cents"}
ORDER = ("accrual_id", "end_to_end_id", "mandate_no", "issued_by")
UNKNOWN = number("unknown", "no fact here says it")
"""It has no value: a figure that rests on it is not explained."""


def figures_of_case(facts: Iterable[Fact], programme: Sequence[Fact]) -> list[Figure]:
    """From the facts of one case and those of its programme's configuration, in the order of stipend's log."""
    told = sorted(facts, key=lambda fact: (fact.source, fact.incarnation, fact.position))
    case = _Case(told, programme)
    return [figure for fact in case.stipend for figure in case.figures(fact)]


class _Case:
    def __init__(self, told: Sequence[Fact], programme: Sequence[Fact]) -> None:
        self.told, self.programme = told, programme
        self.stipend = [fact for fact in told if fact.source == "stipend"]
        self._of: dict[str, Callable[[Fact, list[Fact]], Figure | None]] = {
            "StipendAccrued": self._accrued, "StipendNotDue": self._not_due, "StipendAdjusted": self._adjusted,
            "StipendApproved": self._approved, "RecoveryRequested": self._recovery, "PaymentOrderIssued": self._ordered,
            "PaymentReissued": self._reissued, "StipendPaid": self._paid, "PaymentReturned": self._returned}

    def figures(self, fact: Fact) -> Iterable[Figure]:
        made = self._of.get(fact.name)
        figure = made(fact, self.stipend[:self.stipend.index(fact)]) if made else None
        return [figure] if figure else []

    def _accrued(self, fact: Fact, before: list[Fact]) -> Figure:
        rules, found = self._worth(fact, fact, lambda due, _: due)
        return Figure("accrued_cents", fact.named("accrual_id"), fact.get("amount_cents"), found, fact.occurred,
                      leaf(fact, "/data/amount_cents"), rules.place() if rules else None,
                      cite(fact, "period", "starts", "ends", "rule", "planned_hours", "recognised_hours"))

    def _not_due(self, fact: Fact, before: list[Fact]) -> Figure:
        rules, found = self._worth(fact, fact, lambda due, period: nothing_if_not_active(period, due))
        return Figure("not_due_cents", f"{fact.named('entitlement_id')} {fact.get('period')}", 0, found, fact.occurred, None,
                      rules.place() if rules else None, cite(fact, "period", "reason"))

    def _adjusted(self, fact: Fact, before: list[Fact]) -> Figure:
        accrued = next((one for one in before if one.name == "StipendAccrued" and _same(one, fact, "accrual_id")), None)
        rules, found = None, UNKNOWN
        if accrued:
            rules, found = self._worth(fact, accrued, lambda due, period: nothing_if_not_active(period, due))
        now = op("same", found, leaf(fact, "/data/new_amount_cents"))
        return Figure("adjusted_cents", fact.named("accrual_id"), fact.get("delta_cents"), op("subtract", now, _amount(fact, before)),
                      fact.occurred, leaf(fact, "/data/delta_cents"), rules.place() if rules else None,
                      cite(fact, "reason", "recognised_hours"))

    def _worth(self, fact: Fact, accrued: Fact, of: Callable[[Expression, Period], Expression]) -> tuple[Rules | None, Expression]:
        """By the rules of the fact's policy, and the register as it was when the fact was recorded."""
        entitlement = next((one for one in self.stipend if one.name == "StipendEntitlementOpened"
                            and _same(one, fact, "entitlement_id")), None)
        known = [one for one in self.told if one.source == "placement" and one.recorded < fact.recorded
                 and entitlement is not None and _same(one, entitlement, "internship_id")]
        rules, internship = rules_of(fact.policyref or accrued.policyref, self.programme), internship_of(known)
        period = _period(known, fact, accrued)
        if rules is None or internship is None or period is None:
            return rules, UNKNOWN
        return rules, of(worth(rules, period, internship), period)

    def _approved(self, fact: Fact, before: list[Fact]) -> Figure:
        return Figure("approved_cents", fact.named("accrual_id"), fact.get("amount_cents"), _amount(fact, before), fact.occurred,
                      leaf(fact, "/data/amount_cents"), None, cite(fact, "act_no", "approved_by"))

    def _recovery(self, fact: Fact, before: list[Fact]) -> Figure | None:
        accruals = list(fact.get("accrual_ids") or [])
        if len(accruals) != 1:
            return None
        of = [one for one in before if one.named("accrual_id") == accruals[0] or list(one.get("accrual_ids") or []) == accruals]
        paid = op("subtract", _sum(of, "StipendPaid"), _sum(of, "PaymentReturned"))
        owed = next((leaf(one, AMOUNTS[one.name]) for one in reversed(of) if one.name in AMOUNTS), UNKNOWN)
        excess = op("maximum", number(0, "nothing is paid beyond it"), op("subtract", paid, owed))
        return Figure("asked_back_cents", accruals[0], fact.get("amount_cents"), op("subtract", excess, _sum(of, "RecoveryRequested")),
                      fact.occurred, leaf(fact, "/data/amount_cents"), None, cite(fact, "cause"))

    def _ordered(self, fact: Fact, before: list[Fact]) -> Figure:
        """What could still be ordered; or a part of it, which a person chose."""
        approved = next((leaf(one, "/data/amount_cents") for one in reversed(before) if one.name == "StipendApproved"
                         and _same(one, fact, "accrual_id")), UNKNOWN)
        live = _live_orders(before, fact.named("accrual_id"))
        open_cents = op("subtract", op("minimum", approved, _amount(fact, before)),
                        total("sum", [leaf(one, "/data/amount_cents") for one in live]))
        own = leaf(fact, "/data/amount_cents")
        whole = _payable(fact, before) - sum(one.get("amount_cents") for one in live) == fact.get("amount_cents")
        found = open_cents if whole else op("at_most", own, open_cents)
        return Figure("ordered_cents", fact.named("order_id"), fact.get("amount_cents"), found, fact.occurred, own, None,
                      cite(fact, *ORDER))

    def _reissued(self, fact: Fact, before: list[Fact]) -> Figure:
        failed = next((leaf(one, "/data/amount_cents") for one in before if one.named("order_id") == fact.named("reissue_of")
                       and one.name in ("PaymentOrderIssued", "PaymentReissued")), UNKNOWN)
        return Figure("ordered_cents", fact.named("order_id"), fact.get("amount_cents"), failed, fact.occurred,
                      leaf(fact, "/data/amount_cents"), None, cite(fact, *ORDER, "reissue_of"))

    def _paid(self, fact: Fact, before: list[Fact]) -> Figure:
        return self._of_order("paid_cents", fact, before, ("PaymentOrderIssued", "PaymentReissued"), "executed_on")

    def _returned(self, fact: Fact, before: list[Fact]) -> Figure:
        return self._of_order("returned_cents", fact, before, ("StipendPaid",), "reason_code")

    def _of_order(self, kind: str, fact: Fact, before: list[Fact], names: Sequence[str], also: str) -> Figure:
        rests_on = next((leaf(one, "/data/amount_cents") for one in reversed(before) if one.name in names
                         and _same(one, fact, "order_id")), UNKNOWN)
        return Figure(kind, fact.named("order_id"), fact.get("amount_cents"), rests_on, fact.occurred, leaf(fact, "/data/amount_cents"),
                      None, cite(fact, "accrual_id", "end_to_end_id", also))


def _same(one: Fact, other: Fact, name: str) -> bool:
    return bool(one.named(name)) and one.named(name) == other.named(name)



def _period(placement: Sequence[Fact], fact: Fact, accrued: Fact) -> Period | None:
    """Hours as the register said them when the fact was recorded: validated, or as last corrected. Where the fact says hours of its
    own, they must be the same."""
    validated = next((one for one in placement if one.id == accrued.get("validated_fact")), None)
    if validated is None:
        return None
    corrected = [one for one in placement if one.name == "AttendanceCorrected" and one.get("period") == validated.get("number")
                 and (one.incarnation, one.position) > (validated.incarnation, validated.position)]
    told = [validated, *corrected]
    wanted = _decimal(fact.get("recognised_hours"))
    of = next((one for one in reversed(told) if _decimal(one.get("recognised_hours")) == wanted), told[-1])
    recognised, planned = leaf(of, "/data/recognised_hours"), leaf(validated, "/data/planned_hours")
    if fact.get("recognised_hours") is not None:
        recognised = op("same", leaf(fact, "/data/recognised_hours"), recognised)
    return Period(leaf(validated, "/data/starts"), leaf(validated, "/data/planned_full"), planned, recognised)


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def _amount(fact: Fact, before: Sequence[Fact]) -> Expression:
    """What an accrual came to before a fact of it: as accrued, or as last adjusted."""
    of = (one for one in reversed(before) if one.name in AMOUNTS and _same(one, fact, "accrual_id"))
    return next((leaf(one, AMOUNTS[one.name]) for one in of), UNKNOWN)


def _payable(fact: Fact, before: Sequence[Fact]) -> int:
    of = [one for one in before if _same(one, fact, "accrual_id")]
    approved = next((one.get("amount_cents") for one in reversed(of) if one.name == "StipendApproved"), 0)
    amount = next((one.get(AMOUNTS[one.name].rpartition("/")[2]) for one in reversed(of) if one.name in AMOUNTS), 0)
    return min(approved, amount)


def _live_orders(before: Sequence[Fact], accrual: str) -> list[Fact]:
    """The orders of an accrual, those apart that were rejected, returned or stopped."""
    over = {one.named("order_id") for one in before if one.name in ("PaymentRejected", "PaymentReturned", "StipendStopped")}
    return [one for one in before if one.name in ("PaymentOrderIssued", "PaymentReissued") and one.named("accrual_id") == accrual
            and one.named("order_id") not in over]


def _sum(facts: Sequence[Fact], name: str) -> Expression:
    return total("sum", [leaf(one, "/data/amount_cents") for one in facts if one.name == name])
