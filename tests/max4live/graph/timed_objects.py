"""Objects that wait."""

from tests.max4live.graph.node import BANG, Message, Node, is_number


class DeferLow(Node):
    def receive(self, inlet: int, message: Message):
        self.world.clock.low(lambda: self.out(0, message))


class QueueLimit(Node):
    """`qlim`: at once if the last is long enough ago, else the newest when it is."""

    def start(self):
        self.last_ms = float("-inf")
        self.newest: Message | None = None

    def receive(self, inlet: int, message: Message):
        waiting, self.newest = self.newest is not None, message
        wait_ms = self.last_ms + self.arguments[0] - self.world.clock.now_ms
        if wait_ms <= 0:
            self.world.clock.low(self.fire)
        elif not waiting:
            self.world.clock.after(wait_ms, self.fire)

    def fire(self):
        if self.newest is not None:
            message, self.newest = self.newest, None
            self.last_ms = self.world.clock.now_ms
            self.out(0, message)


class Metro(Node):
    def start(self):
        self.every_ms = float(self.arguments[0])
        self.pending = None

    def receive(self, inlet: int, message: Message):
        if inlet == 1:
            self.every_ms = float(message[0])
            return
        self.world.clock.cancel(self.pending)
        self.pending = None
        if message[0]:
            self.tick()

    def tick(self):
        self.pending = self.world.clock.after(self.every_ms, self.tick)
        self.out(0, BANG)


class MakeNote(Node):
    def start(self):
        self.velocity, self.length_ms = self.arguments

    def receive(self, inlet: int, message: Message):
        assert is_number(message[0])
        if inlet == 1:
            self.velocity = message[0]
        elif inlet == 2:
            self.length_ms = message[0]
        else:
            note = message[0]
            self.note(note, self.velocity)
            self.world.clock.after(self.length_ms, lambda: self.note(note, 0))

    def note(self, number: float, velocity: float):
        self.out(1, [velocity])
        self.out(0, [number])


TIMED: dict[str, type[Node]] = {
    "deferlow": DeferLow,
    "qlim": QueueLimit,
    "metro": Metro,
    "makenote": MakeNote,
}
