"""The synths that the program knows, a row of facts each, and the engine that plays a space.

To add a synth, write its engine (`synths/engine.py`), its space (`synths/spaces/SYNTH.yaml`) and its row in
`SYNTHS`. No other code tests a synth's name: what differs between synths is asked of `facts_of`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from core.errors import ConfigError, RenderError
from core.nearest import did_you_mean
from core.playing.gestures import Gestures
from core.space import ParameterSpace, Patch, VolumeGain
from synths.engine import Engine
from synths.space_files import SPACES_FOLDER, space_names

__all__ = ["FRESH_PLUGIN", "PLUGIN", "SYNTHS", "PresetFile", "SynthFacts", "facts_of", "load_engine"]

# A space's synth with this prefix is a plug-in by file name: `plugin:Name.vst3`. One that carries earlier
# notes over is played by a new instance each time.
PLUGIN, FRESH_PLUGIN = "plugin:", "fresh-plugin:"
_AMSYNTH_PLUGIN = "amsynth_vst"


@dataclass(frozen=True, kw_only=True)
class PresetFile:
    """The file in which a synth keeps a preset.

    Attributes:
        suffix: Of its name, such as `.vital`.
        write: Writes a patch `(P,)` of a space to a path, under the name that the synth shows, with gestures
            where the synth plays any.
    """

    suffix: str
    write: Callable[[Path, ParameterSpace, np.ndarray, str, Gestures | None], None]


@dataclass(frozen=True, kw_only=True)
class SynthFacts:
    """What the program knows of one synth.

    Attributes:
        name: The `synth` of its spaces.
        title: As people write it.
        make_engine: Starts an engine at a sample rate, Hz; None if nothing here plays the synth. Only this
            imports the engine, so reading facts is cheap.
        make_over: Starts an engine that plays patches on a preset file of the synth's, at a sample rate; None
            if none can.
        install: Command that installs the engine.
        wheel: Python distribution of the engine, whose version it has; None if there is none.
        volume: Name of the parameter that levels a patch; None if none is known.
        gain: How the volume changes the level, where that was measured; None takes a square law.
        volume_is_gain: Whether the volume is a plain gain in dB at the very end. If not, something after it
            answers to level, such as a limiter, and the right value has to be searched for.
        kinds: YAML file of the kinds of sound from which training patches are drawn; None if there is none.
        read_banks: Reads the presets in some bank files and folders, or of those installed if none is named,
            as patches of every control. Where it is set, training patches come from presets.
        preset_file: How a preset is written that the synth opens; None if that is not known.
        gestures: Whether its engine and its preset files hold gestures, see `core.playing.gestures`.
        own_rate: Hz at which its engine takes much less memory than at any other rate; None where that does
            not matter.
    """

    name: str
    title: str
    make_engine: Callable[[int], Engine] | None = None
    make_over: Callable[[Path, int], Engine] | None = None
    install: str = ""
    wheel: str | None = None
    volume: str | None = None
    gain: VolumeGain | None = None
    volume_is_gain: bool = False
    kinds: Path | None = None
    read_banks: Callable[[Sequence[Path]], list[Patch]] | None = None
    preset_file: PresetFile | None = None
    gestures: bool = False
    own_rate: int | None = None

    @property
    def called(self) -> str:
        """What clients are told: the name, or that of a plug-in, without what says how it is hosted."""
        return self.title if self.name.startswith((PLUGIN, FRESH_PLUGIN)) else self.name

    @property
    def spaces(self) -> tuple[str, ...]:
        """Names of the spaces that come with the program, the smallest first."""
        return space_names(self.name)


def _vital_engine(sample_rate: int) -> Engine:
    from synths.vital import VitalEngine

    return VitalEngine(sample_rate)


def _own_vital_engine(base: Path, sample_rate: int) -> Engine:
    from synths.vital_own import OwnVitalEngine

    return OwnVitalEngine(sample_rate, base)


def _write_vital_preset(
    path: Path, space: ParameterSpace, vector: np.ndarray, name: str, gestures: Gestures | None
) -> None:
    from synths.vital_preset import write_preset

    write_preset(path, space, vector, name, gestures=gestures)


def _amsynth_engine(sample_rate: int) -> Engine:
    from synths.amsynth import AmsynthEngine

    return AmsynthEngine(sample_rate)


def _read_amsynth_banks(paths: Sequence[Path]) -> list[Patch]:
    from synths.amsynth_bank import read_patches

    return read_patches(paths)


def _plugin_engine(file_name: str, fresh: bool, state: bytes | None, sample_rate: int) -> Engine:
    from synths.guarded import GuardedPlugin
    from synths.plugin import find_plugin

    return GuardedPlugin(find_plugin(file_name), sample_rate, fresh=fresh, state=state)


_ROWS = (
    SynthFacts(
        name="vital",
        title="Vital",
        make_engine=_vital_engine,
        make_over=_own_vital_engine,
        install="python -m pip install -e .",
        wheel="vita",
        volume="volume",
        volume_is_gain=True,
        kinds=SPACES_FOLDER / "vital-kinds.yaml",
        preset_file=PresetFile(suffix=".vital", write=_write_vital_preset),
        gestures=True,
        own_rate=44_100,
    ),
    SynthFacts(
        name="amsynth",
        title="amsynth",
        make_engine=_amsynth_engine,
        install="sudo apt-get install amsynth && python -m pip install -e '.[plugins]'",
        volume="master_vol",  # drives a distortion and a limiter
        read_banks=_read_amsynth_banks,
    ),
)
SYNTHS = {row.name: row for row in _ROWS}


def facts_of(synth: ParameterSpace | str) -> SynthFacts:
    """Return what is known of a synth.

    Args:
        synth: A space, or its `synth`: a name in `SYNTHS`, a plug-in (`plugin:Name.vst3`), or any other name,
            which is that of a synth outside.
    """
    name = synth if isinstance(synth, str) else synth.synth
    if name in SYNTHS:
        row = SYNTHS[name]
        base = None if isinstance(synth, str) else synth.base
        if base is None or row.make_over is None:
            return row
        # Somebody's own preset: no kinds of sound are known of it, and its LFOs may all be in use.
        return replace(row, make_engine=partial(row.make_over, base), kinds=None, gestures=False)
    if name.startswith((PLUGIN, FRESH_PLUGIN)):
        file_name = name.split(":", 1)[1]
        gain, state = (None, None) if isinstance(synth, str) else (synth.volume, synth.state)
        title = Path(file_name).stem
        return SynthFacts(
            name=name,
            title=title,
            volume=None if gain is None else gain.name,
            gain=gain,
            read_banks=_read_amsynth_banks if title == _AMSYNTH_PLUGIN else None,
            make_engine=partial(_plugin_engine, file_name, name.startswith(FRESH_PLUGIN), state),
            install="python -m pip install -e '.[plugins]'",
        )
    kinds = SPACES_FOLDER / f"{name}-kinds.yaml"
    return SynthFacts(name=name, title=name, kinds=kinds if kinds.is_file() else None)


def load_engine(space: ParameterSpace, sample_rate: int = 22_050) -> Engine:
    """Start an engine that plays patches of a space; see `synths.engine.Engine`.

    Args:
        space: Whose patches are to be played; its `synth` names the engine.
        sample_rate: Of the renders, Hz.

    Raises:
        ConfigError: No engine plays this synth.
        RenderError: The synth is not installed, or does not start.
    """
    facts = facts_of(space)
    if facts.make_engine is None:
        raise ConfigError(f"no engine plays '{facts.name}'; {did_you_mean(facts.name, SYNTHS)}")
    try:
        return facts.make_engine(sample_rate)
    except ImportError as error:
        raise RenderError(
            f"the engine of {facts.title} is not installed ({error}); install it: {facts.install}"
        ) from error
