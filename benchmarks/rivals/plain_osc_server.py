"""The rival: a server as python-osc's documentation suggests it, with eager torch.

    python -m benchmarks.rivals.plain_osc_server PORT MODEL_FOLDER

It receives a macro, decodes it by the trained module and sends one patch back to the sender; there is no
guard, no client list, and no coalescing.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_server import BlockingOSCUDPServer

from models.coupling_arrays import CouplingArrays
from models.flows import CouplingFlow
from models.folder import ModelFolder
from models.folder_files import read_tensors
from models.steering.level_arrays import VolumeScale


def main(port: int, folder: Path) -> None:
    """Serve until killed."""
    torch.set_num_threads(1)
    model = ModelFolder.load(folder)
    assert isinstance(model.flow, CouplingArrays), "the rival holds a coupling flow"
    first = model.flow.blocks[0]
    assert model.flow.leveler is not None, "and one that levels"
    flow = CouplingFlow(
        len(model.space),
        len(model.flow.blocks),
        first.b0.shape[0],
        volume=VolumeScale.of(model.space),
        level_hidden=model.flow.leveler.b0.shape[0],
    )
    tensors = read_tensors(folder / "weights.safetensors", "flow.")
    flow.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    flow.eval()
    directions = torch.tensor(model.macros.directions)
    low, high = torch.tensor(model.macros.low), torch.tensor(model.macros.high)
    state = {"z": torch.tensor(model.macros.resting)}

    def macro(client: tuple[str, int], _address: str, *arguments: Any) -> None:
        k, value = arguments
        with torch.no_grad():
            z, direction = state["z"], directions[k]
            wanted = low[k] + value * (high[k] - low[k])
            state["z"] = z + (wanted - direction @ z) * direction
            patch = flow.decode(state["z"]).clamp(0.0, 1.0)
        builder = OscMessageBuilder("/flow/params")
        for number in patch.tolist():
            builder.add_arg(number, "f")
        server.socket.sendto(builder.build().dgram, client)

    dispatcher = Dispatcher()
    dispatcher.map("/flow/macro", macro, needs_reply_address=True)
    server = BlockingOSCUDPServer(("127.0.0.1", port), dispatcher)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
