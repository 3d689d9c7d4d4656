"""The forms of what is entered at stipend, besides those of `contracts.words`."""
from __future__ import annotations

from typing import NewType

ActNo = NewType("ActNo", str)
"""Number of an administrative act or of a payment mandate, as published: at most 60 characters, a digit, no person's name or code."""
Reference = NewType("Reference", str)
"""An id of a bank's or a file's making: EndToEndId, MsgId; 1 to 35 characters without meaning."""
AccountingCode = NewType("AccountingCode", str)
"""Chapter or PdC code of the body's accounts."""
Digest = NewType("Digest", str)
"""A SHA-256, 64 lower-case hexadecimal digits."""
