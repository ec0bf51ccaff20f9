from hypothesis import given
from hypothesis import strategies as st

from responders.generation.tables import NamedRow, chosen_cells, chosen_rows, is_table_line, rows_of
from responders.generation.telling import told_row, told_tables

MARKDOWN = [
    "| Plan | Seats | Price a month | Storage |",
    "|---|---|---|---|",
    "| Basic | 3 | €9 | – |",
    "| Plus | 20 | €19 | 50 GB |",
    "| Max | 200 | €49 | 900 GB |",
]
LISTED = [
    "- **Basic**: Seats 3, Price €9.",
    "- **Plus**: Seats 20, Price €19.",
    "- **Max**: Seats 200, Price €49.",
]


def told(row: NamedRow, said: str, *, is_own: bool) -> str:
    return told_row(row, chosen_cells(row, said), is_own=is_own)


def names(said: str, plan: str | None) -> list[str]:
    return [row.name for row in chosen_rows(rows_of(MARKDOWN), said, plan)]


def test_the_row_of_the_accounts_own_plan_answers() -> None:
    assert names("How many seats do we have?", "Plus") == ["Plus"]


def test_a_plan_that_the_customer_names_answers_instead() -> None:
    assert names("What does Max cost?", "Plus") == ["Max"]
    assert names("Is Plus enough, or do we need Max?", "Basic") == ["Plus", "Max"]


def test_a_bigger_and_a_smaller_plan_are_the_neighbours_of_the_own_row() -> None:
    assert names("What would the next plan cost?", "Plus") == ["Plus", "Max"]
    assert names("We want to downgrade", "Plus") == ["Basic", "Plus"]


def test_without_a_known_plan_the_whole_table_is_told() -> None:
    assert names("How many seats do we have?", None) == ["Basic", "Plus", "Max"]


def test_only_the_cells_that_the_question_names_are_told() -> None:
    plus = rows_of(MARKDOWN)[1]
    assert told(plus, "How much storage is there?", is_own=True) == "Storage on your plan (Plus): 50 GB."
    assert "€19" in told(plus, "What do we get?", is_own=True)


def test_an_empty_cell_is_not_told() -> None:
    assert "–:" not in told(rows_of(MARKDOWN)[0], "", is_own=False)
    assert "storage" not in told(rows_of(MARKDOWN)[0], "", is_own=False)


def test_a_cell_that_denies_is_told_with_the_alternatives() -> None:
    (row, *_) = rows_of(["| Plan | Card | Transfer |", "|---|---|---|", "| Basic | yes | no |"])
    assert (
        told(row, "Can we pay by transfer?", is_own=True) == "On your plan (Basic) – card: yes; transfer: no."
    )


def test_a_table_that_became_a_list_is_read_like_the_table() -> None:
    assert [row.cells for row in rows_of(LISTED)] == [
        (("Seats", "3"), ("Price", "€9")),
        (("Seats", "20"), ("Price", "€19")),
        (("Seats", "200"), ("Price", "€49")),
    ]


def test_a_list_of_sentences_is_no_table() -> None:
    lines = ["- **Ids have gaps**: They follow the ontology.", "- **Images are missing**: Tick the box."]
    assert all(map(is_table_line, lines))
    assert rows_of(lines) == ()


def test_what_replies_say_of_a_table_is_among_what_they_may_say() -> None:
    sayable = told_tables("\n".join(MARKDOWN), own="Max")
    assert told(rows_of(MARKDOWN)[2], "", is_own=True) in sayable
    assert "On your plan (Max): 200 seats." in sayable
    assert "On your plan (Plus): 20 seats." not in sayable


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=40))
def test_any_lines_give_rows_or_none(lines: list[str], said: str) -> None:
    for row in chosen_rows(rows_of(lines), said, "Plus"):
        assert told(row, said, is_own=False)
