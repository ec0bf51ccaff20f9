"""Words of a text with their vectors, and how near texts come to the words of a question."""

import numpy as np
import pytest

from responders.drafting import queries_of
from responders.retrieval.embedding import PartArray, ReadText
from responders.retrieval.query import FOCUS_SHARE
from responders.retrieval.word_vectors import (
    MAX_WORDS,
    WORD_WIDTH,
    WordVectors,
    nearness,
    packed_words,
    word_vectors,
)
from tests.responders.support.drafting_samples import HashingEmbedder


def read(text: str) -> WordVectors:
    return word_vectors(text, HashingEmbedder().read([text])[0])


def stored(text: str) -> PartArray:
    return packed_words(read(text))


def test_only_words_with_a_meaning_have_a_vector_of_length_one() -> None:
    found = read("How can I export my labels to S3?")
    assert found.stems == ("export", "label", "s3")
    assert found.vectors.shape == (3, WORD_WIDTH)
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)
    assert read("").vectors.shape == read("and the").vectors.shape == (0, WORD_WIDTH)


def test_a_word_of_several_tokens_has_the_mean_of_their_states() -> None:
    draw = np.random.default_rng(1).normal(size=(3, 384)).astype(np.float32)
    vector = np.zeros(384, dtype=np.float32)
    (whole,) = word_vectors("export", ReadText(vector, draw[:2].mean(axis=0)[None], ((0, 6),))).vectors
    parted = word_vectors("export now", ReadText(vector, draw, ((0, 2), (2, 6), (7, 10))))
    assert parted.stems == ("export",)
    assert np.allclose(parted.vectors[0], whole, atol=1e-5)


def test_a_long_text_has_a_bounded_number_of_words() -> None:
    assert len(read(" ".join(f"word{n}" for n in range(2 * MAX_WORDS))).stems) == MAX_WORDS


def test_a_text_with_all_words_of_a_question_is_nearest_and_rare_words_count_more() -> None:
    asked, weights = read("export labels"), {"export": 1.0, "label": 3.0}
    texts = [stored(text) for text in ("Labels export", "A label", "An export", "Webcam")]
    found = [one for one in nearness(asked, weights, texts) if one is not None]
    assert found[0] == pytest.approx(1.0, abs=0.02)
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(texts)


def test_without_words_on_either_side_nothing_is_known() -> None:
    assert nearness(read("export"), {"export": 1.0}, [None, stored("")]) == [None, None]
    assert nearness(read("export"), {}, [stored("export")]) == [None]
    assert nearness(WordVectors(), {"export": 1.0}, [stored("export")]) == [None]
    mixed = nearness(read("export"), {"export": 1.0}, [None, stored("export")])
    assert mixed[0] is None
    assert mixed[1] is not None


def test_each_ask_is_searched_within_its_message() -> None:
    message, ask = "We filmed cows. How long is it kept?", "How long is it kept?"
    nothing, (query,), (whole,) = queries_of([[], [message, ask], [message]], HashingEmbedder())
    assert nothing == ()
    assert (query.text, query.focus, whole.focus) == (message, ask, "")
    own, around = HashingEmbedder().embed([ask, message])
    mixed = (1 - FOCUS_SHARE) * around + FOCUS_SHARE * own
    assert np.allclose(query.vector, mixed / np.linalg.norm(mixed), atol=1e-5)
    assert np.allclose(whole.vector, around, atol=1e-5)
    assert query.words.stems == whole.words.stems
