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
    "tests/faults/test_poison_broker.py",
    "tests/faults/test_rows.py",
    "tests/test_service.py",
    "tests/faults/test_rows_input.py",
    "tests/faults/test_rows_outage.py",
    "tests/streams/test_delivery.py",
)
"""Files of more than a minute with brokers and processes of their own.

The first begins while ruff and mypy still run; it promises nothing in seconds.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the longest files over the run; everything else keeps its order.

    Side by side they would load the machine so that promises in seconds fail, and begun last, they would
    leave the other test processes idle.
    """
    by_file: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.nodeid.split("::")[0], []).append(item)
    longest = [by_file.pop(name) for name in LONGEST_FILES if name in by_file]
    others = list(by_file.values())
    apart = len(others) // len(longest) + 1 if longest else 0
    for place, tests in enumerate(longest):
        others.insert(place * (apart + 1), tests)
    items[:] = [item for tests in others for item in tests]
