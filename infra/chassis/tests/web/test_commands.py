"""What a command over HTTP answers, and that nothing is stored where it is not a yes."""
import asyncio
import re
from typing import Any
from uuid import uuid4

import orjson
import pytest

from chassis.web.auth import allowed

TODAY = {"colour": "RED", "weight": "12.50", "on": "2025-02-18"}


def at(ticket: str = "") -> str:
    return f"/tickets/{ticket or uuid4()}"


async def test_a_command_answers_what_changed_by_ids_and_types(desk: Any) -> None:
    ticket = str(uuid4())
    answer = await desk.post(at(ticket), {**TODAY, "note": "for Mario Rossi", "items": [{"name": "box", "weight": "1", "plate": "ab1"}]})
    said = answer.json()
    assert (answer.status_code, said["aggregate"], said["id"], said["version"]) == (201, "ticket", ticket, 1)
    assert [e["type"] for e in said["events"]] == ["tickets.TicketOpened.v1"]
    assert answer.headers["etag"] == '"1"'
    assert "Mario" not in answer.text
    assert set(said["ids"]) == {"receipt_id"}


async def test_what_is_so_already_answers_200_and_stores_nothing(desk: Any) -> None:
    ticket = at()
    await desk.post(ticket, TODAY)
    again = await desk.post(ticket, TODAY)
    assert (again.status_code, again.json()["events"], desk.service.log.head()) == (200, [], 1)


async def test_the_same_key_answers_the_same_again(desk: Any) -> None:
    path, key = at(), {"idempotency-key": "my-own-key"}
    first, *others = await asyncio.gather(*(desk.post(path, TODAY, headers=key) for _ in range(20)))
    assert all(o.content == first.content and o.status_code == 201 for o in others)


async def test_an_answer_is_kept_though_nothing_came_of_it(desk: Any) -> None:
    path, key = at(), {"idempotency-key": "nothing-new"}
    await desk.post(path, TODAY)
    first = await desk.post(path, TODAY, headers=key)
    again = await desk.post(path, TODAY, headers=key)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    other = await desk.post(path, {**TODAY, "count": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert desk.service.log.head() == 1


async def test_the_same_key_with_another_body_is_refused(desk: Any) -> None:
    path, key = at(), {"idempotency-key": "my-own-key"}
    await desk.post(path, TODAY, headers=key)
    answer = await desk.post(path, {**TODAY, "count": 2}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_another_operator_may_use_the_same_key(desk: Any) -> None:
    key = {"idempotency-key": "my-own-key"}
    await desk.post(at(), TODAY, headers=key)
    other = await desk.post(at(), TODAY, headers={**key, "authorization": f"Bearer {desk.token(sub='another')}"})
    assert other.status_code == 201


@pytest.mark.parametrize(("key", "code"), [(None, "IDEMPOTENCY_KEY_MISSING"), ("short", "IDEMPOTENCY_KEY_INVALID"),
                                           ("x" * 201, "IDEMPOTENCY_KEY_INVALID"), ("with a space", "IDEMPOTENCY_KEY_INVALID")])
async def test_a_command_needs_a_key_of_8_to_200_characters(desk: Any, key: str | None, code: str) -> None:
    headers = {"authorization": f"Bearer {desk.token()}"} | ({"idempotency-key": key} if key else {})
    answer = await desk.client.post(at(), json=TODAY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(("change", "where"), [
    ({"weight": 12.5}, "/weight"), ({"weight": 12}, "/weight"), ({"weight": "1e5"}, "/weight"), ({"weight": "NaN"}, "/weight"),
    ({"weight": "١"}, "/weight"), ({"on": "2025-02-30"}, "/on"), ({"on": "1739836800"}, "/on"), ({"on": 1739836800}, "/on"),
    ({"on": "2025-2-18"}, "/on"), ({"count": "1"}, "/count"), ({"count": 1.0}, "/count"), ({"count": True}, "/count"),
    ({"count": 2**53}, "/count"), ({"urgent": 1}, "/urgent"), ({"colour": "GREEN"}, "/colour"), ({"note": None}, "/note"),
    ({"note": "a\0b"}, "/note"), ({"unknown": 1}, "/unknown"), ({"receipt_id": str(uuid4())}, "/receipt_id"),
    ({"actor": "me"}, "/actor"), ({"today": "2025-01-01"}, "/today"), ({"shop": {}}, "/shop"), ({"shelf_id": "two words"}, "/shelf_id"),
    ({"items": [{"name": "x", "weight": 1.5}]}, "/items/0/weight"),
    ({"items": [{"name": "x", "weight": "1", "more": 1}]}, "/items/0/more"),
    ({"a/b~c": 1}, "/a~1b~0c"), ({"colour": ...}, "/colour")])
async def test_a_body_that_is_not_as_declared_is_refused_and_says_where(desk: Any, change: dict[str, Any], where: str) -> None:
    body = {k: v for k, v in (TODAY | change).items() if v is not ...}
    answer = await desk.post(at(), body)
    assert (answer.status_code, answer.json()["code"], [e["at"] for e in answer.json()["errors"]]) == (422, "INPUT_INVALID", [where])
    assert desk.service.log.head() == 0


async def test_no_value_of_the_input_is_repeated(desk: Any) -> None:
    secret = "RSSMRA80A01H501U"
    body = {"colour": secret, "weight": secret, "on": secret, "note": [secret], "count": secret, "plate": secret + "!",
            "shelf_id": [secret]}
    broken = b'{"note": ' + secret.encode()
    answers = [await desk.post(at(), body), await desk.post(at(secret), TODAY), await desk.post(at(), content=broken)]
    assert [a.status_code for a in answers] == [422, 422, 400]
    assert not any(secret in a.text for a in answers)


async def test_a_word_with_a_wrong_check_is_refused_with_its_own_code(desk: Any) -> None:
    answer = await desk.post(at(), TODAY | {"items": [{"name": "x", "weight": "1", "plate": "A-1"}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "PLATE_INVALID")
    assert answer.json()["errors"] == [{"at": "/items/0/plate", "why": "a plate is letters and digits"}]


@pytest.mark.parametrize("content", [b"{", b'{"a":1,}', b"\xff", b'{"note": "\\ud800"}', b"[" * 10_000])
async def test_broken_json_is_400(desk: Any, content: bytes) -> None:
    answer = await desk.post(at(), content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "JSON_INVALID")


async def test_a_body_that_is_no_object_is_422(desk: Any) -> None:
    assert [(await desk.post(at(), content=c)).status_code for c in (b"[]", b"null", b'"x"', b"")] == [422] * 4


async def test_a_body_that_is_not_json_is_415(desk: Any) -> None:
    answer = await desk.post(at(), content=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, answer.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")
    taken = await desk.post(at(), content=orjson.dumps(TODAY), headers={"content-type": "application/json; charset=utf-8"})
    assert taken.status_code == 201


async def test_a_command_without_fields_needs_no_body(desk: Any) -> None:
    ticket = str(uuid4())
    await desk.post(at(ticket), TODAY)
    assert (await desk.post(at(ticket) + "/closing")).status_code == 201


async def test_a_body_over_1_mib_is_413_declared_or_in_chunks(desk: Any) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 65536

    whole = await desk.post(at(), content=b" " * (1024 * 1024 + 1))
    piece_by_piece = await desk.post(at(), content=chunks())
    assert [(a.status_code, a.json()["code"]) for a in (whole, piece_by_piece)] == [(413, "BODY_TOO_LARGE")] * 2


async def test_an_id_in_the_path_is_a_uuid_in_either_case(desk: Any) -> None:
    wrong = await desk.post(at("12"), TODAY)
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "path/ticket_id")
    ticket = str(uuid4())
    assert (await desk.post(at(ticket.upper()), TODAY)).json()["id"] == ticket


async def test_a_refusal_is_409_with_all_its_codes(desk: Any) -> None:
    ticket = at()
    unknown = await desk.post(ticket + "/closing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "TICKET_UNKNOWN")
    heavy = await desk.post(ticket, TODAY | {"weight": "100.01"})
    assert (heavy.json()["code"], heavy.json()["type"]) == ("TOO_HEAVY:weight", "urn:percorso:problem:TOO_HEAVY")
    assert heavy.headers["content-type"] == "application/problem+json"
    future = await desk.post(ticket, TODAY | {"on": "2999-01-01"})
    assert (future.status_code, future.json()["code"]) == (409, "DATE_IN_THE_FUTURE")


async def test_what_is_not_heard_yet_may_be_asked_again(desk: Any) -> None:
    answer = await desk.post(at() + "/call")
    assert (answer.status_code, answer.headers["retry-after"], "next" in answer.json()) == (409, "1", True)


async def test_a_halted_service_answers_503_with_retry_after(desk: Any) -> None:
    await desk.halt("the topic is not this log's")
    answer = await desk.post(at(), TODAY)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "HALTED", "60")


async def test_a_fault_of_ours_is_a_problem_and_is_logged_without_its_text(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = await desk.post(at() + "/fire")
    assert (answer.status_code, answer.json()["code"]) == (500, "FAULT")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", answer.json()["instance"])
    assert answer.headers["x-correlation-id"] in answer.json()["instance"]
    assert "RSSMRA" not in answer.text + " ".join(record.getMessage() for record in caplog.records)


async def test_a_fault_of_a_read_is_a_problem_too(desk: Any) -> None:
    @desk.app.get("/planted", dependencies=[allowed("READER")])
    async def planted() -> None:
        raise RuntimeError("RSSMRA80A01H501U")

    answer = await desk.client.get("/planted", headers={"authorization": f"Bearer {desk.token('READER')}"})
    assert (answer.status_code, answer.json()["code"], answer.headers["content-type"]) == (500, "FAULT", "application/problem+json")
    assert "RSSMRA" not in answer.text


@pytest.mark.parametrize("address", ["/tickets?limit=%00", "/tickets/%00"])
async def test_an_address_holds_no_nul(desk: Any, address: str) -> None:
    answer = await desk.client.get(address, headers={"authorization": f"Bearer {desk.token('READER')}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_MALFORMED")


async def test_unknown_addresses_and_methods_are_problems(desk: Any) -> None:
    nowhere, method = await desk.client.get("/nowhere"), await desk.client.get(at())
    assert [(a.status_code, a.json()["code"]) for a in (nowhere, method)] == [(404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")]
    assert method.headers["allow"] == "POST"
    assert [(await desk.post(path)).status_code for path in ("/tickets", "/tickets/{}", "/tickets/", at() + "/", at() + "/other")] == [
        405, 422, 404, 404, 404]


async def test_the_outcome_of_each_command_is_counted(desk: Any) -> None:
    ticket = at()
    await desk.post(ticket, TODAY)
    await desk.post(ticket, TODAY)
    await desk.post(at() + "/closing")
    await desk.post(ticket, {})
    shown = (await desk.client.get("/metrics")).text
    for line in ('percorso_commands_total{operation="openTicket",outcome="done"} 1.0', 'percorso_group_size_count 2.0',
                 'percorso_commands_total{operation="openTicket",outcome="nothing"} 1.0', 'percorso_log 1.0', 'percorso_relay_lag 1.0',
                 'percorso_commands_total{operation="openTicket",outcome="not_valid"} 1.0',
                 'percorso_refusals_total{code="TICKET_UNKNOWN"} 1.0'):
        assert line in shown
    assert 'route="/tickets/{ticket_id}"' in shown
