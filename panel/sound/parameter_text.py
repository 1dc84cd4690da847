"""A parameter's value as a person reads it."""

from core.space import Parameter

__all__ = ["parameter_text"]

_C4_HZ = 261.626


def parameter_text(parameter: Parameter, normalized: float) -> str:
    """Return a value with its unit.

    >>> from core.space import Parameter
    >>> parameter_text(Parameter(name="a", label="A", low=-7, high=9, scale="exponential", unit="Hz"), 0.5)
    '2 Hz'
    >>> parameter_text(Parameter(name="b", label="B", low=-1, high=1), 0.75)
    '+50 %'
    """
    value, unit = parameter.plain(normalized), parameter.unit
    if unit == "semitones" and parameter.name.endswith("cutoff"):
        value, unit = _C4_HZ * 2.0 ** (value / 12.0), "Hz"  # counted from C4
    if unit == "s":
        return f"{1e3 * value:.0f} ms" if value < 1.0 else f"{value:.2f} s"
    if unit == "Hz":
        return f"{value / 1e3:.2f} kHz" if value >= 1e3 else f"{value:.3g} Hz"
    if unit:
        return f"{value:z.1f} {unit}"  # z: never -0.0
    if parameter.scale == "indexed":
        return _whole(value, parameter)
    if parameter.high == 1.0 and parameter.low in (0.0, -1.0):
        return f"{_whole(100.0 * value, parameter)} %"
    return f"{round(value, 2 if abs(value) < 10.0 else 1):zg}"


def _whole(value: float, parameter: Parameter) -> str:
    """Return a whole number, with its sign where it may be below 0."""
    n = round(value)
    return f"{n:+d}" if parameter.low < 0.0 and n else f"{n:d}"
