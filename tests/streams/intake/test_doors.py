"""Access to the intake: behind proxies, from this machine, from its other users."""

import grp
import os
import pwd
import socket
from pathlib import Path

import httpx
import pytest

from responders.web import Proxies, Tokens
from responders.web.peers import is_other_user, user_of
from streams.process.ports import free_port
from tests.responders.support.desk_server import NGINX, nginx
from tests.streams.intake.test_process import Process
from tests.streams.support.cluster import wait_until
from tests.streams.support.intake_service import JSON, Running, dumps, ticket

TOKEN = "correct-horse-battery-staple"
FORWARDED = [
    {"x-forwarded-for": "203.0.113.9"},
    {"forwarded": "for=203.0.113.9"},
    {"x-real-ip": "203.0.113.9"},
    {"via": "1.1 edge"},
    {"x-original-host": "desk.example.test"},
    {"fastly-client-ip": "203.0.113.9"},
    {"cdn-loop": "cloudflare"},
]


def post(link: Running, headers: dict[str, str], **parts: object) -> httpx.Response:
    return link.service(**parts).post("/v1/tickets", dumps(ticket()), {**JSON, **headers})  # type: ignore[arg-type]


@pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: next(iter(headers)))
def test_an_untrusted_proxy_on_this_machine_is_refused_in_one_sentence(
    link: Running, headers: dict[str, str]
) -> None:
    answer = post(link, headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "untrusted_proxy")
    assert "RAPPORT_TRUSTED_PROXIES" in answer.json()["message"]
    token = {"authorization": f"Bearer {TOKEN}"}
    assert post(link, headers | token, tokens=Tokens([TOKEN])).status_code == 200


def test_through_a_trusted_proxy_without_tokens_only_this_machine_is_served(link: Running) -> None:
    here = Proxies(["127.0.0.1"])
    answer = post(link, {"x-forwarded-for": "203.0.113.9"}, proxies=here)
    assert (answer.status_code, answer.json()["error"]) == (403, "not_local")
    assert post(link, {"x-forwarded-for": "127.0.0.1"}, proxies=here).status_code == 200
    contradicting = {"x-forwarded-for": "127.0.0.1", "forwarded": "for=203.0.113.9"}
    answer = post(link, contradicting, proxies=here)
    assert (answer.status_code, answer.json()["error"]) == (400, "forwarded_headers")
    renamed = post(link, {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil.example"}, proxies=here)
    assert renamed.status_code == 421


@pytest.mark.parametrize("listen", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_system_knows_the_user_of_a_connection_on_this_machine(listen: str) -> None:
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((listen, 0))
        server.listen()
        client.connect(server.getsockname()[:2])
        ends = client.getsockname()[:2], server.getsockname()[:2]
        assert user_of(*ends) == os.geteuid()
        assert not is_other_user(*ends)
    assert not is_other_user(("203.0.113.9", 4711), ("127.0.0.1", 8767))
    assert not is_other_user(("localhost", 4711), ("localhost", 8767))
    assert not is_other_user(None, None)


@pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run nginx as another user")
def test_a_plain_nginx_does_not_open_the_intake_to_the_world(tmp_path: Path) -> None:
    process, outer = Process(tmp_path, "127.0.0.1:1"), free_port()
    group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    block = f"listen 127.0.0.1:{outer}; location / {{ proxy_pass http://127.0.0.1:{process.port}; }}"
    try:
        wait_until(lambda: b"Uvicorn running" in process.log.read_bytes())
        with nginx(tmp_path, outer, block, user=f"nobody {group}"):
            url = f"http://127.0.0.1:{outer}/v1/tickets"
            answer = httpx.post(url, content=dumps(ticket()), headers={**JSON, "host": "support.example"})
        assert (answer.status_code, answer.json()["error"]) == (403, "other_user")
        assert "RAPPORT_INTAKE_TOKENS" in answer.json()["message"]
        own = httpx.post(f"http://127.0.0.1:{process.port}/v1/tickets", content=dumps(ticket()), headers=JSON)
        assert own.status_code == 503  # admitted, and answered that there is no broker
    finally:
        process.process.kill()
        process.process.wait()
