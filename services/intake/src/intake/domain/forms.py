"""The forms of what is entered at intake, and which of it is sealed under which purpose."""
from __future__ import annotations

from datetime import date
from typing import Annotated, NewType

from chassis.decide import Private
from contracts.words import TaxCode

Code = NewType("Code", str)
"""A word of a vocabulary: letters, digits and `_ . : @ / + -`, no spaces; it is spoken, so it never says who somebody is."""
Reference = NewType("Reference", str)
"""The id under which a document or a household is kept elsewhere; without meaning."""
PersonName = NewType("PersonName", str)
Municipality = NewType("Municipality", str)
"""Comune, by its ISTAT code: six digits (`domain.md` 7)."""

Name = Annotated[PersonName, Private("identity")]
PersonTaxCode = Annotated[TaxCode, Private("identity")]
BirthDate = Annotated[date, Private("identity")]
Gender = Annotated[str, Private("identity")]
Citizenship = Annotated[Code | None, Private("identity")]
Residence = Annotated[Municipality, Private("identity")]
Contact = Annotated[str | None, Private("contact")]
Note = Annotated[str | None, Private("casework")]
Protocol = Annotated[str, Private("casework")]
