"""Sockets that kafka-python leaves open after a broker fell silent, refused or died: its own fault."""

import gc
import warnings

import pytest

LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed <socket:ResourceWarning",
)
"""The mark of a test that harms a broker during a conversation."""


def sweep() -> None:
    """Collect the open sockets now, without a warning, because a later test would fail for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
