"""Send a user's own file into a topic: read and check all of it, then send it, then report the result.

Nothing is sent before the whole file is read. Wrong rows are reported by line and reason; records that the
broker did not acknowledge are reported as not sent. Ids are made from a row's content and its line, so the
same command may run again: nothing is doubled.

May import `streams.consume` (the checks of the consumers), `streams.kafka`, `streams.process` and `schemas`.
"""

from streams.ingest.columns import parse_columns
from streams.ingest.delimited import parse_delimiter
from streams.ingest.documents import RejectedRow
from streams.ingest.formats.exports import FORMATS
from streams.ingest.instants import Instants, parse_formats, parse_start, parse_zone
from streams.ingest.records import KINDS, TICKET_KIND, USAGE_KIND, Present, RecordKind
from streams.ingest.sending import Delivery, Play, line_ranges, send
from streams.ingest.source import RowCount, SourceFile, read_into
from streams.ingest.spool import Spool
from streams.ingest.texts import IngestError

__all__ = [
    "FORMATS",
    "KINDS",
    "TICKET_KIND",
    "USAGE_KIND",
    "Delivery",
    "IngestError",
    "Instants",
    "Play",
    "Present",
    "RecordKind",
    "RejectedRow",
    "RowCount",
    "SourceFile",
    "Spool",
    "line_ranges",
    "parse_columns",
    "parse_delimiter",
    "parse_formats",
    "parse_start",
    "parse_zone",
    "read_into",
    "send",
]
