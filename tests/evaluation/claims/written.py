"""Reading the passages written by hand and expanding them into labelled sentences.

A passage starts with "@ name" and its text. Its lines follow: "! name=value" facts of the account,
"= sentence" supported, "- kind: sentence" not supported, "~ kind: old => new" an edit of every supported
sentence of the passage that contains the old words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
MAX_EDITED: Final = 3
"""Supported sentences of a passage that one edit is applied to, so that no edit counts too much."""


@dataclass
class Passage:
    """One text of a knowledge base with its supported sentences and the ways to make them wrong."""

    number: int
    name: str
    lines: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    supported: list[str] = field(default_factory=list)
    edits: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text of the passage with its line breaks."""
        return "\n".join(self.lines)


def read_passages(author: str = "written") -> list[Passage]:
    """Return the passages of all files of an author's folder, in the order of the files, numbered from 0."""
    passages: list[Passage] = []
    for path in sorted((FOLDER / author).glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@ "):
                passages.append(Passage(len(passages), line[2:].strip()))
            elif line.strip():
                _add(passages[-1], line)
    return passages


def _add(passage: Passage, line: str) -> None:
    mark, rest = line[:2], line[2:]
    if mark == "= ":
        passage.supported.append(rest.strip())
    elif mark == "! ":
        pairs = (pair.split("=") for pair in rest.split())
        passage.facts |= {name: value.replace("_", " ") for name, value in pairs}
    elif mark == "~ ":
        kind, _, change = rest.partition(": ")
        old, _, new = change.partition(" =>")
        passage.edits.append((kind, old, new.removeprefix(" ") if new.strip() else ""))
    elif mark == "- " and ": " in rest and rest.partition(": ")[0].islower() and passage.supported:
        kind, _, sentence = rest.partition(": ")
        passage.wrong.append((kind, sentence.strip()))
    else:
        passage.lines.append(line)


def rows(passage: Passage, prefix: str = "") -> list[dict[str, Any]]:
    """Return the labelled sentences of a passage, supported ones first, none of them twice."""
    found: dict[str, tuple[str, bool]] = {}
    for sentence in passage.supported:
        found.setdefault(sentence, (_manner(sentence, passage.text), True))
    for kind, sentence in [*_edited(passage), *passage.wrong, *_made(passage)]:
        found.setdefault(sentence, (kind, False))
    return [
        {
            "id": f"{prefix}{passage.number:03}-{place:02}",
            "kind": kind,
            "sentence": sentence,
            "sources": [passage.text],
            "facts": passage.facts,
            "supported": supported,
        }
        for place, (sentence, (kind, supported)) in enumerate(found.items())
    ]


def _edited(passage: Passage) -> Iterator[tuple[str, str]]:
    for kind, old, new in passage.edits:
        holders = [sentence for sentence in passage.supported if _holds(sentence, old)]
        for sentence in holders[:MAX_EDITED]:
            yield kind, _changed(sentence, old, new)


def _changed(sentence: str, old: str, new: str) -> str:
    changed = " ".join(re.sub(_whole(old), lambda _: new, sentence, count=1).split())
    changed = re.sub(r"\s+([.,;?!])", r"\1", changed)
    return changed[:1].upper() + changed[1:]


def _holds(sentence: str, old: str) -> bool:
    return re.search(_whole(old), sentence) is not None


def _whole(old: str) -> str:
    start = r"(?<!\w)" if old[:1].isalnum() else ""
    return f"{start}{re.escape(old)}" + (r"(?!\w)" if old[-1:].isalnum() else "")


def _made(passage: Passage) -> Iterator[tuple[str, str]]:
    """Yield edits by rule: each number of a verbatim sentence doubled, the first verb denied or affirmed."""
    said = set(re.findall(r"\d+", passage.text))
    for sentence in passage.supported:
        if _manner(sentence, passage.text) == "verbatim":
            for number in re.finditer(r"(?<![\d.,:])\d{1,3}(?![\d.,:]\d|\w)", sentence):
                other = str(int(number.group()) * 2 + 1)
                if other not in said:
                    yield "number made", sentence[: number.start()] + other + sentence[number.end() :]
        for old, new in _DENIALS:
            if old in sentence:
                yield "negation made", sentence.replace(old, new, 1)
                break


_DENIALS: Final = (
    (" cannot ", " can "),
    (" can't ", " can "),
    (" do not ", " "),
    (" don't ", " "),
    (" are not ", " are "),
    (" is not ", " is "),
    (" You can only ", " You cannot "),
    (" can ", " cannot "),
    (" must ", " need not "),
    (" is ", " is not "),
    (" are ", " are not "),
)


def _manner(sentence: str, text: str) -> str:
    """Return how a supported sentence was made: verbatim, shortened (words left out) or reworded."""
    plain = " ".join(text.split())
    if sentence in plain:
        return "verbatim"
    later = iter(re.findall(r"[\w€$£%.°]+", plain.lower()))
    words = re.findall(r"[\w€$£%.°]+", sentence.lower().rstrip("."))
    return (
        "shortened"
        if all(any(word.rstrip(".") == one.rstrip(".") for one in later) for word in words)
        else "reworded"
    )


def halves() -> dict[str, list[dict[str, Any]]]:
    """Return the sentences of the passages with even numbers, to tune on, and of the others, which judge."""
    found: dict[str, list[dict[str, Any]]] = {"tune": [], "judge": []}
    for passage in read_passages():
        found["judge" if passage.number % 2 else "tune"].extend(rows(passage))
    return found


def claim_files() -> dict[str, list[dict[str, Any]]]:
    """Return the sentences of each file: both halves of the first author and all of the second author."""
    second = [row for passage in read_passages("second") for row in rows(passage, "s")]
    return {**halves(), "second": second}
