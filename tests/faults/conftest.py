"""What the fault tests leave behind is swept up here."""

from collections.abc import Iterator

import pytest

from tests.sockets import sweep


@pytest.fixture(autouse=True, scope="module")
def swept_up() -> Iterator[None]:
    """Collect the sockets that kafka-python leaves open where a broker was away: a later test would fail."""
    yield
    sweep()
