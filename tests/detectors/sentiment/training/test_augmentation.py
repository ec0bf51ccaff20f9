"""The words that training puts around a message."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment.training.augmentation import dressed, well_dressed

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
    assert well_dressed(MESSAGE, Random(7)) == well_dressed(MESSAGE, Random(7))


@given(st.integers(0, 10_000))
def test_a_well_dressed_message_always_has_more_words_and_its_own_unchanged(seed: int) -> None:
    text = well_dressed(MESSAGE, Random(seed))
    assert MESSAGE in text
    assert len(text) > len(MESSAGE) + 1


def test_some_greetings_stand_inside_the_first_sentence() -> None:
    texts = [well_dressed("the import stops.", Random(seed)) for seed in range(400)]
    assert any(text.startswith("Dear ") and ", the import stops." in text for text in texts)
