"""How the personal head learns: right outputs, the fit, and the writers that are left out."""

import numpy as np
import pytest

from detectors.personal.decoding import PersonalLimits, ValueSpan
from detectors.personal.head import LAYERS, OUTPUTS
from detectors.personal.signs import SIGNS
from detectors.personal.training import run
from detectors.personal.training.fitting import LearnedText, fit
from detectors.personal.training.rows import PersonalRow, outputs_of, read_rows
from tests.detectors.personal.test_model import LIMITS, Letters
from tests.detectors.personal.test_units_and_signs import NoLists


def test_every_unit_of_a_marked_value_has_its_output() -> None:
    row = PersonalRow(
        "1", "w", "see https://a.b/?t=9 Ada", (ValueSpan(4, 20, "url_with_token"), ValueSpan(21, 24, "name"))
    )
    units = [(0, 3), (4, 9), (12, 13), (14, 15), (17, 18), (19, 20), (21, 24)]
    told = [OUTPUTS[output] for output in outputs_of(row, units)]
    assert told == ["nothing", *["secret"] * 5, "name"]


def test_the_fit_tells_units_that_it_did_not_see_by_states_signs_and_neighbours() -> None:
    random = np.random.default_rng(3)

    def text() -> LearnedText:
        right = random.integers(0, 2, size=12)
        states = random.normal(size=(12, 2 * len(LAYERS))).astype(np.float32)
        states[:, 0] += 4.0 * np.roll(right, -1)
        signs = np.zeros((12, SIGNS), dtype=np.float32)
        signs[:, 0] = right
        return LearnedText(states, signs, right.astype(np.int64))

    head = fit([text() for _ in range(200)], 7)
    unseen = [text() for _ in range(20)]
    found = [head.chances(one.states, one.signs).argmax(axis=1) for one in unseen]
    right = np.concatenate([one.outputs for one in unseen])
    assert (np.concatenate(found) == right).mean() > 0.9


def test_each_writer_is_judged_by_a_fit_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        PersonalRow(f"{writer}-{number}", writer, f"ask {name} now", (ValueSpan(4, 4 + len(name), "name"),))
        for writer in ("n1", "n2", "safety")
        for number, name in enumerate(["zz", "zzz", "zzzz"] * 10)
    ]
    monkeypatch.setattr(run, "read_rows", lambda: rows)
    seen: list[str] = []

    def choose(texts: object) -> PersonalLimits:
        assert isinstance(texts, list)
        seen.extend(text.row.writer for text in texts)
        return LIMITS

    reader = run.PersonalReader(Letters(), NoLists())
    trained = run.train_personal(reader, 7, choose, progress=lambda _line: None)
    assert (set(seen), len(seen)) == ({"n1", "n2", "safety"}, 90)
    name = OUTPUTS.index("name")
    assert all(one.chances[1].argmax() == name and one.chances[0, 0] > 0.5 for one in trained.left_out)
    again = run.train_personal(reader, 7, choose, progress=lambda _line: None)
    np.testing.assert_array_equal(again.weights.head.state_weight, trained.weights.head.state_weight)


def test_the_corpus_has_marked_values_of_every_output_and_look_alikes() -> None:
    rows = read_rows()
    assert all(0 <= span.start < span.end <= len(row.text) for row in rows for span in row.spans)
    assert all(
        row.text[span.start : span.end].strip() == row.text[span.start : span.end]
        for row in rows
        for span in row.spans
    )
    assert run.writers_of(rows) == ["n1", "n2", "n3", "n4", "n5", "n6", "n8", "n9", "safety"]
    assert {row.writer for row in rows if not row.is_tuned} == {"n1", "n2", "n3", "n5", "n6", "n8", "n9"}
    assert sum(not row.spans for row in rows) > 500
