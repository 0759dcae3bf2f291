"""Z5: no forged, spent or foreign secret is taken, and what is revoked is out at the very next request."""

import base64
import hmac
import json
import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256
from unittest.mock import patch

from fastapi.testclient import TestClient
from sqlalchemy import true

from service.access import queries
from service.access.actions import give_role
from service.access.passwords import hashed
from service.access.queries import running_sessions, tokens, user_by_code
from service.access.sign_in_actions import (
    SESSION_LIVES,
    TOKEN_LIVES,
    end_session,
    issue_token,
    revoke_token,
    set_password,
    sign_out,
)
from service.core.actor import Role
from tests.conftest import World
from tests.proof.at_hand import fresh_park, summary
from tests.proof.check import Check, Outcome, Trial

ME = "/api/v1/me"
WHO = "inspector"


def run(trial: Trial) -> Outcome:
    """Forge and revoke; as a control, on a build that forgets to look whether a session or token has ended."""
    chance = random.Random(trial.seed)
    count = 10_000 if trial.full and not trial.control else 300
    forgetful = patch.object(queries, "still", lambda *_: true())
    with fresh_park(trial) as world, forgetful if trial.control else nullcontext():
        wrong = [*_forged(world, chance, count), *_revoked(world), *_careless(world)]
    return Outcome(not wrong, summary(wrong, f"{count} secrets off by a bit, {len(TURNS)} ways to end one"))


def _taken(world: World, *, token: str = "", cookie: str = "") -> bool:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    cookies = {"greenkeep": cookie} if cookie else {}
    return TestClient(world.app, headers=headers, cookies=cookies).get(ME).status_code != 401


def _forged(world: World, chance: random.Random, count: int) -> Iterator[str]:
    token, cookie = _token(world), str(world.browser(WHO).cookies["greenkeep"])
    if not _taken(world, token=token) or not _taken(world, cookie=cookie):
        yield "the good ones are refused"
    known = world.client()
    for n in range(count):
        header, before, secret = ((b"Authorization", b"Bearer ", token), (b"Cookie", b"greenkeep=", cookie))[n % 2]
        bits = 8 * len(secret)
        bit = n // 2 if n // 2 < bits else chance.randrange(bits)  # each bit at least once, where there are so many
        bad = bytearray(secret.encode())
        bad[bit // 8] ^= 1 << bit % 8
        if known.get(ME, headers={header: before + bytes(bad)}).status_code != 401:
            yield f"taken with bit {bit} turned"
    for trick, forged in _self_made(token).items():
        if _taken(world, token=forged) or _taken(world, cookie=forged):
            yield f"taken: {trick}"
    if _taken(world, token=cookie) or _taken(world, cookie=token):
        yield "one kind taken for the other"


def _self_made(token: str) -> dict[str, str]:
    """Tokens that say of themselves who holds them, as other systems know them."""

    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = part({"sub": WHO, "role": "admin", "aud": "greenkeep", "exp": 4102444800})
    made = {"alg none": f"{part({'alg': 'none'})}.{claims}."}
    for name, head in {
        "signed with the digest of a token": {"alg": "HS256"},
        "key by a path": {"alg": "HS256", "kid": "../../dev/null"},
        "key by a query": {"alg": "HS256", "kid": "x' UNION SELECT 'k"},
        "an open key as a secret one": {"alg": "HS256", "jwk": {"kty": "oct", "k": ""}},
    }.items():
        signed = f"{part(head)}.{claims}"
        mark = hmac.new(sha256(token.encode()).hexdigest().encode(), signed.encode(), "sha256").digest()
        made[name] = f"{signed}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    return made | {"the digest": sha256(token.encode()).hexdigest(), "a wildcard": "gk_%", "a quote": "gk_' OR '1'='1"}


def _token(world: World) -> str:
    return world.act("host", lambda s, host: issue_token(s, host, user_by_code(s, WHO), name="proof"))


def _sign_out(world: World) -> None:
    world.act(WHO, sign_out)


def _end(world: World) -> None:
    for begun in world.read("host", lambda s: running_sessions(s, user_by_code(s, WHO))):
        world.act("admin", end_session, begun.id)


def _password(world: World) -> None:
    kept = hashed("four green benches")
    world.act("host", lambda s, host: set_password(s, host, user_by_code(s, WHO), kept))


def _run_out(world: World) -> None:
    world.instant += SESSION_LIVES


def _revoke(world: World) -> None:
    for token, _holder in world.read("host", lambda s: tokens(s, user_by_code(s, WHO))):
        world.act("admin", revoke_token, token.id)


def _run_out_long(world: World) -> None:
    world.instant += TOKEN_LIVES + timedelta(days=1)


TURNS: dict[str, tuple[str, Callable[[World], None]]] = {
    "signed out": ("cookie", _sign_out),
    "ended by the administrator": ("cookie", _end),
    "password set": ("cookie", _password),
    "ran out": ("cookie", _run_out),
    "revoked": ("token", _revoke),
    "ran out after a year": ("token", _run_out_long),
}


def _revoked(world: World) -> Iterator[str]:
    for name, (kind, turn) in TURNS.items():
        held = str(world.browser(WHO).cookies["greenkeep"]) if kind == "cookie" else _token(world)
        if not _taken(world, **{kind: held}):
            yield f"refused before it {name}"
        turn(world)
        if _taken(world, **{kind: held}):
            yield f"taken though {name}"
    browser = world.browser(WHO)
    world.act("host", lambda s, host: give_role(s, host, user_by_code(s, WHO), Role.VIEWER))
    if browser.get(ME).json()["role"] != "viewer":
        yield "the role of before is still acted in"
    with world.session("host", write=True) as session:
        user_by_code(session, WHO).active = False
    if browser.get(ME).status_code != 401:
        yield "taken though the account is closed"


def _careless(world: World) -> Iterator[str]:
    """Look at the flags of the cookie, over https and without."""
    for scheme, name, needed in (
        ("https", "__Host-greenkeep", {"HttpOnly", "SameSite=lax", "Path=/", "Secure"}),
        ("http", "greenkeep", {"HttpOnly", "SameSite=lax", "Path=/"}),
    ):
        secret = world.link("viewer")
        visitor = TestClient(world.app, base_url=f"{scheme}://testserver", follow_redirects=False)
        said = visitor.post(f"/sign-in/{secret}").headers.get_list("set-cookie")
        flags = {part.strip() for cookie in said if cookie.startswith(f"{name}=") for part in cookie.split(";")}
        if not needed <= flags or any(flag.startswith("Domain") for flag in flags):
            yield f"over {scheme} the cookie has only {sorted(flags)[:6]}"


CHECK = Check(
    name="Z5",
    claim="No forged or spent secret is taken; what is revoked, signed out or outlived is out at the very next request",
    target="0 accepted",
    control="a build that does not look whether a session or token has ended",
    run=run,
)
