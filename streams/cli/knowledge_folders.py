"""Folders of knowledge that the commands of `rapport evaluate` read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from responders.chunks.chunk import KnowledgeSource
from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from streams.cli.evaluation_files import read_knowledge
from streams.cli.terminal import fail
from streams.evaluate.reading import WrongRow

KnowledgeOption = Annotated[
    Path,
    typer.Option(
        "--knowledge",
        file_okay=False,
        exists=True,
        help="Folder with articles.jsonl, macros.jsonl, solved.jsonl and accounts.jsonl.",
    ),
]


@dataclass(frozen=True, slots=True)
class KnowledgeFolder:
    """The records of a folder of knowledge, and the wrong lines of its files."""

    accounts: list[Account]
    sources: list[KnowledgeSource]
    wrong: list[WrongRow]


def read_folder(folder: Path) -> KnowledgeFolder:
    """Read the files of a folder of knowledge and name their wrong lines; a missing file is empty."""
    accounts, wrong = read_knowledge(folder / "accounts.jsonl", Account)
    articles, wrong_articles = read_knowledge(folder / "articles.jsonl", KnowledgeArticle)
    macros, wrong_macros = read_knowledge(folder / "macros.jsonl", Macro)
    solved, wrong_solved = read_knowledge(folder / "solved.jsonl", SolvedTicket)
    sources: list[KnowledgeSource] = [*articles, *macros, *solved]
    return KnowledgeFolder(accounts, sources, [*wrong, *wrong_articles, *wrong_macros, *wrong_solved])


def read_filled_folder(folder: Path) -> KnowledgeFolder:
    """Read a folder of knowledge as `read_folder` does; end the command if it holds nothing to search."""
    found = read_folder(folder)
    if not found.sources:
        fail(f"{folder} holds no article, macro or solved ticket.", code=3 if found.wrong else 1)
    return found
