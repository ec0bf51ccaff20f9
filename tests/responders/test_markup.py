"""HTML becomes Markdown, Markdown stays as it is, and no text that is sent has a tag."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from responders.chunks import chunks_of
from responders.drafting import Drafter, Rules
from responders.generation import Brief, Composed, ReplyPart
from responders.generation.passages import units_of
from responders.markup import as_markdown, has_tags, untagged
from responders.markup.code import code_spans
from responders.retrieval import ArticleIndex
from responders.words import words
from schemas import Account, KnowledgeArticle, Macro
from streams.demo.knowledge import articles
from tests.responders.support.drafting_samples import (
    EXPORTS,
    NOW,
    HashingEmbedder,
    OneByOne,
    drafter,
    situation,
    ticket,
)

RULES = Rules(threshold=0.05)
GUIDE = """<h1>Deploy the worker</h1>
<p>Before you begin, read <a href="https://help.example.com/keys">the guide to keys</a>&nbsp;&mdash;
it is short.</p>
<h2>Install</h2>
<ol>
  <li><p>Open <b>Settings</b> &gt; <b>Workers</b>. <img src="shot.png" alt="The worker list"></p></li>
  <li><p>Choose one of these:</p>
    <ul><li>Linux<ul><li>Debian</li></ul></li><li>Windows</li></ul></li>
  <li><p>Run the command below.</p>
<pre><code class="language-sh">worker start --key=&lt;your-key&gt;

worker status</code></pre></li>
  <li>The worker is ready after <strong>90&nbsp;seconds</strong>.</li>
</ol>
<style>p { color: red }</style><script>alert("hi")</script><!-- internal: never say this -->
<h2>Limits</h2>
<table><thead><tr><th>Plan</th><th>Workers</th></tr></thead>
<tbody><tr><td>Team</td><td>4</td></tr><tr><td>Business</td><td>40</td></tr></tbody></table>
"""


def article(body: str, **given: object) -> KnowledgeArticle:
    fields = {"article_id": "a", "title": "Deploy the worker", "updated_at": NOW, "body": body}
    return KnowledgeArticle.model_validate({**fields, **given})


def test_every_part_of_an_html_article_becomes_markdown() -> None:
    markdown = as_markdown(GUIDE)
    for expected in (
        "## Install",
        "[the guide to keys](https://help.example.com/keys) —\nit is short.",
        "1. Open **Settings** > **Workers**. The worker list",
        "   - Linux\n     - Debian\n   - Windows",
        "worker start --key=<your-key>\n\n   worker status",
        "4. The worker is ready after **90 seconds**.",
        "| Business | 40 |",
    ):
        assert expected in markdown
    for dropped in ("color: red", "alert(", "never say this", "shot.png", "&nbsp;", "<p>"):
        assert dropped not in markdown


def test_a_reply_from_an_html_article_has_all_steps_in_order_and_no_tag() -> None:
    draft = drafter((article(GUIDE),), RULES).draft(
        ticket("How do I install and deploy the worker?"), situation(), now=NOW
    )
    assert draft.state == "ready"
    steps = re.findall(r"^(\d)\. (.+)$", draft.body, re.MULTILINE)
    assert [number for number, _ in steps] == ["1", "2", "3", "4"]
    assert steps[-1][1] == "The worker is ready after 90 seconds."
    assert "2. Choose one of these:\n   - Linux\n   - Debian\n   - Windows\n3. Run" in draft.body
    assert not has_tags(draft.body)
    assert not any(has_tags(citation.quote) for citation in draft.citations)


def test_a_macro_written_in_html_fills_its_slots_and_sends_no_tag() -> None:
    macro = Macro(
        macro_id="m",
        title="Add <i>seats</i>",
        question="How do I add more seats to our plan?",
        body="Hello {requester_name},<br><br>Your plan {plan} can grow.<br>1. Open <b>Billing</b>."
        "<br>2. Save.",
        updated_at=NOW,
    )
    draft = drafter((macro,), RULES).draft(ticket(macro.question), situation(), now=NOW)
    assert "Your plan Team can grow." in draft.body
    assert "1. Open Billing.\n2. Save." in draft.body
    assert not has_tags(draft.body + draft.citations[0].title)


@pytest.mark.parametrize(
    "text",
    [
        "Set `<b>` and <your-key>, List<String>, a < b and c > d.",
        "## Keys\n\n```html\n<p class='x'>Hi</p>\n```\n\nUse <YOUR_KEY> or <https://help.example.com>.",
        "Give the <label> and the <address>.\n\n| A | B |\n|---|---|\n| 1 | 2 |",
        "if a<b and c>d, R&D, AT&T",
        "~~~\n<script>alert(1)</script>\n~~~\n",
    ],
)
def test_markdown_with_code_or_placeholders_stays_as_it_is(text: str) -> None:
    assert as_markdown(text) == text
    assert untagged(text) == text


@pytest.mark.parametrize(
    ("mixed", "expected"),
    [
        (
            "## Keys\n\nPress <kbd>Ctrl</kbd>.<br>Then **save** `<b>`.",
            "## Keys\n\nPress `Ctrl`.\nThen **save** `<b>`.",
        ),
        ("<details><summary>More</summary>\n\n- one\n- two\n\n</details>", "**More**\n\n- one\n- two"),
        ("1. Open <u>Settings</u>\n2. Use <your-key>", "1. Open Settings\n2. Use <your-key>"),
        ("<p>Choose:</p>\n- one<br>\n- two", "Choose:\n\n- one\n- two"),
        ("Terms &amp; conditions &lt;b&gt;", "Terms & conditions `<b>`"),
    ],
)
def test_markdown_with_tags_keeps_its_markdown_and_loses_the_tags(mixed: str, expected: str) -> None:
    assert as_markdown(mixed) == expected


def test_words_of_a_page_that_is_nested_too_deeply_are_kept() -> None:
    deep = "<div>" * 5_000 + "Open <b>Settings</b>." + "</div>" * 5_000
    assert as_markdown(deep) == "Open Settings."


TAGS = "<p> </p> <b> </b> <ul> <li> </li> </ul> <br> <pre> </pre> <code> </code> <table> <tr> <td>"
MARKS = "&lt; &gt; &amp; &nbsp; ``` ` ** - 1. # | <!-- --> <your-key> </a> <img/> word Save. < > <o:p> </o:p>"
LONGER = (
    "\n",
    "\n\n",
    " ",
    "<a href='https://x.test'>",
    "<img src=x alt='Alt'>",
    "    ",
    "<b onclick=x",
    "<script>",
    "</script>",
)
PIECES = st.sampled_from([*TAGS.split(), *MARKS.split(), *LONGER])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_mixture_of_tags_and_markdown_raises_or_leaves_a_tag(text: str) -> None:
    assert not has_tags(as_markdown(text))
    assert not has_tags(untagged(text))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{3,9}", fullmatch=True), min_size=1, max_size=30))
def test_no_word_of_an_article_is_lost(words: list[str]) -> None:
    page = "".join(f"<li><p>{word} <b>{word}x</b></p></li>" for word in words)
    bodies = "\n".join(chunk.body for chunk in chunks_of(article(f"<h2>Steps</h2><ul>{page}</ul>")))
    assert re.findall(r"[a-z]{3,10}", bodies) == [said for word in words for said in (word, f"{word}x")]


@pytest.mark.parametrize("source", articles(NOW), ids=lambda source: source.article_id)
def test_a_markdown_article_and_its_html_page_give_the_same_passages(source: KnowledgeArticle) -> None:
    page = MarkdownIt("commonmark").enable(["table"]).render(source.body)
    again = chunks_of(source.model_copy(update={"body": page}))
    assert [(chunk.heading, words(chunk.body)) for chunk in again] == [
        (chunk.heading, words(chunk.body)) for chunk in chunks_of(source)
    ]


class Tagging:
    """A generator that answers in HTML, as a language model may."""

    name = "tagging"

    def compose(self, brief: Brief) -> Composed:
        material = brief.asks[0].passages[0]
        source = (material.source_id,)
        step = ReplyPart(
            kind="step", text="<p>Open <b>Exports</b> and choose New link.</p>", source_ids=source
        )
        return Composed(parts=(ReplyPart(kind="greeting", text="<p>Hello,</p>"), step))


def test_a_generator_that_answers_in_html_sends_no_html() -> None:
    writer = OneByOne(Drafter(ArticleIndex([EXPORTS], HashingEmbedder()), Tagging(), RULES))
    draft = writer.draft(ticket("My download link has expired"), situation(), now=NOW)
    assert draft.body == "Hello, Open Exports and choose New link."
    assert draft.claims[0].text == "Open Exports and choose New link."


def test_tags_in_the_name_of_an_account_do_not_reach_a_reply() -> None:
    named = Account(account_id="acme", name="<b>Acme</b>", plan="<i>Team</i>", seats=12)
    draft = drafter(rules=RULES).draft(
        ticket("How do I add more seats for new colleagues to our plan?"), situation(account=named), now=NOW
    )
    assert "our plan Team has" in draft.body
    assert not has_tags(draft.body)


@pytest.mark.parametrize(
    ("opening", "part"),
    [
        ("<p>Save.</p>\n", "```a\n"),
        ("Save.\n", "<pre>"),
        ("<p>Save.</p>\n", "<script>"),
        ("<p>Save.</p>\n", "["),
        ("Save.\n", "# a\n`x`\n"),
        ("Save.\n", "## a" + " " * 400_000 + "b"),
    ],
)
def test_a_long_article_of_marks_that_are_never_closed_is_cut(opening: str, part: str) -> None:
    """A step of quadratic time would not end within the time limit of a test."""
    body = opening + part * max(1, 400_000 // len(part))
    assert chunks_of(article(body))[0].body.startswith("Save.")


def test_a_long_list_of_blank_lines_becomes_steps() -> None:
    assert [unit.text for unit in units_of("- Save it." + "\n" * 60_000 + "- Close it.")] == [
        "Save it.",
        "Close it.",
    ]


@pytest.mark.parametrize(
    "tag",
    [
        "<svg/onload=alert(1)></svg>",
        "<img/src='x'/onerror=alert(1)>",
        "<br/ >",
        "<span / class=x>",
        "<p\n\tid=a\n>",
        "<mi mathvariant='bold'>",
        "</math></mrow>",
        "<a href=x / >",
    ],
)
def test_no_spelling_of_a_tag_is_shown_or_sent(tag: str) -> None:
    text = f"Open it. {tag} Save it."
    for shown in (untagged(text), as_markdown(f"<p>{text}</p>")):
        assert shown.split() == ["Open", "it.", "Save", "it."]
    assert not has_tags(as_markdown(text))


def test_a_script_is_dropped_whole_and_a_script_tag_in_code_is_kept() -> None:
    long = "var a = 1;\n" * 500
    assert untagged(f"Open it.<script>{long}</script> Save it.") == "Open it. Save it."
    told = "Put `<script>` into the <b>head</b>, close it by `</script>`."
    assert untagged(told) == "Put `<script>` into the head, close it by `</script>`."


def test_code_is_found_by_its_marks() -> None:
    text = "a `b` c\n```sh\nx\n```\n~~~\n``c`d`` `e\n"
    assert [text[code.start : code.end] for code in code_spans(text)] == ["`b`", "```sh\nx\n```", "``c`d``"]
