"""Stems agree with PostgreSQL's, in any thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from responders.words import stem, words
from streams.demo.company import company


@pytest.fixture(scope="module")
def vocabulary() -> list[str]:
    sample = company(7, end=datetime(2026, 3, 16, tzinfo=UTC))
    bodies = [*(article.body for article in sample.articles), *(macro.body for macro in sample.macros)]
    return sorted({word for body in bodies for word in words(body) if word.isalpha()})


def test_the_words_of_the_sample_company_have_the_stems_of_postgresql(
    vocabulary: list[str], database_url: str
) -> None:
    query = text("SELECT word, ts_lexize('english_stem', word) FROM unnest(CAST(:words AS text[])) AS word")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(query, {"words": vocabulary}).all()
    engine.dispose()
    stored = {word: lexemes[0] for word, lexemes in rows if lexemes}  # a stop word has no lexeme
    different = {word for word, lexeme in stored.items() if stem(word) != lexeme}
    assert len(stored) > 1_000
    assert len(different) <= len(stored) / 200


def test_several_threads_get_the_same_stems(vocabulary: list[str]) -> None:
    expected = [stem(word) for word in vocabulary]
    stem.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: [stem(word) for word in vocabulary], range(4)))
    assert found == [expected] * 4
