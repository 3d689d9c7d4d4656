"""Histories, ledgers and figures as a person reads them on a terminal."""
from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

Line = Mapping[str, Any]
Lang = Literal["it", "en"]
OFTEN, WIDE = 20, 120
PRIVATE = "Private"


def own_lang() -> Lang:
    """Italian where the machine speaks it."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "it" if said.startswith("it") else "en"


def euro(cents: int) -> str:
    return f"{Decimal(cents) / 100:,.2f}"


def history(lines: Iterable[Line], lang: Lang) -> Table:
    """One row a fact; a fact of no case that this one cites is marked `*`."""
    table = _table("occurred", "service", "what happened", "by", widths={"what happened": 1})
    day = ""
    for line in lines:
        table.add_row("" if line["occurred"] == day else line["occurred"], line["source"] + ("*" if line.get("cited") else ""),
                      Text(line[lang]), f"{line['actorrole']} {line['actororg']}")
        day = line["occurred"]
    return table


def timeline(lines: Sequence[Line], lang: Lang) -> Iterator[str]:
    """A line a day; what comes again and again, a line a month; silent facts, of which nothing else is spoken, left out."""
    often = {kind for kind, many in Counter(line["type"] for line in lines).items() if many > OFTEN}
    by_month = Counter((line["type"], line["occurred"][:7]) for line in lines)
    said: dict[str, list[str]] = {}
    for line in lines:
        month = (line["type"], line["occurred"][:7])
        if name_of(line) == PRIVATE or (line["type"] in often and not by_month[month]):
            continue
        if line["type"] in often:
            said.setdefault(month[1], []).append(f"{_head(line[lang])} × {by_month.pop(month)}")
        else:
            said.setdefault(line["occurred"], []).append(line[lang])
    for when, sentences in said.items():
        yield f"{when:<10}  {_of_day(sentences)}"


def name_of(line: Line) -> str:
    """`StipendPaid` of `stipend.StipendPaid.v1`."""
    return str(line["type"].split(".")[1])


def _of_day(sentences: Sequence[str]) -> str:
    """Whole, where they fit; else only what comes before the colon, of all that name no amount."""
    whole = " · ".join(sentences)
    if len(whole) <= WIDE:
        return whole
    heads = Counter(one if "€" in one else _head(one) for one in sentences)
    return " · ".join(f"{head} × {many}" if many > 1 else head for head, many in heads.items())


def _head(sentence: str) -> str:
    return sentence.split(":")[0]


def ledger(lines: Iterable[Line]) -> Table:
    """A line an order, or an accrual without one, with what explains its amount. `rule@…` is the version of the policy."""
    table = _table("n", "days", "hours", "ratio", "rule", "accrued", "act", "order", "paid", "on", "status", right=("accrued", "paid"))
    for line in lines:
        rule, version = str(line.get("rule", line.get("reason", ""))), str(line.get("policyref", "")).rpartition("@")[2]
        table.add_row(
            str(line.get("period", "")), f"{line.get('starts', '')} – {line.get('ends', '')}",
            f"{line.get('recognised_hours', '')} of {line.get('planned_hours', '')}", str(line.get("ratio", "")),
            f"{rule}@{version[:6]}" if version else rule, euro(line.get("amount_cents", 0)), line.get("act_no", ""),
            line.get("end_to_end_id", ""), euro(line["paid_cents"]) if "paid_cents" in line else "", line.get("executed_on", ""),
            str(line.get("status", "")) + (" STOPPED" if line.get("stopped") else ""))
    return table


def policies(lines: Iterable[Line]) -> str:
    """The policies by which the lines were accrued."""
    return ", ".join(sorted({line["policyref"] for line in lines if "policyref" in line}))


def adjustments(lines: Iterable[Line]) -> Iterator[str]:
    """What was adjusted after the first computation, an accrual once, and what is asked back."""
    found = {line["accrual_id"]: line for line in lines if "adjustments" in line or "asked_back_cents" in line}
    for line in found.values():
        for one in line.get("adjustments", ()):
            yield (f"n {line.get('period', '')}, {one['on']}: {euro(line.get('computed_cents', 0))} computed first, adjusted by "
                   f"{euro(one['delta_cents'])} to {euro(one['new_amount_cents'])}, {one.get('reason', '')}, fact {one['fact']}")
        if line.get("asked_back_cents"):
            yield f"n {line.get('period', '')}: {euro(line['asked_back_cents'])} asked back of what was paid"


def changes(items: Iterable[Line], lang: Lang) -> Table:
    """A line a changed value, with the facts that changed it; of a row that is new or gone its place only."""
    table = _table("view", "of", "what", "before", "after", "because of", widths={"because of": 1})
    for one in items:
        if one["column"] in ("facts", "adjustments", "recovery_facts"):
            continue
        said = {"before": _value(one["before"]), "after": _value(one["after"])}
        if one["column"] is None:
            said = {name: "a row" if one[name] else "" for name in said}
        because = " · ".join(dict.fromkeys(fact[lang] for fact in one["facts"]))
        table.add_row(one["view"], Text(f"{one['key'][:8]} {one['part'][:24]}"), one["column"] or "(row)", Text(said["before"]),
                      Text(said["after"]), Text(because))
    return table


def _value(value: Any) -> str:
    return "" if value is None else str(value)[:40]


def totals(lines: Iterable[Line]) -> dict[str, int]:
    """As the service's own, of some lines: each accrual once."""
    found = list(lines)
    accrued = {line["accrual_id"]: line.get("amount_cents", 0) for line in found}
    return {"lines": len(found), "accrued_cents": sum(accrued.values()), "ordered_cents": sum(line.get("order_cents", 0) for line in found),
            "paid_cents": sum(line.get("paid_cents", 0) for line in found)}


def total(said: Mapping[str, int]) -> str:
    return (f"{said['lines']} lines: accrued {euro(said['accrued_cents'])}, ordered {euro(said['ordered_cents'])}, "
            f"paid {euro(said['paid_cents'])} EUR.")


def commitments(rows: Iterable[Line]) -> Table:
    table = _table("act", "date", "committed", "accrued", "projected", "left", right=("committed", "accrued", "projected", "left"))
    for row in sorted(rows, key=lambda row: str(row.get("act_no"))):
        table.add_row(row.get("act_no", ""), row.get("act_date", ""),
                      *(euro(row.get(name, 0)) for name in ("amount_cents", "accrued_cents", "projected_cents", "left_cents")))
    return table


def indicators(rows: Iterable[Line], lang: Lang, *, every: bool = False) -> Table:
    """Those that are not zero, or `every` one."""
    table = _table("indicator", "title", "moment", "total", "by gender", right=("total",))
    for row in rows:
        if every or row["total"]:
            table.add_row(row["code"], row.get(f"title_{lang}", ""), row["moment"], str(row["total"]), _genders(row["by_gender"]))
    return table


def _genders(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{gender} {many}" for gender, many in sorted(counts.items()))


def complete(said: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Up to which recorded instant each source is complete."""
    for source, to in sorted(said.items()):
        yield f"{source} to {str(to.get('complete_to'))[:19].replace('T', ' ')}"


def _table(*columns: str, right: Sequence[str] = (), widths: Mapping[str, int] | None = None) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", ratio=(widths or {}).get(name), overflow="fold")
    return table
