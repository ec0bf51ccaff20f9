"""Bootstrap intervals: what is drawn, how wide they are, and that models share their draws."""

import numpy as np
import pytest

from detectors.sentiment.arrays import Float64
from streams.evaluate import bootstrap
from streams.evaluate.bootstrap import Resampling, Sampled, draws_of, sampled


def weights_of(rows: int, resampling: Resampling) -> Float64:
    return np.concatenate(list(draws_of(rows, resampling)))


def test_each_draw_has_as_many_rows_as_there_are() -> None:
    weights = weights_of(7, Resampling(seed=1, count=50))
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert len({tuple(draw) for draw in weights.tolist()}) > 40


def test_rows_of_a_cluster_are_drawn_together() -> None:
    clusters = np.array([4, 9, 4, 9, 4, 11])
    weights = weights_of(6, Resampling(seed=1, count=50, clusters=clusters))
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 1] == weights[:, 3]).all()
    assert (weights[:, [0, 1, 5]].sum(axis=1) == 3).all()
    assert (weights[:, 0] != weights[:, 1]).any()


def test_a_seed_fixes_the_draws_whatever_the_size_of_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = weights_of(5, Resampling(seed=3, count=20))
    assert (weights_of(5, Resampling(seed=3, count=20)) == whole).all()
    assert (weights_of(5, Resampling(seed=4, count=20)) != whole).any()
    monkeypatch.setattr(bootstrap, "_BLOCK_ENTRIES", 15)
    assert (weights_of(5, Resampling(seed=3, count=20)) == whole).all()


def test_the_interval_of_a_share_is_as_wide_as_theory_says() -> None:
    hits = np.arange(400) < 100
    found = sampled(lambda weights: {"share": weights @ hits / 400}, 400, Resampling(seed=5))["share"]
    low, high = found.interval
    half = 1.96 * (0.25 * 0.75 / 400) ** 0.5
    assert found.value == 0.25
    assert (low, high) == pytest.approx((0.25 - half, 0.25 + half), abs=0.006)


def test_whole_clusters_make_the_interval_wider_if_their_rows_agree() -> None:
    clusters = np.repeat(np.arange(20), 20)
    hits = clusters < 10

    def width(resampling: Resampling) -> float:
        found = sampled(lambda weights: {"share": weights @ hits / 400}, 400, resampling)
        low, high = found["share"].interval
        return high - low

    assert width(Resampling(seed=5, clusters=clusters)) > 3 * width(Resampling(seed=5))


def test_the_difference_of_two_models_on_the_same_draws_is_paired() -> None:
    generator = np.random.default_rng(0)
    first = generator.random(300) < 0.6
    second = first & (np.arange(300) % 10 > 0)
    found = sampled(
        lambda weights: {"first": weights @ first / 300, "second": weights @ second / 300},
        300,
        Resampling(seed=2),
    )
    both = found["first"], found["second"]
    low, high = both[0].minus(both[1]).interval
    assert low > 0
    assert both[0].interval[0] < both[1].interval[1]
    assert high - low < 0.1


def test_a_figure_without_a_value_in_any_draw_has_no_interval() -> None:
    assert np.isnan(Sampled(float("nan"), np.full(3, np.nan)).interval).all()


def test_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        next(draws_of(0, Resampling(seed=1)))
