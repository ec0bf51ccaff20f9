"""Records at their limits: every optional field absent, empty or full, every text as odd as possible."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, ValidationError
from pydantic.fields import FieldInfo

from schemas.base import Record, refuse_unset_clock

R = TypeVar("R", bound=Record)

ODD_TEXTS = (
    "",
    " ",
    "\u200b\u200d",
    "\u202eright to left override",
    "مرحبا، لا أستطيع التصدير 12",
    "👩🏽‍💻🏳️‍🌈 é é ﬀ",
    "word " * 1_000,
    "unbroken" * 200,
    "<b>\"'&amp;</b> {{ 7 * 7 }} {% raw %} %s [bold] [/nope]",
    "line\r\nline\rline\n\n\ttab\x0b\x1b[31m\x7f",
)
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
FIRST_EVENT = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
USUAL = datetime(2026, 3, 10, 12, tzinfo=UTC)


def records(kind: type[R], /, **fixed: Any) -> st.SearchStrategy[R]:
    """Return a strategy for valid records of a kind; `fixed` fields hold these values."""
    fields = {
        name: st.just(fixed[name]) if name in fixed else _field(info)
        for name, info in kind.model_fields.items()
    }
    return st.fixed_dictionaries(fields).filter(lambda given: _is_valid(kind, given)).map(kind.model_validate)


def _is_valid(kind: type[Record], given: dict[str, Any]) -> bool:
    """Tell whether a record may have these values; a name of blanks alone, for example, is refused."""
    try:
        kind.model_validate(given)
    except ValidationError:
        return False
    return True


def texts(least: int = 0, most: int = 1_000) -> st.SearchStrategy[str]:
    """Return a strategy for texts of a length within the limits: odd texts, and a text at the limit."""
    odd = [text[:most] for text in ODD_TEXTS if len(text[:most]) >= least]
    return st.sampled_from([*odd, "x" * most, "🙂" * most])


def _field(info: FieldInfo) -> st.SearchStrategy[Any]:
    return _values(info.annotation, info.metadata)


def _values(annotation: Any, limits: list[Any]) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = [limit for metadata in arguments[1:] for limit in _limits(metadata)]
        return _values(arguments[0], inner + limits)
    if origin in (Union, UnionType):
        return st.one_of(*(_values(argument, limits) for argument in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (tuple, dict):
        return _dictionaries(arguments) if origin is dict else _tuples(arguments, limits)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return records(annotation)
    return _PLAIN[annotation](limits)


def _limits(metadata: Any) -> list[Any]:
    return list(metadata.metadata) if isinstance(metadata, FieldInfo) else [metadata]


def _tuples(arguments: tuple[Any, ...], limits: list[Any]) -> st.SearchStrategy[Any]:
    if arguments[-1] is Ellipsis:
        most = min(3, int(_limit(limits, "max_length", 3)))
        return st.lists(_values(arguments[0], []), max_size=most).map(tuple)
    return st.tuples(*(_values(argument, []) for argument in arguments))


def _dictionaries(arguments: tuple[Any, ...]) -> st.SearchStrategy[dict[Any, Any]]:
    return st.dictionaries(*(_values(argument, []) for argument in arguments), max_size=3)


def _limit(limits: list[Any], name: str, otherwise: float) -> float:
    found = [getattr(limit, name) for limit in limits if getattr(limit, name, None) is not None]
    return found[-1] if found else otherwise


def _strings(limits: list[Any]) -> st.SearchStrategy[str]:
    return texts(int(_limit(limits, "min_length", 0)), int(_limit(limits, "max_length", 1_000)))


def _floats(limits: list[Any]) -> st.SearchStrategy[float]:
    least, most = _limit(limits, "ge", -1e308), _limit(limits, "le", 1e308)
    chosen = (least, most, 0.0, -0.0, 0.5, 5e-324, 1234.5)
    return st.sampled_from([value for value in chosen if least <= value <= most])


def _integers(limits: list[Any]) -> st.SearchStrategy[int]:
    least = int(_limit(limits, "ge", -(2**62)))
    return st.sampled_from([value for value in (least, 0, 1, 2**62) if value >= least])


def _instants(limits: list[Any]) -> st.SearchStrategy[datetime]:
    is_event = any(getattr(limit, "func", None) is refuse_unset_clock for limit in limits)
    return st.sampled_from(
        [FIRST_EVENT if is_event else EARLIEST, USUAL, USUAL + timedelta(days=400), LATEST]
    )


_PLAIN: dict[Any, Callable[[list[Any]], st.SearchStrategy[Any]]] = {
    str: _strings,
    float: _floats,
    int: _integers,
    bool: lambda _limits: st.booleans(),
    bytes: lambda _limits: st.sampled_from([b"", b"\xff\x00", b"x" * 1_000]),
    datetime: _instants,
    AwareDatetime: _instants,
    NoneType: lambda _limits: st.none(),
}
