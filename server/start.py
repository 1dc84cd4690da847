"""Putting the live process together, and running it."""

import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from adopting.kept import folder_for
from core.errors import ConfigError, DeviceError
from core.store.data_folder import open_data_folder
from core.system.live_priority import raise_priority
from models.installed import find_model, list_models
from server.bridge import Bridge
from server.handling.handlers import MessageHandlers
from server.handling.library_handlers import LibraryHandlers
from server.handling.own_handlers import OwnHandlers
from server.instrument.calibrated_models import CalibratedModels
from server.instrument.loaded_model import LoadedModel, load_model
from server.instrument.played_model import PlayedModels
from server.instrument.presets import PresetStore
from server.observing import MakeObserver
from server.options import Options
from server.osc.addresses import VERSION
from server.osc.builder import osc_message
from server.osc.clients import Clients
from server.osc.hosts.loopback import is_loopback
from server.osc.outbox import Outbox
from server.osc.permissions import remote_warning
from server.outputs import Output
from server.own.vital_folders import vital_folders
from server.running.ending import STOP_S, Ending, last_words, stop_all
from server.running.hearing_process import DROPPED
from server.running.jobs import Jobs
from server.session import Session
from server.sketch.folder import sketch_folder
from server.sketch.processes import SketchProcesses
from server.sketch.sketcher import Sketcher
from server.sound.sounding_parts import SoundingParts
from server.tracks.remembered_models import RememberedModels
from server.tracks.tracks import Tracks
from server.transport import Transport, open_socket
from sketching.own.library import OwnLibrary

if TYPE_CHECKING:
    from server.midi.controllers import Controllers
    from server.midi.ports.feedback_ports import FeedbackPorts
    from server.midi.ports.frame_output import FrameOutput
    from server.midi.ports.input_ports import InputPorts
    from server.midi.profile_watch import ProfileWatch
    from server.oscquery.announce import Announcement
    from server.oscquery.page import Page
    from server.running.panel_process import PanelProcess

__all__ = ["serve"]

logger = logging.getLogger(__name__)

_SWITCH_S = 0.0005  # a worker gives the interpreter back to the loop this soon


def serve(
    options: Options,
    say: Callable[[str], None],
    observe: MakeObserver | None = None,
    panel: "PanelProcess | None" = None,
) -> bool:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        options: From the command line.
        say: Where the line goes that says what runs.
        observe: Gives, for a parameter space, who hears each patch that has come to rest: the audition.
        panel: Starts and ends with the server.

    Returns:
        Whether everything is saved that was to be.

    Raises:
        BridgeError: The model, the port or an option is not right.
    """
    if options.port == options.reply_port:
        raise ConfigError("--port and --reply-port are the same; the server would answer itself.")
    sock = open_socket(options.host, options.port)
    transport = Transport(sock)
    ending = Ending(transport.stop)
    try:
        ending.watch()  # from here on: also while the model loads
        path = find_model(options.model)
        data = open_data_folder(options.data)
        if panel is not None:
            panel.start()  # it looks for the server until that is there
        calibrated = CalibratedModels(data / "calibration", _main_port(options), options.as_trained)
        loaded = load_model(path, options.backend, calibrated.adjust)
        controllers, feedback = _hear(options, data, transport)
        outputs = _send(options, data, controllers)
        ports = None if controllers is None else _listen(options, controllers, outputs)
        sounding = SoundingParts(
            transport.wake,
            options.audition,
            options.heard_soon,
            options.play_through,
            options.midi_keys,
            options.midi_system,
            raise_priority,
        )
        bridge, jobs, sketcher = _assemble(
            options, transport, loaded, path, data, observe, controllers, outputs, calibrated, sounding
        )
        host, port = sock.getsockname()
        query = _tell(options, bridge)
        if not is_loopback(options.host):
            logger.warning("%s", remote_warning(host, options.allow_remote))
        say(_first_line(f"{host}:{port}", loaded))
        if calibrated.words:
            say(calibrated.words)
        sounding.start(bridge.instrument)
        if ports is not None:
            ports.start()
        unsaved = partial(_unsaved, bridge, jobs)
        ending.knows(unsaved, sketcher.kill)
        stop_adopting = partial(_stop_adopting, bridge)
        ending.knows(unsaved, stop_adopting)
        ending.knows(unsaved, bridge.handlers.library.kill)
        if panel is not None:
            ending.knows(unsaved, panel.kill)
        switch = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        raise_priority()
        try:
            transport.run(bridge, jobs)
        finally:
            sys.setswitchinterval(switch)
            stops: dict[str, Callable[[], Any]] = {
                "saves": partial(jobs.stop, STOP_S),
                "sketches": sketcher.stop,
                "the adoption of presets": stop_adopting,
                "the hearing of presets": bridge.handlers.library.stop,
                "the audition": bridge.observation.close,
                **({} if ports is None else {"MIDI inputs": ports.stop}),
                **{f"MIDI feedback {k}": listening.stop for k, listening in enumerate(feedback)},
                "the instrument that sounds": sounding.stop,
                **{f"OSCQuery {k}": told.stop for k, told in enumerate(query)},
                **{f"MIDI output {k}": output.stop for k, (output, _) in enumerate(outputs)},
                **({} if panel is None else {"the panel": panel.stop}),
            }
            for name in stop_all(stops, STOP_S):
                logger.info("%s did not end in time", name)
            lost = unsaved()
            for what in lost:
                text = f"{what} was not saved: the server has stopped."
                bridge.outbox.send_all([osc_message("/flow/error", "/flow/preset/save", text)])
            bridge.outbox.send_all([osc_message("/flow/status", "the server has stopped")])
            transport.flush(bridge)
        say(last_words(lost))
        return not lost
    finally:
        transport.close()


def _stop_adopting(bridge: Bridge) -> None:
    if bridge.handlers.own is not None:
        bridge.handlers.own.kill()


def _unsaved(bridge: Bridge, jobs: Jobs) -> list[str]:
    """Return what is not on disk, in words: what waits, and what the disk has refused."""
    refused = [f"preset '{name}'" for name in bridge.handlers.presets.unsaved]
    return list(dict.fromkeys([*jobs.unfinished, *refused]))


def _assemble(
    options: Options,
    transport: Transport,
    loaded: LoadedModel,
    path: Path,
    data: Path,
    observe: MakeObserver | None,
    controllers: "Controllers | None",
    outputs: "Sequence[tuple[FrameOutput, str]]",
    calibrated: CalibratedModels,
    sounding: SoundingParts,
) -> tuple[Bridge, Jobs, Sketcher]:
    store = PresetStore(data / "presets")
    outbox = Outbox(Clients(options.reply_port))
    played = PlayedModels(loaded, store.presets.values(), data / "macros")
    tracks = Tracks(played, outbox.clients, outbox, options.seed)
    models = {**list_models(), path.name: path}
    jobs = Jobs(transport.wake)
    folders = (*options.presets, *vital_folders())
    make_own = partial(
        OwnHandlers,
        folders=(*folders, data / DROPPED),
        root=data / "adopted",
        folder_for=folder_for,
        post=jobs.post,
    )
    sketches = sketch_folder(data)
    processes = SketchProcesses(
        transport.wake,
        data / "calibration",
        OwnLibrary((*folders, data / DROPPED), data / "library" / "heard"),
    )
    sketcher = Sketcher(sketches, processes, options.microphone, options.refine_seconds)
    handlers = MessageHandlers(
        tracks,
        store,
        models,
        RememberedModels(data / "instruments.yaml"),
        data / "exports",
        options.backend,
        controllers,
        sketcher,
        calibrated.adjust,
        make_own=make_own,
        library=LibraryHandlers(tracks, folders, data / DROPPED, data / "library"),
    )
    session = Session(
        run=secrets.randbelow(2**31 - 1) + 1,
        own=(options.host, options.port),
        reply_port=options.reply_port,
        sketches=sketches,
        allowed=options.allow_remote,
    )
    playing = [Output(port, instrument) for port, instrument in outputs]
    bridge = Bridge(
        session, tracks, outbox, handlers, jobs, observe, controllers, playing, sketcher, sounding.sound
    )
    return bridge, jobs, sketcher


def _hear(
    options: Options, data: Path, transport: Transport
) -> "tuple[Controllers | None, list[FeedbackPorts | ProfileWatch]]":
    """Return what controllers do, and what has to be stopped at the end."""
    if options.midi is None and options.oscquery is None:
        return None, []
    from server.midi.controllers import Controllers  # without controllers, no MIDI is needed
    from server.midi.foreign_osc import OSC
    from server.midi.ports.feedback_ports import FeedbackPorts
    from server.midi.profile_watch import ProfileWatch

    feedback = None if options.midi is None else FeedbackPorts(options.midi_system)
    controllers = Controllers(data / "controllers", transport.wake, feedback)
    controllers.inbox.plugged_in(OSC)
    watch = ProfileWatch(controllers.inbox)
    return controllers, [watch] if feedback is None else [feedback, watch]


def _listen(
    options: Options, controllers: "Controllers", outputs: "Sequence[tuple[FrameOutput, str]]"
) -> "InputPorts | None":
    """Return the MIDI inputs, not open yet."""
    if options.midi is None:
        return None
    from server.midi.ports.input_ports import InputPorts

    own = [out.port for out, _ in outputs if out.port is not None]
    return InputPorts(options.midi, controllers.inbox, options.midi_system, own)


def _tell(options: Options, bridge: Bridge) -> "list[Page | Announcement]":
    """Publish the server by OSCQuery and mDNS, if that is asked for."""
    if options.oscquery is None:
        return []
    from server.oscquery.announce import Announcement  # without OSCQuery, no HTTP is needed
    from server.oscquery.page import Page
    from server.oscquery.tree import State

    def get_state() -> State:
        instrument = bridge.instrument
        return State(
            sizes=instrument.loaded.sizes,
            macros=instrument.model.macros.names,
            dials=[round(float(dial), 6) for dial in instrument.dials],
            presets=instrument.preset_map.names,
        )

    def get_dials() -> list[float]:
        return [float(dial) for dial in bridge.instrument.dials]

    def connected(host: str) -> None:
        bridge.clients.proofs.connected(host, perf_counter())

    own = options.host, options.port
    page = Page(options.host, options.oscquery, own, get_state, get_dials, connected)
    try:
        return [page, Announcement(options.host, page.port, options.port)]
    except ConfigError:
        page.stop()
        raise


def _main_port(options: Options) -> str | None:
    """Return the port whose synth the macros are heard on: one that follows the focus, else the first."""
    ports = sorted(options.midi_out, key=lambda out: out.instrument != "")
    return ports[0].port if ports else None


def _send(options: Options, data: Path, controllers: "Controllers | None") -> "list[tuple[FrameOutput, str]]":
    """Open the outputs; each with the instrument that it plays."""
    if not options.midi_out:
        return []
    from calibration.audibility import audible_db
    from server.midi.ports.frame_output import FrameOutput
    from synths.external.midi_system import DIN_BYTES_PER_S

    opened: list[tuple[FrameOutput, str]] = []
    try:
        for out in options.midi_out:
            port = FrameOutput(
                out.port,
                out.spelling,
                out.channel,
                DIN_BYTES_PER_S if options.midi_din else None,
                options.midi_system,
                lambda space: audible_db(space, data / "calibration"),
                (lambda message: None) if controllers is None else controllers.own_output.add,
            )
            opened.append((port, out.instrument))
    except DeviceError:
        for port, _ in opened:
            port.stop()
        raise
    return opened


def _first_line(address: str, loaded: LoadedModel) -> str:
    model, sizes, backend = loaded.model, loaded.sizes, loaded.backend
    others = ", ".join(
        f"{name} {ms:.2f} ms" for name, ms in backend.measured_ms.items() if name != backend.name
    )
    return (
        f"Flow Synth Live {VERSION} on {address}: model {model.name} ({model.space.synth}, "
        f"{sizes.n_parameters} parameters, {sizes.n_macros} macros), {backend.device}, "
        f"{backend.name} decodes in {backend.decode_ms:.2f} ms" + (f" ({others})" if others else "")
    )
