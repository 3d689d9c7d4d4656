"""The words of reporting: CUP, configuration, digest, each with its validator."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chassis.decide import Refused
from contracts.words import Configuration, Cup
from reporting.adapters.configuration import read
from reporting.domain.evidence import Sha256

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CUP = re.compile(r"[A-Z]\d{2}[A-Z]\d{11}")


def cup(given: str) -> str:
    if not _CUP.fullmatch(given):
        raise Refused("CUP_INVALID", "a CUP is a letter, two digits, a letter and eleven digits")
    return given


def configuration(given: Any) -> Any:
    """The configuration in its spoken form: defaults filled in, numbers as strings, nothing null."""
    config, faults = read(given)
    if config is None or faults:
        raise Refused("CONFIGURATION_INVALID", "; ".join(f"{'.'.join(map(str, at))}: {why}" for at, why in faults))
    return config.model_dump(mode="json", exclude_none=True)


def sha256(given: str) -> str:
    if not _SHA256.fullmatch(given):
        raise Refused("DIGEST_INVALID", "a digest is 64 lower-case hexadecimal digits")
    return given


WORDS: Mapping[Any, Callable[[str], str]] = {Cup: cup, Configuration: configuration, Sha256: sha256}
