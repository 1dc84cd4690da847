"""`sketch.safetensors` of a model folder: its render bank, and the distances that closeness is based on.

A folder without one still answers: with the posterior mean alone, and a closeness that is a rough guess.
"""

from dataclasses import dataclass

from core.atomic_file import write_together
from core.errors import CheckpointError
from models.folder import ModelFolder
from models.folder_files import (
    checked_files,
    digest_of,
    read_tensors,
    read_yaml,
    tensor_bytes,
    yaml_bytes,
)
from sketching.closeness import Closeness
from sketching.render_bank import RenderBank

__all__ = ["FILE_NAME", "SketchFile"]

FILE_NAME = "sketch.safetensors"
# If nothing was measured: what Vital's 32 parameters gave, rounded.
_ROUGH = {"very_close": 1.0, "close": 3.5, "related": 5.5, "inspired": 11.5, "unrelated": 14.0}


@dataclass(frozen=True)
class SketchFile:
    """What sketching needs of a model beyond its weights.

    Attributes:
        bank: Renders to begin from, or None.
        closeness: Of an answer that was rendered.
        estimate: Closeness of one that was not, from the log-mel distance that the proxy expects, dB.
    """

    bank: RenderBank | None
    closeness: Closeness
    estimate: Closeness

    @classmethod
    def load(cls, folder: ModelFolder) -> "SketchFile":
        """Read the file of a model folder; without one, closeness is a rough guess.

        Raises:
            CheckpointError: It is there, but damaged or of another model or space.
        """
        path = folder.path / FILE_NAME
        if FILE_NAME not in folder.files:
            rough = Closeness.of(_ROUGH)
            return cls(None, rough, rough)
        with checked_files(folder.path, (FILE_NAME,), folder.files):
            tensors = read_tensors(path)
        bank = RenderBank.from_tensors(tensors)
        if bank.patches.shape[1] != len(folder.space):
            raise CheckpointError(
                f"{path} holds patches of {bank.patches.shape[1]} parameters, but {folder.space.name} has "
                f"{len(folder.space)}. Make it again: python -m evaluation.packaging.sketch_data --help"
            )
        try:
            closeness, estimate = (
                Closeness.checked(tensors[f"{name}_distances"], tensors[f"{name}_values"])
                for name in ("closeness", "estimate")
            )
        except KeyError as error:
            raise CheckpointError(f"{path} lacks {error}. Fetch the folder again.") from error
        return cls(bank, closeness, estimate)

    def write(self, folder: ModelFolder) -> None:
        """Add the file to a model folder; both it and `model.yaml` are replaced whole."""
        assert self.bank is not None
        tensors = self.bank.to_tensors()
        for name in ("closeness", "estimate"):
            line: Closeness = getattr(self, name)
            tensors |= {f"{name}_distances": line.distances, f"{name}_values": line.values}
        data = tensor_bytes(tensors)
        page = folder.path / "model.yaml"
        head = read_yaml(page)
        head["files"][FILE_NAME] = digest_of(data)
        write_together({folder.path / FILE_NAME: data, page: yaml_bytes(head)})
