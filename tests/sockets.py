"""Sockets that kafka-python leaves open where a broker fell silent, refused or died: its fault, not ours."""

import gc
import warnings

import pytest

LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed <socket:ResourceWarning",
)
"""For a test that hurts a broker while it talks to it."""


def sweep() -> None:
    """Collect them now, without a warning: a later test would fail for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
