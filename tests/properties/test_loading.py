"""An aggregate that holds an event which this version does not know is not decided about, in any service."""
import pytest

from chassis.database import open_database
from chassis.errors import UnknownStored
from chassis.loader import Loader, stream_of
from chassis.log import Log
from chassis.parts import Parts, pack
from chassis.record import Codec
from chassis.schema import migrate
from chassis.vault import Vault
from properties.asked import DECLARED, KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_loader_that_does_not_know_a_stored_event_refuses(name: str) -> None:
    declared, kind = DECLARED[name.partition("/")[0]], KINDS[name]
    database, stream = open_database("sqlite://", service=declared.name), stream_of("bari", kind, "an-id")
    migrate(database)
    log = Log(database)
    loader = Loader(log, Codec(declared.name, declared.kinds, declared.spoken, declared.silent, Vault(database, b"m" * 32)))
    try:
        assert loader.load_now(kind, stream) == (kind.start(), 0)
        with database.transaction() as tx:
            tx.execute("INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
                       (stream, f"{declared.name}.OfTomorrow.v1", pack(Parts(b"{}", b"{}", b"", b"s" * 32))))
        with pytest.raises(UnknownStored):
            loader.load_now(kind, stream)
    finally:
        loader.close()
        database.close()
