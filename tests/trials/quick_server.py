"""Runs run_server.py for trials over JACK.

It looks for ports and at profiles ten times a second instead of once, and has longer to close its ports: JACK
makes all others wait for a client that was killed.
"""

import runpy

import server.midi.ports.input_ports
import server.midi.profile_watch
import server.running.ending
import server.start

_LOOK_S = 0.1

if __name__ == "__main__":
    server.midi.ports.input_ports._REFRESH_S = _LOOK_S
    server.midi.profile_watch._LOOK_S = _LOOK_S
    server.start.STOP_S, server.running.ending.END_S = 7.0, 8.0
    runpy.run_path("run_server.py", run_name="__main__")
