"""The words that training puts around a message."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment.training.augmentation import dressed

MESSAGE = "The export failed, again. It is 40 rows short."


@given(st.integers(0, 10_000))
def test_the_message_itself_stays_word_for_word(seed: int) -> None:
    plain = MESSAGE.lower().replace(".", "").replace(",", "")
    assert plain in dressed(MESSAGE, Random(seed)).lower().replace(".", "").replace(",", "")


def test_most_messages_are_met_in_more_than_one_dress() -> None:
    random = Random(1)
    assert len({dressed(MESSAGE, random) for _ in range(50)}) > 15


def test_the_same_seed_gives_the_same_dress() -> None:
    assert dressed(MESSAGE, Random(7)) == dressed(MESSAGE, Random(7))
