"""The sample company: large enough, seeded, and its planted stories are visible in the numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tickets import Ticket
from schemas.usage import UsageEvent
from streams.demo.accounts import AFTERMATH, HISTORY, UTC_OFFSET_HOURS, accounts, plant
from streams.demo.company import company, recorded
from streams.demo.model import RECORDED, Company
from streams.demo.texts import (
    MACRO_SLOTS,
    TICKET_SLOTS,
    slots_of,
    ticket_texts,
)
from streams.demo.tickets import planned_tickets, tickets
from streams.demo.usage import usage_events

SEED = 7
END = datetime(2026, 11, 16, tzinfo=UTC)
RECORDINGS = ((SEED, END), (3, datetime(2026, 11, 19, 17, 25, tzinfo=UTC)))
HOSTS = {"help.tessera.example", "status.tessera.example", "app.tessera.example", "api.tessera.example"}
URL = re.compile(r"https://[^\s)\"`>]+")
KINDS = {
    "task.labelled",
    "task.reviewed",
    "training.started",
    "training.failed",
    "export.created",
    "api.call",
    "user.login",
}
ENDS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture(scope="module")
def sample() -> Company:
    return company(SEED, end=END)


@pytest.fixture(scope="module")
def usage(sample: Company) -> list[UsageEvent]:
    return list(usage_events(sample, SEED))


def quantity(events: Iterable[UsageEvent], wanted: Callable[[UsageEvent], bool]) -> float:
    return sum(event.quantity for event in events if wanted(event))


def per_weekday(events: Iterable[UsageEvent], kinds: set[str], *, since: datetime, until: datetime) -> float:
    """Return the mean quantity of the kinds per weekday (Monday to Friday) of [since, until)."""
    hours = int((until - since) / timedelta(hours=1))
    weekdays = sum((since + timedelta(hours=hour)).weekday() < 5 for hour in range(hours)) / 24
    return (
        quantity(events, lambda event: event.kind in kinds and since <= event.occurred_at < until) / weekdays
    )


def test_the_company_is_as_large_as_promised(sample: Company, usage: list[UsageEvent]) -> None:
    messages = [event for event in tickets(sample, SEED) if event.kind == "customer_message"]
    assert len(sample.accounts) >= 200
    assert len([article for article in sample.articles if article.public]) >= 30
    assert len(sample.macros) >= 20
    assert len(sample.solved) >= 60
    assert len(messages) >= 340
    assert 60_000 <= len(usage) <= 120_000
    assert {event.kind for event in usage} == KINDS


def test_accounts_are_complete_and_differ_in_size(sample: Company) -> None:
    assert {account.plan for account in sample.accounts} == {"Starter", "Team", "Business", "Enterprise"}
    assert {account.region for account in sample.accounts} == set(UTC_OFFSET_HOURS)
    assert len({account.owner for account in sample.accounts}) == 6
    assert len({account.name for account in sample.accounts}) == len(sample.accounts)
    assert all(account.renewal_on is None or account.renewal_on > END for account in sample.accounts)
    assert all((account.annual_revenue or 0) > 0 and (account.seats or 0) >= 3 for account in sample.accounts)


def test_the_same_seed_gives_the_same_recording_and_another_seed_another(sample: Company) -> None:
    again = company(SEED, end=END)
    assert again == sample
    assert tickets(again, SEED) == tickets(sample, SEED)
    assert company(SEED + 1, end=END).accounts != sample.accounts


def test_usage_of_the_same_seed_is_identical(sample: Company, usage: list[UsageEvent]) -> None:
    assert list(usage_events(sample, SEED)) == usage


def test_a_naive_end_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        company(SEED, end=datetime(2026, 11, 16))  # noqa: DTZ001


def test_no_id_is_used_twice(sample: Company, usage: list[UsageEvent]) -> None:
    events = tickets(sample, SEED)
    assert len({event.event_id for event in events}) == len(events)
    assert len({event.event_id for event in usage}) == len(usage)
    known = [a.article_id for a in sample.articles] + [m.macro_id for m in sample.macros]
    known += [s.ticket_id for s in sample.solved] + sorted({event.ticket_id for event in events})
    assert len(set(known)) == len(known)


def test_the_recording_is_played_in_order_and_every_value_is_valid(sample: Company) -> None:
    played = list(recorded(sample, SEED, tickets_topic="said", usage_topic="done"))
    times = [moment for _, _, _, moment in played]
    assert times == sorted(times)
    assert times[-1] < sample.end
    decoder = msgspec.json.Decoder(UsageEvent)
    for topic, key, value, moment in played:
        record = decoder.decode(value) if topic == "done" else Ticket.model_validate_json(value)
        assert (record.account_id, record.occurred_at) == (key, moment)
    assert {topic for topic, *_ in played} == {"said", "done"}


def test_usage_stays_within_the_two_weeks_and_a_failure_is_marked(
    sample: Company, usage: list[UsageEvent]
) -> None:
    assert all(sample.start <= event.occurred_at < sample.end for event in usage)
    assert sample.end - sample.start == RECORDED
    assert all(event.failed == (event.kind == "training.failed") and event.quantity >= 1 for event in usage)


def test_articles_are_long_enough_structured_and_public_unless_internal(sample: Company) -> None:
    for article in sample.articles:
        assert 150 <= len(article.body.split()) <= 400, article.article_id
        assert "## " in article.body, article.article_id
        assert article.updated_at < END
        assert article.public == (article.url is not None)
    assert sum(not article.public for article in sample.articles) == 2


def test_every_link_leads_to_a_host_of_the_company_and_to_an_article_that_exists(sample: Company) -> None:
    known = {article.url for article in sample.articles if article.url}
    texts = [article.body for article in sample.articles] + [macro.body for macro in sample.macros]
    links = [link.rstrip(".,") for text in texts for link in URL.findall(text)]
    assert len(links) >= 20
    for link in (*links, *known):
        assert link.split("/")[2] in HOSTS, link
        assert not link.startswith("https://help.") or link in known, link


def test_macros_use_known_slots_only_and_ask_in_the_words_of_a_customer(sample: Company) -> None:
    used = {slot for macro in sample.macros for slot in slots_of(macro.body)}
    assert used == MACRO_SLOTS
    assert all("{" not in macro.question and len(macro.question.split()) >= 6 for macro in sample.macros)


def test_solved_tickets_are_of_many_accounts_and_in_the_past(sample: Company) -> None:
    assert len({ticket.account_id for ticket in sample.solved}) >= 50
    assert all(ticket.solved_at < END for ticket in sample.solved)


def test_at_least_120_ticket_bodies_are_written_by_hand_and_messages_do_not_repeat(sample: Company) -> None:
    assert len({text.body for text in ticket_texts()}) >= 120
    firsts = Counter(planned.events[0].body for planned in planned_tickets(sample, SEED))
    assert firsts.total() - len(firsts) <= 3


def test_tickets_cover_all_moods_channels_topics_and_kinds(sample: Company) -> None:
    planned = planned_tickets(sample, SEED)
    moods = Counter(ticket.mood for ticket in planned)
    assert min(moods["angry"], moods["worried"], moods["neutral"]) >= 50
    assert moods["thankful"] >= 15
    channels = Counter(ticket.events[0].channel for ticket in planned)
    assert min(channels[name] for name in ("email", "web", "chat", "forum")) >= 25
    assert {"label_quality", "training", "exports", "billing", "access"} <= {t.topic for t in planned}
    assert {event.kind for t in planned for event in t.events} >= {
        "customer_message",
        "human_reply",
        "closed",
    }


def test_some_tickets_are_foreign_injected_personal_very_long_or_threads(sample: Company) -> None:
    planned = planned_tickets(sample, SEED)
    foreign = sum(ticket.why == "language" for ticket in planned)
    assert 0.02 <= foreign / len(planned) <= 0.04
    assert sum(ticket.topic == "injection" for ticket in planned) >= 3
    assert sum(ticket.topic == "pii" for ticket in planned) >= 4
    assert sum(len(ticket.events[0].body) > 10_000 for ticket in planned) >= 2
    assert sum(len([e for e in t.events if e.kind == "customer_message"]) > 1 for t in planned) >= 12


def test_no_slot_is_left_open_in_a_message(sample: Company) -> None:
    for event in tickets(sample, SEED):
        assert not slots_of(event.body + event.subject) & TICKET_SLOTS, event.event_id


def test_most_tickets_can_be_answered_and_their_sources_exist(sample: Company) -> None:
    planned = planned_tickets(sample, SEED)
    sources = {article.article_id for article in sample.articles if article.public}
    sources |= {macro.macro_id for macro in sample.macros}
    assert {ticket.source_id for ticket in planned if ticket.source_id} <= sources
    assert sample.answerable == {ticket.ticket_id for ticket in planned if ticket.source_id}
    assert 0.65 <= len(sample.answerable) / len(planned) <= 0.9
    assert all((ticket.source_id is None) == (ticket.why is not None) for ticket in planned)


def test_events_of_a_ticket_are_in_order_and_of_one_account(sample: Company) -> None:
    for planned in planned_tickets(sample, SEED):
        times = [event.occurred_at for event in planned.events]
        assert times == sorted(times)
        assert {event.ticket_id for event in planned.events} == {planned.ticket_id}
        assert len({event.account_id for event in planned.events}) == 1
        assert planned.events[0].kind == "customer_message"


def test_the_mood_slide_goes_from_thankful_and_calm_to_angry_over_four_weeks(sample: Company) -> None:
    account_id = sample.planted.mood_slide.account_id
    slide = [t for t in planned_tickets(sample, SEED) if t.events[0].account_id == account_id]
    moods = [ticket.mood for ticket in slide]
    assert set(moods[:5]) == {"thankful", "neutral"}
    assert moods[-5:] == ["angry"] * 5
    assert len(slide) >= 8
    assert slide[0].events[0].occurred_at < END - timedelta(days=26)
    assert len({ticket.events[0].requester_name for ticket in slide}) == 1


def test_no_other_account_is_upset_more_than_twice(sample: Company) -> None:
    upset: Counter[str] = Counter()
    for ticket in planned_tickets(sample, SEED):
        upset[ticket.events[0].account_id] += ticket.mood in ("angry", "worried")
    for account_id in sample.planted.account_ids():
        del upset[account_id]
    assert max(upset.values()) <= 2


@given(seed=st.integers(0, 10_000), end=ENDS)
@settings(max_examples=25, deadline=None)
def test_planted_times_leave_history_and_aftermath_for_any_end(seed: int, end: datetime) -> None:
    until = end.replace(minute=0, second=0, microsecond=0)
    start = until - RECORDED
    customers = accounts(seed, end=until)
    planted = plant(seed, customers, start=start, end=until)
    moments = [planted.drop.at, planted.silence.at, planted.error_surge.at, planted.outage.started_at]
    assert all(start + HISTORY <= moment and moment.weekday() < 5 for moment in moments)
    assert all(moment <= until - AFTERMATH for moment in (*moments[:3], planted.outage.ended_at))
    assert len(planted.account_ids()) == 4
    assert not planted.account_ids() & set(planted.outage.account_ids)
    assert len(planted.outage.account_ids) >= 0.4 * len(customers)


@pytest.mark.parametrize(("seed", "end"), RECORDINGS)
def test_the_planted_stories_are_visible_in_the_numbers(seed: int, end: datetime) -> None:
    made = company(seed, end=end)
    planted = made.planted
    by_account: defaultdict[str, list[UsageEvent]] = defaultdict(list)
    for event in usage_events(made, seed):
        by_account[event.account_id].append(event)

    drop = by_account[planted.drop.account_id]
    labelled = {"task.labelled", "task.reviewed"}
    before = per_weekday(drop, labelled, since=made.start, until=planted.drop.at)
    after = per_weekday(drop, labelled, since=planted.drop.at, until=made.end)
    assert after < 0.25 * before

    silent = by_account[planted.silence.account_id]
    assert max(event.occurred_at for event in silent) < planted.silence.at

    surge = by_account[planted.error_surge.account_id]
    assert failed_share(surge, made.start, planted.error_surge.at) < 0.12
    assert failed_share(surge, planted.error_surge.at, made.end) > 0.6
    assert quantity(surge, lambda e: e.failed and e.occurred_at >= planted.error_surge.at) >= 20


def failed_share(events: Iterable[UsageEvent], since: datetime, until: datetime) -> float:
    inside = [event for event in events if since <= event.occurred_at < until]
    started = quantity(inside, lambda event: event.kind == "training.started")
    return quantity(inside, lambda event: event.failed) / started


def test_the_outage_is_visible_in_its_accounts_and_nowhere_else(
    sample: Company, usage: list[UsageEvent]
) -> None:
    outage = sample.planted.outage
    hit = set(outage.account_ids)
    week = timedelta(days=7)

    def level(inside: bool, kinds: set[str]) -> float:
        def during(event: UsageEvent, shift: timedelta) -> bool:
            mine = (event.account_id in hit) == inside and event.kind in kinds
            return mine and outage.started_at <= event.occurred_at + shift < outage.ended_at

        return quantity(usage, lambda e: during(e, timedelta())) / quantity(usage, lambda e: during(e, week))

    assert level(True, {"task.labelled", "api.call"}) < 0.15
    assert level(True, {"training.failed"}) > 5
    assert level(False, {"task.labelled", "api.call"}) > 0.7


def test_days_and_weeks_have_seasons(sample: Company, usage: list[UsageEvent]) -> None:
    apart = sample.planted.account_ids() | set(sample.planted.outage.account_ids)
    offsets = {a.account_id: timedelta(hours=UTC_OFFSET_HOURS[a.region or ""]) for a in sample.accounts}
    by_hour: Counter[int] = Counter()
    by_weekday: Counter[int] = Counter()
    for event in usage:
        if event.kind == "task.labelled" and event.account_id not in apart:
            local = event.occurred_at + offsets[event.account_id]
            by_hour[local.hour] += int(event.quantity)
            by_weekday[local.weekday()] += int(event.quantity)
    assert by_hour[10] > 10 * by_hour[3]
    assert by_hour[10] > by_hour[12]
    assert min(by_weekday[day] for day in range(5)) > 3 * max(by_weekday[5], by_weekday[6])


def test_a_healthy_account_of_no_outage_has_a_second_week_like_the_first(
    sample: Company, usage: list[UsageEvent]
) -> None:
    apart = sample.planted.account_ids() | set(sample.planted.outage.account_ids)
    middle = sample.start + timedelta(days=7)
    halves: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for event in usage:
        if event.kind == "task.labelled" and event.account_id not in apart:
            halves[event.account_id][event.occurred_at >= middle] += event.quantity
    assert all(0.75 < second / first < 1.33 for first, second in halves.values())


@pytest.mark.parametrize("seed", range(6))
def test_every_seed_finds_accounts_for_its_tickets(seed: int) -> None:
    assert len(planned_tickets(company(seed, end=END), seed)) >= 340
