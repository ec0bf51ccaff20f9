"""The curve over the number of corrections."""

import numpy as np
import pytest

from detectors.sentiment.adaptation.curve import adapt, adaptation_curve
from tests.detectors.sentiment.adaptation.desks import desk


def test_the_curve_judges_the_same_messages_and_never_falls_below_its_start() -> None:
    points = adaptation_curve(desk(500, seed=1, skill=0.3), seeds=(1, 2), counts=(0, 10, 100))
    assert [(point.seed, point.corrections) for point in points] == [
        (seed, count) for seed in (1, 2) for count in (0, 10, 100)
    ]
    for point in points:
        assert point.before == next(other.before for other in points if other.seed == point.seed)
        assert point.after["accuracy"] >= point.before["accuracy"]
    assert points[2].after["accuracy"] > points[2].before["accuracy"] + 0.2


def test_adapt_leaves_the_corrected_messages_out_and_is_the_same_for_the_same_seed() -> None:
    messages = desk(200, seed=1, skill=0.0)
    first, again = adapt(messages, 80, seed=3), adapt(messages, 80, seed=3)
    assert len(first.rows) == 120
    assert np.array_equal(first.rows, again.rows)
    assert np.array_equal(first.after, again.after)
    assert first.version >= 1


def test_no_correction_changes_no_probability() -> None:
    found = adapt(desk(30, seed=1, skill=0.0), 0, seed=3)
    assert np.array_equal(found.before, found.after)


@pytest.mark.parametrize("count", [-1, 30, 31])
def test_a_message_must_be_left_to_judge(count: int) -> None:
    with pytest.raises(ValueError, match="none of 30"):
        adapt(desk(30, seed=1, skill=0.0), count, seed=3)
