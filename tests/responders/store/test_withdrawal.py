"""Withdrawn knowledge: its chunks and vectors are deleted, and citing drafts get a warning."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session, col, select

from responders.drafting import Drafter, Rules
from responders.generation import Composer
from responders.store.drafts import WITHDRAWN, retire, save_draft
from responders.store.heads import hold
from responders.store.knowledge import SqlKnowledge, save_account, save_sources
from responders.store.withdrawal import (
    hold_sources,
    plan_accounts,
    plan_sources,
    remove_accounts,
    with_withdrawals,
    withdraw_sources,
)
from schemas import Account, Draft, KnowledgeArticle
from schemas.tables import AccountRow, ChunkRow, DraftRow, SourceRow, metadata
from tests.responders.support.desk_samples import citation, draft_of
from tests.responders.support.drafting_samples import (
    ACCOUNT,
    EXPORTS,
    INTERNAL,
    NOW,
    RUNS,
    SOURCES,
    HashingEmbedder,
    OneByOne,
    situation,
    ticket,
)
from tests.responders.support.shared_database import await_lock_wait

QUESTION = "My download link has expired"
ARTICLES = (EXPORTS, RUNS, INTERNAL)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        save_account(session, ACCOUNT, now=NOW)
    yield engine
    engine.dispose()


def drafted(engine: Engine, number: int = 1) -> Draft:
    drafter = OneByOne(Drafter(SqlKnowledge(engine), Composer(), Rules(threshold=0.2)))
    asked = ticket(QUESTION, event_id=f"ev-{number}", ticket_id=f"t-{number}")
    return drafter.draft(asked, situation(), now=NOW)


def cites(source_id: str, number: int) -> Draft:
    """Return draft `number`, which answers its own ticket and cites one chunk of the source."""
    cited = (citation(f"{source_id}#0", "Title", "Quote"),)
    return draft_of(f"t-{number}", f"d-{number}", citations=cited)


def save(engine: Engine, draft: Draft) -> None:
    with Session(engine) as session, session.begin():
        save_draft(session, with_withdrawals(session, draft))


def withdraw(engine: Engine, *source_ids: str) -> tuple[list[str], int]:
    with Session(engine) as session, session.begin():
        return withdraw_sources(session, source_ids, now=NOW)


def warnings_of(engine: Engine, draft_id: str) -> list[str]:
    with Session(engine) as session:
        row = session.get(DraftRow, draft_id)
        assert row is not None
        return list(Draft.model_validate(row.record).warnings)


def stored(engine: Engine) -> tuple[set[str], set[str]]:
    with Session(engine) as session:
        sources = set(session.exec(select(col(SourceRow.source_id))))
        return sources, set(session.exec(select(col(ChunkRow.source_id))))


def test_a_withdrawn_article_is_deleted_with_its_chunks_and_no_new_draft_cites_it(engine: Engine) -> None:
    assert drafted(engine).citations[0].source_id.startswith("article:exports#")
    assert withdraw(engine, "article:exports", "article:nobody") == (["article:exports"], 0)
    sources, chunked = stored(engine)
    assert "article:exports" not in sources | chunked
    assert len(sources) == len(SOURCES) - 1
    cited = [citation.source_id for citation in drafted(engine, 2).citations]
    assert not any(source_id.startswith("article:exports") for source_id in cited)


def test_a_live_draft_that_cites_a_withdrawn_source_is_warned_once(engine: Engine) -> None:
    draft, other = drafted(engine), drafted(engine, 2).model_copy(update={"citations": ()})
    save(engine, draft)
    save(engine, other)
    assert withdraw(engine, "article:exports") == (["article:exports"], 1)
    withdraw(engine, "article:exports")
    (warning,) = [text for text in warnings_of(engine, draft.draft_id) if text.startswith(WITHDRAWN)]
    assert "Export labels: Download link expired" in warning
    assert warnings_of(engine, other.draft_id) == list(other.warnings)


def test_a_draft_with_a_decision_gets_no_warning(engine: Engine) -> None:
    draft = drafted(engine)
    save(engine, draft)
    with Session(engine) as session, session.begin():
        row = session.get(DraftRow, draft.draft_id)
        assert row is not None
        row.state = "sent"
    assert withdraw(engine, "article:exports") == (["article:exports"], 0)
    assert warnings_of(engine, draft.draft_id) == list(draft.warnings)


def test_a_draft_written_during_a_withdrawal_is_saved_with_the_warning(engine: Engine) -> None:
    draft = drafted(engine)
    withdraw(engine, "article:exports")
    save(engine, draft)
    assert warnings_of(engine, draft.draft_id)[0].startswith(WITHDRAWN)


def test_a_withdrawal_waits_for_a_draft_that_is_being_saved_and_adds_its_warning(engine: Engine) -> None:
    draft = drafted(engine)
    found: list[tuple[list[str], int]] = []
    withdrawal = threading.Thread(target=lambda: found.append(withdraw(engine, "article:exports")))
    with Session(engine) as session, session.begin():
        save_draft(session, with_withdrawals(session, draft))
        withdrawal.start()
        withdrawal.join(timeout=0.5)
        assert found == []
    withdrawal.join(timeout=20)
    assert found == [(["article:exports"], 1)]
    assert warnings_of(engine, draft.draft_id)[0].startswith(WITHDRAWN)


def test_a_withdrawal_of_two_sources_waits_for_a_transaction_that_saves_two_drafts(engine: Engine) -> None:
    """Without `hold_sources` the two would each wait for a source that the other holds."""
    citing_last, citing_first = cites("article:runs", 1), cites("article:exports", 2)
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, session.begin():
            assert hold_sources(session, [citing_last, citing_first]) == {"article:exports", "article:runs"}
            save_draft(session, with_withdrawals(session, citing_last))
            withdrawal = pool.submit(withdraw, engine, "article:runs", "article:exports")
            await_lock_wait(engine)
            save_draft(session, with_withdrawals(session, citing_first))
        found, warned = withdrawal.result(timeout=20)
    assert (sorted(found), warned) == (["article:exports", "article:runs"], 2)


def test_a_withdrawal_waits_for_a_batch_that_retires_the_drafts_it_would_warn(engine: Engine) -> None:
    """If the withdrawal locked drafts before tickets, each would wait for a draft that the other holds."""
    for number in (1, 2):
        save(engine, cites("article:exports", number))
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, session.begin():
            hold(session, ["t-1", "t-2"])
            assert retire(session, "t-2", reason="closed", now=NOW) == 1
            withdrawal = pool.submit(withdraw, engine, "article:exports")
            await_lock_wait(engine)
            assert retire(session, "t-1", reason="closed", now=NOW) == 1
        assert withdrawal.result(timeout=20) == (["article:exports"], 0)


def test_nothing_is_withdrawn_without_a_commit(engine: Engine) -> None:
    with Session(engine) as session:
        withdraw_sources(session, ["article:exports"], now=NOW)
        remove_accounts(session, ["acme"])
    assert "article:exports" in stored(engine)[1]


def test_the_plan_of_a_file_names_added_changed_and_removed_sources_of_its_kind(engine: Engine) -> None:
    new = KnowledgeArticle(article_id="new", title="New", body="Words.", updated_at=NOW)
    changed = EXPORTS.model_copy(update={"body": "Other words."})
    with Session(engine) as session:
        plan = plan_sources(session, "article", [new, changed, RUNS, RUNS])
        assert not plan.removes_all
        assert plan == (("new",), ("exports",), ("goodwill",), 1)
        assert plan_sources(session, "article", ARTICLES).kept == len(ARTICLES)
        assert plan_sources(session, "macro", []).removes_all


def test_a_hashed_id_is_named_as_the_operator_wrote_it(engine: Engine) -> None:
    long = KnowledgeArticle(article_id="a" * 190, title="Long", body="Words.", updated_at=NOW)
    with Session(engine) as session:
        save_sources(session, [long], HashingEmbedder(), now=NOW)
        assert plan_sources(session, "article", ARTICLES).removed == ("a" * 190,)


def test_the_removal_of_an_account_deletes_its_record_but_not_its_drafts(engine: Engine) -> None:
    draft = drafted(engine)
    save(engine, draft)
    with Session(engine) as session, session.begin():
        more = Account(account_id="beta", name="Beta")
        assert plan_accounts(session, [more, ACCOUNT]) == (("beta",), (), (), 1)
        assert remove_accounts(session, ["acme", "nobody"]) == ["acme"]
        assert session.get(AccountRow, "acme") is None
        assert session.get(DraftRow, draft.draft_id) is not None


def test_more_sources_can_be_withdrawn_than_a_statement_has_parameters(engine: Engine) -> None:
    many = [f"article:{number}" for number in range(70_000)]
    assert withdraw(engine, *many) == ([], 0)
