"""How well the sections of a help centre are told apart by the network, as a loss and as figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from detectors.matching.training.lessons import CentreLesson
from detectors.matching.training.network import MatchingNetwork, Words

NAME_SHARE: Final = 0.3
"""Share of a section's name in its vector, as in the product."""

WORDS_SHARE: Final = 1.25
"""Weight of the nearness of words beside the similarity, as in the product's score."""

SHARPNESS: Final = 20.0
"""Factor of a cosine in a softmax over sections. Chosen by hand."""

JOINED_SHARPNESS: Final = 12.0
"""The same for the sum of similarity and nearness, which differs more. Chosen by hand."""

SENTENCE_WEIGHT: Final = 0.7
"""Weight of each loss of sentences beside those of sections. Chosen by hand."""

_NEVER: Final = -1e4


@dataclass(frozen=True, slots=True)
class Sections:
    """The vectors of the sections of one help centre: whole, of the names, and of the words of each."""

    whole: torch.Tensor
    names: torch.Tensor
    words: Words


def read_sections(network: MatchingNetwork, lesson: CentreLesson) -> Sections:
    """Return the vectors of the sections of a help centre."""
    texts, words = network.vectors_and_words(lesson.texts)
    names = network.vectors(lesson.names)
    whole = nn.functional.normalize(NAME_SHARE * names + (1 - NAME_SHARE) * texts, dim=1)
    return Sections(whole, names, words)


def nearness(asked: Words, rarity: Sequence[torch.Tensor], sections: Words) -> torch.Tensor:
    """Return how near each section comes to the words of each question, (questions, sections)."""
    rows = torch.cat(sections)
    owners = torch.repeat_interleave(
        torch.arange(len(sections)), torch.tensor([len(own) for own in sections])
    )
    found = []
    for words, weights in zip(asked, rarity, strict=True):
        cosines = rows @ words.T
        places = owners[:, None].expand_as(cosines)
        best = torch.full((len(sections), cosines.shape[1]), -9.0)
        best = best.scatter_reduce(0, places, cosines, "amax")
        found.append(best @ weights / weights.sum())
    return torch.stack(found)


def lesson_loss(
    network: MatchingNetwork, lesson: CentreLesson, rows: Sequence[int], *, with_sentences: bool
) -> torch.Tensor:
    """Return the loss of some questions of a help centre among all its sections and, if asked, sentences."""
    sections = read_sections(network, lesson)
    asked, words = network.vectors_and_words([lesson.questions[row] for row in rows])
    right = lesson.right[list(rows)]
    near = nearness(words, [lesson.rarity[row] for row in rows], sections.words)
    cosine = asked @ sections.whole.T
    loss = _choice(cosine * SHARPNESS, right) + _choice(near * SHARPNESS, right)
    loss = loss + _choice((cosine + WORDS_SHARE * near) * JOINED_SHARPNESS, right)
    return loss + _sentence_loss(network, lesson, rows, asked) if with_sentences else loss


def _sentence_loss(
    network: MatchingNetwork, lesson: CentreLesson, rows: Sequence[int], asked: torch.Tensor
) -> torch.Tensor:
    """Return the loss of the sentence that answers: among all of the company, and of the right section."""
    telling = lesson.telling[list(rows)]
    known = telling.any(dim=1)
    if not known.any():
        return torch.zeros(())
    cosine = (asked @ network.vectors(lesson.sentences).T)[known]
    inside = lesson.right[list(rows)][:, lesson.owners][known]
    among_all = _choice(cosine * SHARPNESS, telling[known])
    among_own = _choice((cosine * JOINED_SHARPNESS).masked_fill(~inside, _NEVER), telling[known])
    return SENTENCE_WEIGHT * (among_all + among_own)


def _choice(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the mean cross entropy of choosing one of the right ones by scores, both (n, m)."""
    chosen = torch.logsumexp(scores.masked_fill(~right, _NEVER), dim=1)
    return (torch.logsumexp(scores, dim=1) - chosen).mean()


@dataclass(frozen=True, slots=True)
class MatchingFigures:
    """Shares of the questions whose right section is first: by the vectors, and by the joined score.

    `sentence` is the share whose right sentence is first within the right section.
    """

    questions: int
    cosine: float
    joined: float
    sentence: float


@torch.no_grad()
def figures(network: MatchingNetwork, lesson: CentreLesson) -> MatchingFigures:
    """Return how well the network tells the sections of a help centre apart."""
    sections = read_sections(network, lesson)
    asked, words = network.vectors_and_words(lesson.questions)
    told = network.vectors(lesson.sentences)
    parts = torch.cat([sections.names, told])
    owners = torch.cat([torch.arange(len(sections.names)), lesson.owners])
    nearest = _highest(asked @ parts.T, owners, len(sections.names))
    cosine = (asked @ sections.whole.T + nearest) / 2
    joined = cosine + WORDS_SHARE * nearness(words, lesson.rarity, sections.words)
    inside = lesson.right[:, lesson.owners]
    sentence = (asked @ told.T).masked_fill(~inside, _NEVER)
    known = lesson.telling.any(dim=1)
    return MatchingFigures(
        questions=len(asked),
        cosine=_first(cosine, lesson.right),
        joined=_first(joined, lesson.right),
        sentence=_first(sentence[known], lesson.telling[known]) if known.any() else 0.0,
    )


def _highest(cosines: torch.Tensor, owners: torch.Tensor, count: int) -> torch.Tensor:
    found = torch.full((len(cosines), count), -9.0)
    return found.scatter_reduce(1, owners[None].expand_as(cosines), cosines, "amax")


def _first(scores: torch.Tensor, right: torch.Tensor) -> float:
    best = scores.argmax(dim=1)
    return float(right[torch.arange(len(best)), best].float().mean())
