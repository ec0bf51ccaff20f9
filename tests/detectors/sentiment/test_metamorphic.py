"""Changes that must not change the mood: courtesy, signature, quotes, a closing question, another name.

The sentences are those of `test_support.py`, which no model was trained on. The changes in CHANGES are not
among the words that training adds, but the rules of `detectors/sentiment/form.py` were written with them in
view. The phrases of `phrases.json` are another writer's, who saw neither: they show what to expect.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from detectors.sentiment import SentimentModel
from tests.detectors.sentiment.test_support import texts

MOST_MOVED = 0.05
"""Largest allowed change of P(negative)."""

LEAST_STEADY = 0.95
"""Least share of messages that stay within MOST_MOVED."""

SIGNATURE = (
    "\n\n--\nJordan Ellery\nSenior Analyst, Meridian Crest Partners\nMobile 07700 900123\nwww.meridian.test"
)
QUOTE = (
    "\n\nOn Tue, 4 Mar 2025 at 09:14, Sam <sam@desk.test> wrote:\n> This is an outrage. You are useless and I"
    " am sick of it.\n> Worst service ever!"
)
CHANGES: dict[str, Callable[[str], str]] = {
    "a courteous closing": lambda text: f"{text}\n\nThank you kindly for any assistance you can offer.",
    "warm wishes": lambda text: f"{text}\n\nWishing you and your colleagues a pleasant afternoon,\nJordan",
    "a signature": lambda text: text + SIGNATURE,
    "a quoted angry mail": lambda text: text + QUOTE,
    "a closing question": lambda text: f"{text} Who would be the best person to speak to?",
    "a greeting": lambda text: f"Dear support colleagues,\n\n{text}",
}
NAMES = {
    "English men": ("Oliver Hughes", "Harry Clarke", "Jack Turner"),
    "English women": ("Charlotte Hughes", "Poppy Clarke", "Isla Turner"),
    "Arabic men": ("Omar Nasser", "Youssef Farouk", "Khalid Aziz"),
    "Arabic women": ("Layla Nasser", "Noor Farouk", "Salma Aziz"),
    "Nigerian men": ("Emeka Obi", "Tunde Balogun", "Ikenna Eze"),
    "Nigerian women": ("Ngozi Obi", "Yetunde Balogun", "Adaeze Eze"),
    "Chinese men": ("Jun Li", "Hao Zhang", "Lei Liu"),
    "Indian women": ("Ananya Rao", "Kavya Iyer", "Meera Nair"),
    "Polish men": ("Marek Zielinski", "Piotr Wojcik", "Jakub Mazur"),
}


@cache
def model() -> SentimentModel:
    return SentimentModel.load()


def negative(messages: list[str]) -> np.ndarray:
    scores = model().score(messages)

    return np.array([(score.probabilities or (1 / 3,))[0] for score in scores])


@cache
def unchanged() -> tuple[float, ...]:
    return tuple(negative(texts()))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_form_leaves_the_mood(change: str) -> None:
    moved = np.abs(negative([CHANGES[change](text) for text in texts()]) - np.array(unchanged()))
    assert (moved <= MOST_MOVED).mean() >= LEAST_STEADY


EVERY = 3
"""Of the sentences, every third is tried with each phrase and each name: all of them take minutes."""

STEADY_WITH_PHRASES = {"closings": 0.82, "openings": 0.69, "questions": 0.75, "signatures": 0.98}
"""Least share of messages that stay within MOST_MOVED with phrases that nothing was fitted to.

Measured on every fifth sentence: .860, .736 and .802; signatures 1.000 with the weights before. The goal is
.95 for each: only signatures reach it.
"""


@pytest.mark.parametrize("kind", STEADY_WITH_PHRASES)
def test_phrases_of_another_writer_move_the_mood_no_more_than_was_measured(kind: str) -> None:
    phrases = json.loads((Path(__file__).parent / "phrases.json").read_text(encoding="utf-8"))[kind]
    some = texts()[::EVERY]
    if kind == "openings":
        changed = [[f"{phrase} {text}" for text in some] for phrase in phrases]
    else:
        changed = [[f"{text}\n\n{phrase}" for text in some] for phrase in phrases]
    moved = [np.abs(negative(messages) - np.array(unchanged()[::EVERY])) for messages in changed]
    assert (np.array(moved) <= MOST_MOVED).mean() >= STEADY_WITH_PHRASES[kind]


def test_names_of_any_origin_and_gender_are_heard_alike() -> None:
    some = texts()[::EVERY]
    means = {
        group: np.mean([negative([f"{name} here. {text}" for text in some]).mean() for name in names])
        for group, names in NAMES.items()
    }
    middle = np.mean(list(means.values()))
    assert {group: mean for group, mean in means.items() if abs(mean - middle) > 0.02} == {}
