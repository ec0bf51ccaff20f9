"""The files about threats to leave: their size, their labels, and that no message is another's copy."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from detectors.sentiment.corpus.messages import (
    FOLDER,
    JUDGES,
    THREATS,
    CorpusMessage,
    learned_files,
    learned_messages,
    read_messages,
)
from tests.detectors.sentiment.test_corpus import expected_moods, four_grams

HEADER = "id,industry,register,category,mood,reasons,threat,text\n"


@pytest.fixture(scope="module")
def messages() -> list[CorpusMessage]:
    return list(read_messages(THREATS))


def test_a_file_without_a_second_reader_is_read_with_its_own_labels(tmp_path: Path) -> None:
    row = "t9-000,bakery,chat,threat_to_leave,negative,threat_to_leave,1,last loaf i buy here\n"
    (tmp_path / "t9.csv").write_text(HEADER + row, encoding="utf-8")
    [message] = read_messages(tmp_path)
    assert message.label.is_threat
    assert message.second == message.label


def test_every_writer_has_threats_and_more_neighbours(messages: list[CorpusMessage]) -> None:
    counts = Counter((message.writer, message.label.is_threat) for message in messages)
    named = {path.stem for path in THREATS.glob("*.csv")}
    assert {writer for writer, _ in counts} == named == JUDGES | {f"t{n}" for n in (1, 2, 3, 7, 8, 9, 10, 11)}
    assert all(40 <= counts[writer, True] < counts[writer, False] for writer, _ in counts)


def test_the_labels_of_threats_follow_the_guideline(messages: list[CorpusMessage]) -> None:
    wrong = [
        message.message_id
        for message in messages
        if message.label.mood not in expected_moods(message.category)
        or message.label.is_threat != ("threat_to_leave" in message.reasons)
        or (message.label.is_frustrated and message.label.mood != "negative")
        or not message.text.strip()
    ]
    assert wrong == []


def test_no_industry_has_two_writers_but_the_two_that_the_readme_names(messages: list[CorpusMessage]) -> None:
    writers: dict[str, set[str]] = {}
    for message in [*messages, *read_messages(FOLDER)]:
        writers.setdefault(message.industry, set()).add(message.writer)
    shared = {industry for industry, names in writers.items() if len(names) > 1}
    assert shared == {"car_insurance", "translation_agency"}
    told = (THREATS / "README.md").read_text(encoding="utf-8")
    assert all(f"`{industry}`" in told for industry in shared)


def test_no_threat_is_a_copy_of_another_with_words_swapped(messages: list[CorpusMessage]) -> None:
    grams = {message.message_id: four_grams(message.text) for message in messages}
    holders: dict[tuple[str, ...], list[str]] = {}
    for message_id, found in grams.items():
        for gram in found:
            holders.setdefault(gram, []).append(message_id)
    shared = Counter(pair for ids in holders.values() for pair in combinations(ids, 2))
    copies = [pair for pair, count in shared.items() if count > min(len(grams[one]) for one in pair) / 2]
    assert copies == []
    assert len({message.text for message in messages}) == len(grams) == len(messages)


def test_nothing_is_learned_from_the_judges(messages: list[CorpusMessage]) -> None:
    learned = {message.writer for message in learned_messages()}
    assert learned == {path.stem for path in learned_files()}
    assert {message.writer for message in messages} - learned == JUDGES
    assert {message.writer for message in read_messages(FOLDER)} < learned
