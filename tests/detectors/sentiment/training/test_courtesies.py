"""The courtesies that training puts around messages."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from detectors.sentiment.training.courtesies import Courtesy, courtesy, rules
from tests.detectors.sentiment.test_metamorphic import CHANGES

KINDS: tuple[Courtesy, ...] = ("opening", "greeting", "question", "closing", "signature")
JUDGES = json.loads((Path(__file__).parents[1] / "phrases.json").read_text(encoding="utf-8"))
DRAWN = 4_000


def words(text: str) -> str:
    return " ".join(re.findall(r"[\w'’]+", text.lower()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_courtesy_is_made_in_many_forms(kind: Courtesy) -> None:
    random = Random(1)
    made = {courtesy(kind, random) for _ in range(1_000)}
    assert len(made) > 200
    assert not any("{" in phrase or "\\n" in phrase or not phrase.strip() for phrase in made)


def test_every_symbol_of_the_rules_is_known_and_used() -> None:
    used = {
        symbol
        for phrases in rules().values()
        for phrase in phrases
        for symbol in re.findall(r"{(\w+)}", phrase)
    }
    assert used <= set(rules())
    assert set(rules()) - used == {"opening", "question", "closing", "signature"}


def test_no_phrase_that_judges_the_model_is_made_for_its_training() -> None:
    judged = {words(phrase) for kind in JUDGES for phrase in JUDGES[kind]}
    judged |= {words(change("")) for change in CHANGES.values()}
    random = Random(2)
    made = {words(courtesy(kind, random)) for kind in KINDS for _ in range(DRAWN)}
    assert made & judged == set()
