"""What a service says of itself: its OpenAPI document, and that every route says whom it is for."""
from typing import Any

from fastapi import APIRouter, Depends
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.web.auth import allowed, public
from chassis.web.host import host
from chassis.web.openapi import undeclared


async def test_the_document_is_valid_and_is_served(desk: Any) -> None:
    made = (await desk.client.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(made).validate()
    assert made == desk.app.openapi()


async def test_a_commands_roles_refusals_and_fields_come_from_its_declaration(desk: Any) -> None:
    made = desk.app.openapi()
    opening = made["paths"]["/tickets/{ticket_id}"]["post"]
    assert (opening["operationId"], opening["x-roles"], opening["security"]) == ("openTicket", ["CLERK"], [{"bearer": []}])
    assert opening["x-refusals"] == ["DATE_IN_THE_FUTURE", "PLATE_INVALID", "SHOP_SHUT", "TOO_HEAVY"]
    closing = made["paths"]["/tickets/{ticket_id}/closing"]["post"]
    assert closing["x-refusals"] == ["CASE_PARKED", "TICKET_CLOSED", "TICKET_UNKNOWN"]
    assert "requestBody" not in closing
    body = made["components"]["schemas"]["OpenTicket"]
    assert set(body["properties"]) == {"colour", "weight", "on", "note", "items", "plate", "count", "shelf_id", "urgent"}
    assert (body["required"], body["additionalProperties"]) == (["colour", "weight", "on"], False)
    assert body["properties"]["weight"]["format"] == "decimal"
    assert opening["parameters"][0]["schema"]["format"] == "uuid"
    assert opening["description"] == "Open a ticket (scontrino)."
    assert set(opening["responses"]) == {"200", "201", "400", "401", "403", "404", "409", "413", "415", "422", "503"}


async def test_every_route_declares_roles_or_is_public(desk: Any) -> None:
    assert undeclared(desk.app) == []


async def test_a_route_that_declares_nothing_is_named(desk: Any) -> None:
    router = APIRouter(prefix="/planted")
    router.get("/bare")(lambda: None)
    router.get("/guarded", dependencies=[allowed("CLERK")])(lambda: None)
    router.get("/wrapped", dependencies=[Depends(allowed("CLERK"))])(lambda: None)
    router.get("/open")(public(lambda: None))
    desk.app.include_router(router)
    assert undeclared(desk.app) == ["GET /planted/bare"]
    assert undeclared(host({"tickets": desk.app})) == ["GET /tickets/planted/bare"]
