"""Files of examples, figures and their reports."""

import numpy as np

from streams.evaluate.bootstrap import Sampled
from streams.evaluate.examples import LabelledExample, read_examples
from streams.evaluate.measured import EvaluationReport, Measured, by_group
from streams.evaluate.reading import WrongRow


def test_good_lines_become_examples_and_wrong_lines_are_named_with_their_numbers() -> None:
    lines = [
        b'{"id": "a", "kind": "x", "more": 1}\n',
        b"\n",
        b"[]\n",
        b"\xff\n",
        b'{"id": "a"}\n',
        b'{"id": []}',
    ]
    found = read_examples(lines, LabelledExample)
    assert found.examples == (LabelledExample(id="a", kind="x"),)
    assert found.wrong[:3] == (
        WrongRow(3, "not a JSON object"),
        WrongRow(4, "not UTF-8"),
        WrongRow(5, "its id was used before"),
    )
    assert found.wrong[3].line == 6
    assert found.wrong[3].reason.startswith("id.")


def test_a_line_without_an_id_has_its_number() -> None:
    assert [
        one.id for one in read_examples([b"{}\n", b'{"id": 7}\n', b"{}\n"], LabelledExample).examples
    ] == [
        1,
        7,
        3,
    ]


def test_a_figure_that_no_example_shows_has_no_value() -> None:
    assert Measured.share([]).as_json() == {"value": None, "low": None, "high": None, "examples": 0}
    assert Measured.drawn(Sampled(float("nan"), np.array([])), 4).value is None


def test_a_report_has_its_figures_at_the_top_and_its_groups_by_field() -> None:
    rows = [("x", True), ("y", False), ("", True)]
    groups = by_group(rows, lambda row: row[0], lambda own: {"right": Measured.share(hit for _, hit in own)})
    report = EvaluationReport(3, {"right": Measured.share([True, False, True])}, groups={"kind": groups})
    told = report.as_json()
    assert (told["examples"], told["right"]["value"], told["baselines"]) == (3, 0.666667, {})
    assert {name: own["right"]["value"] for name, own in told["by_kind"].items()} == {"x": 1.0, "y": 0.0}
