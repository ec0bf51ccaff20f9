"""The corpus of mails, with the figures of the command that reads it."""

from pathlib import Path

import pytest

from schemas.reading import read
from streams.evaluate.reading import Mail, WrongRow, exact_share, grouped, lost_share, mails_of, read_mails

MAILS = Path(__file__).with_name("mails.jsonl")
LANGUAGES = {"en", "de", "fr", "es", "pt", "it", "nl"}


def mails() -> list[Mail]:
    with MAILS.open("rb") as lines:
        rows = list(mails_of(lines))
    assert not [row for row in rows if isinstance(row, WrongRow)]
    return [row for row in rows if isinstance(row, Mail)]


def test_the_corpus_is_large_and_covers_clients_and_languages() -> None:
    corpus = mails()
    assert len(corpus) >= 200
    assert {mail.labels["language"] for mail in corpus} >= LANGUAGES
    assert len({mail.labels["client"] for mail in corpus}) >= 10
    assert len({mail.body for mail in corpus}) == len(corpus)


def test_98_of_100_mails_are_read_exactly_and_at_most_one_loses_a_sentence() -> None:
    found = read_mails(mails(), lambda body: read(body).text)
    assert exact_share(found).share >= 0.98
    assert lost_share(found).share <= 0.01


@pytest.mark.parametrize("part", ["tuned", "apart"])
def test_the_part_that_was_kept_apart_is_read_nearly_as_well(part: str) -> None:
    found = read_mails(mails(), lambda body: read(body).text)
    assert exact_share(grouped(found, "part")[part]).share >= 0.95
