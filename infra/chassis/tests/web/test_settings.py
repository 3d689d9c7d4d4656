"""Settings from the environment, and logs that quote nobody."""
import base64
import io
import json
import logging
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis import logs
from chassis.clock import rome_date, rome_midnight, stamp
from chassis.settings import Settings, SettingsWrong

KEY = base64.b64encode(b"k" * 32).decode()
ENV = {"PERCORSO_DATABASE_URL": "sqlite:///x", "PERCORSO_BUS": "local:///y", "PERCORSO_MASTER_KEY": KEY, "PERCORSO_ACTOR_KEY": KEY,
       "PERCORSO_JWKS": "/keys.json"}


def test_a_services_own_setting_goes_before_the_common_one(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(base64.b64encode(b"s" * 32).decode() + "\n")
    found = Settings.load("tickets", ENV | {"PERCORSO_PORT": "1", "TICKETS_PORT": "2", "TICKETS_MASTER_KEY_FILE": str(secret),
                                            "PERCORSO_PEERS": '{"intake": "http://localhost:1"}'})
    assert (found.port, found.master_key, found.host, found.peers["intake"]) == (2, b"s" * 32, "127.0.0.1", "http://localhost:1")
    assert found.master_key_before is None
    assert Settings.load("tickets", ENV | {"TICKETS_MASTER_KEY_BEFORE_FILE": str(secret)}).master_key_before == b"s" * 32
    assert KEY not in repr(found)
    assert "kkkk" not in repr(found)
    assert "sqlite" not in repr(found)


@pytest.mark.parametrize(("change", "sentence"), [
    ({"PERCORSO_MASTER_KEY": "c2hvcnQ="}, "PERCORSO_MASTER_KEY: "),
    ({"PERCORSO_MASTER_KEY": "?secret?"}, "PERCORSO_MASTER_KEY: is not base64"),
    ({"PERCORSO_DATABASE_URL": ""}, "PERCORSO_DATABASE_URL: Field required"), ({"PERCORSO_PORT": "http"}, "PERCORSO_PORT: "),
    ({"PERCORSO_JWKS": ""}, "JWKS must name"), ({"PERCORSO_PEERS": "intake"}, "PERCORSO_PEERS is not a JSON object"),
    ({"PERCORSO_CLOCK": "scenario", "PERCORSO_ISSUER": "https://id.example"}, "only for the suite's own issuer"),
    ({"PERCORSO_ACTOR_KEY_FILE": "/nowhere/key"}, "PERCORSO_ACTOR_KEY_FILE: /nowhere/key cannot be read")])
def test_settings_that_cannot_be_used_are_named_and_not_quoted(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        Settings.load("tickets", ENV | change)
    assert sentence in str(wrong.value)
    assert "?secret?" not in str(wrong.value)


SEED = b"s" * 32
CURVE = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PEM = Ed25519PrivateKey.from_private_bytes(SEED).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("said", [SEED.hex(), base64.b64encode(SEED).decode(), PEM], ids=["hexadecimal", "base64", "PEM"])
def test_a_sealing_key_comes_from_the_environment_or_a_file_and_is_not_shown(said: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(said + "\n")
    found = Settings.load("tickets", ENV | {"PERCORSO_SEAL_KEY_BEFORE": said, "TICKETS_SEAL_KEY_FILE": str(tmp_path / "key")})
    assert (found.seal_key, found.seal_key_before) == (SEED, SEED)
    assert "ssss" not in repr(found)


@pytest.mark.parametrize("said", ["c2hvcnQ=", "?secret?", PEM.replace("MC", "XX"), CURVE],
                         ids=["short", "no key", "no PEM", "another kind"])
def test_what_is_no_sealing_key_is_refused_and_not_quoted(said: str) -> None:
    with pytest.raises(SettingsWrong, match=r"^PERCORSO_SEAL_KEY: ") as wrong:
        Settings.load("tickets", ENV | {"PERCORSO_SEAL_KEY": said})
    assert said not in str(wrong.value)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, written = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    logs.to_json("tickets", "INFO", written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


def test_a_log_line_is_json_and_an_exception_is_told_without_its_text(lines: io.StringIO) -> None:
    try:
        raise ValueError("RSSMRA80A01H501U is not valid")
    except ValueError:
        logging.getLogger("x").exception("failed", extra={"fields": {"position": 7}})
    line = json.loads(lines.getvalue())
    assert (line["service"], line["message"], line["position"], line["error"]) == ("tickets", "failed", 7, "ValueError")
    assert "RSSMRA" not in lines.getvalue()
    assert "test_settings.py" in line["where"][0]


def test_a_date_in_rome_begins_before_the_one_in_greenwich() -> None:
    assert rome_date(datetime.fromisoformat("2025-06-30T22:30:00Z")) == date(2025, 7, 1)
    assert stamp(rome_midnight(date(2025, 7, 1))) == "2025-06-30T22:00:00.000000Z"
