from responders.generation.brief import AskBrief, Brief, Fact, Material
from responders.generation.composer import Composer

URL = "https://help.example.com/limits"
PLAN = Fact(name="plan", value="Plus", quote="Account Acme: plan Plus", source_id="account:acme/plan")
LIMITS = Material(
    source_id="article:limits#1",
    source_kind="article",
    title="Limits",
    body="- **Basic**: Deleted rooms in the bin: 14 days.\n- **Plus**: Deleted rooms in the bin: 30 days.",
    url=URL,
    public=True,
)


def steps(text: str, *, linked: tuple[Material, ...] = (LIMITS,), plan: bool = True) -> list[str]:
    passage = Material(source_id="article:bin#0", source_kind="article", title="Bin", body=text, public=True)
    ask = AskBrief(text="How long does the bin keep a room?", form="when", passages=(passage,), linked=linked)
    facts = (PLAN,) if plan else ()
    composed = Composer().compose(Brief(asks=(ask,), public=False, facts=facts, plans=("Basic", "Plus")))
    return [part.text for part in composed.parts if part.kind == "step"]


def test_a_reference_is_answered_by_the_row_of_the_accounts_plan() -> None:
    told = steps(f"How long the bin keeps rooms depends on your plan, see [Limits]({URL}).")
    assert told == [
        "How long the bin keeps rooms depends on your plan.",
        "Deleted rooms in the bin on your plan (Plus): 30 days.",
    ]


def test_a_sentence_that_only_refers_gives_its_place_to_the_row() -> None:
    told = steps(f"How long rooms stay in the bin is listed in [Limits]({URL}).")
    assert told == ["Deleted rooms in the bin on your plan (Plus): 30 days."]


def test_without_a_known_plan_all_rows_are_told() -> None:
    told = steps(f"How long the bin keeps rooms depends on your plan, see [Limits]({URL}).", plan=False)
    assert [line for line in told if "14 days" in line]
    assert [line for line in told if "30 days" in line]


def test_a_reference_to_an_article_that_was_not_found_stays() -> None:
    (told,) = steps(f"How long the bin keeps rooms depends on your plan, see [Limits]({URL}).", linked=())
    assert URL in told


def test_a_reference_to_a_table_about_something_else_stays() -> None:
    told = steps(f"The number of keys depends on your plan, see [Limits]({URL}).")
    assert not any("30 days" in line for line in told)
