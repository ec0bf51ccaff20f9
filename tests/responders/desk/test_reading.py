"""A message on the ticket's page: the newest words, with quotes and signature folded away."""

import html
import re

import pytest
from sqlalchemy import Engine

from responders.desk import create_desk
from tests.responders.support.desk_client import Browser, Tags, Watched
from tests.responders.support.desk_samples import NOW, event_row, put

QUOTE = "On Mon, 5 Jan 2026 at 09:00, Help <h@x.example> wrote:\n> Does it work?"
MAIL = f"It fails.\n\nRegards,\nAda Vogel\n\n{QUOTE}"
PAGE = (
    "<html><head><style>p{color:red}</style></head><body><div>Hi,<br>the <b>export</b> fails with"
    " <code>E42</code> &amp; I&nbsp;wait.</div><blockquote>Which <i>error</i>?</blockquote></body></html>"
)


def shown(engine: Engine, body: str) -> tuple[str, str]:
    """Return the parts of a message on a ticket's page: the open words and the folded words."""
    put(engine, event_row("t-1", body=body))
    page = Browser(create_desk(engine, now=lambda: NOW, observe=Watched(), decided_by="kim")).get(
        "/tickets/t-1"
    )
    assert page.status_code == 200
    assert Tags(page.text).open == []
    messages = page.text.split('<ol class="messages"', 1)[1].split("</ol>", 1)[0]
    folded = re.search(r"<details class=\"folded\".*?</details>", messages, re.DOTALL)
    words = messages.replace(folded.group(), "") if folded else messages
    return _text(words), _text(folded.group()) if folded else ""


def _text(part: str) -> str:
    return html.unescape("\n".join(re.findall(r"<p class=\"(?:said|hint)\"[^>]*>(.*?)</p>", part, re.DOTALL)))


def test_quotes_and_signature_are_folded_away(engine: Engine) -> None:
    words, folded = shown(engine, MAIL)
    assert words == "It fails."
    assert "Ada Vogel" in folded
    assert "Does it work?" in folded


def test_an_html_mail_is_shown_as_text_without_a_tag(engine: Engine) -> None:
    words, folded = shown(engine, PAGE)
    assert words == "Hi,\nthe export fails with E42 & I wait."
    assert folded == "Which error?"


def test_a_message_of_quotes_alone_is_unfolded(engine: Engine) -> None:
    put(engine, event_row("t-2", body="> only a quote"))
    page = Browser(create_desk(engine, now=lambda: NOW, observe=Watched(), decided_by="kim")).get(
        "/tickets/t-2"
    )
    assert '<details class="folded" open>' in page.text


def test_a_message_without_a_word_says_so(engine: Engine) -> None:
    assert shown(engine, "<p><img src=cid:1></p>")[0] == "This message has no text."


@pytest.mark.parametrize("body", ["a < b, List<String>", "<object><name>car</name></object> is refused"])
def test_a_plain_text_with_angle_brackets_is_shown_whole(engine: Engine, body: str) -> None:
    assert shown(engine, body) == (body, "")


LONG_HEAD = "<html><head><style>" + "p{color:red} " * 60 + "</style></head><body>"


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        f"{LONG_HEAD}<p>Hi, the <b>export</b> fails</p>{'<p>again and again</p>' * 90}</body></html>",
        "> Which error?\n\nHi, the export fails",
    ],
)
@pytest.mark.parametrize("path", ["/tickets", "/accounts/acme"])
def test_a_line_of_a_list_begins_with_the_customers_words(engine: Engine, body: str, path: str) -> None:
    put(engine, event_row("t-1", body=body))
    page = Browser(create_desk(engine, now=lambda: NOW)).get(path).text
    snippet = html.unescape(page.split('<bdi class="snippet">', 1)[1].split("</bdi>", 1)[0])
    assert snippet.startswith("Hi, the export fails")
    assert "<" not in snippet
