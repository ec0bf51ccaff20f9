"""Rules that a linter does not know. Each test says why its rule exists, and lists the offenders."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.import_graph import in_a_circle, longest_chain, product_graph

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "detectors", "responders", "streams")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAX_FILE_LINES = 350
MAX_BODY_LINES = 50
MAX_CHAIN = 12
"""Most modules in a chain of imports, so that a reader gets from a command to a record in few steps."""


Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    return path.read_text()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file, which is parsed once for all rules."""
    return tuple(ast.walk(tree_of(path)))


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
    """Ruff counts statements and parameters; a body of few long statements is as hard to read."""
    written_by_hand = [path for path in FILES if "migrations/versions" not in name(path)]
    long = [place(*found) for found in functions(written_by_hand) if body_lines(found[1]) > MAX_BODY_LINES]
    assert long == []


def test_no_module_imports_itself_through_others() -> None:
    assert in_a_circle(product_graph(PACKAGES)) == []


def own_packages(path: Path) -> list[str]:
    """Return the packages that a file is in, as `from` statements name them."""
    folders = path.relative_to(ROOT).parent.parts
    return [".".join(folders[:count]) for count in range(1, len(folders) + 1)]


def imported_from(path: Path, node: ast.ImportFrom) -> str:
    """Return the absolute name of the module in a `from` statement."""
    if not node.level:
        return node.module or ""
    folders = path.relative_to(ROOT).parent.parts
    return ".".join([*folders[: len(folders) - node.level + 1], *([node.module] if node.module else [])])


def imports_from(path: Path) -> Iterator[tuple[str, ast.ImportFrom]]:
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom):
            yield imported_from(path, node), node


def test_no_module_imports_from_a_package_that_it_is_in() -> None:
    """The package's `__init__` imports the module, so the import works in one order only.

    Another module of the package may be imported by its name.
    """
    found = {
        name(path)
        for path in FILES
        for module, node in imports_from(path)
        if module in own_packages(path) and not all(is_module(module, alias.name) for alias in node.names)
    }
    assert sorted(found) == []


def is_module(package: str, child: str) -> bool:
    place = ROOT / package.replace(".", "/") / child
    return place.with_suffix(".py").exists() or place.is_dir()


def test_the_longest_chain_of_imports_stays_short() -> None:
    chain = longest_chain(product_graph(PACKAGES))
    assert len(chain) <= MAX_CHAIN, " > ".join(chain)


def named_types(path: Path) -> Iterator[str]:
    """Yield the classes of a file, and its public aliases of types: capitalised, with a small letter."""
    yield from (node.name for node in nodes_of(path) if isinstance(node, ast.ClassDef))
    for node in tree_of(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(targets[0], ast.Name) and re.fullmatch(r"[A-Z]\w*[a-z]\w*", targets[0].id):
            yield targets[0].id


def test_each_name_of_a_class_or_type_is_given_once() -> None:
    places = Counter(found for path in FILES for found in set(named_types(path)))
    assert sorted(found for found, count in places.items() if count > 1) == []


def offered(path: Path) -> list[str]:
    """Return the names in the `__all__` of a file."""
    lists = [node.value for node in tree_of(path).body if isinstance(node, ast.Assign) and is_all(node)]
    return [str(offer) for found in lists for offer in ast.literal_eval(found)]


def is_all(node: ast.Assign) -> bool:
    return [ast.unparse(target) for target in node.targets] == ["__all__"]


def top_level_names(path: Path) -> set[str]:
    """Return the names that a file defines or imports, and the modules in its folder."""
    found = {child.stem for child in path.parent.glob("*.py")}
    for node in tree_of(path).body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
        else:
            found |= {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return found


PAGES = [path for path in FILES if path.name == "__init__.py"]


def test_each_folder_says_in_a_sentence_what_it_is_for() -> None:
    folders = {path.parent for path in FILES} - {ROOT / "responders/store/migrations/versions"}
    assert sorted(name(folder) for folder in folders if not (folder / "__init__.py").exists()) == []
    first_lines = {name(path): (ast.get_docstring(tree_of(path)) or "").split("\n")[0] for path in PAGES}
    assert [page for page, line in first_lines.items() if not re.match(r"[A-Z].*[.:]$", line)] == []


def test_each_name_that_a_folder_offers_exists() -> None:
    assert [
        f"{name(path)}: {offer}"
        for path in PAGES
        for offer in offered(path)
        if offer not in top_level_names(path)
    ] == []


@cache
def taken() -> frozenset[tuple[str, str, str]]:
    """Return each use of a name of a package: the package, the name, and the folder of the user."""
    found = set()
    for path in FILES + TESTS:
        for module, node in imports_from(path):
            found |= {(module, alias.name, f"{name(path.parent)}/") for alias in node.names}
    return frozenset(found)


def test_each_name_that_a_folder_offers_is_used_outside_it() -> None:
    """A name that no other folder imports is not part of the folder's surface."""
    unused = []
    for path in PAGES:
        folder = name(path.parent)
        outside = {offer for _, offer, user in uses_of(folder) if not user.startswith(f"{folder}/")}
        unused += [
            f"{folder}: {offer}" for offer in offered(path) if offer not in outside | used_modules(folder)
        ]
    assert sorted(set(unused)) == []


def test_a_folder_that_offers_modules_offers_each_module_that_others_use() -> None:
    """Its other modules are its own: no product code of another folder imports them."""
    hidden = []
    for path in PAGES:
        folder, offers = name(path.parent), set(offered(path))
        if offers and offers <= {child.stem for child in path.parent.iterdir()}:
            hidden += [f"{folder}: {module}" for module in used_modules(folder) - offers]
    assert sorted(hidden) == []


@cache
def used_modules(folder: str) -> frozenset[str]:
    """Return the modules of a folder from which product code of other folders imports."""
    package = folder.replace("/", ".") + "."
    return frozenset(
        module.removeprefix(package).partition(".")[0]
        for path in FILES
        if not name(path).startswith(f"{folder}/")
        for module, _ in imports_from(path)
        if module.startswith(package)
    )


def uses_of(folder: str) -> list[tuple[str, str, str]]:
    package = folder.replace("/", ".")
    return [use for use in taken() if use[0] == package]


def test_no_hook_of_a_handler_is_found_by_its_name() -> None:
    """`getattr` with a literal name hides a misspelt hook from the type checker."""
    way = [path for path in FILES if name(path).startswith(("streams/consume/", "streams/kafka/"))]
    by_name = {
        name(path)
        for path, call in calls(way)
        if isinstance(call.func, ast.Name)
        and call.func.id == "getattr"
        and isinstance(call.args[1], ast.Constant)
    }
    assert sorted(by_name) == []


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
    workers = words.get("concurrency", ast.Constant(1))
    is_single = isinstance(workers, ast.Constant) and workers.value == 1
    return bool(banned_words & set(words)) or not is_single


def test_no_feature_of_faust_that_loses_data_is_used() -> None:
    """Measured: `take` lost 4,500 of 5,000 records; concurrency and exactly_once lose or crash."""
    wiring = [path for path in FILES if path.is_relative_to(ROOT / "streams")]
    assert [place(path, call) for path, call in calls(wiring) if loses_data(call)] == []


def test_the_rule_on_faust_finds_each_of_these_features() -> None:
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


def test_only_the_store_has_sql_statements() -> None:
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
