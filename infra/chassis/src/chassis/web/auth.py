"""Who asks: a bearer JWT, verified against the issuer's public keys, becomes the actor of every fact that follows."""
from __future__ import annotations

import hashlib
import hmac
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from fastapi import params
from starlette.requests import Request

from chassis.decide import Actor
from chassis.settings import Settings
from chassis.web.keys import ALGORITHMS, Keys
from chassis.web.problems import Problem

ANY = "*"
"""Any role: a valid token is enough."""
PUBLIC = "public"
"""Declared by a route that needs no token."""
KEPT = 10_000
LEEWAY = 10
FORMS = {"role": re.compile(r"[A-Z][A-Z_]{1,39}"), "tenant": re.compile(r"[a-z0-9][a-z0-9-]{0,62}"),
         "org": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,79}")}


class Auth:
    """Verifies tokens, and keeps the verified ones until they expire: a signature costs more than all else in a request."""

    def __init__(self, settings: Settings, keys: Keys | None = None) -> None:
        self._issuer, self._audience, self._actor_key = settings.issuer, settings.audience, settings.actor_key
        self._keys = keys or Keys.of(settings)
        self._known: dict[str, tuple[float, Actor]] = {}

    async def actor(self, authorization: str) -> Actor:
        """The actor of an `Authorization` header; a 401 problem where there is none."""
        known = self._known.get(authorization)
        if known is not None and known[0] > time.time():
            return known[1]
        self._known.pop(authorization, None)
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("TOKEN_MISSING", "send a bearer token in the Authorization header")
        claims = await self._verified(token.strip())
        actor = self._actor(claims)
        if len(self._known) >= KEPT:
            self._forget()
        self._known[authorization] = float(claims["exp"]), actor
        return actor

    async def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            key = await self._keys.find(jwt.get_unverified_header(token))
            return jwt.decode(token, key, algorithms=list(ALGORITHMS), audience=self._audience, issuer=self._issuer, leeway=LEEWAY,
                              options={"require": ["exp", "iss", "aud", "sub"]})
        except jwt.ExpiredSignatureError:
            raise unauthenticated("TOKEN_EXPIRED", "the token has expired: get a new one") from None
        except jwt.PyJWTError as wrong:
            raise unauthenticated("TOKEN_INVALID", f"the token is not valid here ({type(wrong).__name__})") from None

    def _actor(self, claims: Mapping[str, Any]) -> Actor:
        for claim, form in FORMS.items():
            if not (isinstance(value := claims.get(claim), str) and form.fullmatch(value)):
                raise unauthenticated("TOKEN_INVALID", f"the token's claim `{claim}` is missing or has another form")
        return Actor(self._operator(claims), claims["role"], claims["org"], claims["tenant"])

    def _operator(self, claims: Mapping[str, Any]) -> str:
        """The operator's id: the token's own where it is a UUID, else a pseudonym of its subject, which may be a tax code."""
        try:
            return str(uuid.UUID(claims["operator"]))
        except (KeyError, ValueError, AttributeError, TypeError):
            who = f"{claims['iss']}|{claims['tenant']}|{claims['sub']}".encode()
            made = bytearray(hmac.digest(self._actor_key, who, hashlib.sha256)[:16])
        made[6], made[8] = made[6] & 0x0F | 0x80, made[8] & 0x3F | 0x80  # a UUID of version 8: made by us
        return str(uuid.UUID(bytes=bytes(made)))

    def _forget(self) -> None:
        now = time.time()
        self._known = {token: known for token, known in self._known.items() if known[0] > now}
        while len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]


def unauthenticated(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": 'Bearer realm="percorso"' + (
        "" if code == "TOKEN_MISSING" else ', error="invalid_token"')})


def permitted(actor: Actor, roles: tuple[str, ...]) -> Actor:
    """The actor, if one of these roles; a 403 problem otherwise."""
    if actor.role not in roles and ANY not in roles:
        raise Problem(403, "ROLE_NOT_ALLOWED", f"this is for {', '.join(roles)}")
    return actor


class Allowed(params.Depends):
    """A dependency that gives the actor and carries its `roles`, so that a test can read them off a route."""

    roles: tuple[str, ...]

    def __init__(self, *roles: str) -> None:
        async def check(request: Request) -> Actor:
            auth: Auth = request.app.state.auth
            return permitted(await auth.actor(request.headers.get("authorization", "")), roles)

        check.roles = roles  # type: ignore[attr-defined]
        super().__init__(check)
        object.__setattr__(self, "roles", roles)

    async def __call__(self, request: Request) -> Actor:
        """So that `Depends(allowed(…))` means the same as `allowed(…)`."""
        actor: Actor = await self.dependency(request)  # type: ignore[misc]
        return actor


def allowed(*roles: str) -> Any:
    """The roles a route is for: `who: Actor = allowed("AUDITOR")`, or in `dependencies=[…]`. The value is the actor."""
    return Allowed(*roles)


def public(endpoint: Any) -> Any:
    """Declare that a route needs no token."""
    endpoint.roles = (PUBLIC,)
    return endpoint
