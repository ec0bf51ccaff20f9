"""The corpus of customer messages: its size, its variety, its labels, and the agreement on them."""

from collections import Counter, defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from detectors.sentiment.corpus.agreement import cohens_kappa
from detectors.sentiment.corpus.messages import FOLDER, CorpusError, CorpusMessage, read_messages

NEUTRAL_CATEGORIES = {"calm_problem", "howto_hard_words", "about_leaving", "request", "information"}
POSITIVE_CATEGORIES = {"thanks", "praise"}


@cache
def messages() -> tuple[CorpusMessage, ...]:
    return tuple(read_messages())


def agreed() -> list[CorpusMessage]:
    return [message for message in messages() if message.is_agreed]


def test_the_corpus_is_large_and_varied() -> None:
    assert len(agreed()) >= 6_000
    assert len({message.industry for message in agreed()}) >= 30
    assert len({message.register for message in agreed()}) == 8
    assert Counter(message.category for message in agreed())["sarcasm"] >= 500


def test_each_writer_has_industries_of_their_own() -> None:
    writers = defaultdict(set)
    for message in messages():
        writers[message.industry].add(message.writer)
    assert [industry for industry, names in writers.items() if len(names) > 1] == []


def test_every_register_has_every_mood() -> None:
    moods = defaultdict(set)
    for message in agreed():
        moods[message.register].add(message.label.mood)
    assert {register: len(found) for register, found in moods.items()} == dict.fromkeys(moods, 3)


def expected_moods(category: str) -> set[str]:
    if category in NEUTRAL_CATEGORIES:
        return {"neutral"}
    if category in POSITIVE_CATEGORIES:
        return {"positive"}
    return {"negative", "neutral", "positive"} if category == "solved_at_last" else {"negative"}


def test_the_labels_follow_the_guideline() -> None:
    wrong = [
        message.message_id
        for message in messages()
        if message.label.mood not in expected_moods(message.category)
        or message.label.is_threat != ("threat_to_leave" in message.reasons)
        or (message.label.is_frustrated and message.label.mood != "negative")
        or not message.text.strip()
    ]
    assert wrong == []


def four_grams(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(*(words[start:] for start in range(4)), strict=False))


def test_no_message_is_a_copy_of_another_with_words_swapped() -> None:
    """No two messages share more than half of the four-word runs of the shorter one."""
    grams = {message.message_id: four_grams(message.text) for message in messages()}
    holders = defaultdict(list)
    for message_id, found in grams.items():
        for gram in found:
            holders[gram].append(message_id)
    shared = Counter(pair for ids in holders.values() for pair in combinations(ids, 2))
    copies = [
        pair for pair, count in shared.items() if count > min(len(grams[member]) for member in pair) / 2
    ]
    assert copies == []
    assert len({message.text for message in messages()}) == len(messages())
    assert len(grams) == len(messages())


def test_the_guideline_states_the_agreement_of_the_two_labels() -> None:
    pairs = [(message.label, message.second) for message in messages()]
    kappas = {
        name: cohens_kappa([getattr(a, name) for a, _ in pairs], [getattr(b, name) for _, b in pairs])
        for name in ("mood", "is_frustrated", "is_threat")
    }
    stated = (FOLDER / "GUIDELINE.md").read_text()
    for name, kappa in kappas.items():
        assert f"| `{name}` | {kappa:.3f} |" in stated
    assert f"{len(agreed()):,} of {len(messages()):,} messages" in stated


def test_an_unknown_label_is_refused_with_its_place(tmp_path: Path) -> None:
    lines = (FOLDER / "w01.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "w01.csv").write_text("\n".join([lines[0], lines[1].replace("negative", "cross")]) + "\n")
    with pytest.raises(CorpusError, match=r"^w01\.csv, row 1: 'cross' is not one of"):
        list(read_messages(tmp_path))


def test_kappa_needs_two_labels_for_each_item() -> None:
    with pytest.raises(ValueError, match="two labels"):
        cohens_kappa("np", "n")
