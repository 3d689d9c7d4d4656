"""Seals for a bundle: facts as a service speaks them, signed by a key of the test's."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.canonical import canonical
from chassis.wire import parted
from evidence.bundles import Files, chained, heads, lines, remade, trail_name, with_lines

KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def seal(about: tuple[str, str], number: int, position: int, of: Sequence[Mapping[str, Any]], before: bytes | None = None,
         key: Ed25519PrivateKey = KEY, **changes: Any) -> bytes:
    """The stored bytes of seal `number` of a source and tenant: `before` are those of the seal before it."""
    source, tenant = about
    seal_id = f"{source}-seal-{number}"
    previous = json.loads(before)["data"]["seal_id"] if before else ""
    previous_hash = sha256(before).hexdigest() if before else ""
    named = [[head.get("programme") or "", head["number"], head["head"]] for head in of]
    message = canonical(["percorso-seal-1", source, tenant, number, seal_id, previous, previous_hash, 1, position, named])
    data: dict[str, Any] = {
        "log_id": source, "seal_id": seal_id, "number": number, "incarnation": 1, "position": position,
        "heads": [{name: head[name] for name in ("programme", "number", "head") if head.get(name)} for head in of],
        "key": public(key), "signature": key.sign(message).hex()}
    data |= {"previous": previous, "previous_hash": previous_hash} if before else {}
    return canonical({
        "actor": "system", "actororg": source, "actorrole": "SYSTEM", "aggregate": source, "aggregatetype": "log", "correlation": "c",
        "data": data | changes, "id": f"{source}-{number}", "occurred": "2025-12-31", "rest": "0" * 64, "sequence": str(number),
        "source": source, "specversion": "1.0", "tenant": tenant, "time": "2025-12-31T00:00:00.000000Z",
        "type": f"{source}.TrailSealed.v1"})


def endorsed(source: str, new: Ed25519PrivateKey, by: Ed25519PrivateKey) -> str:
    return by.sign(canonical(["percorso-seal-key-1", source, public(new)])).hex()


def with_none(files: Files, source: str, stored: Sequence[tuple[int, bytes]]) -> Files:
    """With these facts of no programme at the end of the source's trail of none, all chained anew."""
    name, tenant = trail_name(source, own=False), json.loads(files["manifest.json"])["tenant"]
    there = [(json.loads(line)["position"], parted(line)[0]) for line in lines(files, name) if b'"digest":' not in line[:12]] \
        if name in files else []
    made = chained([*((int(position), fact) for position, fact in there), *stored], (source, tenant, ""))
    return with_lines(files, name, made)


def sealed(files: Files, source: str, seals: Sequence[bytes], key: Ed25519PrivateKey = KEY, *, keys: Sequence[str] = ()) -> Files:
    """With these seals of a source, and its keys; the manifest made anew."""
    last = max(int(json.loads(line)["position"]) for name in files if name.startswith(f"trails/{source}/") for line in lines(files, name))
    found = with_none(files, source, [(last + n, one) for n, one in enumerate(seals, 1)])
    found[f"contracts/{source}.TrailSealed.v1.json"] = b"{}"
    found[f"keys/{source}.json"] = json.dumps(list(keys) or [public(key)]).encode()
    return remade(found, heads=heads(found))


def ends(files: Files, source: str) -> list[dict[str, Any]]:
    """The heads of a source as they are, the trail of none first."""
    return sorted((head for head in heads(files) if head["source"] == source), key=lambda head: head.get("programme", ""))
