"""A share and its interval."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.decisions.proportion import share_of


@given(total=st.integers(1, 2_000), data=st.data())
def test_the_share_is_inside_its_interval(total: int, data: st.DataObject) -> None:
    found = share_of(data.draw(st.integers(0, total)), total)
    assert 0.0 <= found.low <= found.share <= found.high <= 1.0


def test_all_of_a_few_is_inside_its_interval_despite_rounding() -> None:
    assert share_of(4, 4).high == 1.0
