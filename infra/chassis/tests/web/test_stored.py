"""What a service answers where its store holds what this version does not know."""
from typing import Any
from uuid import uuid4

from chassis.parts import Parts, pack


async def test_a_history_with_an_event_unknown_to_this_version_is_answered_with_503(desk: Any) -> None:
    ticket = str(uuid4())
    with desk.service.database.transaction() as tx:
        tx.execute("INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
                   (f"bari/ticket/{ticket}", "tickets.OfTomorrow.v1", pack(Parts(b"{}", b"{}", b"", b"s" * 32))))
    answer = await desk.post(f"/tickets/{ticket}/closing")
    assert (answer.status_code, answer.json()["code"], "retry-after" in answer.headers) == (503, "STORED_EVENT_UNKNOWN", True)
    assert desk.service.log.head() == 1
