"""The address table as a page for people: `python -m server.osc.docs > docs/osc-api.md`."""

from collections.abc import Iterable

from server.osc.addresses import PROTOCOL, TO_CLIENTS, TO_SERVER, Address, Argument
from server.osc.clients import MAX_CLIENTS, STRANGERS
from server.osc.hosts.admission import MOST_OF_A_HOST
from server.osc.hosts.ports import LOWEST_PORT
from server.osc.hosts.proofs import FACTOR
from server.osc.patterns import MAX_PATTERN
from server.osc.permissions import REMOTE
from server.osc.tolerance import MOST_IN_PATH as IN_PATH
from server.osc.tolerance import MOST_PATTERNS, ROUNDING

__all__ = ["osc_docs"]

_CONTROLS = ", ".join(
    f"`{row.address.removeprefix('/flow/')}`" for row in TO_SERVER.values() if row.role == "control"
)
_HEAD = f"""# OSC, protocol version {PROTOCOL}

*Made by `python -m server.osc.docs > docs/osc-api.md`; a test holds the two together.*

The server listens on UDP port 9130 of this machine. Arguments are `i` (32-bit integer), `f` (32-bit
float) and `s` (UTF-8 text, at most 256 bytes; longer answers are cut); what other programs send instead is
[understood](#what-is-tolerated), too. M, D and P are the numbers of macros, latent dimensions and
parameters of the model that plays the client's instrument; `welcome` names them.

**Answers.** A client says hello with the port it listens on; answers and frames go to that port at
its address. For a sender that never said hello they go to port 9131 (`--reply-port`) at its address, and to
the port that it sends from.
A client that was silent for 10 s is forgotten and has to say hello again. A hello that is refused is answered
at the port that it names. Nothing is sent to ports below {LOWEST_PORT}.

**Instruments.** A client that names an instrument in its hello plays that one, and is sent its frames; a
client without one acts on the instrument that has the focus, and is sent the frames of that.
The server keeps instruments until it ends. After that a client says hello again and is told of a new run; a
`device` sends its state again, and the instrument of any other client begins at the model's resting point.
In the first 3 s, values of senders that have not said hello are refused if a device has: they may come from
one that has not noticed the restart.
An identity that another living client has is answered, in welcome, by another: the instrument is then a copy.

**Models.** Each instrument is played by a model of its own, and a client is sent another welcome whenever
what it hears is played by another: by `/flow/model`, by its link, or because the focus moves. A new
instrument begins with the server's own model (`--model`), a copy with its original's; the server remembers
the others by identity, also when it is started again, and welcomes such an instrument a second time once its
model is loaded.

**Links.** A client that names a link plays the instrument of another instead, as long as that is alive; when
its link ends, its own instrument becomes a copy of what it has shared. A client without an instrument of its
own may name a link, too, and hears nothing while that is not there. A client that comes to play another
instrument is sent its state, as a new client is. While the other's device has yet to send its sound, a linked
client is sent none; its frame follows.

**Other machines** may play; recording, saving, binding and stopping need `--allow-remote`, see
[security](security.md). A client on another machine is sent `/flow/token`, and sends its number back by
`/flow/echo`; until then it is sent at most {FACTOR} bytes for each that came from its machine.

**Servers are not clients.** Some addresses are both an order and an answer, such as `/flow/macros`. A program
that has sent what only servers send (`/flow/params`, `/flow/status`) is not obeyed at those for 10 s, or
until it says hello.

**Limits.** At most {MAX_CLIENTS} clients are known at a time, at most {MOST_OF_A_HOST} of them
on any one other machine, and 64 instruments are played. When all places are taken, clients on other machines
make room for those on this one, and clients that have sent nothing but a hello for those that were known
before. An instrument without a client makes room for another, and comes back as it was when its client does.
A client for which there is no room is told so by `/flow/error`, at the port that it named; its messages play
nothing, and are answered in the same way, until a hello of its is welcomed.

**Knobs follow.** After a latent, patch, place, preset, variation, path or model, every client of the
instrument gets the frame, the macros, the latent and its place on the map of presets. After a macro, every
one gets the frame, and all but the sender get the macros, since the sender's hand is on the dial. When macros
have rested for 0.12 s, every one gets the latent once, so that it can be stored, and the place.

**Newest wins.** The controls are {_CONTROLS}. Of the
values that arrive while a frame is computed, only the last of each control is used. All other messages
(a preset, a variation) are carried out in order.

**Bundles** are unpacked in order, at once: time tags are ignored.

**A message that does not fit its row** changes nothing, and is answered by `/flow/error` with the address
and what to do, at most 50 times a second. A datagram that is not OSC at all is counted, and answered only
to a known client, once a second.

Try it from a shell; `--wait` is how many seconds answers are printed:

    python -m server.client /flow/macro 0 0.8 --wait 0.5
    oscsend localhost 9130 /flow/macro if 0 0.8        # liblo-tools; answers: oscdump 9131
"""
_TOLERANCE = """
## What is tolerated

Other programs send what they can. Whatever is understood comes out as a message of the tables below, with the
same bounds: nothing here reaches further than they do.

| what honest senders do | what it is taken for | why it is safe |
| --- | --- | --- |"""
_TOLERATED = (
    (
        "a value that rounding put outside: `1.0000001`, `-1e-8`, `2.9999999` for a whole number",
        f"the nearest that is allowed, if that is {ROUNDING:g} away at most",
        "it ends within the bounds; anything further out is refused and told with its digits",
    ),
    (
        "`d`, `h`, `S` for `f`, `i`, `s`; a whole float for an `i`, an `i` for an `f`",
        "the same number or text",
        "every byte is accounted for, numbers are finite, bounds hold",
    ),
    (
        "`T` and `F`; `I`; `N`",
        "1 and 0; 1; no argument",
        "they have no bytes; blobs, arrays, colours and MIDI stay refused",
    ),
    (
        "a button that sends 1 (or 127) when it is pressed and 0 when it is let go, to an address "
        "that takes no (further) argument",
        "pressed: the message; let go: nothing",
        "any other number is refused; never for a control",
    ),
    (
        "arguments in the address: `/flow/macro/3 0.5`, `/flow/preset/load/Pad%202`",
        "the first arguments of the row",
        f"at most {IN_PATH}; texts are checked as any other, so no path gets in",
    ),
    (
        "address patterns: `*`, `?`, `[0-3]`, `[!a]`, `{a,b}`",
        "every control they mean, and `/flow/freeze/K`",
        f"at most {MAX_PATTERN} characters, 4 stars, {MOST_PATTERNS} in a datagram; compared in a time"
        " that grows with the length only; what saves, loads, lists, listens or ends is never meant "
        "by a pattern",
    ),
    (
        "a bundle with a time tag ahead (a clock that differs, a program that sends early)",
        "now",
        "nothing waits, so nobody can make the server wait",
    ),
    (
        "no hello, and an ear at the port it sends from",
        "answers and frames go there, too",
        f"the newest {STRANGERS} of a host, ports from 1024, until 10 s after the last message; "
        "whoever sends frames or errors is a server, and is not answered there, so that two servers "
        "cannot play each other",
    ),
)


def osc_docs() -> str:
    """Return the page as Markdown."""
    return "\n".join(
        [
            _HEAD + _TOLERANCE,
            *(f"| {' | '.join(cells)} |" for cells in _TOLERATED),
            "",
            "## To the server\n",
            *_table(TO_SERVER.values(), answers=True),
            "\n## To the clients\n",
            *_table(TO_CLIENTS.values(), answers=False),
            "",
        ]
    )


def _table(rows: Iterable[Address], *, answers: bool) -> list[str]:
    head = "| address | arguments | meaning |" + (" answer |" if answers else "")
    lines = [head, "| --- " * (head.count("|") - 1) + "|"]
    for row in rows:
        needs = f" From another machine only with `--allow-remote {row.permission}`."
        meaning = row.text + (needs if row.permission in REMOTE else "")
        cells = [f"`{row.address}`", "; ".join(_argument(a) for a in row.arguments), meaning]
        if answers:
            cells.append(" ".join(f"`{a.removeprefix('/flow/')}`" for a in row.answers))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def _argument(argument: Argument) -> str:
    many = "" if argument.count == 1 else f" x {argument.count}"
    notes = [_range(argument), argument.text, "may be left out" if argument.optional else ""]
    note = ", ".join(n for n in notes if n)
    return f"**{argument.type}** {argument.name}{many}" + (f" ({note})" if note else "")


def _range(argument: Argument) -> str:
    if argument.type == "s" or argument.low <= -(2**31):
        return ""
    if isinstance(argument.high, str):
        return f"{argument.low:g} to {argument.high}"
    if argument.high >= 2**31 - 1:
        return ""
    return f"{argument.low:g} to {argument.high:g}"


if __name__ == "__main__":
    print(osc_docs(), end="")
