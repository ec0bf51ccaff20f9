"""The card of a trained mood model: origin, figures, failures and limits, written from its evaluation."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from detectors.sentiment.scores import LABELS
from detectors.sentiment.weights_file import Description
from streams.evaluate.bootstrap import Sampled
from streams.evaluate.labelled import LabelledText
from streams.evaluate.mood_report import Figures, MoodReport
from streams.evaluate.moods import JudgedMoods

FAILURES: Final = 20
"""Failures listed in the card: the surest wrong ones."""

_TEXT_CHARACTERS: Final = 150

_ROWS: Final[Mapping[str, str]] = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "auc_negative": "AUC of negative",
    "recall_negative": "recall of negative",
    "neutral_called_negative": "neutral called negative",
    "precision_positive": "precision of positive",
    "recall_sarcasm": "recall of sarcasm (called negative)",
    "auc_frustration": "AUC of frustration",
    "recall_threat": "recall of threat",
    "precision_threat": "precision of threat",
    "ece": "calibration error (ECE)",
    "coverage.80": "accuracy at 80 % coverage",
    "coverage.50": "accuracy at 50 % coverage",
    "abstained.all": "share that abstains",
    "error_among_kept": "error among the kept",
}

_TEXT: Final = """# Mood model {version}

This file is written by the command that trains the model: `{command}`.

**What it is.** Adapters of low rank in the upper layers of all-MiniLM-L6-v2, and heads for the mood, a
threat to leave, sarcasm, frustration and its reasons. The heads read the whole text and each of its
sentences; a learned rule joins them. `mood.json` holds the calibration, the SHA-256 of the weights and of
every file they were trained on.

**Encoder.** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0 at its source), from the Python package `gt-
all-minilm-l6-v2`, whose metadata name the MIT licence. It is not part of these files.

**Data.** (1) The corpus of this project, `detectors/sentiment/corpus/`: written and labelled by language
models under its GUIDELINE.md; Apache-2.0. (2) GoEmotions: D. Demszky, D. Movshovitz-Attias, J. Ko, A.
Cowen, G. Nemade, S. Ravi: "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020, arXiv 2005.00547.
Licence CC BY 4.0. Changes: the 28 emotions are mapped to three moods by the paper's own grouping; the
ambiguous ones count as neutral; rows that mix positive and negative, or whose only positive emotion is
desire, are left out. The weights are under Apache-2.0, with this attribution.

**Libraries.** {versions}

## Figures

{left_out}
A sign on which the two readers differ is not judged. *GoEmotions*: its `test.tsv`, judged by the final
weights, which were trained on its `train.tsv`. Each figure has a 95 % interval from 1,000 draws of whole
{resampled}; the baseline counts mood words.

| figure | left out ({rows:,} messages) | baseline | GoEmotions ({comment_rows:,} comments) | baseline |
|---|---|---|---|---|
{table}

### By kind of message (left out)

| kind | messages | accuracy |
|---|---|---|
{kinds}

### Industries with the lowest accuracy (left out)

| industry | messages | accuracy |
|---|---|---|
{industries}

## Failures

The {failures} wrong moods of which the model was surest, among the left-out messages:

| message | true | said | probability |
|---|---|---|---|
{failed}

## Limits

- English only; other languages abstain.
- The messages of the corpus are written, not collected: expect lower figures on real mail, and correct
  moods on the desk so that it learns them.
- A share of the failures above are debatable: two readers of the same schooling labelled the corpus.
- The share of unhappy customers differs from desk to desk: the ranking carries over better than the
  threshold.
"""

_FOLDS: Final = """*Left out*: each message of the corpus, judged by a fold that saw no message of its
writer and of its industries. The calibration of a fold is fitted on the other folds."""

_CONTINUED: Final = """This training went on from {start}. *Left out*: each message of the files
that were new, judged by a fit that saw no message of its writer and of its industries. The calibration is
that of {start}, whose own card has the figures of the other files."""


def card_text(
    description: Description,
    left_out: MoodReport,
    comments: MoodReport,
    failures: Sequence[str],
    *,
    started_from: str = "",
) -> str:
    """Return the card in Markdown; `failures` are lines as `failure_lines` returns them.

    `started_from` is the version of the weights from which the training went on, or "".
    """
    kinds = [_group_line(name, group) for name, group in left_out.categories.items()]
    worst = sorted(left_out.industries.items(), key=lambda item: item[1][1]["accuracy"].value)
    return _TEXT.format(
        left_out=_CONTINUED.format(start=started_from) if started_from else _FOLDS,
        version=description.version,
        command=description.command,
        versions=", ".join(f"{name} {number}" for name, number in description.versions.items()),
        resampled=left_out.resampled,
        rows=left_out.rows,
        comment_rows=comments.rows,
        table="\n".join(_figure_lines(left_out, comments)),
        kinds="\n".join(kinds),
        industries="\n".join(_group_line(name, group) for name, group in worst[:8]),
        failures=len(failures),
        failed="\n".join(failures),
    )


def failure_lines(rows: Sequence[LabelledText], moods: JudgedMoods) -> list[str]:
    """Return a line of the table for each of the FAILURES surest wrong moods, the surest first."""
    sure = moods.probabilities.max(axis=1)
    wrong = [row for row in range(len(rows)) if moods.chosen[row] != moods.labels[row]]
    wrong.sort(key=lambda row: (-sure[row], row))
    return [
        f"| {_cell(rows[row].text)} | {LABELS[moods.labels[row]]} | {LABELS[moods.chosen[row]]} |"
        f" {sure[row]:.2f} |"
        for row in wrong[:FAILURES]
    ]


def _figure_lines(left_out: MoodReport, comments: MoodReport) -> list[str]:
    reports: list[Figures] = [left_out.overall, left_out.baseline, comments.overall, comments.baseline]
    return [
        f"| {title} | {' | '.join(_shown(report.get(name)) for report in reports)} |"
        for name, title in _ROWS.items()
    ]


def _group_line(name: str, group: tuple[int, Figures]) -> str:
    rows, found = group
    return f"| {name.replace('_', ' ')} | {rows:,} | {_shown(found['accuracy'])} |"


def _shown(figure: Sampled | None) -> str:
    if figure is None or math.isnan(figure.value):
        return "–"
    low, high = figure.interval
    return f"{figure.value:.3f} ({low:.3f}–{high:.3f})"


def _cell(text: str) -> str:
    r"""Return the beginning of a text as one cell of a Markdown table.

    >>> _cell("a | b\nc")
    'a / b c'
    """
    line = " ".join(text.replace("|", "/").split())
    return line if len(line) <= _TEXT_CHARACTERS else f"{line[: _TEXT_CHARACTERS - 1]}…"
