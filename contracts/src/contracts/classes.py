"""The classes of a contract's leaf fields. There is none for free text, and none for a special category of personal data.

Every leaf field is one of these (`design.md` 8). A list or a nested model of them is a field too. A field whose annotation carries
no class fails the build (`tests/architecture`). Values are ASCII-keyed JSON of strings, integers, booleans, lists and objects.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema


@dataclass(frozen=True)
class FieldClass:
    """The class of a leaf field; `reason` only where the class is `public`."""

    name: str
    reason: str = ""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """In a JSON Schema the class shows as `x-class`, its reason as `x-reason`."""
        return {**handler(schema), "x-class": self.name} | ({"x-reason": self.reason} if self.reason else {})


def plain(number: Decimal) -> str:
    """A decimal as a plain string, as it was given: never an exponent."""
    return format(number, "f")


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,79}$"), FieldClass("id")]
"""An identifier without meaning: a UUID, an operator's pseudonym, a number within a programme."""
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@/+-]{0,79}$"), FieldClass("code")]
"""A word of a closed vocabulary, or of a programme's configuration."""
Number = Annotated[Decimal, PlainSerializer(plain, return_type=str),
                   WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, mode="serialization"), FieldClass("number")]
"""A decimal number, said as a string: hours, ratios, scores."""
Whole = Annotated[int, FieldClass("number")]
"""A whole number: versions, counts, minutes."""
Money = Annotated[int, FieldClass("money")]
"""Euro cents."""
Day = Annotated[date, FieldClass("date")]
"""A date in Rome, `YYYY-MM-DD`."""
Instant = Annotated[datetime, FieldClass("instant")]
"""An instant, UTC."""
Flag = Annotated[bool, FieldClass("flag")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$"), FieldClass("digest")]
"""A SHA-256 or HMAC-SHA-256, lower-case hexadecimal: of ciphertext, salted, or keyed."""
PublicKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$"), FieldClass("digest")]
"""An Ed25519 public key, 32 bytes, lower-case hexadecimal: of a service, never of a person."""
Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$"), FieldClass("digest")]
"""An Ed25519 signature, 64 bytes, lower-case hexadecimal: of a service, never of a person."""
TimeToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=65536), FieldClass("digest")]
"""An RFC 3161 time-stamp token, DER in base64: it holds a digest, an instant, and the certificates of an authority."""


ActNumber = Annotated[str, Field(min_length=1, max_length=60),
                      FieldClass("public", "number of an administrative act, published without names; auditors start from it")]
BodyName = Annotated[str, Field(min_length=1, max_length=200), FieldClass("public", "name of a public or legal body")]
Title = Annotated[str, Field(min_length=1, max_length=200), FieldClass("public", "title of a programme")]
