"""Patterns that are tried at words only find what a search of the whole text finds."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from responders.privacy.cued import (
    CuedPattern,
    first_letters,
    letters_inside,
    opened,
    split,
    word_starts,
)

CUES = r"call|ring\s+me|(?:my|our)\s+(?:phone|cell)|tel\.?|\w*nummer|c[eé]dula|(?-i:SIN)|t"
AFTER = r"\s?:?\s(\d+)"
PLAIN = regex.compile(rf"(?<![\p{{L}}\d])(?i:{CUES}){AFTER}")
PIECES = [
    "call",
    "Ring me",
    "my phone",
    "OUR CELL",
    "tel.",
    "Rufnummer",
    "cédula",
    "SIN",
    "sin",
    "t",
    "recall",
]


@given(st.lists(st.sampled_from([*PIECES, " ", ": ", "11", "2", "ä", "."]), max_size=14))
def test_a_cued_pattern_finds_the_numbers_that_the_whole_pattern_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    cued = {match.span(1) for match in CuedPattern(CUES, AFTER).finditer(text, overlapped=True)}
    assert cued >= {match.span(1) for match in PLAIN.finditer(text)}
    assert cued <= {match.span(1) for match in PLAIN.finditer(text, overlapped=True)}


def test_alternatives_are_split_outside_brackets_and_classes_only() -> None:
    assert split(r"a(?:b|c)|[|\]]|\|x") == [r"a(?:b|c)", r"[|\]]", r"\|x"]


def test_brackets_at_the_beginning_are_multiplied_out_and_quantified_ones_stay() -> None:
    assert list(opened("(?:a|b)c|(?:d)?e|(?:f|g)+h")) == ["ac", "bc", "de", "e", "(?:f|g)+h"]


@pytest.mark.parametrize(
    ("alternative", "letters"), [("Ab1c", "ab1"), ("ab?", "a"), (r"\w+", ""), ("(?-i:SIN)", "sin")]
)
def test_the_first_letters_are_those_of_every_match(alternative: str, letters: str) -> None:
    assert first_letters(alternative, 3) == letters


def test_letters_inside_are_known_for_any_word_before_known_ones_only() -> None:
    assert letters_inside(r"\w*(?:kunden|konto)-?nr") == {"kunden", "konto"}
    assert letters_inside("nr") == frozenset()


def test_words_are_found_by_their_first_letters() -> None:
    assert word_starts("Ada, add 12").beginning_with(frozenset({"ad", "1"})) == [0, 5, 9]
