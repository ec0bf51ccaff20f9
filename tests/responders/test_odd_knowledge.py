"""Any admitted knowledge is indexed, and the drafts from it can be stored."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from responders.chunks import chunks_of
from responders.door import Refused, admit
from responders.drafting import Drafter, Rules
from responders.generation import Composer
from responders.markup import has_tags
from responders.retrieval import ArticleIndex
from schemas import Account, Draft, KnowledgeArticle, Macro, SolvedTicket
from tests.responders.support.drafting_samples import (
    ACCOUNT,
    NOW,
    SURGE,
    HashingEmbedder,
    OneByOne,
    situation,
    ticket,
)

QUESTION = "How do I export labels?"
RULES = Rules(threshold=0.0)
TITLES = st.sampled_from(
    ["Export labels", ":", "::::", "**", "<b>Export</b>", "{plan}", "🦓", "x" * 300, "# ##"]
)
BODIES = st.sampled_from(
    [
        "Export labels as CSV.",
        "Export labels {plan} " * 900,
        "word " * 4_000,
        "x" * 19_000,
        "```sh\nexport labels\n",
        "| Export | labels |\n|---|---|\n" + "| a | b |\n" * 500,
        "1. Export\n\n2. labels\n\n   - nested\n\n3. {owner}:",
        "<ol><li><p>Export</p><pre>labels</pre></li><li>See evil.com/x</li></ol>",
        "- **" + "a" * 200 + "** labels\n- **b:** export\n",
        "# Export\n" + "## " + "labels " * 2_000 + "\ntext",
        "{" * 5_000,
        "Export labels at 1e999 % on May 32, \u0663\u0664 \u00b2, -5 seats.",
        "\u200b\u202eExport labels\x00",
        "[labels](javascript:alert(1)) ![x](data:x) <https://export.example>",
    ]
)
TAGS = st.lists(st.sampled_from(["a", "x" * 300, "<b>", "🦓"]), max_size=3)
TIMES = st.sampled_from(["1970-01-02T00:00:00Z", "2026-01-05T09:00:00+14:00", "2199-12-31T23:59:59Z"])
URLS = st.sampled_from(
    ["https://help.example.com/a", "http://[::1]/x", "https://x.test/" + "y" * 1_900, None]
)
COMMON = {"tags": TAGS, "updated_at": TIMES, "title": TITLES}
ROWS: dict[type, st.SearchStrategy[dict[str, Any]]] = {
    KnowledgeArticle: st.fixed_dictionaries(
        {**COMMON, "article_id": st.sampled_from(["a", "x" * 200, "a#0"]), "body": BODIES, "url": URLS}
    ),
    Macro: st.fixed_dictionaries(
        {**COMMON, "macro_id": st.sampled_from(["m", "🦓" * 200]), "body": BODIES, "question": TITLES}
    ),
    SolvedTicket: st.fixed_dictionaries(
        {
            "ticket_id": st.sampled_from(["s", "s2"]),
            "account_id": st.sampled_from(["acme", "beta"]),
            "question": BODIES,
            "answer": BODIES,
            "solved_at": TIMES,
            "tags": TAGS,
        }
    ),
}
PLACES = st.lists(st.sampled_from(list(ROWS)), min_size=1, max_size=3)
WORDY = Account(account_id="acme", name="x" * 300, plan="y" * 300, owner="May 5: 100 %", seats=10**9)


@settings(max_examples=30, deadline=None)
@given(kinds=PLACES, account=st.sampled_from([ACCOUNT, WORDY]), data=st.data())
def test_drafts_from_any_admitted_knowledge_can_be_stored(
    kinds: list[type], account: Account, data: st.DataObject
) -> None:
    sources: list[Any] = []
    for kind in kinds:
        try:
            sources.append(admit(kind, data.draw(ROWS[kind])).record)
        except Refused:
            continue
    drafter = OneByOne(Drafter(ArticleIndex(sources, HashingEmbedder()), Composer(), RULES))
    known = situation(account=account, anomalies=(SURGE,))
    for channel in ("email", "forum"):
        draft = drafter.draft(ticket(QUESTION, channel=channel), known, now=NOW)
        assert Draft.model_validate(draft.to_json()) == draft
        assert not has_tags(draft.body)
    sent = drafter.outreach(SURGE, situation(account=account), now=NOW)
    assert Draft.model_validate(sent.to_json()) == sent


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(list(ROWS)), data=st.data())
def test_any_admitted_knowledge_is_cut_into_chunks(kind: type, data: st.DataObject) -> None:
    try:
        source: Any = admit(kind, data.draw(ROWS[kind])).record
    except Refused:
        return
    assert [chunk.position for chunk in chunks_of(source)] == list(range(len(chunks_of(source))))
