"""Vital's own engine, from the `vita` wheel.

What is random or remembered inside it, found by rendering patches twice and comparing samples:

- Oscillator phases and the default noise are drawn anew. Pinned: `*_random_phase` is 0 in the base patch,
  which also brings its own noise.
- Filters and smoothed controls glide from the last patch to the next. A silent note before each render lets
  them come to rest. Its envelope is closed: the engine plays a note of velocity 0 as loud as any other, and
  cutting that off gave slow sounds a thump of up to 0.7 of their peak.
- The reverb keeps its tail. It is switched off during the silent note, and so starts empty.
- The chorus runs on, and the delay glides from one time to another for seconds; nothing resets them. A patch
  in which the chorus sounds, or a delay whose time the patch sets, is played by a new instance (0.06 s).
- From the 17th note on, voices are used again and the vibrato starts elsewhere, so an instance plays 16.

Of the base patch, the wavetable of the third oscillator, which is off, is left out until a patch moves one of
its controls: an instance starts a third sooner and takes 8 MB less, and each render is the same.

`python -m synths.state_check --space vital-32` measures what is left of earlier renders. A sequence of
renders that begins with a new engine is the same each time, sample for sample. On another kind of processor,
or with another build of the engine, the last bits may differ.
"""

import json
import math
from typing import Any, NamedTuple

import numpy as np
import vita

from core.errors import PatchError, RenderError
from core.nearest import did_you_mean
from core.playing.gestures import Gestures
from core.space import Patch
from synths.base_patch import BASE_PATCH, gesture_settings
from synths.engine import Note

__all__ = ["VitalEngine"]

# By switch: a module is audible where any of these controls is off its base value. An inaudible one is
# switched off: the render is the same sample for sample, and up to 4 times faster.
_AUDIBLE_THROUGH = {
    "chorus_on": ("chorus_dry_wet",),
    "phaser_on": ("phaser_dry_wet",),
    "delay_on": ("delay_dry_wet",),
    "reverb_on": ("reverb_dry_wet",),
    "eq_on": ("eq_low_gain", "eq_high_gain"),
    "filter_2_on": ("filter_2_mix",),
    "sample_on": ("sample_level", "modulation_10_amount"),
    "osc_2_on": (
        "osc_2_level",
        "osc_1_distortion_amount",
        "modulation_9_amount",
        "modulation_11_amount",
    ),
}
_REVERB_SWITCH = "reverb_on"
_ENVELOPE = ("env_1_attack", "env_1_decay", "env_1_sustain", "env_1_release")  # all 0: closed
_RELEASE = "env_1_release"
# Until an effect has faded by 50 dB at the base patch's settings, measured; these can be a patch's own.
_ECHO_SECONDS = {"reverb_on": 1.2, "delay_on": 2.5, "chorus_on": 0.6}
_TAILS_BY_PATCH = ("reverb_decay_time", "reverb_size", "delay_frequency", "delay_feedback")
_LEAST_TAIL_SECONDS = 0.1
_SILENT_SECONDS = 0.2
_MIDDLE_C = 60
_SELDOM = "osc_3_"  # off in the base patch
_OWN_RATE = 44_100  # Hz: the engine's, unless another is set
_NOTES_AN_INSTANCE = 16
_NOTES_SPARED = 5  # where memory is


class _Range(NamedTuple):
    """Raw range of a control, which has whole numbers only if it is discrete."""

    low: float
    high: float
    discrete: bool

    def raw(self, normalized: float) -> float:
        value = self.low + normalized * (self.high - self.low)
        return float(round(value)) if self.discrete else value

    def normalized(self, raw: float) -> float:
        return (raw - self.low) / (self.high - self.low)


class VitalEngine:
    """Renders patches with Vital's engine; see `synths.engine.Engine`. Each thread needs its own.

    Args:
        sample_rate: Of the render, Hz. 22,050 is about twice as fast as 44,100, and has all that the
            mel shows.
    """

    def __init__(self, sample_rate: int = 22_050) -> None:
        self.sample_rate = sample_rate
        self._base = _without_last_table(BASE_PATCH.read_text(encoding="utf-8"))
        self._has_all_tables = False
        self._gestures: Gestures | None = None
        self._base_values: dict[str, float] = {}  # normalized, of what was moved or makes a module audible
        self._ranges: dict[str, _Range] = {}
        self._most_notes = _NOTES_AN_INSTANCE  # after which the instance is renewed
        self._resting_at: Patch | None = None  # played next, it needs no silent note
        self._synth: Any = self._new_synth()

    def render(self, patch: Patch, note: Note) -> np.ndarray:
        """Play a patch; see `synths.engine.Engine.render`."""
        return self.render_gestures(patch, note, None)

    def render_gestures(self, patch: Patch, note: Note, gestures: Gestures | None) -> np.ndarray:
        """Play a patch with gestures; see `synths.engine.GestureEngine`."""
        self._draw(gestures or None)
        if self._resting_at != patch:
            self._rest(patch, note.note)
        self._resting_at = None
        audio = self._synth.render(note.note, note.velocity / 127.0, note.held_seconds, note.seconds)
        if not np.isfinite(audio).all():
            self._synth = self._new_synth()
            raise RenderError("Vital's engine gave values that are not finite for this patch.")
        return np.asarray(audio, np.float32)

    def prepare(self, patch: Patch) -> None:
        """Come to rest at a patch; see `synths.engine.RestingEngine.prepare`.

        Of the pitch of the silent note, at most 2e-5 of full scale is left in the sound, measured at seven
        presets.
        """
        self._draw(None)
        if self._resting_at != patch:
            self._rest(patch, _MIDDLE_C)
            self._resting_at = dict(patch)

    def spare_memory(self) -> None:
        """Renew the instance sooner; see `synths.engine.RestingEngine`.

        It takes 57 MB, and 5.5 MB more for each note that it has played: a voice, and one of the silent note.
        At another rate than its own it takes all voices at once, 150 MB, so nothing is spared by renewing it.
        """
        if self.sample_rate == _OWN_RATE:
            self._most_notes = _NOTES_SPARED

    @property
    def is_worn(self) -> bool:
        """Whether the instance has played its notes; see `synths.engine.RestingEngine.is_worn`."""
        return self._n_played >= self._most_notes

    def renew(self) -> None:
        """Renew the instance; see `synths.engine.RestingEngine.renew`."""
        self._resting_at = None
        self._synth = self._new_synth()

    def _rest(self, patch: Patch, note: int) -> None:
        """Set every control, and play a silent note until all of them have arrived.

        Args:
            patch: To come to rest at.
            note: Of the silent note.
        """
        self._resting_at = None
        gliding_delay = "delay_frequency" in patch and self._is_audible(patch, "delay_on")
        if self.is_worn or self._lacks_table(patch) or gliding_delay or self._is_audible(patch, "chorus_on"):
            self._synth = self._new_synth()
        self._n_played += 1
        controls = self._synth.get_controls()
        self._apply(controls, patch)
        open_at = {name: controls[name].value() for name in _ENVELOPE}
        for name in (_REVERB_SWITCH, *_ENVELOPE):
            controls[name].set(0.0)
        self._synth.render(note, 0.0, 0.0, _SILENT_SECONDS)
        for name, value in open_at.items():
            controls[name].set(value)
        controls[_REVERB_SWITCH].set(float(self._is_audible(patch, _REVERB_SWITCH)))

    def tail_seconds(self, patch: Patch) -> float:
        """Return how long a patch fades; see `synths.engine.FadingEngine.tail_seconds`."""
        if any(name in patch for name in _TAILS_BY_PATCH):
            return math.inf
        self._remember(self._synth, _RELEASE)
        release = self._ranges[_RELEASE].raw(patch.get(_RELEASE, self._base_values[_RELEASE])) ** 4
        echoes = [seconds for switch, seconds in _ECHO_SECONDS.items() if self._is_audible(patch, switch)]
        return release + max(echoes, default=0.0) + _LEAST_TAIL_SECONDS

    def _lacks_table(self, patch: Patch) -> bool:
        """Whether a patch is the first to move what is left out; a new instance has it then."""
        if self._has_all_tables or not any(name.startswith(_SELDOM) for name in patch):
            return False
        self._base, self._has_all_tables = BASE_PATCH.read_text(encoding="utf-8"), True
        return True

    def _new_synth(self) -> vita.Synth:
        self._n_played = 0
        self._synth = None  # two at once take twice the memory
        synth = vita.Synth()
        if self.sample_rate != _OWN_RATE:  # setting it takes 86 MB and 0.1 s, also where it changes nothing
            synth.set_sample_rate(float(self.sample_rate))
        self._load(synth, self._base)
        if self._gestures is not None:
            self._load(synth, self._drawn())
        for names in _AUDIBLE_THROUGH.values():
            for name in names:
                self._remember(synth, name)
        return synth

    def _draw(self, gestures: Gestures | None) -> None:
        """Have later renders play these gestures."""
        if gestures != self._gestures:
            self._gestures = gestures
            self._resting_at = None
            self._load(self._synth, self._drawn())

    def _drawn(self) -> str:
        """Return the base patch with the gestures, without the wavetables, which the engine keeps: 10 ms."""
        base = json.loads(self._base)
        settings = gesture_settings({**base["settings"], "wavetables": []}, self._gestures)
        return json.dumps({**base, "settings": settings})

    def _load(self, synth: vita.Synth, content: str) -> None:
        if not synth.load_json(content):
            raise RenderError(
                f"Vital's engine refuses {BASE_PATCH.name}; write it again: python -m synths.base_patch"
            )

    def _remember(self, synth: vita.Synth, name: str) -> None:
        """Note the range and base value of a control before it is first moved.

        The plug-in's automation is linear in the raw value. The wheel's own `set_normalized` is not (it
        applies the curve of the display), so raw values are computed here.
        """
        if name not in self._base_values:
            details = synth.get_control_details(name)
            self._ranges[name] = _Range(details.min, details.max, bool(details.is_discrete))
            self._base_values[name] = self._ranges[name].normalized(synth.get_controls()[name].value())

    def _is_audible(self, patch: Patch, switch: str) -> bool:
        base = self._base_values
        return any(abs(patch.get(n, base[n]) - base[n]) > 1e-6 for n in _AUDIBLE_THROUGH[switch])

    def _apply(self, controls: Any, patch: Patch) -> None:
        """Set every control that any patch has moved, and switch off inaudible modules."""
        unknown = [name for name in patch if name not in controls]
        if unknown:
            raise PatchError(f"Vital has no control '{unknown[0]}'; {did_you_mean(unknown[0], controls)}")
        for name in patch:
            self._remember(self._synth, name)
        for name, at_base in self._base_values.items():
            controls[name].set(self._ranges[name].raw(patch.get(name, at_base)))
        for switch in _AUDIBLE_THROUGH:
            controls[switch].set(float(self._is_audible(patch, switch)))


def _without_last_table(content: str) -> str:
    """Return a preset in which the third oscillator keeps the engine's own wavetable."""
    preset = json.loads(content)
    del preset["settings"]["wavetables"][2:]
    return json.dumps(preset)
