"""What clients send about controllers."""

from server.osc.table.row import MACRO, integer, query, text

__all__ = ["CONTROLLERS"]

_BOUND = "identity or name of the one that the control moves; empty for whatever has the focus"
_COMMANDS = (
    "record, follow, next answer, vary, hold K, path, next preset, previous preset, a/b, undo, redo or next "
    "instrument"
)

CONTROLLERS = (
    query(
        "/flow/learn",
        (MACRO, text("instrument", _BOUND, optional=True)),
        "Bind the next control that is moved to macro k: a control of a MIDI controller, or an OSC address "
        "of another program with a number, whose range is taken from the sweep. The status says what to "
        "move; all clients are told what is heard and learned. Start the server with --midi or --oscquery.",
        "learning heard status",
        needs="bind",
    ),
    query(
        "/flow/learn/all",
        (text("instrument", _BOUND, optional=True),),
        "Bind one macro after the other, each to the next control that is moved.",
        "learning status",
        needs="bind",
    ),
    query(
        "/flow/learn/command",
        (text("command", _COMMANDS), text("instrument", _BOUND, optional=True)),
        "Bind the next button, pad, pedal, note or OSC switch that is pressed to a command.",
        "learning status",
        needs="bind",
    ),
    query(
        "/flow/learn/other",
        (),
        "No, another one: while something waits, the likeliest control is left out; afterwards, what was "
        "bound last is unbound, and the next that was heard is bound instead, or the next that is moved.",
        "learning status",
        needs="bind",
    ),
    query(
        "/flow/learn/take",
        (integer("j", 0, 255, "number in `/flow/heard`"),),
        "Bind this control, whatever else is heard.",
        "learning status",
        needs="bind",
    ),
    query("/flow/learn/skip", (), "Leave this macro as it is, and go on with the next.", "learning status"),
    query("/flow/learn/stop", (), "Wait for no control any more.", "learning status"),
    query(
        "/flow/unlearn",
        (MACRO, text("instrument", _BOUND, optional=True)),
        "Unbind macro k of an instrument from every controller plugged in. Without an instrument, controls "
        "that follow the focus are unbound, and those of the instrument that has it.",
        "learning status",
        needs="bind",
    ),
    query(
        "/flow/bind",
        (
            text("what", "`macro 3`, `place x`, `preset NAME` or a command"),
            text("control", "as a profile spells it, such as `cc 20`, `cc 20 channel 1` or `osc /1/fader3`"),
            text("controller", "part of its name; empty for the only one there is", optional=True),
            text("instrument", _BOUND, optional=True),
        ),
        "Bind a control by name; what a macro follows already stays bound.",
        "status",
        needs="bind",
    ),
    query(
        "/flow/unbind",
        (text("what", "as in `/flow/bind`"), text("instrument", _BOUND, optional=True)),
        "Unbind everything that does this.",
        "status",
        needs="bind",
    ),
    query(
        "/flow/commands",
        (),
        "Ask which controls give commands or load presets: how many there are, then one message each.",
        "commands command",
    ),
    query(
        "/flow/bindings",
        (),
        "Ask which controls move macros, and their positions: how many there are, then one message each. "
        "All clients are told when that changes, and so is a newly registered client that is not a "
        "`device`, which is also told which macro is learning.",
        "bindings binding",
    ),
)
