"""What is on the dials, as messages: the names of parameters and macros, and what is frozen."""

from server.instrument.instrument import Instrument
from server.osc.builder import osc_message

__all__ = ["holds", "macro_names", "names"]


def names(instrument: Instrument) -> list[bytes]:
    """Return the names of parameters and macros, one message each."""
    labels = [osc_message("/flow/name", k, one.label) for k, one in enumerate(instrument.model.space)]
    return labels + macro_names(instrument)


def macro_names(instrument: Instrument) -> list[bytes]:
    """Return the names of the macros, one message each."""
    return [osc_message("/flow/macroname", k, name) for k, name in enumerate(instrument.model.macros.names)]


def holds(instrument: Instrument) -> list[bytes]:
    """Return whether each macro is frozen, one message each."""
    n_macros = len(instrument.model.macros)
    return [osc_message("/flow/frozen", k, int(k in instrument.frozen)) for k in range(n_macros)]
