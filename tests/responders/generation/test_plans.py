import pytest

from responders.generation.plans import AccountPlans

PLANS = AccountPlans(own="Plus", names=("Basic", "Plus", "Max"))


@pytest.mark.parametrize(
    ("sentence", "narrowed"),
    [
        (
            "It depends on the plan: 24 hours on Basic, 72 hours on Plus and 7 days on Max.",
            "It depends on the plan: 72 hours on Plus.",
        ),
        ("Number of lists: Basic 3, Plus and Max unlimited.", "Number of lists: Plus and Max unlimited."),
        ("Plus pays 10 % less, Max 20 % less.", "Plus pays 10 % less."),
        (
            "You get 5 points with Basic, 10 points with Plus and 20 points with Max.",
            "You get 10 points with Plus.",
        ),
        ("Slots are half days on Plus; on Max you offer 2 hours.", "Slots are half days on Plus."),
    ],
)
def test_of_a_sentence_about_several_plans_only_the_own_one_is_left(sentence: str, narrowed: str) -> None:
    assert PLANS.narrowed(sentence, "How long?") == narrowed


@pytest.mark.parametrize(
    "sentence",
    [
        "Basic has 1 board, Plus 3, Max as many as you like.",
        "Choose one: red, blue and green.",
        "Max can be tried for 14 days.",
        "Open Settings: there is the list, also for Plus.",
    ],
)
def test_a_sentence_that_cannot_be_cut_for_sure_stays(sentence: str) -> None:
    assert PLANS.narrowed(sentence, "How long?") == sentence


def test_a_plan_that_the_customer_names_is_kept() -> None:
    told = PLANS.narrowed("It takes: 9 days on Basic, 5 days on Plus and 1 day on Max.", "And on Max?")
    assert told == "It takes: 5 days on Plus and 1 day on Max."


def test_a_list_of_plans_without_the_own_one_leaves_it_out() -> None:
    free = AccountPlans(own="Basic", names=("Basic", "Plus", "Max"))
    assert free.leaves_out("Plus and Max.")
    assert free.leaves_out("It is part of Max only.")
    assert not free.leaves_out("Max can add a second one.")
    assert not free.leaves_out("Basic, Plus and Max.")
    assert free.denied_in("A model draws first. Plus and Max.")


def test_only_before_a_plan_of_the_account_denies_nothing() -> None:
    assert not PLANS.denied_in("If you only want to pay less, move to Plus instead.")
    assert PLANS.denied_in("On Plus invoices can only be downloaded.")


def test_a_mere_list_of_plans_is_found_without_its_first_words() -> None:
    assert PLANS.listed("Plans: Plus and Max.") == "Plus and Max"
    assert PLANS.listed("Plus can pause.") is None
