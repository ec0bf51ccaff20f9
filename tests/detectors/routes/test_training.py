"""The training of the route head on few rows, with an encoder that is made of numbers."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detectors.routes.head import OUTPUTS
from detectors.routes.layered import LAYERS
from detectors.routes.training.fitting import fit, predict
from detectors.routes.training.pooling import PooledRows, pool_rows
from detectors.routes.training.rows import RouteRow, folds_of, learned_text, read_rows
from detectors.routes.training.run import decided, least_chances, train_routes
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText, tokenised

WORDS = ("invoice", "twice", "reporter", "export", "please", "thanks")
PRESS, DISPUTE = OUTPUTS.index("press"), OUTPUTS.index("billing_dispute")


class WordEncoder:
    """An encoder whose tokens are words and whose layers are all the same one-hot vectors."""

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        return [self._piece(text) for text in texts]

    def _piece(self, text: str) -> TokenisedText:
        words = text.split()
        starts = [sum(len(word) + 1 for word in words[:place]) for place in range(len(words))]
        ids = [next((n for n, word in enumerate(WORDS) if word in one), len(WORDS)) for one in words]
        return tokenised(text, ids, starts, (90, 91))

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        rows = []
        for piece in pieces:
            ids = np.split(np.array(piece.window), np.cumsum(piece.runs)[:-1])
            rows += [np.tile((run[:, None] == np.arange(7)).mean(axis=0) + 0.01, len(layers)) for run in ids]
        return np.array(rows, dtype=np.float32)


def row(number: int, text: str, output: int = 0, sentence: str = "") -> RouteRow:
    return RouteRow(f"x-{number}", f"r{number % 2}", "ticket", text, output, sentence)


ROWS = [
    one
    for number in range(0, 40, 4)
    for one in (
        row(number, "Thanks. The invoice came twice.", DISPUTE, "The invoice came twice."),
        row(number + 1, "A reporter asks. Please.", PRESS, "A reporter asks."),
        row(number + 2, "Where is the export please?"),
        row(number + 3, "Thanks for the invoice. Please export."),
    )
]


def pooled() -> PooledRows:
    return pool_rows(ROWS, WordEncoder(), progress=lambda _: None)


def test_only_the_sentence_that_shows_the_reason_is_marked() -> None:
    found = pooled()
    marked = [int(owner) for owner, mark in zip(found.owners, found.marked, strict=True) if mark]
    assert marked == [number for number, one in enumerate(ROWS) if one.output]
    assert found.whole.shape == (len(ROWS), 7 * len(LAYERS))


def test_the_fit_tells_the_reasons_of_rows_that_it_did_not_see() -> None:
    found, kept = pooled(), np.arange(len(ROWS)) < 20
    chances = predict(fit(ROWS, found, kept), found)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert chances[~kept].argmax(axis=1).tolist() == [one.output for one in ROWS[20:]]


def test_a_reason_routes_no_more_ordinary_messages_than_it_may() -> None:
    random = np.random.default_rng(3)
    chances = random.dirichlet(np.ones(len(OUTPUTS)), size=1_000)
    rows = [row(number, "text", int(output)) for number, output in enumerate(random.integers(0, 10, 1_000))]
    least = least_chances(rows, chances, most_false=0.1, lowest=0.2)
    found = decided(chances, least)
    ordinary = np.array([one.output == 0 for one in rows])
    assert (found[ordinary] > 0).mean() <= 0.1
    assert min(least.values()) >= 0.1
    assert least["safety"] < max(least.values())


def test_an_unhappy_message_does_not_raise_the_limits() -> None:
    chances = np.tile(np.eye(len(OUTPUTS))[DISPUTE] * 0.9 + np.eye(len(OUTPUTS))[0] * 0.1, (4, 1))
    unhappy = [RouteRow(f"m-{n}", "w1", "unhappy", "text", 0) for n in range(3)]
    assert least_chances([*unhappy, ROWS[0]], chances, most_false=0, lowest=0.2)["billing_dispute"] == 0.2


def test_each_fold_leaves_out_one_writer_of_tickets_and_every_writer_is_left_out_once() -> None:
    rows = read_rows(seed=7)
    folds = folds_of(rows)
    left_out = Counter(writer for fold in folds for writer in fold)
    assert set(left_out.values()) == {1}
    assert set(left_out) == {one.writer for one in rows}
    assert [sorted(writer for writer in fold if writer.startswith("r")) for fold in folds] == [
        ["r1"],
        ["r2"],
        ["r3"],
        ["r5"],
        ["r7"],
        ["r8"],
        ["r9"],
    ]
    assert read_rows(seed=7) == rows


def test_every_marked_sentence_of_the_corpus_stands_in_its_message() -> None:
    tickets = [one for one in read_rows(seed=7) if one.kind == "ticket"]
    assert len(tickets) > 1_000
    assert Counter(one.output for one in tickets).keys() == set(range(len(OUTPUTS)))
    assert all(bool(one.sentence) == bool(one.output) for one in tickets)


def test_training_reads_messages_as_the_product_does() -> None:
    assert learned_text("Re: Bill", "Hi,\n\nthe bill is wrong.\n\nThanks!") == "Bill\nthe bill is wrong."


def test_the_whole_training_gives_weights_that_can_be_stored_and_a_verdict_for_each_message(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    trained = train_routes(ROWS, WordEncoder(), 7, progress=said.append)
    stored = trained.weights.save(tmp_path)
    assert said[-1] == "fit on all rows"
    assert sum(line.startswith("fit without") for line in said) == len(folds_of(ROWS)) == 2
    assert (len(trained.left_out), stored.head.whole_weight.shape[0]) == (len(trained.rows), len(OUTPUTS))
    limits = stored.description.likely
    assert {limits[reason] for reason in OUTPUTS[1:] if reason != "safety"} == {limits["press"]}
    assert all(stored.description.possible[reason] <= limits[reason] for reason in OUTPUTS[1:])
