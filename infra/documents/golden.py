"""Golden samples: one event of every type and version, as it was stored and as it went over the wire. They must load for ever.

`golden.py` adds those that are missing to `contracts/golden/` and to its `INDEX`; one that is there is never written again.
"""
from __future__ import annotations

import json
import sys
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from example_events import WORDS, example
from generate import SERVICES, declared
from schema_files import file_of

from chassis import schema
from chassis.database import Database, open_database
from chassis.decide import Actor
from chassis.declare import Declared
from chassis.parts import Parts, pack, stamped, unpack
from chassis.record import About, Codec, Form
from chassis.vault import Vault
from chassis.wire import Added, joined, parted, trail_next, trail_start

FOLDER = Path(__file__).parents[2] / "contracts/golden"
MASTER = sha256(b"the master key of the golden samples").digest()
TENANT, RECORDED, OCCURRED = "bari", "2024-10-14T09:00:00.000001Z", "2024-10-14"

Sample = dict[str, Any]
"""`name` as stored; `event` as plain values; `value` as a record's value, first in its partition and in its trail; `stored`,
the row's bytes, and in them `home`, `sealed` and `salt`; `keys`, the wrapped keys of its sealed fields, by purpose. Bytes in
base64."""


@contextmanager
def codec_of(its: Declared, keys: Mapping[tuple[str, str, str], bytes] = {}) -> Iterator[tuple[Codec, Database]]:
    """A service's codec over an empty database that knows these keys, by tenant, subject and purpose."""
    database = open_database("sqlite://", service=its.name)
    try:
        schema.migrate(database)
        with database.transaction() as tx:
            tx.executemany("INSERT INTO vault_key (tenant, subject, purpose, wrapped) VALUES (%s, %s, %s, %s)",
                           [(*at, key) for at, key in keys.items()])
        yield Codec(its.name, its.kinds, its.spoken, its.silent, Vault(database, MASTER)), database
    finally:
        database.close()


def load(its: Declared, sample: Sample) -> Any:
    """The event that a sample is loaded as by this version."""
    fact = orjson.loads(sample["value"])
    keys = {(fact["tenant"], fact.get("subject", ""), purpose): b64decode(key) for purpose, key in sample["keys"].items()}
    with codec_of(its, keys) as (codec, _):
        return codec.read(sample["name"], unpack(b64decode(sample["stored"])))


def make(its: Declared, form: Form) -> Sample:
    """A new sample of one event type."""
    event = example(form.event, form.model, {"log_id": its.name})
    with codec_of(its) as (codec, database):
        written = codec.write(event, _about(its, form, event))
        parts = written.parts._replace(fact=stamped(written.parts.fact, written.stamp, RECORDED))
        with database.reading() as tx:
            keys = {row["purpose"]: _text(row["wrapped"]) for row in tx.execute("SELECT purpose, wrapped FROM vault_key", ())}
    return {"name": written.name, "event": plain(form, event), "value": spoken(parts.fact).decode(), "stored": _text(pack(parts)),
            "home": parts.home.decode(), "sealed": _text(parts.sealed), "salt": _text(parts.salt), "keys": keys}


def spoken(stored: bytes) -> bytes:
    """The value as the relay speaks it first of all."""
    fact = orjson.loads(stored)
    start = trail_start(fact["source"], 1, fact["tenant"], fact.get("programme", ""))
    return joined(stored, Added(1, 1, 0, 1, trail_next(start, 1, 1, stored).hex()))


def parts_of(sample: Sample) -> Parts:
    """The stored parts, from the readable ones."""
    stored, _ = parted(sample["value"].encode())
    return Parts(stored, sample["home"].encode(), b64decode(sample["sealed"]), b64decode(sample["salt"]))


def plain(form: Form, event: Any) -> dict[str, Any]:
    """All fields of an event as JSON values, without those that have none."""
    return form.plain(event, tuple(form.fields))


def wanted() -> dict[str, tuple[Declared, Form]]:
    """Every event type and version there is, by its file: spoken or silent."""
    found: dict[str, tuple[Declared, Form]] = {}
    for service in SERVICES:
        its = declared(service)
        with codec_of(its) as (codec, _):
            found |= {file_of(name): (its, form) for name, form in codec.by_name.items()}
    return found


def index(folder: Path = FOLDER) -> dict[str, str]:
    """The SHA-256 of each sample, as it was when it was made. Lines are only ever added."""
    lines = (folder / "INDEX").read_text("utf-8").splitlines() if (folder / "INDEX").exists() else []
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def add_missing(folder: Path = FOLDER) -> list[str]:
    """Make the samples that the index does not name; their files."""
    known = index(folder)
    new = {name: make(*of) for name, of in wanted().items() if name not in known}
    for name, sample in new.items():
        text = json.dumps(sample, indent=1, ensure_ascii=False) + "\n"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)
        with (folder / "INDEX").open("a", encoding="utf-8") as lines:
            lines.write(f"{sha256(text.encode()).hexdigest()}  {name}\n")
    return list(new)


def _about(its: Declared, form: Form, event: Any) -> About:
    state = form.kind.start()
    cased = hasattr(state, "case_id")
    role = next((command.by[0] for command in its.commands if command.kind is form.kind), "SYSTEM")
    actor = Actor(_id("actor"), role, "comune-bari", TENANT)
    return About(
        id=_id(form.name), tenant=TENANT, aggregate=getattr(event, form.kind.key), sequence=1, occurred=OCCURRED,
        actor=form.kind.speaker(event, actor), correlation=_id("correlation"), causation=_id("causation"),
        case=_id("case_id") if cased else None, programme=WORDS["programme_id"] if hasattr(state, "programme_id") else None,
        subject=_id("subject_id") if hasattr(state, "subject_id") else None)


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


if __name__ == "__main__":
    sys.stdout.write("".join(f"contracts/golden/{name} is new\n" for name in add_missing()))
