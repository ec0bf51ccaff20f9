"""What the fault tests leave behind is swept up here."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def swept_up() -> Iterator[None]:
    """Collect the sockets that kafka-python leaves open where a broker was away: a later test would fail."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
