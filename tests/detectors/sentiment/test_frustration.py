import pytest

from detectors.sentiment import frustration


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
        ("Hello. How do I cancel our subscription at the end of the term?", ()),
        ("Which alerts are critical notifications?", ()),
        ("What happens if we cancel the contract, and do you need it immediately?", ()),
        ("How much longer do I have to wait? Nobody answers.", ("waiting",)),
        ("How do I cancel our account? I have had enough.", ("threat_to_leave",)),
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
