"""The archive keeps every record once, as it came; and knows up to where a source is whole."""
from __future__ import annotations

from case_told import CASE, SUBJECT, tell
from facts_made import TENANT, Speaker
from views_seen import hear

from reporting import archive, completeness
from reporting.projector import Projector


def test_a_record_is_kept_once_byte_for_byte_in_the_order_of_arrival(projector: Projector) -> None:
    speaker = Speaker()
    tell(speaker)
    hear(projector, speaker.spoken[3:])
    hear(projector, speaker.spoken)
    with projector.database.reading() as tx:
        rows = tx.execute("SELECT seq, value FROM archive ORDER BY seq")
    assert [bytes(row["value"]) for row in rows] == [said.value for said in speaker.spoken[3:] + speaker.spoken[:3]]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))


def test_facts_are_found_by_every_id_that_they_cite(projector: Projector) -> None:
    speaker = Speaker()
    tell(speaker)
    hear(projector, speaker.spoken)
    with projector.database.reading() as tx:
        found = archive.about(tx, TENANT, [CASE, SUBJECT, "h1", "o1", "nobody"], 1000)
        assert archive.about(tx, "venezia", [CASE], 1000) == {CASE: []}
    assert [fact.name for fact in found["h1"]] == ["HostRegistered", "InternshipPlanned"]
    assert [fact.name for fact in found["o1"]] == ["PaymentOrderIssued", "StipendPaid"]
    assert (len(found[SUBJECT]) - len(found[CASE]), found["nobody"]) == (1, [])


def test_a_hole_in_a_trail_bounds_what_is_complete_until_it_is_filled(projector: Projector) -> None:
    speaker = Speaker()
    for _ in range(5):
        speaker.say("intake.CaseOpened", "case", CASE, {}, case=CASE, programme="002")
    hear(projector, [said for n, said in enumerate(speaker.spoken) if n != 2])
    projector.catch_up()
    assert _complete(projector)["complete_to"].endswith("00:00:02.000000Z")
    hear(projector, speaker.spoken)
    projector.catch_up()
    assert _complete(projector)["complete_to"].endswith("00:00:05.000000Z")


def test_a_seal_proves_what_lies_under_its_heads(projector: Projector) -> None:
    speaker = Speaker()
    speaker.say("intake.CaseOpened", "case", CASE, {}, case=CASE, programme="002")
    assert _sealed(projector, speaker, 2) is None
    speaker.say("intake.CaseClosed", "case", CASE, {}, case=CASE, programme="002")
    assert _sealed(projector, speaker, 2).endswith("00:00:03.000000Z")


def _sealed(projector: Projector, speaker: Speaker, number: int) -> str:
    heads = [{"number": number, "head": "a" * 64, "programme": "002"}]
    speaker.say("intake.TrailSealed", "log", "intake", {"log_id": "intake", "incarnation": 1, "position": number, "heads": heads})
    hear(projector, speaker.spoken)
    projector.catch_up()
    found: str = _complete(projector)["sealed_to"]
    return found


def _complete(projector: Projector) -> dict[str, str]:
    with projector.database.reading() as tx:
        return completeness.of(tx, TENANT)["intake"]
