"""A bundle that was tampered with, by someone who also makes the manifest add up, is found out at the first fault, and where."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chassis.wire import parted
from evidence.bundles import Files, chained, heads, lines, remade, trail_name, with_lines, write
from evidence.conftest import Proof
from evidence.sealed import KEY, OTHER_KEY, endorsed, ends, public, seal, sealed
from reporting.verifier.ed25519 import fingerprint
from reporting.verifier.fault import Fault
from reporting.verifier.manifest import Bundle
from reporting.verifier.whole import verify

STIPEND, ASSESSMENT = trail_name("stipend"), ("assessment", "bari")
Change = Callable[[Files], Files]


def fault_of(files: Files, folder: Path, **given: Any) -> Fault:
    with pytest.raises(Fault) as found:
        verify(str(write(folder / "changed.tar", files)), **given)
    return found.value


def changed_lines(files: Files, change: Callable[[list[bytes]], list[bytes]], name: str = STIPEND) -> Files:
    return with_lines(files, name, change(lines(files, name)))


def told_anew(files: Files, change: Callable[[bytes], bytes]) -> Files:
    """All of stipend's trail chained anew after a change: nothing but a seal, or a head, can tell."""
    stored = [(int(json.loads(line)["position"]), change(parted(line)[0])) for line in lines(files, STIPEND)]
    found = with_lines(files, STIPEND, chained(stored, ("stipend", "bari", "002")))
    return remade(found, heads=heads(found))


def one_byte(line: bytes) -> bytes:
    return line.replace(b'"amount_cents":36000', b'"amount_cents":36001')


def swapped(found: list[bytes]) -> list[bytes]:
    return [*found[:10], found[11], found[10], *found[12:]]


def forged(found: list[bytes]) -> list[bytes]:
    return [*found[:10], one_byte(found[10]).replace(b'"sequence":"', b'"sequence":"9'), *found[10:]]


IN_A_TRAIL: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str, str]] = {
    "one byte of a payload": (lambda found: [one_byte(line) for line in found], "changed", "stipend/1/"),
    "two facts swapped": (swapped, "reordered", "stipend/1/"),
    "one in the middle removed": (lambda found: [*found[:10], *found[11:]], "missing", "of stipend, incarnation 1, number 11"),
    "the tail removed": (lambda found: found[:-3], "cut off", "of stipend, incarnation 1, number"),
    "one inserted": (forged, "inserted", "stipend/1/"),
    "one said again": (lambda found: [*found[:10], found[9], *found[10:]], "inserted", "stipend/1/"),
    "one of another programme": (lambda found: [line.replace(b'"programme":"002"', b'"programme":"003"') for line in found], "changed",
                                 "stipend/1/"),
    "a line that is no fact": (lambda found: [*found[:5], b"{}", *found[5:]], "changed", "line after number 5"),
}


@pytest.mark.parametrize("how", IN_A_TRAIL)
def test_a_change_of_a_trail_is_named_with_source_and_position(files: Files, tmp_path: Path, how: str) -> None:
    change, kind, where = IN_A_TRAIL[how]
    fault = fault_of(remade(changed_lines(files, change)), tmp_path)
    assert (fault.kind, where in fault.where) == (kind, True), fault


def test_the_position_that_is_named_is_that_of_the_fact(files: Files, tmp_path: Path) -> None:
    first = next(json.loads(line) for line in lines(files, STIPEND) if b'"amount_cents":36000' in line)
    fault = fault_of(remade(changed_lines(files, lambda found: [one_byte(line) for line in found])), tmp_path)
    assert fault.where == f"stipend/1/{first['position']}"


def test_a_tail_below_the_last_seal_or_a_head_held_elsewhere_is_missed(files: Files, tmp_path: Path) -> None:
    held = next(head for head in heads(files) if head["source"] == "assessment")
    name = trail_name("assessment")
    under_seal = sealed(files, "assessment", [seal(ASSESSMENT, 1, 900, ends(files, "assessment"))])
    for before, given in ((under_seal, {}), (files, {"heads": [f"assessment/1/002/{held['number']}/{held['head']}"]})):
        cut = changed_lines(before, lambda found: found[:-2], name)
        fault = fault_of(remade(cut, heads=heads(cut)), tmp_path, **given)
        assert (fault.kind, "of assessment, incarnation 1, number 15" in fault.where) == ("cut off", True), fault


def test_a_trail_told_anew_is_not_the_one_that_was_sealed(files: Files, tmp_path: Path) -> None:
    last = int(json.loads(lines(files, trail_name("stipend", own=False))[-1])["position"])
    assert last
    held = next(head for head in heads(files) if head["source"] == "stipend" and head.get("programme"))
    fault = fault_of(told_anew(files, one_byte), tmp_path, heads=[f"stipend/1/002/{held['number']}/{held['head']}"])
    assert (fault.kind, fault.where.startswith("stipend/1/")) == ("changed", True)


@dataclass
class Sealing:
    """Three seals of one source, one changed."""

    seals: Callable[[list[dict[str, Any]]], list[bytes]]
    kind: str = "wrongly signed"
    given: dict[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


def three(of: list[dict[str, Any]], **third: Any) -> list[bytes]:
    first = seal(ASSESSMENT, 1, 50, of)
    second = seal(ASSESSMENT, 2, 60, of, first)
    return [first, second, seal(ASSESSMENT, 3, 70, of, second, **third)]


BOTH = (public(KEY), public(OTHER_KEY))
SEALINGS = {
    "a seal by another key": Sealing(lambda of: three(of, key=OTHER_KEY)),
    "a seal by another key that was put among the keys": Sealing(lambda of: three(of, key=OTHER_KEY), keys=BOTH),
    "a key endorsed by a stranger": Sealing(
        lambda of: three(of, key=OTHER_KEY, endorsement=endorsed("assessment", OTHER_KEY, OTHER_KEY)), keys=BOTH),
    "a signature of something else": Sealing(lambda of: three(of, signature="00" * 64)),
    "no signature after signed ones": Sealing(lambda of: three(of, signature="")),
    "a seal left out": Sealing(lambda of: three(of)[::2], "missing"),
    "another seal before it": Sealing(lambda of: three(of, previous_hash="0" * 64), "changed"),
    "a head that the trail never had": Sealing(lambda of: [seal(ASSESSMENT, 1, 50, [{**of[0], "head": "0" * 64}])], "changed"),
    "a head beyond the trail": Sealing(lambda of: [seal(ASSESSMENT, 1, 50, [{**of[0], "number": 99}])], "cut off"),
    "all by a key that nobody trusts": Sealing(three, given={"keys": [fingerprint(bytes.fromhex(public(OTHER_KEY)))]}),
}


@pytest.mark.parametrize("how", SEALINGS)
def test_a_seal_that_does_not_hold_is_named(files: Files, tmp_path: Path, how: str) -> None:
    made = SEALINGS[how]
    fault = fault_of(sealed(files, "assessment", made.seals(ends(files, "assessment")), keys=made.keys), tmp_path, **made.given)
    assert (fault.kind, "assessment" in fault.where) == (made.kind, True), fault


def test_seals_that_hold_are_counted_and_a_key_may_follow_another_that_endorses_it(files: Files, tmp_path: Path) -> None:
    seals = three(ends(files, "assessment"), key=OTHER_KEY, endorsement=endorsed("assessment", OTHER_KEY, KEY))
    said = verify(str(write(tmp_path / "sealed.tar", sealed(files, "assessment", seals, keys=BOTH))))
    assert "seals of assessment: 3 signed; the last is seal 3 at position 70" in said
    assert sum(one.startswith("  key assessment ") for one in said) == 2


def test_seals_from_before_signatures_are_said_to_be_unsigned(files: Files, tmp_path: Path) -> None:
    plain = seal(ASSESSMENT, 0, 50, ends(files, "assessment"), signature="", key=KEY)
    said = verify(str(write(tmp_path / "sealed.tar", sealed(files, "assessment", [plain]))))
    assert any(one.startswith("seals of assessment: 0 signed, 1 unsigned") for one in said)


def without(files: Files, source: str) -> Files:
    return {name: data for name, data in files.items() if f"/{source}/" not in name}


def test_a_trail_or_a_source_that_is_gone_is_missed(files: Files, tmp_path: Path) -> None:
    gone = without(files, "intake")
    assert fault_of(gone, tmp_path).kind == "missing"
    fault = fault_of(remade(gone), tmp_path)
    assert (fault.kind, "of intake" in fault.where) == ("missing", True)
    root = Bundle(str(write(tmp_path / "whole.tar", files))).root
    assert fault_of(remade(gone, heads=heads(gone)), tmp_path, root=root).kind == "changed"
    held = next(head for head in heads(files) if head["source"] == "intake" and head.get("programme"))
    fault = fault_of(remade(gone, heads=heads(gone)), tmp_path, heads=[f"intake/1/002/{held['number']}/{held['head']}"])
    assert (fault.kind, "of intake" in fault.where) == ("missing", True)
    gone = without(files, "placement")
    assert fault_of(remade(gone, heads=heads(gone)), tmp_path).kind == "figure not explained"


FIGURES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "its value": ("figures/000001.jsonl", lambda one: one.update(value=one["value"] + 1)),
    "its expression": ("figures/000001.jsonl", lambda one: one.update(expression={"number": str(one["value"] + 1), "why": "because"})),
    "the fact that says it": ("figures/000001.jsonl", lambda one: one["of"].update(fact="stipend/1/999999")),
    "its act": ("figures/000001.jsonl", lambda one: one["cites"][0].update(value="SYN-LIQ-99")),
    "its rules": ("figures/000001.jsonl", lambda one: one.update(policy={**one["policy"], "ref": "ELSE@0123456789abcdef"})),
    "a document's digest": ("documents/000001.jsonl", lambda one: one.update(value="1" * 64)),
}


@pytest.mark.parametrize("what", FIGURES)
def test_a_figure_that_its_facts_do_not_come_to_is_named_with_its_fact(files: Files, tmp_path: Path, what: str) -> None:
    name, change = FIGURES[what]
    said = [json.loads(line) for line in lines(files, name)]
    at = next(n for n, one in enumerate(said) if (one.get("kind") == ("approved_cents" if what == "its act" else "accrued_cents")
                                                  or "kind" not in one))
    change(said[at])
    fault = fault_of(remade(with_lines(files, name, [json.dumps(one).encode() for one in said])), tmp_path)
    assert fault.kind == "figure not explained"
    assert "/1/" in fault.where


@pytest.mark.parametrize("kind", ["total accrued_cents", "total paid_cents", "indicator", "total participations"])
def test_a_total_that_is_not_the_sum_is_named(files: Files, tmp_path: Path, kind: str) -> None:
    said = [json.loads(line) for line in lines(files, "figures/totals.jsonl")]
    next(one for one in said if one["kind"] == kind)["value"] += 1
    fault = fault_of(remade(with_lines(files, "figures/totals.jsonl", [json.dumps(one).encode() for one in said])), tmp_path)
    assert (fault.kind, fault.where.startswith(kind)) == ("figure not explained", True)


def test_a_payment_that_no_figure_names_is_missed_in_the_total(files: Files, tmp_path: Path) -> None:
    kept = [line for line in lines(files, "figures/000001.jsonl") if json.loads(line)["kind"] != "paid_cents"]
    totals = [json.loads(line) for line in lines(files, "figures/totals.jsonl")]
    next(one for one in totals if one["kind"] == "total paid_cents")["value"] = 0
    hidden = with_lines(files, "figures/totals.jsonl", [json.dumps(one).encode() for one in totals])
    fault = fault_of(remade(with_lines(hidden, "figures/000001.jsonl", kept)), tmp_path)
    assert (fault.kind, "should be the same" in fault.why) == ("figure not explained", True)


def with_figure(files: Files, kind: str, **says: Any) -> Files:
    """With the first figure of a kind, or total, saying something else."""
    name = "figures/totals.jsonl" if kind.startswith("total ") else "figures/000001.jsonl"
    said = [json.loads(line) for line in lines(files, name)]
    next(one for one in said if one["kind"] == kind).update(says)
    return remade(with_lines(files, name, [json.dumps(one).encode() for one in said]))


def said_by(files: Files, kind: str) -> dict[str, Any]:
    name = "figures/totals.jsonl" if kind.startswith("total ") else "figures/000001.jsonl"
    found: dict[str, Any] = next(one for one in map(json.loads, lines(files, name)) if one["kind"] == kind)
    return found


CONSTANT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a number": lambda one: {"number": str(one["value"]), "why": "it is so"},
    "numbers": lambda one: {"op": "sum", "of": [{"number": str(one["value"] - 1)}, {"number": "1"}]},
    "itself": lambda one: one["of"],
    "itself and a number": lambda one: {"op": "product", "of": [one["of"], {"number": "1"}]},
    "a fact that is not looked at": lambda one: {"op": "if_at_least", "of": [
        {"number": "1"}, {"number": "0"}, {"number": str(one["value"])}, {**one["of"], "field": "/data/starts"}]},
}


@pytest.mark.parametrize("how", CONSTANT)
def test_a_figure_that_rests_on_no_fact_but_the_one_that_says_it_is_not_explained(files: Files, tmp_path: Path, how: str) -> None:
    expression = CONSTANT[how](said_by(files, "accrued_cents"))
    fault = fault_of(with_figure(files, "accrued_cents", expression=expression), tmp_path)
    assert (fault.kind, "rests on nothing" in fault.why) == ("figure not explained", True), fault


def test_a_total_that_rests_on_nothing_is_not_explained(files: Files, tmp_path: Path) -> None:
    value = said_by(files, "total paid_cents")["value"]
    fault = fault_of(with_figure(files, "total paid_cents", expression={"number": str(value)}), tmp_path)
    assert (fault.kind, fault.where.startswith("total paid_cents")) == ("figure not explained", True)


def test_rules_under_another_name_and_rules_that_are_gone_are_named(files: Files, tmp_path: Path) -> None:
    name = next(name for name in files if name.startswith("policies/"))
    fault = fault_of(remade({**files, name: files[name].replace(b"0.70", b"0.60")}), tmp_path)
    assert (fault.kind, fault.where) == ("changed", name)
    fault = fault_of(remade({of: data for of, data in files.items() if not of.startswith("policies/")}), tmp_path)
    assert (fault.kind, "policies/" in fault.why) == ("figure not explained", True)


LACKING: dict[str, tuple[Callable[[Files], Files], str]] = {
    "all totals": (lambda files: {name: data for name, data in files.items() if name != "figures/totals.jsonl"}, "figures/totals.jsonl"),
    "one total": (lambda files: without_lines(files, "figures/totals.jsonl", b'"total participations"'), "figures/totals.jsonl"),
    "a total's half": (lambda files: with_figure(files, "total ordered_cents", expression={"total": "ordered_cents"}),
                       "figures/totals.jsonl"),
    "the figure of one payment": (lambda files: without_a_payment(files), "the trail of the programme of stipend"),
    "a page of figures": (lambda files: {("figures/000002.jsonl" if name == "figures/000001.jsonl" else name): data
                                         for name, data in files.items()}, "figures/000001.jsonl"),
    "the form of a fact": (lambda files: {name: data for name, data in files.items() if "StipendPaid" not in name},
                           "contracts/stipend.StipendPaid.v1.json"),
    "a source, not its forms": (lambda files: {name: data for name, data in files.items() if not name.startswith("trails/intake/")},
                                "contracts/intake."),
    "a source, not its keys": (lambda files: {**without(files, "intake"), "keys/intake.json": b"[]"}, "contracts/intake."),
    "the index": (lambda files: {name: data for name, data in files.items() if name != "index.it.md"}, "index.it.md"),
}


def without_a_payment(files: Files) -> Files:
    """One figure less, and totals that rest on the facts alone."""
    for kind in ("total paid_cents", "total accrued_cents", "total ordered_cents"):
        files = with_figure(files, kind, expression=said_by(files, kind)["expression"]["of"][1])
    paid = said_by(files, "paid_cents")["of"]
    return with_lines(files, "figures/000001.jsonl", [line for line in lines(files, "figures/000001.jsonl")
                                                      if json.loads(line).get("of") != paid])


def without_lines(files: Files, name: str, part: bytes) -> Files:
    return with_lines(files, name, [line for line in lines(files, name) if part not in line])


@pytest.mark.parametrize("what", LACKING)
def test_what_the_bundle_itself_shows_to_be_lacking_is_missed(files: Files, tmp_path: Path, what: str) -> None:
    change, where = LACKING[what]
    made = change(files)
    fault = fault_of(remade(made, heads=heads(made)), tmp_path)
    assert (fault.kind, fault.where.startswith(where)) == ("missing", True), fault


def test_what_is_summed_up_and_the_manifest_does_not_name_explains_no_total(files: Files, tmp_path: Path) -> None:
    fault = fault_of(remade(files, sums={}), tmp_path)
    assert (fault.kind, "is not among the sums" in fault.why) == ("figure not explained", True)


def test_it_says_what_is_not_proven_where_nothing_from_elsewhere_was_given(proof: Proof) -> None:
    said, root = verify(str(proof.whole)), Bundle(str(proof.whole)).root
    assert said[-1].startswith("held against nothing from elsewhere")
    assert said[:-1] == verify(str(proof.whole), root=root)


@pytest.mark.parametrize("name", ["index.it.md", "policies", "contracts/envelope.json", "verify.py", STIPEND])
def test_any_file_that_the_manifest_does_not_describe_is_named(files: Files, tmp_path: Path, proof: Proof, name: str) -> None:
    of = next(one for one in files if one.startswith(name))
    data = files[of].replace(b'"after":"0"', b'"after":"7"') if of == STIPEND else files[of] + b"\n"
    fault = fault_of({**files, of: data}, tmp_path)
    assert fault.kind == "changed"


def test_a_manifest_that_says_another_number_of_facts_or_two_heads_of_a_trail_is_named(files: Files, tmp_path: Path) -> None:
    assert fault_of(remade(files, facts=1), tmp_path).kind == "changed"
    assert fault_of(remade(files, facts="x"), tmp_path).kind == "refused"
    assert fault_of(remade(files, heads=heads(files) * 2), tmp_path).kind == "refused"
