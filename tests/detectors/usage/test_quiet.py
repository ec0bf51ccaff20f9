"""False alarms: streams without trouble must stay within a small budget.

Every row is a family of accounts over 29 account-months; the budget is anomalies per account-month. A
month with a single holiday has a budget of its own: a low day next to it makes two lost days.
"""

import numpy as np
import pytest

from tests.detectors.support.usage_streams import FLAT, OFFICE, PLATFORM, Change, hourly, play, steady

ACCOUNTS = 29
DAYS = 30
QUIET_RATES = {"task.labelled": 300.0, "api.call": 200.0, "user.login": 40.0}


def holiday(day: float, kind: str) -> float:
    return 0.03 if int(day) == 16 else 1.0


def growth(day: float, kind: str) -> float:
    return float(1.03**day)


def burst_import(day: float, kind: str) -> float:
    return 30.0 if int(day) == 9 and kind in {"task.labelled", "api.call", "training.failed"} else 1.0


def early_burst(day: float, kind: str) -> float:
    return 30.0 if int(day) == 2 and kind in {"task.labelled", "api.call"} else 1.0


@pytest.mark.parametrize(
    ("change", "shape", "weekend", "budget"),
    [
        (steady, None, 0.15, 0.05),
        (steady, FLAT, 1.0, 0.05),
        (steady, None, 0.0, 0.05),
        (holiday, None, 0.15, 0.25),
        (growth, None, 0.15, 0.05),
        (burst_import, None, 0.15, 0.05),
        (early_burst, None, 0.15, 0.05),
    ],
)
def test_a_stream_without_trouble_stays_within_its_budget(
    change: Change, shape: np.ndarray | None, weekend: float, budget: float
) -> None:
    used = OFFICE if shape is None else shape
    found = [
        play(
            hourly(days=DAYS, seed=5_000 + n, change=change, weekend=weekend, rates=QUIET_RATES, shape=used),
            days=DAYS,
        )
        for n in range(ACCOUNTS)
    ]
    assert sum(len(run) for run in found) <= budget * ACCOUNTS * DAYS / 30.4


def test_a_noisy_account_gets_a_higher_threshold() -> None:
    found = [play(hourly(days=60, seed=n, noise=0.5, rates=PLATFORM), days=60) for n in range(8)]
    assert sum(len(run) for run in found) <= 1
