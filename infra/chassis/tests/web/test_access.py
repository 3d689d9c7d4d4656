"""Who is let in, and what is known of them after."""
import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import Depends, FastAPI

from chassis.issuer import Issuer
from chassis.settings import Settings
from chassis.web import keys
from chassis.web.auth import Auth, allowed
from chassis.web.problems import Problem

CLAIMS = {"iss": "percorso", "aud": "percorso", "sub": "RSSMRA80A01H501U", "role": "CLERK", "org": "shop", "tenant": "bari"}


def bearer(key: Any, algorithm: str, kid: str | None, **change: Any) -> str:
    claims = {k: v for k, v in (CLAIMS | {"exp": time.time() + 60} | change).items() if v is not None}
    return "Bearer " + jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture
def own(settings: Settings) -> tuple[Auth, Callable[..., str]]:
    """The suite's own issuer, and what makes tokens with its key."""
    assert settings.issuer_key_file
    auth, issuer = Auth(settings), Issuer.at(settings.issuer_key_file)
    return auth, lambda **change: bearer(issuer._key, "EdDSA", change.pop("kid", issuer.kid), **change)


async def test_a_valid_token_gives_the_actor(own: Any) -> None:
    auth, token = own
    actor = await auth.actor(token())
    assert (actor.role, actor.org, actor.tenant) == ("CLERK", "shop", "bari")


@pytest.mark.parametrize("change", [
    {"aud": "another"}, {"iss": "another"}, {"exp": None}, {"sub": None}, {"role": None}, {"role": "clerk; drop"}, {"role": ["CLERK"]},
    {"tenant": None}, {"tenant": "bari/../lecce"}, {"org": "a b"}, {"kid": "another"}, {"nbf": time.time() + 3600}])
async def test_a_token_of_another_form_or_for_others_is_not_valid(own: Any, change: dict[str, Any]) -> None:
    auth, token = own
    with pytest.raises(Problem) as no:
        await auth.actor(token(**change))
    assert (no.value.status_code, no.value.code) == (401, "TOKEN_INVALID")
    assert 'error="invalid_token"' in (no.value.headers or {})["WWW-Authenticate"]


@pytest.mark.parametrize(("header", "code"), [("", "TOKEN_MISSING"), ("Bearer", "TOKEN_MISSING"), ("Basic abc", "TOKEN_MISSING"),
                                              ("Bearer a.b.c", "TOKEN_INVALID"), ("Bearer é", "TOKEN_INVALID")])
async def test_what_is_no_token_is_refused(own: Any, header: str, code: str) -> None:
    with pytest.raises(Problem) as no:
        await own[0].actor(header)
    assert (no.value.status_code, no.value.code) == (401, code)


async def test_an_expired_token_says_so(own: Any) -> None:
    with pytest.raises(Problem) as no:
        await own[0].actor(own[1](exp=time.time() - 60))
    assert no.value.code == "TOKEN_EXPIRED"


async def test_only_asymmetric_algorithms_are_taken(own: Any, settings: Settings) -> None:
    assert settings.issuer_key_file
    jwk = Issuer.at(settings.issuer_key_file).jwks()["keys"][0]
    public = base64.urlsafe_b64decode(jwk["x"] + "==")
    for forged in (bearer(public, "HS256", jwk["kid"]), bearer(None, "none", jwk["kid"])):
        with pytest.raises(Problem) as no:
            await own[0].actor(forged)
        assert no.value.code == "TOKEN_INVALID"


async def test_a_verified_token_is_remembered_until_it_expires(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    auth, known = own[0], own[1]()
    checks, decode = [], jwt.decode
    monkeypatch.setattr(jwt, "decode", lambda *given, **more: checks.append(1) or decode(*given, **more))
    assert await auth.actor(known) == await auth.actor(known)
    assert len(checks) == 1
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    await auth.actor(known)
    assert len(checks) == 2


async def test_an_operator_is_known_by_a_pseudonym_that_never_changes(own: Any, settings: Settings) -> None:
    auth, token = own
    one, again = (await auth.actor(token(jti="1"))).user, (await Auth(settings).actor(token(jti="2"))).user
    elsewhere, another = (await auth.actor(token(tenant="lecce"))).user, (await auth.actor(token(sub="x"))).user
    assert one == again
    assert len({one, elsewhere, another}) == 3
    assert "RSS" not in one
    given = str(uuid4())
    assert (await auth.actor(token(operator=given))).user == given
    assert (await auth.actor(token(operator="RSSMRA80A01H501U"))).user == one


def jwks(*made: tuple[str, Any]) -> dict[str, Any]:
    names = {ec.EllipticCurvePrivateKey: jwt.algorithms.ECAlgorithm, rsa.RSAPrivateKey: jwt.algorithms.RSAAlgorithm}
    algorithms = [next(a for shape, a in names.items() if isinstance(key, shape)) for _, key in made]
    return {"keys": [{**json.loads(a.to_jwk(key.public_key())), "kid": kid, "use": "sig"}
                     for (kid, key), a in zip(made, algorithms, strict=True)] + [{"kty": "oct", "kid": "s", "k": "c2VjcmV0"}]}


async def test_keys_of_an_outside_issuer_are_read_from_a_file_and_again_when_a_new_one_is_named(
        settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PAUSE", 0)
    file, one, two = tmp_path / "jwks.json", rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    file.write_text(json.dumps(jwks(("one", one))))
    auth = Auth(settings.model_copy(update={"jwks": str(file), "issuer": "https://id.example"}))
    assert (await auth.actor(bearer(one, "RS256", "one", iss="https://id.example"))).role == "CLERK"
    file.write_text(json.dumps(jwks(("two", two))))
    assert (await auth.actor(bearer(two, "ES256", "two", iss="https://id.example"))).role == "CLERK"
    with pytest.raises(Problem):
        await auth.actor(bearer(one, "RS256", "one", iss="https://id.example", jti="new"))
    with pytest.raises(Problem):
        await auth.actor(bearer(b"secret" * 8, "HS256", "s", iss="https://id.example"))


async def test_without_the_issuers_keys_nobody_is_judged(settings: Settings, tmp_path: Path) -> None:
    auth = Auth(settings.model_copy(update={"jwks": str(tmp_path / "none.json")}))
    with pytest.raises(Problem) as no:
        await auth.actor(bearer(b"x" * 32, "HS256", "one"))
    assert (no.value.status_code, no.value.code) == (503, "ISSUER_AWAY")


async def test_another_role_is_403_and_no_token_401(desk: Any) -> None:
    refused = await desk.post(f"/tickets/{uuid4()}", {}, role="READER")
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_NOT_ALLOWED")
    unknown = await desk.client.get("/tickets")
    assert (unknown.status_code, unknown.headers["www-authenticate"]) == (401, 'Bearer realm="percorso"')


async def test_a_read_tells_where_its_query_is_wrong(desk: Any) -> None:
    headers = {"authorization": f"Bearer {desk.token('READER')}"}
    answer = await desk.client.get("/tickets?limit=many", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "query/limit")
    assert (await desk.client.get("/tickets?limit=3", headers=headers)).json() == {"limit": 3}


async def test_allowed_may_be_wrapped_in_depends(own: Any) -> None:
    app = FastAPI()
    app.state.auth = own[0]

    @app.get("/", dependencies=[Depends(allowed("CLERK"))])
    async def index() -> str:
        return "in"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/", headers={"authorization": own[1]()})).json() == "in"


def test_the_own_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "issuer.pem"
    assert Issuer.at(path).jwks() == Issuer.at(path).jwks()
    assert (path.stat().st_mode & 0o777, [f.name for f in path.parent.iterdir()]) == (0o600, ["issuer.pem"])
    path.chmod(0o640)
    with pytest.raises(ValueError, match="can be read by others"):
        Issuer.at(path)
