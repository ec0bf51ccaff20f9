"""Any text is read: no word is invented or reordered, no text raises or takes quadratic time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reading import has_kind_words, read
from schemas.reading.lines import plain

PIECES = (
    "Hello Ann,",
    "It fails again. Why?",
    "Thanks,",
    "Thanks!",
    "Bob Smith",
    "+44 20 7946 0000",
    "-- ",
    "--",
    "_____",
    "> quoted",
    ">> older",
    "On 3 Mar 2025, Ann <ann@x.example> wrote:",
    "Am 03.03.2025 um 10:12 schrieb Ann:",
    "From: Ann",
    "Sent: Monday",
    "Subject: RE: x",
    "Subject: FW: x",
    "-----Original Message-----",
    "Begin forwarded message:",
    "##- Please type your reply above this line -##",
    "CAUTION: This email originated from outside.",
    "This email and its attachments are confidential.",
    "Sent from my iPhone",
    "Name: Lena",
    "Email: l@x.example",
    "Message: it is broken",
    "P.S. one more thing",
    "Best regards",
    "Regards, Ruth",
    "FYI",
    "",
    "   ",
    "a < b > c",
    "List<String>",
)
LINES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=25)
TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<br>",
        "<blockquote>",
        "</blockquote>",
        "<b",
        "<!--",
        "-->",
        "&lt;",
        "&#0;",
    ]
)


@given(LINES)
@settings(max_examples=300)
def test_no_word_is_invented_or_reordered(lines: list[str]) -> None:
    body = "\n".join(lines).replace("<p>", "").replace("<br>", "")
    found = read(body)
    for part in (found.newest, found.quoted, found.forwarded, found.signature):
        words = iter(plain(body).split())
        assert all(any(word in given for given in words) for word in part.split()), part


LABELS = ("##- Please type your reply above this line -##", "Message: it is broken")


@given(st.lists(st.sampled_from([piece for piece in PIECES if piece not in LABELS]), max_size=15))
@settings(max_examples=300)
def test_no_word_is_lost(lines: list[str]) -> None:
    """Every word that is not a mark or a label of a program is either shown or folded away."""
    body = "\n".join(lines)
    found = read(body)
    shown = set(f"{found.text} {found.folded}".split())
    assert {word for line in lines for word in line.removeprefix("> ").removeprefix(">> ").split()} <= shown


@given(st.lists(st.one_of(TAGS, st.text(max_size=20), st.sampled_from(PIECES)), max_size=30))
def test_any_markup_is_read_without_a_tag_of_its_own(pieces: list[str]) -> None:
    found = read("<div>" + "".join(pieces) + "</div>")
    assert "<div>" not in found.text + found.folded
    assert "<blockquote>" not in found.text + found.folded


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_becomes_valid_unicode_without_control_characters(text: str) -> None:
    for part in (read(text).text, read(text).folded, read(f"<p>{text}</p>").text):
        part.encode("utf-8")
        assert "\x00" not in part
        assert part == part.strip()


@pytest.mark.parametrize("opening", ["", "<html><body>", "On 5 Jan 2026, a@b.example wrote:\n> q\n"])
@pytest.mark.parametrize(
    "part",
    [
        *(
            "<",
            "<a ",
            "<a",
            "<!--",
            "<div>",
            "<b x=1>",
            "<blockquote>",
            "<p>x</p>",
            "&lt;",
            "\u0315\u0300",
            "a\u0301",
        ),
        *(
            "On ",
            "On x\n",
            "On 1 Jan 2026 a@b.c\n",
            "\n",
            "> ",
            "> a\nb\n",
            "thanks\n",
            "Thanks! ",
            "From: \n",
        ),
        *(
            "From: a@b\n",
            "-- \n",
            "this email ",
            "Best regards\n",
            "Bob Smith\n",
            "          To: x\n",
            "[cid:",
            " ",
            "Disclaimer:\n\n",
            "This e-mail is confidential.\n\n",
        ),
    ],
)
def test_hostile_repetition_ends(part: str, opening: str) -> None:
    """A step of quadratic time would not end within the time limit of a test."""
    found = read(opening + part * (60_000 // len(part)))
    has_kind_words(found.text)


def test_tags_nested_a_hundred_thousand_deep_are_read() -> None:
    assert read("<div>" * 100_000 + "It fails.").text == "It fails."
    assert (
        read("<blockquote>" * 50_000 + "old" + "</blockquote>" * 50_000 + "<p>It fails.</p>").text
        == "It fails."
    )
