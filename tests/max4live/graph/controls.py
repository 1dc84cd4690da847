"""Controls on the strip, and what stores their values."""

from tests.max4live.graph.node import BANG, Message, Node, is_number


class Control(Node):
    """A Live parameter: it sends when turned, and does not when `set`.

    `writes` counts the messages that changed it from inside the patch: each may be an entry of Live's undo,
    unless it is Hidden.
    """

    def start(self):
        self.saved = self.box["saved_attribute_attributes"]["valueof"]
        self.value = self.saved["parameter_initial"][0]
        self.writes = 0
        self.attributes: dict[str, Message] = {}

    def receive(self, inlet: int, message: Message):
        match message:
            case ["set", value]:
                self.write(value)
            case [str(name), *rest] if name != "bang":
                self.attributes[name] = rest
            case [value]:
                self.write(value)
                self.say()

    def write(self, value: float):
        self.value = value
        self.writes += 1
        if self.saved["parameter_invisible"] != 2:
            self.world.written.append((self.world.clock.now_ms, self.saved["parameter_longname"]))

    def turn(self, value: float):
        """Move it, as the player or Live's automation would."""
        self.value = value
        self.say()

    def say(self):
        mode_button = self.name == "live.text" and self.box.get("mode") == 0
        whole = self.saved["parameter_type"] in (1, 2)
        self.out(0, BANG if mode_button else [int(self.value) if whole else float(self.value)])


class Menu(Node):
    def start(self):
        self.items = [item for item in self.box.get("items", []) if item != ","]
        self.value = 0

    def receive(self, inlet: int, message: Message):
        match message:
            case ["clear"]:
                self.items = []
            case ["append", *words]:
                self.items.append(" ".join(str(w) for w in words))
            case ["set", number]:
                self.value = number
            case ["setsymbol", name]:
                if name in self.items:
                    self.value = self.items.index(name)
            case _:
                raise AssertionError(message)

    def pick(self, number: int):
        self.value = number
        self.out(1, [self.items[number]])
        self.out(0, [number])


class Text(Node):
    """A comment or a text field."""

    def start(self):
        self.text = self.box.get("text", "")
        self.info = self.box.get("annotation", "")

    def receive(self, inlet: int, message: Message):
        match message:
            case ["set", *words]:
                self.text = " ".join(str(w) for w in words)
            case ["sendbox", "annotation", text]:
                self.info = text
            case ["bang"]:
                self.out(0, ["text", self.text])
            case _:
                raise AssertionError(message)


class Stored(Node):
    """`pattr`: it sends what it is given."""

    def start(self):
        self.value: Message = []
        self.writes = 0

    def receive(self, inlet: int, message: Message):
        self.writes += 1
        self.world.written.append((self.world.clock.now_ms, str(self.arguments[0])))
        self.restore(message)

    def restore(self, value: Message):
        """Do what Live does when a Set opens, and on undo."""
        self.value = list(value)
        if self.value:
            self.out(0, self.value)


class Remote(Node):
    """`live.remote~`: the id it is bound to, and every value it was sent while bound."""

    def start(self):
        self.id = 0
        self.values: list[float] = []

    def receive(self, inlet: int, message: Message):
        if inlet == 1:
            word, number = message
            assert word == "id" and isinstance(number, int), message
            self.id = number
            return
        assert len(message) == 1 and is_number(message[0]), message
        self.values.append(float(message[0]))


CONTROLS: dict[str, type[Node]] = {
    **dict.fromkeys(("live.dial", "live.text", "live.tab", "live.menu", "live.numbox"), Control),
    "umenu": Menu,
    "comment": Text,
    "textedit": Text,
    "pattr": Stored,
    "live.remote~": Remote,
}
