"""The budget of a programme: what its commitments admit and bind, what was disbursed, what is left; the ledger's sums, to the cent."""
from __future__ import annotations

from typing import Any

from cases_told import TENANT, Told, heard_by, speaker_of
from facts_made import Speaker
from hypothesis import given, settings
from hypothesis import strategies as st
from views_seen import Reader

from reporting.views import budget, payment_ledger
from reporting.views.fact import read_fact

CENTS = st.integers(1, 100000)
MOVES = st.lists(st.tuples(st.sampled_from(["accrue", "adjust", "order", "pay", "return", "reissue"]), st.integers(1, 3), st.integers(1, 3),
                           st.dates().map(str), CENTS), max_size=30)


@settings(max_examples=60, deadline=None)
@given(MOVES)
def test_the_rows_of_a_case_add_up_to_its_ledger_whatever_was_accrued_paid_and_returned(moves: list[Any]) -> None:
    speaker, kept, lines = speaker_of(), dict[str, Any](), dict[str, Any]()
    for what, entitlement, number, occurred, cents in moves:
        of_money(speaker, what, f"e{entitlement}", f"{entitlement}-{number}", occurred, cents)
    for fact in sorted((read_fact(said.value) for said in speaker.spoken), key=lambda fact: fact.order):
        budget.fold(kept, fact)
        payment_ledger.fold(lines, fact)
    rows, ledger = budget.rows(kept, "c").values(), payment_ledger.totals(payment_ledger.rows(lines, "c").values())
    assert {"accrued_cents": sum(row["accrued_cents"] for row in rows), "ordered_cents": sum(row["ordered_cents"] for row in rows),
            "paid_cents": sum(row["disbursed_cents"] for row in rows)} == {name: ledger[name] for name in ledger if name != "lines"}


def of_money(speaker: Speaker, what: str, entitlement: str, number: str, occurred: str, cents: int) -> None:
    said: dict[str, tuple[str, str, dict[str, Any]]] = {
        "accrue": ("StipendAccrued", "entitlement", {"amount_cents": cents, "starts": "2024-10-14"}),
        "adjust": ("StipendAdjusted", "entitlement", {"new_amount_cents": cents, "delta_cents": 1}),
        "order": ("PaymentOrderIssued", "payment", {"order_id": f"o{number}", "amount_cents": cents}),
        "reissue": ("PaymentReissued", "payment", {"order_id": f"r{number}", "amount_cents": cents}),
        "pay": ("StipendPaid", "payment", {"order_id": f"o{number}", "amount_cents": cents}),
        "return": ("PaymentReturned", "payment", {"order_id": f"o{number}", "amount_cents": cents})}
    name, of, data = said[what]
    speaker.say(f"stipend.{name}", of, entitlement, {"entitlement_id": entitlement, "accrual_id": f"a{number}", **data}, case="c",
                programme="002", occurred=occurred)


def told() -> Told:
    """Three commitments: one whose intern has ended with less than was set aside, one under way with a return, one that binds nobody."""
    told = Told(speaker_of())
    told.activate()
    told.commit("k1", 120000)
    told.commit("k2", 180000, chapter="9999")
    told.commit("k3", 150000, binding=False)
    for n, commitment, cents in ((1, "k1", 120000), (2, "k2", 120000)):
        told.intern(n, ended_on="2025-04-13" if n == 1 else "")
        told.entitle(n, commitment, cents)
    told.month(1, 1, 60000, 120000)
    told.month(1, 2, 36000, 96000)
    told.month(2, 1, 60000, 120000, returned=True)
    return told


async def test_a_commitments_figures_add_up_and_what_nobody_takes_any_more_is_an_economy(reader: Reader) -> None:
    heard_by(reader, told())
    said = await reader.reads("/programmes/002/budget", role="ECONOMIST", tenant=TENANT)
    lines = {one["commitment_id"]: one for one in said["items"]}
    figures = ("admitted_cents", "binding_cents", "accrued_cents", "disbursed_cents", "unpaid_cents", "open_cents", "economies_cents",
               "remaining_cents")
    assert [tuple(lines[one][name] for name in figures) for one in ("k1", "k2", "k3")] == [
        (120000, 120000, 96000, 96000, 0, 0, 24000, 0), (180000, 180000, 60000, 0, 60000, 60000, 0, 60000),
        (150000, 0, 0, 0, 0, 0, 0, 150000)]
    for one in (*lines.values(), said["totals"], *said["by_source"]):
        assert one["admitted_cents"] == sum(one[name] for name in figures[3:])
    assert {name: said["totals"][name] for name in figures} == {
        name: sum(one[name] for one in lines.values()) for name in figures}


async def test_a_programmes_sums_are_those_of_its_ledger_and_rest_on_the_same_heads(reader: Reader) -> None:
    heard_by(reader, told())
    for tenant in (TENANT, "bari"):
        said = await reader.reads("/programmes/002/budget", tenant=tenant)
        ledger = await reader.reads("/programmes/002/ledger", tenant=tenant)
        assert [said["totals"][name] for name in ("accrued_cents", "ordered_cents", "disbursed_cents")] == [
            ledger["totals"][name] for name in ("accrued_cents", "ordered_cents", "paid_cents")]
        assert said["basis"] == ledger["basis"]


async def test_each_funding_source_has_the_commitments_of_its_chapters_beside_what_it_has_programmed(reader: Reader) -> None:
    heard_by(reader, told())
    said = await reader.reads("/programmes/002/budget", tenant=TENANT)
    assert [(one["source"], one["programmed_cents"], one["admitted_cents"], one["unallocated_cents"], one["breaches"])
            for one in said["by_source"]] == [
        ("FSE", 300000, 270000, 30000, []), ("COMUNE", 100000, 180000, -80000, ["admitted_cents>programmed_cents"])]
    unconfigured = await reader.reads("/programmes/002/budget")
    assert [(one["source"], one["admitted_cents"]) for one in unconfigured["by_source"]] == [("PN", 120000)]
    assert "programmed_cents" not in unconfigured["by_source"][0]


async def test_commitments_are_paged_and_the_sums_stand_on_the_first_page(reader: Reader) -> None:
    heard_by(reader, told())
    first = await reader.reads("/programmes/002/budget", tenant=TENANT, limit=2)
    rest = await reader.reads("/programmes/002/budget", tenant=TENANT, limit=2, cursor=first["next"])
    whole = await reader.reads("/programmes/002/budget", tenant=TENANT)
    assert first["items"] + rest["items"] == whole["items"]
    assert (first["totals"], "totals" in rest, "next" in rest) == (whole["totals"], False, False)
    assert (await reader.asks("/programmes/002/budget", role="CASE_MANAGER")).status_code == 403
    assert (await reader.asks("/programmes/002/budget", tenant="padova")).json()["code"] == "PROGRAMME_UNKNOWN"
