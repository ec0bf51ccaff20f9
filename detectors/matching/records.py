"""Help centres with questions, as the training of the matching encoder reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section of a help centre: its name (title and heading), name and text together, and its sentences."""

    name: str
    text: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionQuestion:
    """A question in a customer's words.

    `sections` are the numbers of the sections that answer; `sentences` are pairs (section, sentence) of the
    sentences that do, none if they are not known.
    """

    text: str
    sections: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class HelpCentre:
    """One company's sections and its questions; the choice is always among all sections of one company."""

    name: str
    sections: tuple[SectionText, ...]
    questions: tuple[SectionQuestion, ...]
