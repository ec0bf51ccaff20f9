from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.streams.backtest.histories import Recorder


@pytest.fixture
def recorded() -> Iterator[Recorder]:
    """Makes recordings whose temporary files are closed after the test."""
    with ExitStack() as closing:
        yield Recorder(closing)
