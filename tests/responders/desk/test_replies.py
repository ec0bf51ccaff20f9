"""The state of a ticket after its draft is dismissed or sent, after a reply by hand, and after an undo."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from responders.desk import create_desk
from responders.store.desk import TicketView, open_queue, queue_counts, ticket_view
from responders.store.drafts import save_draft, save_ticket_event
from schemas import Ticket
from schemas.tables import DecisionRow, DraftRow, TicketEventRow
from tests.responders.support.desk_client import Browser, Tags, Watched, post
from tests.responders.support.desk_samples import NOW, draft_of, draft_row, event_row, outreach_row, put

OPEN_REASONS = ("wrong", "off_topic", "tone", "other")
CLOSING_REASONS = ("handled", "not_needed")


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(engine: Engine, clock: Clock, watched: Watched) -> Browser:
    return Browser(create_desk(engine, now=clock, observe=watched, decided_by="kim"))


def dismiss(desk: Browser, draft_id: str, reason: str) -> str:
    form = {"token": token(desk), "action": "dismiss", "reason": reason}
    answer = desk.post(f"/drafts/{draft_id}/decision", data=form)
    assert answer.status_code == 303
    return answer.headers["location"]


def token(desk: Browser) -> str:
    desk.get("/tickets")
    return str(desk.cookies["rapport_desk"])


def send(desk: Browser, ticket_id: str, text: str, answers: str = "") -> int:
    return post(desk, f"/tickets/{ticket_id}/reply", text=text, answers=answers or f"{ticket_id}-1")[0]


def waiting(engine: Engine) -> dict[str, str | None]:
    with Session(engine) as session:
        return {row.item_id: row.draft_state for row in open_queue(session)}


def view_of(engine: Engine, ticket_id: str) -> TicketView:
    with Session(engine) as session:
        view = ticket_view(session, ticket_id)
    assert view is not None
    return view


def said(engine: Engine, ticket_id: str) -> list[tuple[str, str]]:
    return [(event.kind, event.body) for event in view_of(engine, ticket_id).events]


def textarea(page: str) -> str | None:
    found = re.search(r"<textarea id=\"reply\"[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return found.group(1) if found else None


@pytest.mark.parametrize("reason", OPEN_REASONS)
def test_after_a_dismissal_for_a_fault_of_the_draft_the_ticket_still_waits(
    engine: Engine, desk: Browser, reason: str
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    page = desk.get(dismiss(desk, "draft-t", reason))
    page = desk.get(page.headers["location"]) if page.status_code == 303 else page
    assert waiting(engine) == {"t": "dismissed"}
    assert textarea(page.text) == ""
    assert "draft ready" not in page.text
    assert "Send as is" not in page.text
    assert reason.replace("_", " ") in desk.get("/tickets").text
    with Session(engine) as session:
        counts = queue_counts(session)
    assert (counts.open, counts.without_draft, counts.abstained) == (1, 0, 1)


@pytest.mark.parametrize("reason", CLOSING_REASONS)
def test_a_dismissal_without_need_of_a_reply_closes_the_ticket_until_the_customer_writes(
    engine: Engine, desk: Browser, reason: str
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    page = desk.get(dismiss(desk, "draft-t", reason)).text
    assert waiting(engine) == {}
    assert "Undo" in page
    shown = desk.get("/tickets/t").text
    assert "no reply needed" in shown
    assert textarea(shown) is None
    put(engine, event_row("t", "t-2", minutes_ago=1))
    assert waiting(engine) == {"t": None}


def test_a_ticket_whose_draft_was_dismissed_can_still_be_closed_without_a_reply(
    engine: Engine, desk: Browser
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    dismiss(desk, "draft-t", "tone")
    assert "Close without a reply" in desk.get("/tickets/t").text
    dismiss(desk, "draft-t", "handled")
    assert waiting(engine) == {}
    form = {"token": token(desk), "action": "dismiss", "reason": "tone"}
    assert desk.post("/drafts/draft-t/decision", data=form).status_code == 409


def test_a_reply_sent_from_a_draft_is_in_the_conversation_and_ends_the_wait(
    engine: Engine, desk: Browser
) -> None:
    put(engine, *(event_row(t) for t in "ab"), *(draft_row(draft_of(t)) for t in "ab"))
    assert post(desk, "/drafts/draft-a/decision", action="send", text=draft_of("a").body)[0] == 303
    assert post(desk, "/drafts/draft-b/decision", action="send", text="Mine")[0] == 303
    assert waiting(engine) == {}
    assert said(engine, "a")[1] == ("human_reply", draft_of("a").body)
    assert said(engine, "b")[1] == ("human_reply", "Mine")
    for ticket_id in "ab":
        page = desk.get(f"/tickets/{ticket_id}").text
        assert "draft ready" not in page
        assert textarea(page) is None
        assert "answered" in page
    put(engine, event_row("a", "a-2", minutes_ago=-1))
    assert waiting(engine) == {"a": None}


@pytest.mark.parametrize("state", ["none", "dismissed", "stale", "abstained"])
def test_every_ticket_that_waits_has_an_empty_reply_box(engine: Engine, desk: Browser, state: str) -> None:
    put(engine, event_row("t"))
    if state == "abstained":
        put(engine, draft_row(draft_of("t", state="abstained", body="", abstained="no_support")))
    elif state != "none":
        put(engine, draft_row(draft_of("t"), state=state))
    page = desk.get("/tickets/t").text
    assert textarea(page) == ""
    if state == "abstained":
        assert post(desk, "/drafts/draft-t/decision", action="send", text="My words")[0] == 303
    else:
        assert send(desk, "t", "My words") == 303
    assert said(engine, "t")[-1] == ("human_reply", "My words")
    assert waiting(engine) == {}


@pytest.mark.parametrize("kind", ["customer_message", "human_reply", "merged", "closed"])
def test_a_reply_to_an_older_state_of_the_ticket_is_refused_and_given_back(
    engine: Engine, desk: Browser, kind: str
) -> None:
    put(engine, event_row("t"), event_row("t", "t-2", minutes_ago=1, kind=kind))
    status, page = post(desk, "/tickets/t/reply", text="My words", answers="t-1")
    assert (status, "My words" in page) == (409, True)
    assert len(said(engine, "t")) == 2
    assert send(desk, "unknown", "x") == 404
    assert post(desk, "/tickets/t/reply", text=" ", answers="t-2")[0] == 422


def test_a_reply_by_hand_makes_a_later_draft_stale_and_the_undo_makes_it_ready_again(
    engine: Engine, desk: Browser
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    assert send(desk, "t", "My words") == 303
    view = view_of(engine, "t")
    assert view.draft is not None
    assert (view.draft.state, view.standing) == ("stale", "answered")
    assert post(desk, "/tickets/t/undo")[0] == 303
    assert waiting(engine) == {"t": "ready"}
    assert len(said(engine, "t")) == 1


@pytest.mark.parametrize("text", [draft_of("t").body, "Mine", None], ids=["sent", "edited", "dismissed"])
def test_an_undo_leaves_everything_as_it_was(
    engine: Engine, desk: Browser, watched: Watched, text: str | None
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    before = desk.get("/tickets/t").text
    if text is None:
        dismiss(desk, "draft-t", "tone")
    else:
        post(desk, "/drafts/draft-t/decision", action="send", text=text)
    after = desk.get("/tickets/t").text
    assert "data-undo" in after
    assert post(desk, "/drafts/draft-t/undo")[0] == 303
    assert desk.get("/tickets/t").text == before
    assert waiting(engine) == {"t": "ready"}
    assert watched.decisions[-1] == "undone"
    with Session(engine) as session:
        assert session.exec(select(DecisionRow)).all() == []
    assert post(desk, "/drafts/draft-t/undo")[0] == 409
    assert post(desk, "/drafts/draft-t/decision", action="send", text="Again")[0] == 303


def test_a_reply_is_undone_within_a_minute_only_and_a_dismissal_until_the_ticket_moves_on(
    engine: Engine, desk: Browser, clock: Clock
) -> None:
    put(engine, *(event_row(t) for t in "abc"), *(draft_row(draft_of(t)) for t in "ab"))
    put(engine, outreach_row())
    post(desk, "/drafts/draft-a/decision", action="send", text="Mine")
    dismiss(desk, "draft-b", "tone")
    send(desk, "c", "Mine")
    post(desk, "/drafts/outreach-1/decision", action="send", text="Mine")
    assert "data-undo" in desk.get("/tickets?notice=edited&undo=drafts/outreach-1").text
    clock.now = NOW + timedelta(seconds=61)
    late = ("/drafts/draft-a/undo", "/tickets/c/undo", "/drafts/outreach-1/undo")
    for path in late:
        status, page = post(desk, path)
        assert (status, "60 seconds" in page) == (409, True), path
        assert "data-undo" not in desk.get(f"/tickets?notice=edited&undo={path[1:-5]}").text
    assert all("data-undo" not in desk.get(f"/tickets/{t}").text for t in "ac")
    assert post(desk, "/drafts/draft-b/undo")[0] == 303
    dismiss(desk, "draft-b", "tone")
    put(engine, event_row("b", "b-2", minutes_ago=-2))
    assert post(desk, "/drafts/draft-b/undo")[0] == 409


def test_a_reply_that_the_help_desk_echoed_is_neither_doubled_nor_undone(
    engine: Engine, desk: Browser
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    post(desk, "/drafts/draft-t/decision", action="send", text="Mine")
    with Session(engine) as session, session.begin():
        wanted = select(TicketEventRow).where(col(TicketEventRow.kind) == "human_reply")
        ours = Ticket.model_validate(session.exec(wanted).one().record)
        echo = ours.model_copy(update={"occurred_at": NOW + timedelta(seconds=3)})
        save_ticket_event(session, echo)
    assert [kind for kind, _ in said(engine, "t")] == ["customer_message", "human_reply"]
    assert post(desk, "/drafts/draft-t/undo")[0] == 409
    assert waiting(engine) == {}


def test_a_draft_after_the_reply_is_stale_and_does_not_reopen_the_ticket(
    engine: Engine, desk: Browser
) -> None:
    put(engine, event_row("t"))
    send(desk, "t", "Mine")
    with Session(engine) as session, session.begin():
        assert not save_draft(session, draft_of("t"))
    assert waiting(engine) == {}


def test_a_reply_by_hand_tells_whether_it_retired_a_draft_that_came_meanwhile(
    engine: Engine, desk: Browser, watched: Watched
) -> None:
    put(engine, event_row("t"), event_row("u"))
    with Session(engine) as session, session.begin():
        assert save_draft(session, draft_of("t"))
    assert send(desk, "t", "Mine") == send(desk, "u", "Mine too") == 303
    assert watched.retirements == [1, 0]


def test_a_reply_comes_after_a_message_of_a_sender_whose_clock_is_ahead(
    engine: Engine, desk: Browser
) -> None:
    latest = datetime.max.replace(tzinfo=NOW.tzinfo)
    put(engine, event_row("t", minutes_ago=-4), event_row("end", occurred_at=latest))
    assert send(desk, "t", "Mine") == send(desk, "end", "Mine") == 303
    assert [kind for kind, _ in said(engine, "t")] == ["customer_message", "human_reply"]
    assert "t" not in waiting(engine)


def test_a_second_person_learns_from_the_open_page_that_the_ticket_is_done(
    engine: Engine, desk: Browser
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    page = desk.get("/tickets/t").text
    live = next(str(a["data-live"]) for _, a in Tags(page).seen if a.get("id") == "status")
    assert 'data-sendable="yes"' in desk.get(live).text
    post(desk, "/drafts/draft-t/decision", action="send", text="Mine")
    fragment = desk.get(live).text
    for words in ('data-sendable=""', "pill-answered", "by kim", "Reload the ticket"):
        assert words in fragment
    post(desk, "/drafts/draft-t/undo")
    assert 'data-sendable="yes"' in desk.get(live).text
    dismiss(desk, "draft-t", "tone")
    assert 'data-sendable=""' in desk.get(live).text


def test_two_people_who_answer_and_dismiss_at_once_leave_one_outcome(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    assert send(desk, "t", "Mine") == 303
    form = {"token": token(desk), "action": "send", "text": "Another"}
    assert desk.post("/drafts/draft-t/decision", data=form).status_code == 409
    assert send(desk, "t", "Twice") == 409
    with Session(engine) as session:
        assert session.exec(select(DraftRow.state)).all() == ["stale"]
    assert len(said(engine, "t")) == 2
