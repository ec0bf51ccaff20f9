"""Close the sockets that the fault tests leave open."""

from collections.abc import Iterator

import pytest

from tests.sockets import sweep


@pytest.fixture(autouse=True, scope="module")
def swept_up() -> Iterator[None]:
    """Collect sockets that kafka-python leaves open after a broker was away; they would fail a later test."""
    yield
    sweep()
