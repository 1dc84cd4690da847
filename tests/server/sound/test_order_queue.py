"""What waits for the sound process: in turn, and few."""

import numpy as np

from server.sound.order_queue import MOST_WAITING, OrderQueue
from sounding.keyboard import Key
from sounding.orders import AddSpace, Panic, Press, Release, SetPatch, SetVolume


def patch(instrument):
    return SetPatch(instrument, np.zeros(1))


def taken(*orders):
    queue = OrderQueue()
    for order in orders:
        queue.put(order)
    return queue.take()


def test_of_patches_the_newest_is_sent_and_none_passes_a_note():
    a, b, c, d = map(patch, (0, 0, 1, 0))
    note, panic = Release("me", 60), Panic()
    assert taken(a, b, note, c, d, panic) == [b, note, c, d, panic]
    assert taken(a, c, b) == [b, c]
    assert taken() == []


def test_what_was_taken_is_not_replaced():
    queue, a, b = OrderQueue(), patch(0), patch(0)
    queue.put(a)
    assert queue.take() == [a]
    queue.put(b)
    assert queue.take() == [b] and queue.take() == []


def test_turns_take_no_memory_while_nobody_takes_them():
    queue = OrderQueue()
    for k in range(100_000):
        queue.put(patch(k % 8))
    assert len(queue.take()) == 8


def test_what_was_played_gives_way_where_too_much_waits_and_no_note_hangs():
    space, volumes = AddSpace(1, {}), (SetVolume(0.5), SetVolume(0.2))
    queue = OrderQueue()
    for order in (space, *volumes):
        queue.put(order)
    for k in range(3 * MOST_WAITING):
        queue.put(last := patch(k % 2))
        queue.put(Press(Key(0, "me", k % 128), 100))
    waiting = queue.take()
    assert len(waiting) <= MOST_WAITING + 1
    assert waiting[:2] == [space, volumes[1]]
    panic = next(k for k, order in enumerate(waiting) if isinstance(order, Panic))
    assert all(isinstance(order, SetPatch) for order in waiting[2:panic])
    assert [order for order in waiting if isinstance(order, SetPatch)][-1] is last


def test_a_closed_queue_keeps_nothing():
    queue = OrderQueue()
    queue.put(patch(0))
    queue.close()
    queue.put(patch(1))
    assert queue.take() == []
