"""Rules that a linter does not know. Each says why it is there, and lists whoever breaks it."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "detectors", "responders", "streams")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAX_FILE_LINES = 350
MAX_BODY_LINES = 50
MAX_PARAMETERS = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    return path.read_text()


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file, which is parsed once for all rules."""
    return tuple(ast.walk(ast.parse(text_of(path))))


def functions(paths: Iterable[Path]) -> Iterator[tuple[Path, Function]]:
    for path in paths:
        for node in nodes_of(path):
            if isinstance(node, Function):
                yield path, node


def calls(paths: Iterable[Path]) -> Iterator[tuple[Path, ast.Call]]:
    for path in paths:
        for node in nodes_of(path):
            if isinstance(node, ast.Call):
                yield path, node


def place(path: Path, node: Function | ast.Call) -> str:
    return f"{name(path)}:{node.lineno}"


def body_lines(node: Function) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def matching(pattern: str, paths: Iterable[Path]) -> list[str]:
    return [name(path) for path in paths if re.search(pattern, text_of(path))]


def test_files_stay_short() -> None:
    assert [name(path) for path in FILES + TESTS if len(text_of(path).splitlines()) > MAX_FILE_LINES] == []


def test_functions_stay_short() -> None:
    written_by_hand = [path for path in FILES if "migrations/versions" not in name(path)]
    long = [place(*found) for found in functions(written_by_hand) if body_lines(found[1]) > MAX_BODY_LINES]
    assert long == []


def parameters(node: Function) -> int:
    arguments = node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([one for one in names if one not in {"self", "cls", "session", "now"}])


def test_functions_have_few_parameters() -> None:
    """At most five; a constructor's or command's options may be more where each is a named setting."""
    many = [
        place(path, node)
        for path, node in functions(FILES)
        if parameters(node) > MAX_PARAMETERS and "PLR0913" not in text_of(path).splitlines()[node.lineno - 1]
    ]
    assert many == []


def test_nothing_is_unpickled_or_loaded_with_code_in_it() -> None:
    """A state file or a weight file must not be able to run code (operations, 4.2)."""
    banned = r"\b(import|from) (pickle|joblib|dill|cloudpickle|shelve)\b|torch\.load|yaml\.load\b"
    assert matching(rf"{banned}|trust_remote_code=True", FILES) == []


def loses_data(call: ast.Call) -> bool:
    banned_calls = {"take", "take_events", "noack_take", "Table", "GlobalTable", "SetTable"}
    banned_words = {"processing_guarantee", "isolated_partitions", "producer_threaded"}
    if isinstance(call.func, ast.Attribute) and call.func.attr in banned_calls:
        return True
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    one = words.get("concurrency", ast.Constant(1))
    return bool(banned_words & set(words)) or not (isinstance(one, ast.Constant) and one.value == 1)


def test_the_ways_of_faust_that_lose_data_are_not_used() -> None:
    """Measured: `take` lost 4,500 of 5,000 records; concurrency and exactly_once lose or crash."""
    wiring = [path for path in FILES if path.is_relative_to(ROOT / "streams")]
    assert [place(path, call) for path, call in calls(wiring) if loses_data(call)] == []


def test_the_rule_on_faust_finds_each_of_its_ways() -> None:
    for source in (
        "s.take(5)",
        "app.Table('x')",
        "app.agent(concurrency=2)",
        "App(isolated_partitions=True)",
    ):
        (call,) = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        assert loses_data(call), source


def test_only_the_app_reads_a_topic_and_always_without_automatic_acknowledgement() -> None:
    assert matching(r"\.agent\(|\.noack\(\)", FILES) == ["streams/kafka/app.py"]
    assert "stream.noack().events()" in text_of(ROOT / "streams/kafka/app.py")


def is_constant_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_constant_text(node.left) and is_constant_text(node.right)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def test_sql_text_is_never_built_from_strings() -> None:
    """A statement made with an f-string is one edit away from an injection."""
    built = [
        place(path, call)
        for path, call in calls(FILES)
        if isinstance(call.func, ast.Name) and call.func.id == "text"
        if not all(is_constant_text(argument) for argument in call.args)
    ]
    assert built == []


def imported_from_sqlalchemy(path: Path) -> set[str]:
    imports = re.findall(r"from sqlalchemy(?:\.[\w.]+)? import ([^\n(]+|\([^)]*\))", text_of(path))
    return {word for found in imports for word in re.findall(r"\w+", found)}


def test_sql_statements_stand_only_in_the_store() -> None:
    outside = [path for path in FILES if not name(path).startswith(("responders/store", "schemas/tables.py"))]
    writers = {"select", "insert", "update", "delete", "text"}
    assert [name(path) for path in outside if imported_from_sqlalchemy(path) & writers] == []


def test_pure_layers_have_no_clock_environment_or_files_of_their_own() -> None:
    pure = [path for path in FILES if name(path).split("/")[0] in {"detectors", "schemas"}]
    assert matching(r"datetime\.now|time\.time\(|os\.environ|os\.getenv|requests\.|httpx", pure) == []


def test_the_top_level_holds_only_what_the_design_names() -> None:
    allowed = {"pyproject.toml", "README.md", "LICENSE", "Makefile", "requirements.lock", "tests", "helm"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    assert found - {"dist", "build"} <= allowed | set(PACKAGES)
