"""Files of help centres and CRM systems become knowledge articles, macros, accounts and solved tickets."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas import Account, KnowledgeArticle, Macro, Record
from streams.cli.knowledge_files import RowProblem, read_records
from streams.ingest.rows import IngestError

ARTICLE = {
    "article_id": "a1",
    "title": "Exports",
    "body": "Open Reports.",
    "updated_at": "2026-01-05T09:00:00Z",
}
ARTICLES = [ARTICLE, ARTICLE | {"article_id": "a2"}]


def read(
    path: Path, kind: type[Record] = KnowledgeArticle, **options: Any
) -> tuple[list[Any], list[RowProblem]]:
    return read_records(path, kind, **options)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(article) for article in ARTICLES),
        "\r\n\r\n".join(json.dumps(article) for article in ARTICLES),
        json.dumps(ARTICLES),
        json.dumps(ARTICLES, indent=2),
        json.dumps({"count": 2, "next_page": None, "articles": ARTICLES}),
        json.dumps({"count": 2, "articles": ARTICLES, "page": {"id": 1}}, indent="\t"),
        json.dumps({"data": ARTICLES}),
        json.dumps({"articles": ARTICLES[:1]}) + "\n" + json.dumps({"articles": ARTICLES[1:]}),
        "\n".join(json.dumps(article, indent=4) for article in ARTICLES),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_same_articles_are_read_from_every_shape_of_json(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "articles.json"
    path.write_bytes(text.encode(encoding))
    articles, wrong = read(path)
    assert ([article.article_id for article in articles], wrong) == (["a1", "a2"], [])


def test_an_article_as_a_help_centre_exports_it_is_read(tmp_path: Path) -> None:
    exported = {
        "id": 3600123,
        "url": "https://x.example.test/api/v2/help_center/articles/3600123.json",
        "html_url": "https://help.example.test/hc/articles/3600123",
        "name": "Rotate a key",
        "body": "Open Settings.",
        "label_names": ["keys"],
        "draft": False,
        "updated_at": "2026-01-05",
    }
    path = tmp_path / "articles.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"articles": [exported, exported | {"draft": True}]}).encode()))
    articles, wrong = read(path)
    assert articles == [
        KnowledgeArticle(
            article_id="3600123",
            title="Rotate a key",
            body="Open Settings.",
            url="https://help.example.test/hc/articles/3600123",
            tags=("keys",),
            updated_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
    ]
    assert [(row.line, row.reason) for row in wrong] == [(2, "draft: the article is not published")]


def test_a_record_without_a_time_of_change_gets_and_keeps_the_time_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "macros.jsonl"
    path.write_text(json.dumps({"macro_id": 7, "title": "T", "question": "Q?", "body": "B"}))
    (first,), _ = read(path, Macro)
    (again,), _ = read(path, Macro)
    assert (first.macro_id, first) == ("7", again)
    assert first.updated_at == datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def test_accounts_are_read_from_csv_too_and_a_date_is_midnight_in_the_named_zone(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(
        "account_id;name;seats;renewal_on\n7;Müller;25;2026-07-01\n8;B;;01/02/2026\n".encode("cp1252")
    )
    accounts, wrong = read(path, Account, encoding="cp1252", zone=ZoneInfo("Europe/Berlin"))
    assert accounts == [
        Account(account_id="7", name="Müller", seats=25, renewal_on=datetime(2026, 6, 30, 22, tzinfo=UTC)),
        Account(account_id="8", name="B"),
    ]
    assert [(row.line, row.loaded) for row in wrong] == [(3, True)]
    assert wrong[0].reason.startswith("renewal_on: ")


def test_an_account_with_blanks_around_its_id_is_no_second_account(tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_text(json.dumps({"account_id": " acme ", "name": "ACME"}))
    accounts, wrong = read(path, Account)
    assert (accounts, [row.reason for row in wrong]) == (
        [],
        ["account_id: blanks at its beginning or end ( acme )"],
    )


def test_an_ambiguous_time_of_change_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps({**ARTICLE, "updated_at": "01/02/2026"}))
    _, wrong = read(path)
    assert wrong[0].reason.startswith("updated_at: the form of this date is ambiguous")


def test_a_reason_names_the_field_and_never_quotes_its_value(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    bad = [
        {**ARTICLE, "article_id": True},
        {**ARTICLE, "title": ["secret"]},
        {**ARTICLE, "updated_at": "secret"},
    ]
    path.write_text("\n".join(json.dumps(record) for record in [*bad, "secret"]))
    articles, wrong = read(path)
    assert articles == []
    assert [row.reason.partition(":")[0] for row in wrong] == [
        "article_id",
        "title",
        "updated_at",
        "not a JSON object",
    ]
    assert not [row for row in wrong if "secret" in row.reason]


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,name,name\n7,A,B\n")
    with pytest.raises(IngestError, match=r"name more than once \(columns 2 and 3\)"):
        read(path, Account)
