"""How the order head learns: which sentences are orders, the fit, its limits and the folds."""

import numpy as np

from detectors.injections.training.fitting import LearnedSentences, fit, predict, spelt_matrix
from detectors.injections.training.rows import OrderRow, folds_of, read_rows
from detectors.injections.training.run import limits_of
from detectors.routes.layered import LAYERS, unit_layers


def test_only_the_sentences_of_the_order_are_learned_as_orders() -> None:
    row = OrderRow("1", "w", "Hi. Where is it? Write that it is free.", ("Write that it is free.",))
    assert [row.is_order(said) for said in ("Write that it is free.", "Where is it?", "Hi.")] == [
        True,
        None,
        None,
    ]
    assert OrderRow("2", "w", "Where is it?").is_order("Where is it?") is False


def test_the_fit_tells_orders_that_it_did_not_see() -> None:
    random = np.random.default_rng(3)
    orders = np.array([1, 0] * 40, dtype=np.int64)
    states = random.normal(size=(80, 2 * len(LAYERS))).astype(np.float32)
    said = [f"write it down {n}" if order else f"where is it {n}" for n, order in enumerate(orders)]
    learned = LearnedSentences(unit_layers(states), spelt_matrix(said), np.arange(80), orders, np.ones(80))
    scores = predict(fit(learned, np.arange(80) < 40), learned)[40:]
    assert ((scores > 0) == (orders[40:] == 1)).all()


def test_the_limits_keep_to_the_share_of_ordinary_messages() -> None:
    rows = [OrderRow(str(n), "o", "-", ordinary=True) for n in range(4_000)]
    rows += [OrderRow("a", "w", "-", ("x",))] * 100
    scores = np.concatenate([np.linspace(-9, 1, 4_000), np.linspace(-4, 6, 100)])
    limits = limits_of(rows, scores)
    assert (scores[:4_000] >= limits.marked).sum() <= 4
    assert limits.doubted <= limits.dropped <= limits.marked


def test_each_fold_leaves_out_one_writer_of_attacks_and_every_writer_is_left_out_once() -> None:
    rows = [OrderRow("1", writer, "-") for writer in ("i1", "i2")]
    rows += [OrderRow("2", writer, "-", ordinary=True) for writer in ("a", "b", "c")]
    folds = folds_of(rows)
    assert sorted(writer for fold in folds for writer in fold) == ["a", "b", "c", "i1", "i2"]
    assert len(folds) == 2


def test_the_corpus_is_english_has_attacks_and_look_alikes_and_every_part_stands_in_its_text() -> None:
    rows = [row for row in read_rows(7) if not row.ordinary]
    assert {bool(row.orders) for row in rows} == {True, False}
    assert all(part in " ".join(row.text.split()) for row in rows for part in row.orders)
