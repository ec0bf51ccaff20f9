"""The real client of a request: forwarded headers count only from trusted proxies."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from responders.web import Proxies, ProxyRefused

TRUSTED = Proxies(["10.0.0.0/8", "fd00::/8"])
OURS = st.sampled_from(["10.0.0.1", "10.9.9.9", "fd00::1"])
PEERS = st.sampled_from(["10.0.0.1", "127.0.0.1", "8.8.8.8"])
FOREIGN = st.sampled_from(["203.0.113.9", "192.168.1.7", "2001:db8::1", "unknown"])
ANY_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=300)
NAMES = st.sampled_from(["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "host"])


def scope_of(peer: str, headers: list[tuple[str, str]]) -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "client": (peer, 1), "scheme": "http", "headers": raw}


def client_of(headers: list[tuple[str, str]], peer: str = "10.0.0.1") -> str:
    scope = scope_of(peer, headers)
    TRUSTED.apply(scope)
    return str(scope["client"][0])


@given(st.lists(FOREIGN, max_size=3), FOREIGN, st.lists(OURS, max_size=3))
def test_the_client_is_the_client_of_our_outermost_proxy_whatever_was_forged(
    forged: list[str], client: str, ours: list[str]
) -> None:
    assume(client != "unknown")
    chain = [*forged, client, *ours]
    assert client_of([("x-forwarded-for", ", ".join(chain))]) == client
    assert client_of([("x-forwarded-for", address) for address in chain]) == client
    quoted = [f'for="[{name}]:4711"' if ":" in name else f"for={name};proto=https" for name in chain]
    assert client_of([("forwarded", ", ".join(quoted))]) == client


def test_two_kinds_of_headers_that_contradict_each_other_are_refused() -> None:
    for standard, usual in [("for=203.0.113.9", "192.168.1.7"), ("for=unknown", "192.168.1.7")]:
        with pytest.raises(ProxyRefused, match="contradict each other"):
            client_of([("forwarded", standard), ("x-forwarded-for", usual)])
    assert client_of([("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")]) == "203.0.113.9"
    assert client_of([("forwarded", "proto=https"), ("x-forwarded-for", "203.0.113.9")]) == "203.0.113.9"


@given(
    st.lists(st.tuples(NAMES, ANY_TEXT), max_size=6), st.sampled_from(["10.0.0.1", "127.0.0.1", "8.8.8.8"])
)
def test_any_header_is_accepted_or_refused_and_only_our_proxies_change_the_scope(
    headers: list[tuple[str, str]], peer: str
) -> None:
    scope = scope_of(peer, headers)
    before = dict(scope)
    try:
        TRUSTED.apply(scope)
    except ProxyRefused:
        assert peer != "8.8.8.8"
        assert any(name != "host" for name, _ in headers)
        return
    assert scope["scheme"] in ("http", "https")
    if peer != "10.0.0.1":
        assert scope == before


def test_a_header_of_many_thousand_characters_is_refused() -> None:
    with pytest.raises(ProxyRefused, match="too long"):
        client_of([("forwarded", '",' * 20_000)])


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.0/33", "", "*"])
def test_a_proxy_that_is_no_address_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="IP"):
        Proxies([wrong])


def test_a_request_over_a_unix_socket_or_from_an_unknown_peer_is_unchanged() -> None:
    scope = scope_of("", [("x-forwarded-for", "203.0.113.9")]) | {"client": None}
    TRUSTED.apply(scope)
    assert scope["client"] is None
