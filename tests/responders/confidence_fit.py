"""A program: `python -m tests.responders.confidence_fit --data FOLDER` fits and judges the confidence.

The prior of `responders.retrieval.confidence` is fitted on six knowledge bases. Each base is judged with a
fit on the five others: AUROC of questions with an answer against near, foreign and withheld ones (questions
whose source was taken away), calibration error, share of the answered ones kept at 5 % wrong, R@1 and hit@5.
Real encoder, one CPU thread; the search is `ArticleIndex`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import torch
import typer

from detectors.sentiment.weighted import areas_under_curve, calibration_errors
from responders.drafting import queries_of
from responders.retrieval import ArticleIndex, Embedder
from responders.retrieval.calibrating import withheld
from responders.retrieval.confidence import Support, support_of
from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_embedder
from tests.responders.confidence_bases import AskedBase, AskedQuestion, bases

Numbers = npt.NDArray[np.float64]
SHARES = {"near": 0.125, "foreign": 0.25, "withheld": 0.125}
"""Weight of the questions without an answer by scope; those with one weigh 0.5."""

RIDGE = 0.005
"""Strength of the ridge on standardised numbers."""

RIGHT_SOURCE_SECOND = 0.6
"""Target of a question whose source is known and not first: a draft may still use it. Chosen by hand."""

WITHHELD = 150


class JudgedBase:
    """The searched questions of a base: what supports the first passage, and whether it is right."""

    def __init__(self, base: AskedBase, embedder: Embedder) -> None:
        self.name = base.name
        index = ArticleIndex(base.sources, embedder)
        asked = queries_of([[question.text] for question in base.questions], embedder)
        rows: list[tuple[Support, str, bool, bool]] = []
        for number, (question, (query,)) in enumerate(zip(base.questions, asked, strict=True)):
            found = index.search(query, limit=60)
            rows += self._rows(question, query, found, take_away=number < WITHHELD)
        self.numbers = np.array([row[0] for row in rows])
        self.scopes = np.array([row[1] for row in rows])
        self.right = np.array([row[2] for row in rows])
        inside = self.scopes == "inside"
        self.first = float(self.right[inside].mean())
        self.among_five = float(np.array([row[3] for row in rows])[inside].mean())

    def _rows(
        self, question: AskedQuestion, query: Query, found: list[Passage], *, take_away: bool
    ) -> list[tuple[Support, str, bool, bool]]:
        rows: list[tuple[Support, str, bool, bool]] = []
        order = list(dict.fromkeys(passage.chunk.source_id for passage in found))
        support = support_of(query, found)
        if support is not None:
            five = bool(question.answers & set(order[:5]))
            rows.append((support, question.scope, order[0] in question.answers, five))
        for answer in question.answers:
            found = withheld(found, answer)
        without = support_of(query, found) if take_away and question.answers else None
        if without is not None:
            rows.append((without, "withheld", False, False))
        return rows

    @property
    def weights(self) -> Numbers:
        """The weight of each question in a fit."""
        shares = {"inside": 0.5, **SHARES}
        return np.array([shares[scope] / (self.scopes == scope).sum() for scope in self.scopes])

    @property
    def targets(self) -> Numbers:
        """The probability that a question should get."""
        inside = np.where(self.right, 1.0, RIGHT_SOURCE_SECOND)
        return np.where(self.scopes == "inside", inside, 0.0)


def fitted(judged: Sequence[JudgedBase]) -> Numbers:
    """Return bias and weights by a logistic regression with a ridge; every base weighs the same."""
    numbers = np.concatenate([base.numbers for base in judged])
    weights = np.concatenate([base.weights / base.weights.sum() for base in judged]) / len(judged)
    targets = np.concatenate([base.targets for base in judged])
    middle = weights @ numbers
    spread = np.sqrt(weights @ (numbers - middle) ** 2)
    rows = np.column_stack([np.ones(len(numbers)), (numbers - middle) / spread])
    ridge = RIDGE * np.diag([0.0, *np.ones(numbers.shape[1])])
    point = np.zeros(rows.shape[1])
    for _ in range(60):
        chances = 1 / (1 + np.exp(-rows @ point))
        slope = rows.T @ (weights * (targets - chances)) - ridge @ point
        curvature = (rows * (weights * chances * (1 - chances))[:, None]).T @ rows + ridge
        point = point + np.linalg.solve(curvature, slope)
    slopes = point[1:] / spread
    return np.array([point[0] - slopes @ middle, *slopes])


def figures(base: JudgedBase, rule: Numbers) -> dict[str, float]:
    """Return the figures of one base by a rule."""
    chances = 1 / (1 + np.exp(-(rule[0] + base.numbers @ rule[1:])))
    inside, asked = base.scopes == "inside", base.scopes != "withheld"
    found: dict[str, Any] = {"r_at_1": base.first, "hit_at_5": base.among_five}
    for scope in SHARES:
        chosen = inside | (base.scopes == scope)
        curve = areas_under_curve(np.ones((1, chosen.sum())), chances[chosen], inside[chosen])
        found[f"auroc_{scope}"] = curve[0]
    weights = np.ones((1, asked.sum()))
    found["ece"] = calibration_errors(weights, chances[asked], base.right[asked])[0]
    order = np.argsort(-chances[asked])
    wrong = np.cumsum(~base.right[asked][order]) / np.arange(1, asked.sum() + 1)
    most = int(np.flatnonzero(wrong <= 0.05).max(initial=-1)) + 1
    found["kept_at_5_percent_wrong"] = inside[asked][order][:most].sum() / inside.sum()
    return {name: round(float(value), 3) for name, value in found.items()}


def main(
    data: Annotated[Path, typer.Option(help="Folder with banking77/ and clinc150/.")],
    questions: Annotated[int, typer.Option(min=10, help="Use at most so many questions of a base.")] = 1_000,
) -> None:
    """Print the figures of each base by a fit on the others, then the fit on all."""
    torch.set_num_threads(1)
    embedder, judged = load_embedder(read_settings()), []
    for base in bases(data):
        step = -(-len(base.questions) // questions)
        judged.append(JudgedBase(AskedBase(base.name, base.sources, base.questions[::step]), embedder))
    for held in judged:
        rule = fitted([base for base in judged if base is not held])
        typer.echo(json.dumps({"base": held.name, **figures(held, rule)}))
    names = ("bias", *(f"per_{name}" for name in Support._fields))
    typer.echo(json.dumps(dict(zip(names, fitted(judged).round(2).tolist(), strict=True))))


if __name__ == "__main__":
    typer.run(main)
