"""The units of a text, and the signs of their form and place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.personal.signs import LISTS, SIGNS, unit_signs
from detectors.personal.units import MOST_UNITS, judged_units, partition


class NoLists:
    """Knows no word."""

    def marks(self, word: str) -> tuple[bool, ...]:
        return (False,) * LISTS


@given(st.text(max_size=200))
def test_units_and_gaps_cover_a_text_and_every_letter_is_in_a_unit(text: str) -> None:
    units = judged_units(text)
    parts = partition(text, units)
    assert "".join(text[start:end] for start, end in parts) == text
    assert not any(char.isalpha() for start, end in parts[::2] for char in text[start:end])
    assert unit_signs(text, units, NoLists()).shape == (len(units), SIGNS)


def test_a_very_long_text_has_a_bounded_number_of_units() -> None:
    assert len(judged_units("a " * (MOST_UNITS + 5))) == MOST_UNITS


def test_the_same_word_has_other_signs_in_capitals_after_a_colon_or_on_another_line() -> None:
    texts = ("so rose said", "so Rose said", "so: rose said", "so\nrose\nsaid")
    signs = [unit_signs(text, judged_units(text), NoLists())[1] for text in texts]
    assert len({tuple(row.tolist()) for row in signs}) == len(texts)


def test_the_marks_of_the_lists_are_the_last_signs() -> None:
    class Known(NoLists):
        def marks(self, word: str) -> tuple[bool, ...]:
            return (word == "Ada", *(False,) * (LISTS - 1))

    signs = unit_signs("hi Ada", [(0, 2), (3, 6)], Known())
    np.testing.assert_array_equal(signs[:, -LISTS], [0.0, 1.0])
