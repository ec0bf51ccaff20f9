"""From the chances of units to values: where a value begins, over what it grows, and what is doubted."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.personal.decoding import TOLD, JudgedUnits, PersonalLimits, doubted_words, found_values
from detectors.personal.head import OUTPUTS
from detectors.personal.units import judged_units
from detectors.sentiment.arrays import Float64

LIMITS = PersonalLimits(found=dict.fromkeys(TOLD, 0.8), grown=0.2, doubted=0.05)


def chances(*told: tuple[str, float]) -> Float64:
    """Return chances of units: each has an output and its chance, the rest is the chance of nothing."""
    rows = np.zeros((len(told), len(OUTPUTS)))
    for row, (output, chance) in zip(rows, told, strict=True):
        row[0] = 1.0 - chance
        row[OUTPUTS.index(output)] += chance if output != OUTPUTS[0] else 0.0
    return rows


def found(text: str, *told: tuple[str, float]) -> list[tuple[str, str]]:
    values = found_values(JudgedUnits(text, judged_units(text), chances(*told)), LIMITS)
    return [(value.kind, text[value.start : value.end]) for value in values]


def test_a_value_begins_at_a_likely_unit_and_grows_over_less_likely_ones() -> None:
    told = [("nothing", 0.0), ("address", 0.3), ("address", 0.9), ("address", 0.25), ("address", 0.1)]
    assert found("to Old 3 Mill now", *told) == [("address", "Old 3 Mill")]


def test_units_below_the_limit_alone_are_no_value() -> None:
    assert found("Old Mill", ("address", 0.7), ("address", 0.7)) == []


def test_two_names_with_a_comma_between_are_two_values() -> None:
    assert found("Ada, Bob", ("name", 0.9), ("name", 0.9)) == [("name", "Ada"), ("name", "Bob")]


def test_a_name_with_an_apostrophe_is_one_value() -> None:
    assert found("O'Brien said", ("name", 0.9), ("name", 0.9), ("name", 0.0)) == [("name", "O'Brien")]


def test_digits_that_are_joined_to_a_number_belong_to_it_though_they_are_doubtful() -> None:
    told = [("number", 0.9), ("number", 0.06), ("nothing", 0.0)]
    assert found("60-83 is", *told) == [("number", "60-83")]
    assert found("60 - 83 is", *told) == [("number", "60")]


def test_a_secret_has_the_signs_around_it_but_not_the_end_of_the_sentence() -> None:
    assert found("pin: !Ab#9$.", ("nothing", 0.0), ("secret", 0.9), ("secret", 0.9)) == [("secret", "!Ab#9$")]


def test_a_long_secret_is_told_whole() -> None:
    secret = "ab-" * 300 + "cd"
    told = [("nothing", 0.0), *[("nothing", 0.0)] * 150, ("secret", 0.9), *[("nothing", 0.0)] * 150]
    assert found(f"key: '{secret}'.", *told) == [("secret", secret)]


def test_a_word_is_not_doubted_if_another_text_of_the_message_has_it_as_a_value() -> None:
    unlikely, likely = (
        JudgedUnits("Will", judged_units("Will"), chances(("name", chance))) for chance in (0.01, 0.5)
    )
    assert doubted_words([unlikely], LIMITS) == ("Will",)
    assert doubted_words([unlikely, likely], LIMITS) == ()


def test_what_patterns_know_better_is_not_told() -> None:
    assert found("ada@example.com", ("format", 1.0), ("format", 1.0), ("format", 1.0)) == []


def test_a_word_is_doubted_if_it_is_unlikely_at_every_place() -> None:
    text = "Will Will it"
    rows = chances(("name", 0.01), ("name", 0.5), ("name", 0.01))
    assert doubted_words([JudgedUnits(text, judged_units(text), rows)], LIMITS) == ("it",)


@given(st.text(max_size=60), st.integers(0, 2**32 - 1))
def test_values_are_in_order_and_inside_the_text(text: str, seed: int) -> None:
    units = judged_units(text)
    rows = np.random.default_rng(seed).dirichlet(np.ones(len(OUTPUTS)) / 3, len(units))
    values = found_values(JudgedUnits(text, units, rows.reshape(len(units), len(OUTPUTS))), LIMITS)
    assert all(0 <= value.start < value.end <= len(text) for value in values)
    assert all(before.start <= after.start and before.end < after.end for before, after in pairwise(values))
    assert {value.kind for value in values} <= set(OUTPUTS[1:]) - {"format"}
