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


class Line(Node):
    """`line`: to a value within a time, by steps of its grain; a number alone is a jump."""

    def start(self):
        self.value, self.grain_ms = (float(a) for a in self.arguments)
        self.pending = None

    def receive(self, inlet: int, message: Message):
        assert inlet == 0
        self.world.clock.cancel(self.pending)
        target, ms = (float(v) for v in (*message, 0.0)[:2])
        self.go(self.value, target, 0.0, ms)

    def go(self, start: float, target: float, gone_ms: float, ms: float):
        gone_ms = min(gone_ms + self.grain_ms, ms)
        self.value = start + (target - start) * gone_ms / ms if gone_ms < ms else target
        self.out(0, [self.value])
        if gone_ms < ms:
            self.pending = self.world.clock.after(self.grain_ms, lambda: self.go(start, target, gone_ms, ms))


TIMED: dict[str, type[Node]] = {
    "deferlow": DeferLow,
    "line": Line,
    "qlim": QueueLimit,
    "metro": Metro,
    "makenote": MakeNote,
}
