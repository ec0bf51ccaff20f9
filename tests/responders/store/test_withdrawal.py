"""Withdrawn knowledge: its chunks and vectors are deleted, and citing drafts are retired."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session, col, select

from responders.chunks import KnowledgeSource, source_id_of
from responders.drafting import Drafter, Rules
from responders.generation import Composer
from responders.store.drafts import retire, save_draft
from responders.store.heads import hold
from responders.store.knowledge import SqlKnowledge, save_account, save_sources
from responders.store.outdated import hold_sources, retire_outdated, retired
from responders.store.withdrawal import plan_accounts, plan_sources, remove_accounts, withdraw_sources
from schemas import Account, Citation, Draft, KnowledgeArticle, SolvedTicket
from schemas.redrafts import Redraft
from schemas.tables import AccountRow, ChunkRow, DraftRow, SourceRow, metadata
from tests.responders.support.desk_samples import citation, draft_of
from tests.responders.support.drafting_samples import (
    ACCOUNT,
    EXPORTS,
    HOST,
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


def save(engine: Engine, draft: Draft) -> Redraft | None:
    with Session(engine) as session, session.begin():
        hold_sources(session, [draft])
        save_draft(session, draft)
        return retired(session, draft, attempt=1, now=NOW)


def withdraw(engine: Engine, *source_ids: str) -> tuple[list[str], list[str]]:
    """Return the deleted sources, and the drafts that must be written again."""
    with Session(engine) as session, session.begin():
        found, redrafts = withdraw_sources(session, source_ids, now=NOW)
    return found, [redraft.draft_id for redraft in redrafts]


def change(engine: Engine, source: KnowledgeSource) -> list[Redraft]:
    with Session(engine) as session, session.begin():
        save_sources(session, [source], HashingEmbedder(), now=NOW)
        return retire_outdated(session, [source_id_of(source)], now=NOW)


def standing(engine: Engine, draft_id: str) -> tuple[str, str | None]:
    with Session(engine) as session:
        row = session.get_one(DraftRow, draft_id)
        return row.state, row.stale_reason


def stored(engine: Engine) -> tuple[set[str], set[str]]:
    with Session(engine) as session:
        sources = set(session.exec(select(col(SourceRow.source_id))))
        return sources, set(session.exec(select(col(ChunkRow.source_id))))


def test_a_withdrawn_article_is_deleted_with_its_chunks_and_no_new_draft_cites_it(engine: Engine) -> None:
    assert drafted(engine).citations[0].source_id.startswith("article:exports#")
    assert withdraw(engine, "article:exports", "article:nobody") == (["article:exports"], [])
    sources, chunked = stored(engine)
    assert "article:exports" not in sources | chunked
    assert len(sources) == len(SOURCES) - 1
    cited = [citation.source_id for citation in drafted(engine, 2).citations]
    assert not any(source_id.startswith("article:exports") for source_id in cited)


def test_a_live_draft_that_cites_a_withdrawn_source_is_retired_once(engine: Engine) -> None:
    draft, other = drafted(engine), drafted(engine, 2).model_copy(update={"citations": ()})
    save(engine, draft)
    save(engine, other)
    assert withdraw(engine, "article:exports") == (["article:exports"], [draft.draft_id])
    assert withdraw(engine, "article:exports") == ([], [])
    assert standing(engine, draft.draft_id) == ("stale", "source withdrawn")
    assert standing(engine, other.draft_id) == ("ready", None)


def test_a_draft_with_a_decision_is_not_retired(engine: Engine) -> None:
    draft = drafted(engine)
    save(engine, draft)
    with Session(engine) as session, session.begin():
        session.get_one(DraftRow, draft.draft_id).state = "sent"
    assert withdraw(engine, "article:exports") == (["article:exports"], [])
    assert standing(engine, draft.draft_id) == ("sent", None)


def test_a_draft_whose_quote_left_its_source_is_retired_and_its_redraft_names_the_article(
    engine: Engine,
) -> None:
    draft = drafted(engine)
    save(engine, draft)
    shorter = EXPORTS.body.replace("kept for 30 days", "kept for 7 days")
    (redraft,) = change(engine, EXPORTS.model_copy(update={"body": shorter}))
    assert standing(engine, draft.draft_id) == ("stale", "source changed")
    told = (redraft.draft_id, redraft.based_on, redraft.ticket_id, redraft.account_id, redraft.attempt)
    assert told == (draft.draft_id, draft.based_on, draft.ticket_id, draft.account_id, 1)
    assert (redraft.reason, redraft.title) == ("source_changed", "Export labels: Download link expired")


@pytest.mark.parametrize(
    "changes",
    [{"body": EXPORTS.body.replace("COCO", "YOLO")}, {"updated_at": NOW}, {"tags": ("x",)}],
    ids=["another section", "time", "tags"],
)
def test_a_change_that_leaves_the_quote_in_its_source_retires_nothing(
    engine: Engine, changes: dict[str, object]
) -> None:
    draft = drafted(engine)
    save(engine, draft)
    assert change(engine, EXPORTS.model_copy(update=changes)) == []
    assert standing(engine, draft.draft_id) == ("ready", None)


@pytest.mark.parametrize("changes", [{"public": False}, {"url": f"https://{HOST}/moved"}, {"body": ""}])
def test_a_source_that_became_internal_moved_or_empty_retires_its_drafts(
    engine: Engine, changes: dict[str, object]
) -> None:
    draft = drafted(engine)
    save(engine, draft)
    (redraft,) = change(engine, EXPORTS.model_copy(update=changes))
    assert redraft.reason == "source_changed"


def test_a_solved_ticket_stands_while_it_is_the_same_or_has_every_quoted_sentence(engine: Engine) -> None:
    solved = SolvedTicket(
        ticket_id="s",
        account_id="beta",
        question="Lost?",
        answer="open the list of runs. then start it again.",
        solved_at=NOW,
    )
    change(engine, solved)
    cited = {
        "source_id": "solved_ticket:s#0",
        "source_kind": "solved_ticket",
        "title": "S",
        "updated_at": NOW,
    }
    reworded = draft_of(
        "t-1", "d-1", citations=(Citation.model_validate({**cited, "quote": "Please restart."}),)
    )
    quoting = draft_of(
        "t-2", "d-2", citations=(Citation.model_validate({**cited, "quote": "then start it again."}),)
    )
    assert (save(engine, reworded), save(engine, quoting)) == (None, None)
    later = {"answer": "wait an hour. then start it again.", "solved_at": NOW + timedelta(days=1)}
    assert [redraft.draft_id for redraft in change(engine, solved.model_copy(update=later))] == ["d-1"]


def test_a_draft_written_during_a_withdrawal_is_retired_when_it_is_saved(engine: Engine) -> None:
    draft = drafted(engine)
    withdraw(engine, "article:exports")
    redraft = save(engine, draft)
    assert redraft is not None
    assert redraft.reason == "source_withdrawn"
    assert standing(engine, draft.draft_id) == ("stale", "source withdrawn")


def test_a_withdrawal_waits_for_a_draft_that_is_being_saved_and_retires_it(engine: Engine) -> None:
    draft = drafted(engine)
    found: list[tuple[list[str], list[str]]] = []
    withdrawal = threading.Thread(target=lambda: found.append(withdraw(engine, "article:exports")))
    with Session(engine) as session, session.begin():
        hold_sources(session, [draft])
        save_draft(session, draft)
        assert retired(session, draft, attempt=1, now=NOW) is None
        withdrawal.start()
        withdrawal.join(timeout=0.5)
        assert found == []
    withdrawal.join(timeout=20)
    assert found == [(["article:exports"], [draft.draft_id])]


def test_a_change_waits_for_a_draft_that_is_being_saved_and_retires_it(engine: Engine) -> None:
    draft = drafted(engine)
    changed = EXPORTS.model_copy(update={"body": "Other words."})
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, session.begin():
            hold_sources(session, [draft])
            save_draft(session, draft)
            change_of_source = pool.submit(change, engine, changed)
            await_lock_wait(engine)
            assert retired(session, draft, attempt=1, now=NOW) is None
        assert [redraft.draft_id for redraft in change_of_source.result(timeout=20)] == [draft.draft_id]


def test_a_withdrawal_of_two_sources_waits_for_a_transaction_that_saves_two_drafts(engine: Engine) -> None:
    """Without `hold_sources` the two would each wait for a source that the other holds."""
    citing_last, citing_first = cites("article:runs", 1), cites("article:exports", 2)
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, session.begin():
            assert hold_sources(session, [citing_last, citing_first]) == {"article:exports", "article:runs"}
            save_draft(session, citing_last)
            withdrawal = pool.submit(withdraw, engine, "article:runs", "article:exports")
            await_lock_wait(engine)
            save_draft(session, citing_first)
        found, again = withdrawal.result(timeout=20)
    assert (sorted(found), again) == (["article:exports", "article:runs"], ["d-1", "d-2"])


def test_a_withdrawal_waits_for_a_batch_that_retires_the_same_drafts(engine: Engine) -> None:
    """If the withdrawal locked drafts before tickets, each would wait for a draft that the other holds."""
    with Session(engine) as session, session.begin():
        for number in (1, 2):
            save_draft(session, cites("article:exports", number))
    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, session.begin():
            hold(session, ["t-1", "t-2"])
            assert retire(session, "t-2", reason="closed", now=NOW) == 1
            withdrawal = pool.submit(withdraw, engine, "article:exports")
            await_lock_wait(engine)
            assert retire(session, "t-1", reason="closed", now=NOW) == 1
        assert withdrawal.result(timeout=20) == (["article:exports"], [])


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
    assert withdraw(engine, *many) == ([], [])
