"""Pooling of sentence states, the heads and the rule that joins them."""

import numpy as np

from detectors.sentiment.heads import OUTPUTS, Heads, pool
from detectors.sentiment.pieces import Piece

WIDTH = 4


def piece(*sentences: int, first: int = 0) -> Piece:
    tokens = sum(sentences)
    return Piece((1, *range(10, 10 + tokens), 2), sentences, tuple(range(first, first + len(sentences))))


def random_heads(seed: int = 1) -> Heads:
    draw, outputs = np.random.default_rng(seed), len(OUTPUTS)
    shapes = [(outputs, WIDTH), (outputs,), (outputs, WIDTH), (outputs,), (outputs, 3 * outputs), (outputs,)]
    return Heads(*(draw.normal(size=shape).astype(np.float32) for shape in shapes))


def means(pieces: list[Piece], seed: int = 2) -> np.ndarray:
    runs = sum(len(one.runs) for one in pieces)
    return np.random.default_rng(seed).normal(size=(runs, WIDTH)).astype(np.float32)


def test_the_whole_text_is_the_mean_of_all_its_tokens() -> None:
    pieces = [piece(2, 1), piece(3, first=2)]
    states = means(pieces)
    pooled = pool(states, [pieces])
    lengths = np.array([1, 2, 1, 1, 1, 3, 1])
    assert np.allclose(pooled.whole[0], (states * lengths[:, None]).sum(axis=0) / 10)
    assert pooled.tokens.tolist() == [10]
    assert np.array_equal(pooled.sentences, states[[1, 2, 5]])
    assert (pooled.owners.tolist(), pooled.numbers.tolist()) == ([0, 0, 0], [0, 1, 2])


def test_texts_do_not_mix() -> None:
    first, second = [piece(2, 2)], [piece(1), piece(4, first=1)]
    states = means([*first, *second])
    together = pool(states, [first, second])
    alone = [pool(states[:4], [first]), pool(states[4:], [second])]
    heads = random_heads()
    logits = heads.logits(together, heads.sentence_logits(together))
    for row, pooled in enumerate(alone):
        assert np.allclose(logits[row], heads.logits(pooled, heads.sentence_logits(pooled))[0])
        assert np.array_equal(together.only(row).sentences, pooled.sentences)


def test_one_angry_sentence_carries_the_text_by_the_highest_logit() -> None:
    outputs = len(OUTPUTS)
    rule = np.concatenate(
        [np.zeros((outputs, outputs)), np.eye(outputs), np.zeros((outputs, outputs))], axis=1
    )
    heads = random_heads()
    heads = Heads(
        heads.whole_weight,
        heads.whole_bias,
        heads.sentence_weight,
        heads.sentence_bias,
        rule.astype(np.float32),
        np.zeros(outputs, dtype=np.float32),
    )
    pooled = pool(means([piece(2, 2, 2)]), [[piece(2, 2, 2)]])
    logits = heads.sentence_logits(pooled)
    assert np.allclose(heads.logits(pooled, logits)[0], logits.max(axis=0))


def test_states_that_are_not_finite_stay_in_their_text() -> None:
    texts = [[piece(2)], [piece(3)]]
    states = means([piece(2), piece(3)])
    states[1, 0] = np.nan
    pooled = pool(states, texts)
    heads = random_heads()
    logits = heads.logits(pooled, heads.sentence_logits(pooled))
    assert not np.isfinite(logits[0]).any()
    assert np.isfinite(logits[1]).all()


def test_no_texts_give_no_logits() -> None:
    pooled = pool(np.zeros((0, WIDTH), dtype=np.float32), [])
    heads = random_heads()
    assert heads.logits(pooled, heads.sentence_logits(pooled)).shape == (0, len(OUTPUTS))
