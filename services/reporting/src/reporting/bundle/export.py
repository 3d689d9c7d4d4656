"""One bundle, as the bytes of its archive, one file after another; the manifest, with all digests and heads, last."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from chassis.canonical import canonical
from chassis.database import Database
from contracts import envelope, log, task
from contracts.envelope import Envelope, Fact
from reporting.bundle import papers
from reporting.bundle.assembled import verifier
from reporting.bundle.basis import Basis, figures_of
from reporting.bundle.spoken import Reading, Spoken, TrailKey, documents_of
from reporting.bundle.tarred import Lines, Written
from reporting.explain.figure import Figure
from reporting.explain.totals import KINDS, summed, total_figures
from reporting.verifier.container import END
from reporting.verifier.figures import policy_digits
from reporting.verifier.manifest import FORMAT, MANIFEST, TOTALS

SHARED = {name: model for module in (envelope, log, task) for name, model in vars(module).items()
          if isinstance(model, type) and issubclass(model, Fact)}
"""What every service says, by name."""


class Export:
    """`since`, `until`: days, empty for no bound. `made`: the instant of the export."""

    def __init__(self, database: Database, about: tuple[str, str], period: tuple[str, str], made: str, basis: Basis) -> None:
        self._database, self._tenant, self._programme, self._made, self._basis = database, *about, made, basis
        self._period = period
        self._since, self._until = period[0], period[1] or "9999-12-31"
        self._written = Written()
        self._sums: Counter[str] = Counter()
        self._cited: set[str] = set()
        self._types: set[str] = set()
        self._keys: dict[str, dict[str, None]] = {}
        self._heads: list[dict[str, Any]] = []
        self._totals: list[Figure] = []
        self._facts = 0

    def stream(self) -> Iterator[bytes]:
        yield from self._written.add("verify.py", verifier().encode())
        yield from self._policies()
        yield from self._figures()
        yield from self._trails()
        yield from self._contracts()
        for source, keys in sorted(self._keys.items()):
            yield from self._written.add(f"keys/{source}.json", canonical(list(keys)))
        for name, text in papers.papers(self._about(), self._totals).items():
            yield from self._written.add(name, text.encode())
        yield from Written().add(MANIFEST, canonical(self._manifest()))
        yield END

    def _about(self) -> dict[str, Any]:
        programme = {name: self._basis.programme[name] for name in ("title", "fund", "cup", "clp") if self._basis.programme.get(name)}
        return {**programme, "tenant": self._tenant, "programme": self._programme, "from": self._period[0], "to": self._period[1],
                "made": self._made, "facts": self._facts, "heads": self._heads}

    def _manifest(self) -> dict[str, Any]:
        return {"format": FORMAT, "tenant": self._tenant, "programme": self._programme, "from": self._period[0], "to": self._period[1],
                "made": self._made, "facts": self._facts, "sums": summed(self._totals), "heads": self._heads,
                "files": sorted(self._written.files, key=lambda one: str(one["name"]))}

    def _policies(self) -> Iterator[bytes]:
        """Each version of each policy, under the digits by which it is referred to."""
        policies = {policy_digits(policy): policy for fact in self._basis.configured
                    for policy in (fact.get("config") or {}).get("policies") or () if isinstance(policy, dict)}
        for digits, policy in sorted(policies.items()):
            yield from self._written.add(f"policies/{digits}.json", canonical(policy))

    def _figures(self) -> Iterator[bytes]:
        pages = Lines(self._written, "figures/{:06d}.jsonl")
        for figure in figures_of(self._database, self._tenant, self._programme, self._basis):
            if self._since <= figure.occurred <= self._until:
                self._sums[figure.kind] += figure.value
                self._note(figure)
                yield from pages.add(canonical(figure.said()))
        yield from pages.end()
        self._totals = self._total_figures()
        yield from self._written.add(TOTALS, b"".join(canonical(figure.said()) + b"\n" for figure in self._totals))

    def _note(self, figure: Figure) -> None:
        if self._period != ("", ""):
            self._cited |= figure.places()

    def _total_figures(self) -> list[Figure]:
        """As they are shown; of a period, as its figures come to."""
        basis, people = self._basis, len(self._basis.people)
        if self._period == ("", ""):
            return total_figures(self._programme, basis.totals, people, basis.indicators)
        values = {kind: sum(self._sums[one] for one in of) for kind, (of, _) in KINDS.items()}
        values["paid_cents"] -= self._sums["returned_cents"]
        indicators = [row | {"by_gender": {gender: self._sums[f"indicator {row['code']} {gender}"] for gender in row["by_gender"]}}
                      for row in basis.indicators]
        return total_figures(self._programme, values, None, [row | {"total": sum(row["by_gender"].values())} for row in indicators])

    def _trails(self) -> Iterator[bytes]:
        reading = Reading(self._database, self._tenant, self._programme, self._since, self._until, frozenset(self._cited))
        documents = Lines(self._written, "documents/{:06d}.jsonl")
        for key in self._basis.trails:
            yield from self._trail(key, reading.trail(key), documents)
        yield from documents.end()

    def _trail(self, key: TrailKey, lines: Iterable[Spoken], documents: Lines) -> Iterator[bytes]:
        pages = Lines(self._written, f"trails/{key.source}/{key.incarnation}/{'own' if key.programme else 'none'}" "-{:06d}.jsonl")
        last: Spoken | None = None
        for one in lines:
            yield from pages.add(one.line)
            last = one
            self._facts += 1
            if one.fact is not None:
                self._types.add(one.fact.type)
                if one.fact.name == "TrailSealed" and one.fact.get("key"):
                    self._keys.setdefault(key.source, {})[one.fact.get("key")] = None
                for document in documents_of(one.fact):
                    yield from documents.add(canonical(document))
        yield from pages.end()
        if last is not None:
            self._heads.append({"source": key.source, "incarnation": key.incarnation, "number": last.number, "head": last.hash}
                               | ({"programme": key.programme} if key.programme else {}))

    def _contracts(self) -> Iterator[bytes]:
        """The schema of each type of fact that is in the bundle."""
        yield from self._written.add("contracts/envelope.json", papers.schema(Envelope))
        for kind in sorted(self._types):
            source, name, _ = kind.split(".")
            model = import_module(f"contracts.{source}").SPOKEN.get(kind) or SHARED[name]
            yield from self._written.add(f"contracts/{kind}.json", papers.schema(model))
