"""Which stages of a build are finished, with which settings: `build.yaml` in the run's folder."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.atomic_file import write_atomically
from core.errors import ConfigError
from training.build.budget import SHARES
from training.settings import TrainingSettings

__all__ = ["BuildState", "check_settings", "model_folder", "run_folder", "stage_settings", "stages_of"]

# What each stage depends on, besides the stages before it; not on how and where something is computed.
_KEYS = {
    "renders": (
        "space",
        "kinds",
        "programs",
        "data",
        "renders.count",
        "renders.seed",
        "renders.shard_size",
        "renders.note",
        "renders.mel",
    ),
    "between": ("between", "renders.between_count", "renders.between_seed"),
    "proxy": ("architecture", "seed", "shards", "answers", "begin_from", "model", "proxy"),
    "flow": ("weights", "flow"),
    "package": ("package",),
}
_COUNTS = ("renders.count", "renders.between_count")
_PLACES = ("data", "between")


@dataclass
class BuildState:
    """How far a build has come.

    Attributes:
        finished: The settings of each finished stage, by dotted name.
        seconds: What each stage has taken, over all calls.
    """

    finished: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, run: Path) -> "BuildState":
        """Read the state of a run; an empty one if nothing is finished yet.

        Raises:
            ConfigError: The file is damaged.
        """
        page = run / "build.yaml"
        try:
            return cls(**yaml.safe_load(page.read_text("utf-8")))
        except FileNotFoundError:
            return cls()
        except (TypeError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigError(f"{page} is damaged ({error}). Delete {run} to start over.") from error

    def write(self, run: Path) -> None:
        """Write the state into the run's folder."""
        run.mkdir(parents=True, exist_ok=True)
        write_atomically(run / "build.yaml", yaml.safe_dump(asdict(self), sort_keys=False))

    def done(self, settings: TrainingSettings) -> list[str]:
        """Return the stages that need not be done: finished, and what they made is there or was used up."""
        done: list[str] = []
        for stage in reversed(stages_of(settings)):
            used_up = bool(done)  # by the next stage, which is done
            if stage in self.finished and (used_up or self._product(stage, settings).exists()):
                done.insert(0, stage)
            else:
                done = []
        return done

    def _product(self, stage: str, settings: TrainingSettings) -> Path:
        """Return a file that is there after a finished stage."""
        match stage:
            case "renders":
                return Path(self.finished[stage]["data"]) / "dataset.yaml"
            case "between":
                return Path(self.finished[stage]["between"]) / "dataset.yaml"
            case "package":
                return model_folder(settings) / "model.yaml"
        return run_folder(settings) / f"{stage}.best.safetensors"


def stages_of(settings: TrainingSettings) -> list[str]:
    """Return the stages of a build, in order."""
    return [stage for stage in SHARES if stage != "between" or settings.between is not None]


def run_folder(settings: TrainingSettings) -> Path:
    """Return the folder of the run."""
    return settings.runs / settings.name


def model_folder(settings: TrainingSettings) -> Path:
    """Return where the model goes."""
    return settings.out or Path("models/pretrained") / settings.name


def stage_settings(settings: TrainingSettings, stage: str) -> dict[str, Any]:
    """Return the settings that a stage depends on, by dotted name, as plain data."""
    flat = _flat(asdict(settings))
    return {
        name: value
        for key in _KEYS[stage]
        for name, value in flat.items()
        if name == key or name.startswith(f"{key}.")
    }


def check_settings(settings: TrainingSettings, state: BuildState) -> None:
    """Compare the settings of finished stages with those that they were done with.

    Raises:
        ConfigError: One has changed; the message says what to delete.
    """
    for stage in state.done(settings):
        old, new = state.finished[stage], stage_settings(settings, stage)
        for name in [*new, *(name for name in old if name not in new)]:
            if old.get(name) != new.get(name):
                raise ConfigError(
                    f"{name} was {_shown(old.get(name))} when the stage '{stage}' was finished, and is "
                    f"{_shown(new.get(name))} now. {_remedy(settings, stage, name, old, new)}"
                )


def _remedy(
    settings: TrainingSettings, stage: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> str:
    run, product = run_folder(settings), model_folder(settings)
    folders = " and ".join(
        str(place) for place in (run, settings.data, settings.between) if place is not None
    )
    if name in _PLACES or (name in _COUNTS and (new[name] or 0) > (old[name] or 0)):
        return f"Delete {run} to train again; renders that are there are kept."
    if stage == "package":
        return f"Delete {product} to package again."
    if stage == "flow":
        files = f"{run / 'flow.run.safetensors'}, {run / 'flow.best.safetensors'}"
        return f"Delete {files} and {product} to train it again."
    if stage in ("renders", "between"):
        return f"Delete {folders} to start over, or choose other folders."
    return f"Delete {run} to train again; renders are kept."


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = _plain(value)
    return flat


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix()
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    return "not set" if value is None else str(value)
