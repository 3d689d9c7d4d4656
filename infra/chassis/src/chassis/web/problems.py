"""Every no is a problem (RFC 9457): a code, what was wrong, where, what to do next. Nothing of the input is repeated."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException

from chassis import errors
from chassis.decide import Refused
from chassis.logs import correlation

MEDIA = "application/problem+json"
TITLES = {400: "The request cannot be read", 401: "Not authenticated", 403: "Not allowed", 404: "Not found",
          405: "Method not allowed", 409: "Refused by a rule", 410: "Erased", 413: "Too large", 415: "Not JSON", 422: "Not valid",
          500: "A fault of ours", 503: "Not available now"}
CODES = {400: "REQUEST_MALFORMED", 401: "TOKEN_INVALID", 403: "ROLE_NOT_ALLOWED", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED",
         413: "BODY_TOO_LARGE", 415: "MEDIA_TYPE_UNSUPPORTED", 422: "INPUT_INVALID", 503: "UNAVAILABLE"}
DETAILS = {404: "there is nothing at this address", 405: "this address does not take this method; `Allow` names those it takes"}
AGAIN = "ask again, with the same Idempotency-Key, after the seconds in Retry-After"
UNHEARD, UNKNOWN, GONE = "_NOT_HEARD_YET", "_UNKNOWN", "_ERASED"


class Problem(HTTPException):
    """An answer that is not a yes. `errors`: (where, why); `next`: what the caller may do."""

    def __init__(self, status: int, code: str, detail: str, *, errors: Sequence[tuple[str, str]] = (),
                 also: Iterable[Refused] = (), next: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code, self.errors, self.also, self.next = code, errors, tuple(also), next

    def body(self) -> bytes:
        said: dict[str, Any] = {
            "type": f"urn:percorso:problem:{self.code.partition(':')[0]}", "title": TITLES.get(self.status_code, "Error"),
            "status": self.status_code, "code": self.code, "detail": self.detail}
        if this := correlation.get():
            said["instance"] = f"urn:uuid:{this}"
        if self.errors:
            said["errors"] = [{"at": at, "why": why} for at, why in self.errors]
        if self.also:
            said["also"] = [{"code": no.code, "detail": no.detail} for no in self.also]
        if self.next:
            said["next"] = self.next
        return orjson.dumps(said)


def later(code: str, detail: str, seconds: int, next: str = AGAIN) -> Problem:
    return Problem(503, code, detail, next=next, headers={"Retry-After": str(seconds)})


def refusal(no: Refused, invalid: frozenset[str] = frozenset()) -> Problem:
    """409; 404 where there is no such thing, 410 where it was erased; 422 where a value is not valid whatever the state is (`invalid`)."""
    if no.code.endswith(UNHEARD):
        return Problem(409, no.code, no.detail, also=no.also, next=AGAIN, headers={"Retry-After": "1"})
    if no.code.endswith(GONE):
        return Problem(410, no.code, no.detail, also=no.also)
    status = 404 if no.code.endswith(UNKNOWN) else 422 if no.code in invalid else 409
    return Problem(status, no.code, no.detail, also=no.also)


def problem_of(wrong: Exception, invalid: frozenset[str] = frozenset()) -> Problem | None:
    """The problem that stands for an exception; None where it is a fault of ours."""
    match wrong:
        case Problem():
            return wrong
        case Refused():
            return refusal(wrong, invalid)
        case errors.KeyReused():
            return Problem(422, "IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key came before with another request",
                           next="send a new key for a new request")
        case errors.Busy():
            return later("BUSY", "others are changing the same thing", 1)
        case errors.StoreAway():
            return later("STORE_AWAY", "the database does not answer; what was asked may have been stored", 2)
        case errors.Halted():
            return _halted(wrong)
        case errors.UnknownStored():
            return later("STORED_EVENT_UNKNOWN", "the history holds an event that this version of the service does not know", 60)
        case errors.TooLarge():
            return Problem(413, "FACT_TOO_LARGE", "the fact would be over 256 KiB")
        case HTTPException():
            return _of_framework(wrong)
        case _:
            return None


def _halted(wrong: errors.Halted) -> Problem:
    if isinstance(wrong, errors.Shut):
        return later("ERASURES_NOT_HEARD", f"what is sealed is not opened now: {wrong}", 2)
    return later("HALTED", f"the service takes no commands until an operator decides: {wrong}", 60)


def _of_framework(wrong: HTTPException) -> Problem:
    status = wrong.status_code
    return Problem(status, CODES.get(status, f"HTTP_{status}"), DETAILS.get(status, TITLES.get(status, "not done")), headers=wrong.headers)


def pointer(loc: Sequence[int | str], where: str = "") -> str:
    """A JSON pointer into the body; for a path, a query or a header, its place before it: `path/case_id`."""
    return where + "".join("/" + str(part)[:80].replace("~", "~0").replace("/", "~1") for part in loc)


def placed(loc: Sequence[int | str]) -> str:
    """The same for the framework's locations, which begin with `body`, `path`, `query` or `header`."""
    return pointer(loc[1:], "" if loc[0] == "body" else str(loc[0])) if loc else ""


def invalid(found: Sequence[Any], at: Callable[[Sequence[int | str]], str] = pointer) -> Problem:
    """From pydantic's errors: 400 for what is not JSON, else 422. A word's own code, where it has one, is the problem's."""
    if broken := [e for e in found if e["type"] == "json_invalid"]:
        return Problem(400, "JSON_INVALID", broken[0]["msg"])
    code = next((e["type"] for e in found if e["type"].isupper()), "INPUT_INVALID")
    first = next((e["msg"] for e in found if e["type"] == code), "some of what was sent is not valid: see errors")
    return Problem(422, code, first, errors=[(at(e["loc"]), e["msg"]) for e in found[:50]])
