"""What a port hears while it is being opened."""

import threading

from server.midi.ports.input_ports import _Inlet


class Recorder:
    """A receiver that keeps what is reported."""

    def __init__(self):
        self.reports = []

    def plugged_in(self, device):
        self.reports.append(device)

    def received(self, device, message):
        self.reports.append(message)


def said(value):
    return [0xB0, 20, value], 0.0


def test_what_arrives_before_the_device_is_known_is_told_after_it():
    recorder = Recorder()
    inlet = _Inlet(recorder, "Knobs")
    for value in (1, 2, 3):
        inlet(said(value), None)
    assert recorder.reports == []
    inlet.open()
    inlet(said(4), None)
    assert recorder.reports == ["Knobs", *(bytes((0xB0, 20, value)) for value in (1, 2, 3, 4))]


def test_nothing_is_lost_or_told_twice_while_it_opens():
    for _ in range(50):
        recorder = Recorder()
        inlet = _Inlet(recorder, "Knobs")
        singer = threading.Thread(target=lambda told=inlet: [told(said(value), None) for value in range(100)])
        singer.start()
        inlet.open()
        singer.join()
        assert recorder.reports[0] == "Knobs"
        assert sorted(message[2] for message in recorder.reports[1:]) == list(range(100))
