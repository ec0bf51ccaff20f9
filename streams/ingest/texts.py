"""A file as text: unpacked, in its own encoding, with every byte that has no meaning marked."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

from streams.process.errors import PlainError

MARK: Final = "\ufdd0"
"""Replaces bytes that are not of the encoding; Unicode keeps this code point free for a program's own use."""

HEAD_BYTES: Final = 65_536
"""How much of a file is read to recognise its compression, its encoding and its shape."""

MAX_LINE_CHARACTERS: Final = 10_000_000
"""A longer line is refused and skipped, so that memory stays bounded; a message has at most 200,000."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES: Final = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_GZIP: Final = b"\x1f\x8b"
_OTHERS: Final = {
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or save it as CSV",
    b"BZh": "compressed by bzip2; unpack it, or use gzip",
    b"\xfd7zXZ\x00": "compressed by xz; unpack it, or use gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it, or use gzip",
}
_SKIPPED_CHARACTERS: Final = 1_048_576


class IngestError(PlainError):
    """The file or the options cannot be used; the message is one sentence for the operator."""


class Overlong(str):
    """The beginning of a line that is longer than `MAX_LINE_CHARACTERS`; the rest was skipped."""

    __slots__ = ()


@dataclass(frozen=True)
class TextFile:
    """An open file: its bytes as they are on the disk, its text, the encoding's name, and its beginning."""

    raw: BinaryIO
    text: TextIO
    encoding: str
    head: str

    @property
    def not_decodable(self) -> str:
        """The reason to reject a row that contains bytes which are not of the encoding."""
        return f"not {self.encoding}; name the encoding of the file with --encoding, such as cp1252"

    def lines(self) -> Iterator[str]:
        """Yield every line with its line end; of a line that is too long, only its beginning."""
        while line := self.text.readline(MAX_LINE_CHARACTERS):
            if len(line) < MAX_LINE_CHARACTERS or line.endswith(("\n", "\r")):
                yield line
            else:
                self._skip_line()
                yield Overlong(line)

    def _skip_line(self) -> None:
        while part := self.text.readline(_SKIPPED_CHARACTERS):
            if part.endswith(("\n", "\r")):
                return


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return MARK, error.end
    raise error


codecs.register_error("rapport-mark", _mark)


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[TextFile]:
    """Open a plain or gzip file as text.

    Without `encoding`, a byte order mark or the zero bytes of UTF-16 show the encoding; otherwise it is
    UTF-8. A byte order mark takes precedence over a named encoding.

    Raises IngestError if the encoding is unknown or the file cannot be read, even midway.
    """
    named = _known(encoding) if encoding is not None else None
    try:
        with path.open("rb") as raw:
            unpacked = _unpacked(raw, path)
            head = unpacked.read(HEAD_BYTES)
            unpacked.seek(0)
            found = _encoding_of(head, named)
            text = io.TextIOWrapper(unpacked, found, errors="rapport-mark", newline="")
            start = codecs.getincrementaldecoder(found)("rapport-mark").decode(head)
            yield TextFile(raw, text, _NAMES.get(found, found.upper()), start.removeprefix("\ufeff"))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise IngestError(f"{path} is a damaged gzip file.") from error
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror or error}.") from error


def _known(encoding: str) -> str:
    try:
        "a".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError) as error:
        raise IngestError(
            f"--encoding {encoding} is not known; write a name such as utf-8, cp1252 or utf-16."
        ) from error


def _unpacked(raw: BinaryIO, path: Path) -> Any:
    start = raw.read(8)
    raw.seek(0)
    for magic, told in _OTHERS.items():
        if start.startswith(magic):
            raise IngestError(f"{path} is {told}.")
    return gzip.GzipFile(fileobj=raw) if start.startswith(_GZIP) else raw


def _encoding_of(head: bytes, named: str | None) -> str:
    r"""Return the encoding of a file that begins like this.

    >>> _encoding_of(b"\xff\xfea\x00", None), _encoding_of(b"a\x00,\x00b\x00", None)
    ('utf-16', 'utf-16-le')
    >>> _encoding_of(b"a,b", None), _encoding_of(b"a,b", "cp1252"), _encoding_of(b"\xef\xbb\xbfa", "cp1252")
    ('utf-8-sig', 'cp1252', 'utf-8-sig')
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if named is not None:
        return "utf-8-sig" if named == "utf-8" else named
    return _utf16_without_mark(head[:256]) or "utf-8-sig"


def _utf16_without_mark(start: bytes) -> str | None:
    """Return which UTF-16 the first bytes are, or None: every other byte of plain Latin text is zero."""
    first, second = start[0::2], start[1::2]
    if len(second) > 1 and 2 * second.count(0) > len(second) and not first.count(0):
        return "utf-16-le"
    if len(first) > 1 and 2 * first.count(0) > len(first) and not second.count(0):
        return "utf-16-be"
    return None
