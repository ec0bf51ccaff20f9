import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment import clean, frustration

WORDS = "The export is broken."


@pytest.mark.parametrize(
    "rest",
    [
        "\n\nOn Mon, 3 Mar 2025 at 10:12, Ann Lee <ann@x.io> wrote:\n> We are looking into it.\n> Ann",
        "\n\nOn Monday, March 3, 2025 at 10:12 AM Ann Lee via Support\n<support@x.io> wrote:\n\n> Hello\n",
        "\n\nOn 3 Mar 2025, Ann wrote:\n\nWe are looking into it.\nAnn",
        "\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\nSubject: RE: export\n\nWe are sorry.",
        "\n\n---------- Forwarded message ---------\nFrom: Ann\nWe are sorry.",
        "\n\nFrom: Ann Lee <ann@x.io>\nSent: Monday, 3 March 2025\nTo: Bob\nSubject: RE: export\n\nHi Bob",
        "\n\n**From:** Ann\n**Sent:** Monday\n\nHello",
        "\n\nAm Mo., 3. März 2025 um 10:12 Uhr schrieb Ann <ann@x.io>:\n> Hallo",
        "\n\nLe lun. 3 mars 2025 à 10:12, Ann <ann@x.io> a écrit :\n> Bonjour",
        "\n-- \nBob\nHead of Data, ACME Ltd",
        "\n\nBest regards,\nBob Smith\nACME Ltd\n+44 20 7946 0000",
        "\n\nKind regards\n\nBob",
        "\n\nThanks,\nBob",
        "\n\nCheers,\n",
        "\n\nSent from my iPhone",
        "\n\nGet Outlook for iOS",
        "\n\nThis email and any attachments are confidential and intended solely for the addressee.\nIf you",
        "\n\nCONFIDENTIALITY NOTICE: the contents of this message\nmay be privileged.",
        "\n\nYou are receiving this email because you are subscribed.\nUnsubscribe here",
        "\n\nPlease consider the environment before printing this e-mail",
        "\n\nThanks in advance!",
        " Many thanks in advance for your help.",
        "\n\nTicket ID: 48151\nPriority: High\nStatus: open",
        "\nref:_00D30abc._5003xyz:ref",
        "\n##- Please type your reply above this line -##\nYour request (48151) has been received.",
    ],
)
def test_only_the_customers_newest_words_are_kept(rest: str) -> None:
    assert clean(WORDS + rest) == WORDS


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("> Did it help?\nNo, it is worse.", "No, it is worse."),
        ("On 3 Mar 2025, Ann wrote:\n> Did it help?\n\nNo.", "No."),
        ("CAUTION: This email originated from outside of the organization.\n\nNo.", "No."),
        ("##- Please type your reply above this line -##\nIt failed.", "It failed."),
        ("<html><head><style>p{a:b}</style></head><body><p>It&nbsp;failed.</p></body></html>", "It failed."),
        ("<div>It failed.<br>Twice.</div><div><blockquote>old</blockquote></div>", "It failed.\nTwice."),
        ("if a < b and c > d then it fails", "if a < b and c > d then it fails"),
        ("<p>a &lt; b</p>", "a < b"),
        ("Thanks!", "Thanks!"),
        ("Thank you,\nit works", "Thank you,\nit works"),
        ("It works now.\nThanks!", "It works now.\nThanks!"),
        ("On Monday it failed. I wrote: please help", "On Monday it failed. I wrote: please help"),
        ("Steps:\n- open it\n- click export", "Steps:\n- open it\n- click export"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ufeffzero\u200bwidth", "zerowidth"),
        ("", ""),
    ],
)
def test_what_the_customer_says_is_not_lost(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_signature_is_not_seen_where_the_text_goes_on_at_length() -> None:
    text = "Thanks,\nthat helped.\n" + "\n".join(f"Then step {number} failed." for number in range(20))
    assert clean(text) == text


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_becomes_valid_unicode_without_control_characters(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    "part", ["<", "<a ", "<!--", "On ", "On x\n", "\n", "> ", "thanks\n", "thanks in ", "From: \n", "-- \n",
    "this email ", " ", "a"],
)  # fmt: skip
def test_hostile_repetition_takes_linear_time(part: str) -> None:
    text = part * (100_000 // len(part))
    started = time.process_time()
    frustration(clean(text))
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("I asked this three times already", ("repeated_contact",)),
        ("The import keeps failing", ("repeated_contact",)),
        ("We are still waiting for an answer", ("waiting",)),
        ("I have not heard back for two weeks", ("waiting",)),
        ("Please cancel our subscription", ("threat_to_leave",)),
        ("We are looking for another vendor", ("threat_to_leave",)),
        ("I want a refund", ("threat_to_leave",)),
        ("What a waste of money", ("strong_words",)),
        ("We need this ASAP", ("urgent",)),
        ("WHY DOES NOBODY ANSWER THIS", ("waiting", "shouting")),
        ("Help me!!!", ("shouting",)),
        ("How long are training logs kept?", ()),
        ("Thank you, it works!", ()),
        ("API GPU", ()),
        ("", ()),
    ],
)
def test_signs_of_frustration_are_named(text: str, reasons: tuple[str, ...]) -> None:
    level, found = frustration(text)
    assert found == reasons
    assert (level > 0) == bool(reasons)
    assert level <= 1
