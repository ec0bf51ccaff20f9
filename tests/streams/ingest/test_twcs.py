"""Tweets of customers and companies become conversations, whatever their order in the file."""

import random
from pathlib import Path

import pytest

from streams.ingest import IngestError
from tests.streams.support.export_files import read_export as read
from tests.streams.support.export_files import said

TWEETS = """\
tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
1,AcmeHelp,False,Tue Oct 31 22:11:45 +0000 2017,"@115712 We can help, send a note",,3
3,115712,True,Tue Oct 31 22:08:27 +0000 2017,@AcmeHelp it is down,"1,2",
2,AcmeHelp,False,Tue Oct 31 22:15:00 +0000 2017,@115712 Is it up?,5,3
5,115712,True,Tue Oct 31 22:20:00 +0000 2017,@AcmeHelp yes,,2
6,999,True,Tue Oct 31 22:21:00 +0000 2017,@AcmeHelp me too,,3
7,AcmeHelp,False,Tue Oct 31 22:22:00 +0000 2017,Good morning everyone,,
8,115713,True,Tue Oct 31 22:23:00 +0000 2017,@AcmeHelp hello,,404.0
9,115713,maybe,Tue Oct 31 22:23:00 +0000 2017,x,,
"""


def test_tweets_become_conversations_of_one_customer_each(tmp_path: Path) -> None:
    path = tmp_path / "twcs.csv"
    path.write_text(TWEETS)
    tickets, wrong, count = read(path, "twcs")
    threads = {ticket.event_id: (ticket.ticket_id, ticket.account_id, ticket.kind) for ticket in tickets}
    assert threads == {
        "twcs-1": ("twcs-3-115712", "115712", "human_reply"),
        "twcs-3": ("twcs-3-115712", "115712", "customer_message"),
        "twcs-2": ("twcs-3-115712", "115712", "human_reply"),
        "twcs-5": ("twcs-3-115712", "115712", "customer_message"),
        "twcs-6": ("twcs-3-999", "999", "customer_message"),
        "twcs-8": ("twcs-8-115713", "115713", "customer_message"),
    }
    assert {ticket.channel for ticket in tickets} == {"forum"}
    assert said(tickets)[0][2] == "2017-10-31T22:11"
    assert [(row.line, row.reason.partition(":")[0]) for row in wrong] == [(7, "account_id"), (9, "inbound")]
    assert count.rows == 8


def test_tweets_in_any_order_and_in_a_circle_give_the_same_conversations(tmp_path: Path) -> None:
    header, *lines = TWEETS.splitlines()
    random.Random(1).shuffle(lines)
    path = tmp_path / "twcs.csv"
    path.write_text("\n".join([header, *lines, "20,a,True,Tue Oct 31 22:20:00 +0000 2017,x,,20"]))
    tickets, _, _ = read(path, "twcs")
    assert {ticket.ticket_id for ticket in tickets} == {
        "twcs-3-115712",
        "twcs-3-999",
        "twcs-8-115713",
        "twcs-20-a",
    }


def test_a_file_of_another_kind_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("account_id,body,occurred_at\na,b,2026-01-01\n")
    with pytest.raises(IngestError, match="zendesk reads JSON exports"):
        read(path, "zendesk")
    with pytest.raises(IngestError, match="no export of twcs: it has no column tweet_id"):
        read(path, "twcs")
