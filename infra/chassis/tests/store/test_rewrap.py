"""A master key is replaced: the keys of personal data are wrapped anew, and nothing else changes, whatever cuts it off."""
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from desk import erase
from desk import executor as made

from chassis.database import Database, open_database
from chassis.decide import Refused
from chassis.errors import Halted
from chassis.master import Master
from chassis.rewrap import BATCH, Rewrapped, rewrap
from chassis.schema import migrate
from chassis.vault import Vault

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
PEOPLE = [f"person-{number:04d}" for number in range(2 * BATCH + 50)]
BOUND = b"the event"
CUT_OFF = """
import os, signal, sys
from chassis.database import open_database
from chassis.master import Master
from chassis.rewrap import rewrap

old, new = (bytes.fromhex(os.environ[name]) for name in ("OLD", "NEW"))
rewrap(open_database(sys.argv[1], service="desk"), Master(new, old), lambda seen: os.kill(os.getpid(), signal.SIGKILL))
"""
"""Killed as soon as its first batch is committed."""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url, service="desk")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def sealed(database: Database) -> dict[str, bytes]:
    """What the old key's vault sealed of each person; one of them was erased."""
    vault = Vault(database, OLD)
    found = {one: vault.seal("bari", one, "text", one.encode(), BOUND) for one in PEOPLE}
    vault.mac("colour", "red")
    office = made(database)
    erase(office, PEOPLE[7])
    office.close()
    return found


def opened(vault: Vault, sealed: dict[str, bytes]) -> dict[str, bytes | None]:
    return {one: vault.open("bari", one, "text", text, BOUND) for one, text in sealed.items()}


WHOLE: dict[str, bytes | None] = {one: one.encode() if one != PEOPLE[7] else None for one in PEOPLE}
"""What is read of each."""


def wrapped(database: Database) -> list[object]:
    with database.reading() as tx:
        return [bytes(row["wrapped"]) for table, key in (("vault_key", "subject"), ("vault_constant", "name"))
                for row in tx.execute(f"SELECT wrapped FROM {table} ORDER BY {key}")]


def test_the_new_key_reads_all_that_was_sealed_before_the_old_one_starts_nothing_and_who_was_erased_stays_so(
        database: Database, sealed: dict[str, bytes]) -> None:
    claims = Vault(database, OLD).mac("colour", "red")
    assert rewrap(database, Master(NEW, OLD)) == Rewrapped(len(PEOPLE), len(PEOPLE))  # one is erased; the key of claims is one more
    vault = Vault(database, NEW)
    vault.check()
    assert (opened(vault, sealed), vault.mac("colour", "red")) == (WHOLE, claims)
    with pytest.raises(ValueError, match="master key"):
        Vault(database, OLD).check()
    with pytest.raises(Refused, match="SUBJECT_ERASED"):
        vault.seal("bari", PEOPLE[7], "text", b"again", BOUND)
    assert rewrap(database, Master(NEW, OLD)) == Rewrapped(0, len(PEOPLE))


def test_killed_in_the_middle_it_is_gone_on_with_and_a_service_with_both_keys_reads_all_meanwhile(
        database: Database, url: str, sealed: dict[str, bytes]) -> None:
    killed = subprocess.run([sys.executable, "-c", CUT_OFF, url], env={**os.environ, "OLD": OLD.hex(), "NEW": NEW.hex()}, check=False)
    assert killed.returncode == -signal.SIGKILL
    for one in (OLD, NEW):
        with pytest.raises(ValueError, match="master key"):
            Vault(database, one).check()
    both = Vault(database, NEW, OLD)
    both.check()
    assert opened(both, sealed) == WHOLE
    assert rewrap(database, Master(NEW, OLD)) == Rewrapped(len(PEOPLE) - BATCH, len(PEOPLE))
    assert opened(Vault(database, NEW), sealed) == WHOLE


def test_another_old_key_is_refused_and_changes_nothing(database: Database, sealed: dict[str, bytes]) -> None:
    before = wrapped(database)
    with pytest.raises(ValueError, match="master key"):
        rewrap(database, Master(NEW, OTHER))
    assert wrapped(database) == before
    assert opened(Vault(database, OLD), sealed) == WHOLE


def test_a_key_that_does_not_open_as_it_was_leaves_its_batch_as_it_is(
        database: Database, sealed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    before, wrap = wrapped(database), Master.wrap
    monkeypatch.setattr(Master, "wrap", lambda self, key, bound: wrap(self, key[::-1], bound))
    with pytest.raises(ValueError, match="its batch was left as it is"):
        rewrap(database, Master(NEW, OLD))
    assert wrapped(database) == before


def test_what_is_sealed_and_who_is_erased_while_it_goes_on_is_as_it_should_be(
        database: Database, url: str, sealed: dict[str, bytes]) -> None:
    serving = open_database(url, service="desk")
    vault, office, last = Vault(serving, NEW, OLD), made(serving), PEOPLE[-1]
    fresh: dict[str, bytes] = {}

    def meanwhile(seen: int) -> None:
        if not fresh:
            erase(office, last)
            fresh["another"] = vault.seal("bari", "another", "text", b"another", BOUND)

    rewrap(database, Master(NEW, OLD), meanwhile)
    office.close()
    serving.close()
    after = Vault(database, NEW)
    after.check()
    assert opened(after, sealed) == WHOLE | {last: None}
    assert opened(after, fresh) == {"another": b"another"}


def test_a_process_that_has_the_old_key_alone_shuts_what_it_cannot_open(database: Database, sealed: dict[str, bytes]) -> None:
    late = Vault(database, OLD)
    assert late.open("bari", PEOPLE[0], "text", sealed[PEOPLE[0]], BOUND) == PEOPLE[0].encode()
    rewrap(database, Master(NEW, OLD))
    assert late.open("bari", PEOPLE[0], "text", sealed[PEOPLE[0]], BOUND) == PEOPLE[0].encode()
    with pytest.raises(Halted, match="master key"):
        late.open("bari", PEOPLE[1], "text", sealed[PEOPLE[1]], BOUND)
