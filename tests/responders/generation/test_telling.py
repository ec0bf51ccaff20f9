import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.chunks.cutting import chunks_of
from responders.generation.passages import TableChoice, units_of
from responders.generation.tables import NamedRow, by_plan, names_row, rows_of
from responders.generation.telling import told_row, told_tables
from schemas.knowledge import KnowledgeArticle
from tests.responders.support.drafting_samples import NOW

PLANS = ("Basic", "Plus", "Max")
BY_COLUMN = (
    "| | Basic | Plus | Max |\n|---|---|---|---|\n| Rooms | 1 | 4 | 20 |\n| Loan bike | no | €15 | free |"
)
PAID = (
    "| You paid with | Back |\n|---|---|\n| card | in 5 days |\n| iDEAL or Bancontact | in 2 days |"
    "\n| voucher | at once |"
)


def section(table: str) -> str:
    article = KnowledgeArticle(
        article_id="a", title="T", body=f"## Part\n\n{table}\n", public=True, updated_at=NOW, url=None
    )
    return chunks_of(article)[0].body


def told(table: str, said: str, plan: str | None = "Plus", found: tuple[str, ...] = ()) -> list[str]:
    choice = TableChoice(said=said, plan=plan, plans=PLANS, found=found)
    return [unit.text for unit in units_of(section(table), choice)]


@pytest.mark.parametrize(
    ("header", "value", "sentence"),
    [
        ("Rooms", "4", "On your plan (Plus): 4 rooms."),
        ("Guests per night", "no limit", "On your plan (Plus): unlimited guests per night."),
        ("Going back up to", "7 days", "On your plan (Plus): going back up to 7 days."),
        ("Deposit", "€150", "Deposit on your plan (Plus): €150."),
        ("Counts as", "2", "On your plan (Plus): counts as 2."),
        ("Version", "3", "Version on your plan (Plus): 3."),
    ],
)
def test_a_cell_of_the_own_plan_is_a_sentence(header: str, value: str, sentence: str) -> None:
    row = NamedRow(name="Plus", cells=((header, value),))
    assert told_row(row, row.cells, is_own=True) == sentence


def test_a_named_row_is_a_sentence_with_its_headers() -> None:
    row = NamedRow(name="Facturae", cells=(("For", "Spain"), ("Plans", "not yet offered")))
    assert told_row(row, row.cells, is_own=False) == "Facturae – for Spain; plans: not yet offered."
    row = NamedRow(name="a broken cup", cells=(("What we do", "we send another"),))
    assert told_row(row, row.cells, is_own=False) == "A broken cup: we send another."
    row = NamedRow(name="E02", cells=(("Meaning", "grinder blocked"), ("What to do", "empty it")))
    assert told_row(row, row.cells, is_own=False) == "E02 – grinder blocked; what to do: empty it."


def test_a_table_with_the_plans_as_columns_is_told_for_the_own_plan() -> None:
    assert told(BY_COLUMN, "How many rooms can we have?") == ["On your plan (Plus): 4 rooms."]
    assert told(BY_COLUMN, "What does the loan bike cost?") == ["Loan bike on your plan (Plus): €15."]
    assert told(BY_COLUMN, "And how many rooms on the next plan?") == [
        "On your plan (Plus): 4 rooms.",
        "Max: 20 rooms.",
    ]


def test_without_a_known_plan_all_plans_are_told() -> None:
    assert told(BY_COLUMN, "How many rooms?", None) == ["Basic: 1 rooms.", "Plus: 4 rooms.", "Max: 20 rooms."]


def test_a_table_of_other_columns_is_not_turned() -> None:
    assert by_plan(rows_of(section(PAID).splitlines()), PLANS) is None


def test_an_item_of_a_rows_name_is_enough_to_name_it() -> None:
    assert told(PAID, "I paid with iDEAL. When is it back?") == ["iDEAL or Bancontact – back: in 2 days."]
    assert names_row(section(PAID), "I paid with iDEAL", PLANS)
    assert not names_row(section(PAID), "When is it back?", PLANS)


def test_a_qualifier_of_a_rows_name_does_not_name_it() -> None:
    table = "| Plan | Wire |\n|---|---|\n| Plus | no |\n| Max, monthly | no |\n| Max, yearly | yes |"
    assert told(table, "We pay monthly: is wire possible?") == ["Wire on your plan (Plus): no."]


def test_the_row_that_the_search_found_is_told_if_none_is_named() -> None:
    (line,) = told(PAID, "When will I see something on my account?", found=("voucher", "card"))
    assert "at once" in line


def test_the_header_of_a_table_with_one_column_is_kept_in_its_chunk() -> None:
    table = "| Plan | Guests |\n|---|---|\n| Basic | 5 |\n| Plus | 50 |"
    assert told(table, "How many guests are allowed?") == ["On your plan (Plus): 50 guests."]


def test_a_wide_row_is_told_whole_or_cell_by_cell() -> None:
    cells = tuple((f"Header {place}", f"value {place}") for place in range(60))
    header, rule = " | ".join(name for name, _ in cells), "|".join("---" for _ in range(61))
    body = f"| Plan | {header} |\n|{rule}|\n| Plus | {' | '.join(value for _, value in cells)} |"
    assert len(told_tables(body, PLANS, own="Plus")) == 2 * 61


@given(st.text(max_size=40), st.text(max_size=40))
def test_each_cell_alone_is_among_what_may_be_said(header: str, value: str) -> None:
    body = f"| Plan | {header} |\n|---|---|\n| Plus | {value} |"
    for row in rows_of(body.splitlines()):
        for cell in row.filled:
            assert told_row(row, (cell,), is_own=True) in told_tables(body, PLANS, own="Plus")
