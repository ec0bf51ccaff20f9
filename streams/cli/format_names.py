"""The names of exports, as options of commands take them."""

from enum import StrEnum


class FormatName(StrEnum):
    """The products whose exports of tickets are understood."""

    zendesk = "zendesk"
    zammad = "zammad"
    chatwoot = "chatwoot"
    freshdesk = "freshdesk"
    intercom = "intercom"
    twcs = "twcs"
