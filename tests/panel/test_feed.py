"""What pages are told, and at which pace. No socket."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from panel.feed.feed import PACE_S, Feed
from panel.feed.update_scheduler import UpdateScheduler


def test_a_browser_that_does_not_answer_is_sent_one_message_and_then_the_newest():
    sent, value = [], {"macros": 0}
    feed = Feed({"macros": lambda: value["macros"]}, sent.append)
    assert feed.push()
    for n in range(1000):
        value["macros"] = n
        feed.mark("macros")
        feed.push()
    assert len(sent) == 1
    feed.acknowledge(sent[0]["serial"])
    assert feed.push() and sent[1]["macros"] == 999
    feed.acknowledge(sent[1]["serial"])
    assert not feed.push()  # nothing has changed


def test_what_is_not_shown_is_not_sent_and_what_is_shown_again_is():
    sent = []
    feed = Feed({"macros": lambda: 1, "params": lambda: 2}, sent.append)
    feed.mute("params")
    feed.push()
    assert sent[-1] == {"macros": 1, "serial": 1}
    feed.acknowledge(1)
    feed.mark("params")
    assert not feed.push()
    feed.mute()
    assert feed.push() and sent[-1] == {"params": 2, "serial": 2}


@given(st.lists(st.sampled_from(["mark", "push", "ack", "old ack", "wild ack"]), max_size=60))
def test_there_is_never_more_than_one_message_on_its_way(steps):
    sent, acknowledged = [], [0]
    feed = Feed({"a": lambda: 1}, sent.append)
    for step in steps:
        match step:
            case "mark":
                feed.mark("a")
            case "push":
                feed.push()
            case "ack" if sent:
                acknowledged[0] = sent[-1]["serial"]
                feed.acknowledge(sent[-1]["serial"])
            case "old ack":
                feed.acknowledge(0)
            case "wild ack":
                feed.acknowledge(10**6)
        assert len(sent) - acknowledged[0] <= 1


def test_pages_are_told_at_a_pace_and_one_that_breaks_does_not_stop_the_others(caplog):
    async def life():
        scheduler, drawn, heard = UpdateScheduler({"macros": lambda: 1}), [], []
        leave = scheduler.add_callback(heard.append)
        feed, _ = scheduler.add_feed(drawn.append)
        scheduler.add_callback(lambda topics: 1 / 0)
        running = asyncio.create_task(scheduler.run())
        for _ in range(200):
            scheduler.touch("macros", "notices")
            if drawn:
                scheduler.acknowledge(feed, drawn[-1]["serial"])
            await asyncio.sleep(0.001)
        leave()
        n = len(heard)
        scheduler.touch("notices")
        await asyncio.sleep(0.1)
        running.cancel()
        return len(drawn), n, len(heard), heard

    began = time.monotonic()
    with ThreadPoolExecutor(1) as thread:  # a browser of another test may have left its loop in this one
        n_drawn, n_heard, n_after, heard = thread.submit(asyncio.run, life()).result()
    most = (time.monotonic() - began) / PACE_S + 2
    assert 1 <= n_drawn <= most and 1 <= n_heard <= most and n_after == n_heard
    assert heard[0] == {"macros", "notices"} and "this is a bug of the panel" in caplog.text
