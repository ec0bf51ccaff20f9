"""The knowledge of the sample company: articles, macros and solved tickets, dated back from `end`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from streams.demo.texts import ArticleText, article_texts, macro_texts, solved_texts

HELP = "https://help.tessera.example"
INTERNAL = "internal"


def articles(end: datetime) -> tuple[KnowledgeArticle, ...]:
    """Return the help articles, sorted by section; articles of the section `internal` are not public."""
    return tuple(_article(text, end) for text in article_texts())


def _article(text: ArticleText, end: datetime) -> KnowledgeArticle:
    public = text.section != INTERNAL
    return KnowledgeArticle(
        article_id=text.slug,
        title=text.title,
        body=text.body,
        url=f"{HELP}/{text.section}/{text.slug}" if public else None,
        tags=text.tags,
        public=public,
        updated_at=end - timedelta(days=text.updated_days_ago),
    )


def macros(end: datetime) -> tuple[Macro, ...]:
    """Return the macros in file order."""
    return tuple(
        Macro(
            macro_id=text.macro_id,
            title=text.title,
            question=text.question,
            body=text.body.strip(),
            tags=text.tags,
            updated_at=end - timedelta(days=text.updated_days_ago),
        )
        for text in macro_texts()
    )


def solved(end: datetime, accounts: Sequence[Account]) -> tuple[SolvedTicket, ...]:
    """Return the solved tickets, oldest first; the accounts take turns."""
    texts = sorted(solved_texts(), key=lambda text: -text.days_ago)
    return tuple(
        SolvedTicket(
            ticket_id=f"TES-{10_000 + 37 * number}",
            account_id=accounts[(number * 29) % len(accounts)].account_id,
            question=text.question,
            answer=text.answer,
            tags=text.tags,
            solved_at=end - timedelta(days=text.days_ago, hours=number % 7),
        )
        for number, text in enumerate(texts)
    )
