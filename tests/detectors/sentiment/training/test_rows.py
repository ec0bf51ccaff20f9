"""The rows of training from the corpus."""

from dataclasses import replace

from detectors.sentiment.corpus.messages import CorpusMessage, MoodLabel
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.preparing import examine
from detectors.sentiment.training.rows import corpus_rows

MESSAGE = CorpusMessage(
    message_id="w01-000",
    writer="w01",
    industry="airline",
    register="chat",
    category="threat_to_leave",
    label=MoodLabel("negative", is_frustrated=True, is_threat=True),
    reasons=("threat_to_leave", "waiting"),
    second=MoodLabel("negative", is_frustrated=True, is_threat=True),
    text="Three weeks and no answer. We will move to somebody else.\n\nKind regards\nAnn",
)


def signs(message: CorpusMessage) -> dict[str, float]:
    (row,) = corpus_rows([message])
    assert row.signs is not None
    return dict(zip(OUTPUTS[MOODS:], row.signs, strict=True))


def test_a_row_has_the_words_without_the_signature_and_every_sign() -> None:
    (row,) = corpus_rows([MESSAGE])
    assert row.text == "Three weeks and no answer. We will move to somebody else."
    assert (row.mood, row.writer, row.industry, row.category) == (0, "w01", "airline", "threat_to_leave")
    found = signs(MESSAGE)
    assert {name for name, value in found.items() if value == 1.0} == {
        "threat_to_leave",
        "frustrated",
        "waiting",
    }


def test_a_row_keeps_the_sentences_of_form_that_the_service_drops() -> None:
    text = "I hope you are all well. It broke. Could you let me know what to do?"
    (row,) = corpus_rows([replace(MESSAGE, text=text)])
    assert row.text == text
    assert examine(text).text == "It broke."


def test_readers_who_differ_on_a_sign_make_it_half() -> None:
    doubted = replace(MESSAGE, second=MoodLabel("negative", is_frustrated=True, is_threat=False))
    assert signs(doubted)["threat_to_leave"] == 0.5


def test_readers_who_differ_on_the_mood_and_texts_without_words_give_no_row() -> None:
    differing = replace(MESSAGE, second=MoodLabel("neutral", is_frustrated=True, is_threat=True))
    assert corpus_rows([differing, replace(MESSAGE, text="> only a quote")]) == []
