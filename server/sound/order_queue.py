"""Orders that wait for the sound process: few, however long it does not read them."""

import threading

from sounding.orders import AddSpace, Order, Panic, SetPatch, SetVolume

__all__ = ["MOST_WAITING", "OrderQueue"]

MOST_WAITING = 1024  # orders; a process that has left so many unread stands still


class OrderQueue:
    """Takes orders in turn; of the patches of an instrument that no other order parts, the newest stays.

    Where more than `MOST_WAITING` wait, what was played is left out: all notes end instead, and none hangs.
    """

    def __init__(self) -> None:
        self._orders: list[Order] = []
        self._patches: dict[int, int] = {}  # places of the patches that a newer one replaces, by instrument
        self._lock = threading.Lock()  # held for microseconds: the loop puts, a thread of the link takes
        self._is_closed = False

    def put(self, order: Order) -> None:
        """Add an order, unless the queue is closed."""
        with self._lock:
            if self._is_closed:
                return
            if not isinstance(order, SetPatch):
                self._patches.clear()
            elif (place := self._patches.get(order.instrument)) is not None:
                self._orders[place] = order
                return
            else:
                self._patches[order.instrument] = len(self._orders)
            self._orders.append(order)
            if len(self._orders) > MOST_WAITING:
                self._shorten()

    def take(self) -> list[Order]:
        """Return all that wait, in turn."""
        with self._lock:
            orders, self._orders = self._orders, []
            self._patches.clear()
        return orders

    def close(self) -> None:
        """Drop what waits and whatever comes: nobody will take it."""
        with self._lock:
            self._is_closed = True
            self._orders.clear()

    def _shorten(self) -> None:
        spaces = [order for order in self._orders if isinstance(order, AddSpace)]
        volumes = [order for order in self._orders if isinstance(order, SetVolume)]
        patches = {order.instrument: order for order in self._orders if isinstance(order, SetPatch)}
        self._orders = [*spaces, *volumes[-1:], *patches.values(), Panic()]
        self._patches.clear()
