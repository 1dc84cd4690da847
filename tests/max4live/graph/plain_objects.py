"""Objects that only pass, compute and keep messages."""

import re

from tests.max4live.graph.node import BANG, Atom, Message, Node, atom, is_number


def truncated(value: Atom) -> int:
    return int(value) if is_number(value) else 0


class Trigger(Node):
    def receive(self, inlet: int, message: Message):
        for outlet in reversed(range(len(self.cords))):
            kind = self.arguments[outlet]
            first = message[0]
            if kind == "b":
                self.out(outlet, BANG)
            elif kind == "i":
                self.out(outlet, [truncated(first)])
            elif kind == "f":
                self.out(outlet, [float(first) if is_number(first) else 0.0])
            elif kind == "s":
                self.out(outlet, [str(first)])
            else:
                assert kind == "l", kind
                self.out(outlet, message)


class Route(Node):
    def receive(self, inlet: int, message: Message):
        assert inlet == 0
        for k, argument in enumerate(self.arguments):
            if message[0] == argument and is_number(message[0]) == is_number(argument):
                self.out(k, message[1:] or BANG)
                return
        self.out(len(self.arguments), message)


class Select(Node):
    def receive(self, inlet: int, message: Message):
        assert inlet == 0
        for k, argument in enumerate(self.arguments):
            if len(message) == 1 and message[0] == argument:
                self.out(k, BANG)
                return
        self.out(len(self.arguments), message)


class Gate(Node):
    def start(self):
        self.open = self.arguments[1] if len(self.arguments) > 1 else 0

    def receive(self, inlet: int, message: Message):
        if inlet == 0:
            self.open = truncated(message[0])
        elif 1 <= self.open <= len(self.cords):
            self.out(self.open - 1, message)


class Prepend(Node):
    def receive(self, inlet: int, message: Message):
        self.out(0, [*self.arguments, *([] if message == BANG else message)])


class Unpack(Node):
    def receive(self, inlet: int, message: Message):
        for k in reversed(range(min(len(message), len(self.arguments)))):
            wanted, value = self.arguments[k], message[k]
            if isinstance(wanted, str):
                self.out(k, [str(value)])
            elif is_number(value):
                self.out(k, [float(value) if isinstance(wanted, float) else truncated(value)])


class Pack(Node):
    def start(self):
        self.held = list(self.arguments)

    def receive(self, inlet: int, message: Message):
        if message != BANG:
            for k, value in enumerate(message):
                if inlet + k < len(self.held):
                    kind = type(self.arguments[inlet + k])
                    self.held[inlet + k] = kind(value)
        if inlet == 0:
            self.out(0, list(self.held))


class Number(Node):
    """`i` and `f`: a number kept on the right, sent on a bang."""

    def start(self):
        self.kind = int if self.name == "i" else float
        self.value = self.kind(self.arguments[0]) if self.arguments else self.kind(0)

    def receive(self, inlet: int, message: Message):
        if message != BANG:
            assert is_number(message[0]), message
            self.value = self.kind(message[0])
        if inlet == 0:
            self.out(0, [self.value])


class Binary(Node):
    """Arithmetic and comparison; whole numbers unless the argument has a point."""

    OPERATIONS = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "==": lambda a, b: int(a == b),
        ">": lambda a, b: int(a > b),
        ">>": lambda a, b: a >> b,
        "&": lambda a, b: a & b,
    }

    def start(self):
        self.right: int | float = self.arguments[0]
        self.kind = type(self.right)

    def receive(self, inlet: int, message: Message):
        if inlet == 1:
            self.right = self.kind(message[0])
            return
        if message != BANG:
            self.left = self.kind(message[0])
        self.out(0, [self.OPERATIONS[self.name](self.left, self.right)])


class Expression(Node):
    def start(self):
        text = " ".join(str(a) for a in self.arguments)
        self.code = re.sub(r"\$i(\d)", r"v[\1]", text).replace("||", " or ").replace("&&", " and ")
        self.values = dict.fromkeys(range(1, 10), 0)

    def receive(self, inlet: int, message: Message):
        self.values[inlet + 1] = truncated(message[0])
        if inlet == 0:
            self.out(0, [int(eval(self.code, {"v": self.values}))])


class ListExpression(Node):
    """`vexpr`: as often as the shortest list is long."""

    def start(self):
        self.code = re.sub(r"\$f(\d)", r"v[\1]", " ".join(str(a) for a in self.arguments))
        self.lists: dict[int, Message] = {k: [] for k in range(len(set(re.findall(r"\d", self.code))))}

    def receive(self, inlet: int, message: Message):
        self.lists[inlet] = [float(v) for v in message]
        if inlet == 0:
            rows = zip(*self.lists.values(), strict=False)
            out = [float(eval(self.code, {"v": (0.0, *row)})) for row in rows]
            if out:
                self.out(0, out)


class Change(Node):
    def start(self):
        self.last = self.arguments[0] if self.arguments else 0

    def receive(self, inlet: int, message: Message):
        if message[0] == "set":
            self.last = message[1]
        elif message[0] != self.last:
            self.last = message[0]
            self.out(0, message)


class Clip(Node):
    def receive(self, inlet: int, message: Message):
        assert inlet == 0
        low, high = self.arguments
        self.out(0, [min(max(float(v), low), high) for v in message if is_number(v)])


class ZlLength(Node):
    def receive(self, inlet: int, message: Message):
        self.out(0, [len(message)])


class ZlSlice(Node):
    def receive(self, inlet: int, message: Message):
        n = self.arguments[0]
        if message[n:]:
            self.out(1, message[n:])
        self.out(0, message[:n])


class ZlNth(Node):
    def receive(self, inlet: int, message: Message):
        n = self.arguments[0]
        self.out(1, message[: n - 1] + message[n:])
        self.out(0, [message[n - 1]])


class ZlRegister(Node):
    def start(self):
        self.held: Message = []

    def receive(self, inlet: int, message: Message):
        if message != BANG:
            self.held = message
        if inlet == 0 and self.held:
            self.out(0, self.held)


class Iterate(Node):
    def receive(self, inlet: int, message: Message):
        for value in message:
            self.out(0, [value])


class MessageBox(Node):
    def receive(self, inlet: int, message: Message):
        for part in self.box["text"].split(","):
            words = [self.word(w, message) for w in part.split()]
            self.out(0, words)

    def word(self, word: str, message: Message) -> Atom:
        return message[int(word[1:]) - 1] if word.startswith("$") else atom(word)


class Send(Node):
    """`s`: to every `r` of that name in the same device; `---` makes it the device's own."""

    def receive(self, inlet: int, message: Message):
        for node in self.world.nodes_named("r"):
            if node.arguments == self.arguments:
                node.out(0, message)


class Pass(Node):
    def receive(self, inlet: int, message: Message):
        self.out(0, message)


PLAIN: dict[str, type[Node]] = {
    "t": Trigger,
    "route": Route,
    "sel": Select,
    "gate": Gate,
    "prepend": Prepend,
    "unpack": Unpack,
    "pack": Pack,
    "i": Number,
    "f": Number,
    **dict.fromkeys(Binary.OPERATIONS, Binary),
    "expr": Expression,
    "vexpr": ListExpression,
    "change": Change,
    "clip": Clip,
    "zl.len": ZlLength,
    "zl.slice": ZlSlice,
    "zl.nth": ZlNth,
    "zl.reg": ZlRegister,
    "iter": Iterate,
    "message": MessageBox,
    "s": Send,
    "r": Pass,
}
