"""The fixtures of every test: the embedded broker and database; the order of files; no deadlines."""

import os
from typing import Final

import pytest
from hypothesis import settings

# Two test processes on two cores: the threads of one numeric library would only wait for the other's.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.embedded_fixtures"]

# A deadline on the clock on the wall fails on a busy machine; the time limit of a test is enough.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

LONGEST_FILES: Final = (
    "tests/test_service.py",
    "tests/faults/test_rows.py",
    "tests/faults/test_rows_outage.py",
    "tests/faults/test_rows_input.py",
    "tests/streams/test_delivery.py",
    "tests/faults/test_poison_broker.py",
)
"""Files of more than a minute, longest first: begun last, they would leave the other processes idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first; everything else keeps its order."""
    places = {name: place for place, name in enumerate(LONGEST_FILES)}
    items.sort(key=lambda item: places.get(item.nodeid.split("::")[0], len(places)))
