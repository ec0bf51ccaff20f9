import pytest

from schemas.reading import Answer, Reading, has_kind_words, read, without_courtesies

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
        "\n\nTicket ID: 48151\nPriority: High\nStatus: open",
        "\nref:_00D30abc._5003xyz:ref",
        "\n##- Please type your reply above this line -##\nYour request (48151) has been received.",
    ],
)
def test_only_the_customers_newest_words_are_kept(rest: str) -> None:
    assert read(WORDS + rest).text == WORDS


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
def test_the_customers_words_are_not_lost(text: str, cleaned: str) -> None:
    assert read(text).text == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "Unsubscribe me from the newsletter, please.",
        "To unsubscribe our users, which endpoint do I call?",
        "Hi,\n\nUnsubscribe button is missing in the mails that we send.\n\nCan you look?",
        "Get Outlook add-in working again please.",
        "Download Outlook calendar as CSV: how?",
        "Sent from Outlook, the mail never arrives.\n\nWhy?",
        "Sent via Gmail the reports are marked as spam.",
        "Gesendet mit Outlook kommt die Mail nie an.",
        "Enviado con Outlook el informe no llega.",
        "Warning: your mail server rejects our messages from outside the office.\n\nWhat now?",
        "Attention: emails from external addresses are bounced since Monday.",
        "Achtung: die Nachrichten externer Absender kommen nicht an!",
        "External users do not get our emails from outside.",
        "This email contains confidential data of another customer! I received it in error.",
        "Our contact persons are\nAnna Berg, +49 30 1234567\nBert Carl, bert@x.test\nPlease add both.",
    ],
)
def test_a_sentence_that_begins_like_the_line_of_a_program_is_kept(text: str) -> None:
    assert read(text).newest == text


@pytest.mark.parametrize(
    "line",
    [
        "Outlook voor iOS downloaden<https://aka.ms/o0ukef>",
        "Outlook para Android ophalen",
        "Sent from my phone, please excuse typos",
        "Unsubscribe | Manage preferences",
        "----- Mail original -----\nDe: Aide <a@x.test>\nEnvoyé: lundi\nObjet: Re: Page\n\nAncien texte",
    ],
)
def test_the_line_of_a_program_is_left_out(line: str) -> None:
    assert read(f"It still fails.\n\n{line}").newest == "It still fails."


def test_a_closing_line_before_a_long_text_is_not_a_signature() -> None:
    text = "Thanks,\nthat helped.\n" + "\n".join(f"Then step {number} failed." for number in range(20))
    assert read(text).text == text


def test_each_part_of_a_message_is_separated() -> None:
    own = "Hi Ann,\n\nboth.\n\n-- \nBob\nACME Ltd"
    body = f"{own}\n\nOn 3 Mar 2025, Ann <ann@x.example> wrote:\n> Which one?\n> Ann"
    assert read(body) == Reading(
        newest="Hi Ann,\n\nboth.",
        quoted="On 3 Mar 2025, Ann <ann@x.example> wrote:\nWhich one?\nAnn",
        signature="-- \nBob\nACME Ltd",
    )


def test_each_answer_comes_with_the_question_it_answers() -> None:
    first = "On 3 Mar 2025, Ann wrote:\n> Which browser?\n\nFirefox."
    body = f"{first}\n\n> Which system?\n> And how old?\n\nLinux, new."
    assert read(body).answers == (
        Answer("Which browser?", "Firefox."),
        Answer("Which system?\nAnd how old?", "Linux, new."),
    )
    assert read(body).text == "Firefox.\n\nLinux, new."


def test_words_above_a_quote_are_no_answer() -> None:
    assert read("No.\n\nOn 3 Mar 2025, Ann wrote:\n> Did it help?").answers == ()


HEADER = "---------- Forwarded message ---------\nFrom: Bo <b@x.example>\nSubject: Seats"
FORWARDED = f"{HEADER}\n\nHow do I add seats?\n\n-- \nBo"


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("", "How do I add seats?"),
        ("FYI", "FYI\n\nHow do I add seats?"),
        (
            "Hi team,\nplease see below.\nThanks!",
            "Hi team,\nplease see below.\nThanks!\n\nHow do I add seats?",
        ),
        ("How much is one seat? Bo asks as well.", "How much is one seat? Bo asks as well."),
    ],
)
def test_a_forwarded_question_counts_if_the_writer_adds_nothing(comment: str, text: str) -> None:
    found = read(f"{comment}\n\n{FORWARDED}")
    assert found.text == text
    assert found.forwarded == "How do I add seats?"


def test_an_outlook_history_below_a_pointer_is_no_forward_when_its_subject_is_a_reply() -> None:
    history = "From: Ann <a@x.example>\nSent: Monday\nTo: Bo\nSubject: {subject}\n\nWhich day?"
    assert read("See below.\n\n" + history.format(subject="RE: visit")).text == "See below."
    assert read("See below.\n\n" + history.format(subject="visit")).text == "See below.\n\nWhich day?"


def test_all_other_parts_are_folded_away() -> None:
    body = "No.\n\nSent from my iPhone\n\nOn 3 Mar 2025, Ann wrote:\n> Did it help?"
    assert read(body).folded == "Sent from my iPhone\n\nOn 3 Mar 2025, Ann wrote:\nDid it help?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi Ann,\nit fails.\nThanks!", "it fails."),
        ("Guten Tag,\n\nes geht nicht. Vielen Dank im Voraus!", "es geht nicht."),
        ("Thanks!", "Thanks!"),
        ("Hello, the export fails", "Hello, the export fails"),
        ("Thanks, that helped", "Thanks, that helped"),
    ],
)
def test_courtesies_are_left_out_of_the_words(text: str, said: str) -> None:
    assert without_courtesies(text) == said


def test_kind_words_are_more_than_a_closing() -> None:
    assert has_kind_words("I love the new filter.\nThanks!")
    assert has_kind_words("Thank you!")
    assert not has_kind_words("Where is the filter?\nThanks in advance!")


@pytest.mark.parametrize("ending", ["", "\n\nSent from my iPhone", "\n\nOn 3 Mar 2025, Ann wrote:\n> Hi"])
@pytest.mark.parametrize(
    "asked",
    [
        "Unsubscribe me from the weekly report, please.",
        "To unsubscribe I clicked the link and it fails.",
        "Ticket: 4711 has been closed although nothing is solved!",
        "Warning: the external link in the message fails with error 500. Please check.",
        "Get Outlook for iOS crashes when I open your mail",
    ],
)
def test_a_message_of_one_line_is_never_taken_for_a_footer(asked: str, ending: str) -> None:
    assert read(asked + ending).text == asked
