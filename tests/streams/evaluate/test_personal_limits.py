"""The limits of the personal model, and its card, by texts of left-out writers."""

import numpy as np

from detectors.personal.decoding import TOLD, ValueSpan
from detectors.personal.head import OUTPUTS
from detectors.personal.model import PersonalItem, prepared
from detectors.personal.training.rows import PersonalRow
from detectors.personal.training.run import LeftOutText
from streams.evaluate.personal_card import personal_card
from streams.evaluate.personal_limits import LimitSearch
from streams.evaluate.privacy import privacy_figures
from tests.detectors.personal.test_model import LIMITS, Letters, weights
from tests.detectors.personal.test_units_and_signs import NoLists

NAME = OUTPUTS.index("name")


def left_out(number: int, *, chance: float, is_name: bool) -> LeftOutText:
    """Return a text whose second word has a chance to be a name; the rules find nothing in it."""
    text = f"ask qxv{number} today"
    place = (4, 4 + len(f"qxv{number}"))
    [item] = prepared([text], Letters(), NoLists())
    row = PersonalRow(str(number), f"n{number % 2}", text, (ValueSpan(*place, "name"),) if is_name else ())
    return LeftOutText(row, item, chances_of(item, chance))


def chances_of(item: PersonalItem, chance: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rows = np.zeros((len(item.units), len(OUTPUTS)))
    rows[:, 0] = 1.0
    rows[1, [0, NAME]] = 1.0 - chance, chance
    return rows


def test_a_kind_has_the_lowest_limit_at_which_what_it_adds_is_precise() -> None:
    texts = [left_out(number, chance=0.78, is_name=True) for number in range(30)]
    texts += [left_out(number, chance=0.72, is_name=False) for number in range(30, 50)]
    search = LimitSearch(texts)
    limits = search.best()
    assert limits.found["name"] == 0.75
    figures = privacy_figures(search.judged(limits))
    assert (figures["recall"].value, figures["precision"].value) == (1.0, 1.0)
    assert privacy_figures(search.judged(None))["recall"].value == 0.0


def test_a_kind_that_is_never_precise_is_never_told_nor_one_that_adds_nothing() -> None:
    texts = [left_out(number, chance=0.995, is_name=number < 18) for number in range(20)]
    assert LimitSearch(texts).best().found == dict.fromkeys(TOLD, 1.0)


def test_a_low_limit_does_not_count_if_a_higher_one_is_not_precise() -> None:
    texts = [left_out(number, chance=0.975, is_name=number < 1) for number in range(5)]
    texts += [left_out(number, chance=0.6, is_name=True) for number in range(5, 99)]
    texts += [left_out(number, chance=0.995, is_name=True) for number in range(99, 101)]
    assert LimitSearch(texts).best().found["name"] == 0.98


def test_the_card_tells_rules_and_joined_figures_of_each_writer() -> None:
    search = LimitSearch([left_out(number, chance=0.9, is_name=True) for number in range(8)])
    joined = search.judged(LIMITS)
    card = personal_card(weights().description, {"n0": search.judged(None)}, {"n0": joined})
    assert "| n0 | 8 | 0.000 (0.000 to 0.324) | 1.000 (0.676 to 1.000) |" in card
    assert "| name | 0.000 of 8 | 1.000 of 8 | 1.000 of 8 |" in card


def test_where_the_rules_are_less_precise_the_model_need_not_be_better_than_they() -> None:
    doubtful = [left_out(number, chance=0.93, is_name=number % 10 > 0) for number in range(100)]
    assert LimitSearch(doubtful).best().found["name"] == 1.0
    mailed = [mailed_text(number, is_personal=number % 2 == 0) for number in range(100, 160)]
    assert LimitSearch([*doubtful, *mailed]).best().found["name"] == 0.5


def mailed_text(number: int, *, is_personal: bool) -> LeftOutText:
    """Return a text in which the rules find an address of mail and the model hears nothing."""
    text = f"ask {number}@x.example today"
    [item] = prepared([text], Letters(), NoLists())
    spans = (ValueSpan(4, 4 + len(f"{number}@x.example"), "email"),) if is_personal else ()
    silent = np.zeros((len(item.units), len(OUTPUTS)))
    silent[:, 0] = 1.0
    return LeftOutText(PersonalRow(str(number), f"n{number % 2}", text, spans), item, silent)
