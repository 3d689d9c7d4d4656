"""Figures: each an expression over named fields of named facts, evaluated from those facts alone, and compared exactly."""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

from reporting.verifier.container import Member, read_member
from reporting.verifier.expressions import DECIMAL, Exact, Unexplained, Values
from reporting.verifier.fault import Fault, Trail, canonical_bytes, object_of
from reporting.verifier.stored import Begun, Stored

NOT_EXPLAINED = "figure not explained"


class Page(NamedTuple):
    """A file of figures, and where the facts are that they are made of.

    `policies`: the digits of the rules that are there. `sums`: as in a `Piece`. `totals`, `every`: as in `Values`.
    """

    path: str
    member: Member
    digest: str
    begun: dict[Trail, list[Begun]]
    policies: frozenset[str]
    sums: dict[str, list[str]]
    totals: dict[str, Exact] | None
    every: dict[str, int]


class Explained(NamedTuple):
    """`totals`: sums by kind. `of`: source, incarnation, number of each fact whose field one is of. `summed`: as in `Values`."""

    figures: int
    totals: dict[str, Exact]
    of: list[tuple[str, int, int]]
    summed: set[str]
    fault: tuple[str, str, str] | None


def check_page(page: Page) -> Explained:
    """Evaluate each figure; never raises a `Fault`, but brings the first."""
    count, totals = 0, dict[str, Exact]()
    try:
        data = read_member(page.path, page.member)
        if sha256(data).hexdigest() != page.digest:
            changed: Fault | None = Fault("changed", page.member.name, "it is not as the manifest says")
        else:
            changed = None
        with Stored(page.path, page.begun) as stored:
            figures = Figures(page, stored)
            for text in data.splitlines():
                if page.member.name.startswith("documents/"):
                    check_document(object_of(text, page.member.name, {"fact": str, "field": str}), stored)
                    continue
                figure = object_of(text, page.member.name, {"kind": str, "about": str})
                value = figures.check(figure)
                totals[figure["kind"]] = totals.get(figure["kind"], 0) + value
                count += 1
        if changed is not None:
            raise changed
    except Fault as wrong:
        return Explained(count, totals, [], set(), (wrong.kind, wrong.where, wrong.why))
    return Explained(count, totals, figures.of, figures.values.summed, None)


def check_document(document: Mapping[str, Any], stored: Stored) -> None:
    """That a fact names the document's digest."""
    try:
        _check_cites({"cites": [document]}, Values(stored.fact, {}, {}))
    except Unexplained as why:
        raise Fault(NOT_EXPLAINED, f"a document of {document['fact']}", str(why)) from None


class Figures:
    """Checks one after another. `of`: the facts of which a summed field is said by one: source, incarnation, number."""

    def __init__(self, page: Page, stored: Stored) -> None:
        self.values = Values(stored.fact, page.totals, page.every)
        self.of: list[tuple[str, int, int]] = []
        self._stored, self._policies, self._sums = stored, page.policies, page.sums

    def check(self, figure: Mapping[str, Any]) -> Exact:
        """The value of a figure. `Fault` where its facts do not come to what it says."""
        try:
            _check_cites(figure, self.values)
            said = _said(figure.get("value"))
            found = self.values.explained(figure.get("expression"), figure.get("of"))
            if figure.get("of") is not None:
                self._check_of(figure["of"], said)
            if said != found:
                raise Unexplained(f"it says {figure['value']}, and its facts come to {found}")
            self._check_policy(figure.get("policy"))
        except Unexplained as why:
            raise Fault(NOT_EXPLAINED, _where(figure), str(why)) from None
        return said

    def _check_of(self, leaf: Any, said: Exact) -> None:
        """That the fact says the same."""
        spoken = self.values.field(leaf)
        if _said(spoken) != said:
            raise Unexplained(f"it says {said}, and the fact says {spoken}")
        fact = self._stored.fact(leaf["fact"])
        if "programme" in fact and leaf["field"] in self._sums.get(fact.get("type"), ()):
            self.of.append((fact["source"], int(fact["incarnation"]), int(fact["trailnumber"])))

    def _check_policy(self, policy: Any) -> None:
        """That a reference, `id@` and 16 digits, is of the rules that are pointed at, and that they are there; once for each."""
        if policy is None:
            return
        if not isinstance(policy, dict):
            raise Unexplained("its rules are named by no reference")
        key = str(policy.get("ref")), str(policy.get("fact")), str(policy.get("field"))
        if key in self._stored.rules:
            return
        name, _, digits = str(policy.get("ref")).rpartition("@")
        rules = self.values.field(policy)
        if not isinstance(rules, dict) or rules.get("policy_id") != name or policy_digits(rules) != digits:
            raise Unexplained(f"the rules that it points at are not those of {policy.get('ref')}")
        if digits not in self._policies:
            raise Unexplained(f"policies/{digits}.json is not there, and {policy.get('ref')} names it")
        self._stored.rules.add(key)


def _where(figure: Mapping[str, Any]) -> str:
    first = figure.get("of") or next(iter(figure.get("cites") or ()), None) or {}
    return f"{figure['kind']} of {figure['about']}" + (f" ({first['fact']})" if isinstance(first, dict) and "fact" in first else "")


def _check_cites(figure: Mapping[str, Any], values: Values) -> None:
    for leaf in figure.get("cites") or ():
        if not isinstance(leaf, dict) or values.field(leaf) != leaf.get("value"):
            raise Unexplained(f"{leaf.get('field') if isinstance(leaf, dict) else leaf} is not what the fact says")


def policy_digits(rules: Mapping[str, Any]) -> str:
    return sha256(canonical_bytes(rules)).hexdigest()[:16]


def _said(value: Any) -> Exact:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        return Fraction(value)
    raise Unexplained("its value is no number")
