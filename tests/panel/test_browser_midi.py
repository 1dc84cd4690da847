"""A MIDI keyboard at the browser plays the instrument; a stand-in takes the place of the browser's MIDI."""

import pytest

from tests.panel.conftest import device
from tests.support.live import eventually

pytestmark = pytest.mark.real

# Web MIDI as its standard has it, as far as the page uses it: https://www.w3.org/TR/webmidi/
MIDI = """() => {
  window.midi = new class extends EventTarget {
    inputs = new Map();
    plug(id, name) {
      const port = { id, name, type: "input", state: "connected", close() { this.closed = true; } };
      this.inputs.set(id, port);
      this.onstatechange?.({ port });
    }
    unplug(id) {
      const port = this.inputs.get(id);
      port.state = "disconnected";
      this.inputs.delete(id);
      this.onstatechange?.({ port });
    }
    send(id, ...bytes) {
      this.inputs.get(id).onmidimessage?.({ data: Uint8Array.from(bytes) });
    }
  }();
  window.midi.plug("in-1", "Keystation");
  navigator.requestMIDIAccess = async (options) => {
    if (window.midi.refuses) throw new DOMException("no", window.midi.refuses);
    window.midi.asked = options ?? {};
    return window.midi;
  };
  // What is sent to the panel, beside sending it.
  window.played = [];
  for (const name of ["note", "pedal", "bend"]) {
    const play = window.flow.sound[name];
    window.flow.sound[name] = (...values) => (window.played.push([name, ...values]), play(...values));
  }
}"""


@pytest.fixture
def midi(page):
    """The page with a keyboard, switched on."""
    if not page.evaluate("() => 'midi' in window"):
        page.evaluate(MIDI)
    button = page.get_by_role("button", name="MIDI keyboard")
    if button.get_attribute("aria-pressed") == "false":
        button.click()
    assert eventually(lambda: "Keystation plays" in said(page))
    page.evaluate("() => window.played.splice(0)")
    return page


def said(page):
    return page.locator(".sound-said").inner_text()


def send(page, *data, port="in-1"):
    page.evaluate("([port, bytes]) => window.midi.send(port, ...bytes)", [port, list(data)])


def played(page):
    return page.evaluate("() => window.played.splice(0)")


def voices(page):
    return page.evaluate("() => window.flow.last('sound').voices")


def test_its_keys_sound_with_their_velocity_and_are_seen(house, midi):
    with device(house) as client:
        client.send("/flow/audition", 0)
    midi.wait_for_function("() => window.flow.last('sound').state === 'on'", timeout=90_000)
    send(midi, 0x90, 60, 37)
    send(midi, 0x95, 64, 127)  # any channel
    assert played(midi) == [["note", 60, 37], ["note", 64, 127]]
    assert midi.locator(".piano .is-down").count() == 2
    assert eventually(lambda: voices(midi) == 2, 30.0)
    send(midi, 0x80, 60, 64)
    send(midi, 0x95, 64, 0)  # a note on without velocity lets go
    assert played(midi) == [["note", 60, 0], ["note", 64, 0]]
    assert midi.locator(".piano .is-down").count() == 0
    assert eventually(lambda: voices(midi) == 0, 60.0)


def test_pedal_and_wheel_reach_the_instrument(midi):
    send(midi, 0xB0, 64, 127)
    send(midi, 0xB0, 64, 63)
    assert played(midi) == [["pedal", True], ["pedal", False]]
    wheel = [[0xE0, value & 127, value >> 7] for value in (0, 16_383, 8_192, 12_288)]
    midi.evaluate("(all) => all.forEach((bytes) => window.midi.send('in-1', ...bytes))", wheel)
    assert eventually(lambda: midi.evaluate("() => window.played.length") == 1)
    assert played(midi) == [["bend", 1.0]]  # the newest: a wheel sends more than anybody hears
    for rest in ([0xF8], [0xB0, 1, 64], [0xC0, 5], [0xF0, 0x7E, 0xF7]):
        send(midi, *rest)
    assert played(midi) == []


def test_a_key_is_held_by_whatever_holds_it(midi):
    midi.keyboard.down("a")  # C3
    note = midi.evaluate("() => Number(document.querySelector('.piano .is-down').dataset.note)")
    send(midi, 0x90, note, 90)
    midi.keyboard.up("a")
    assert played(midi) == [["note", note, 100]]
    midi.evaluate("() => window.dispatchEvent(new Event('blur'))")  # it plays on behind other windows
    assert played(midi) == []
    send(midi, 0x90, note, 70)  # once more, without a note off between
    send(midi, 0x80, note, 0)
    assert played(midi) == [["note", note, 0], ["note", note, 70], ["note", note, 0]]


@pytest.mark.parametrize("how", ["unplug", "all notes off", "off", "panic"])
def test_no_note_is_left_behind(midi, how):
    send(midi, 0x90, 62, 90)
    send(midi, 0x91, 65, 90)
    played(midi)
    if how == "unplug":
        midi.evaluate("() => window.midi.unplug('in-1')")
        assert "Plug in a MIDI keyboard" in said(midi)
        midi.evaluate("() => window.midi.plug('in-1', 'Keystation')")  # it is there again by itself
    elif how == "all notes off":
        send(midi, 0xB0, 123, 0)
    elif how == "panic":
        midi.get_by_role("button", name="All notes off").click()
    else:
        midi.get_by_role("button", name="MIDI keyboard").click()
        assert midi.evaluate("() => window.midi.inputs.get('in-1').closed") is True
        send(midi, 0x90, 70, 90)
    ended = played(midi)
    assert [one for one in ended if one[0] == "note"] == [["note", 62, 0], ["note", 65, 0]]
    assert how == "panic" or ["pedal", False] in ended
    assert midi.locator(".piano .is-down").count() == 0


def test_several_keyboards_play_and_none_needs_to_be_there_at_first(midi):
    midi.evaluate("() => window.midi.plug('in-2', 'Pads')")
    assert eventually(lambda: "Keystation, Pads play." in said(midi))
    send(midi, 0x90, 50, 80, port="in-2")
    send(midi, 0x90, 50, 80)
    midi.evaluate("() => window.midi.unplug('in-2')")
    send(midi, 0x80, 50, 0)
    notes = [one for one in played(midi) if one[0] == "note"]
    assert notes == [["note", 50, 80], ["note", 50, 0]]  # held until both have let go
    assert midi.evaluate("() => window.midi.asked.sysex") is None


@pytest.mark.parametrize(
    ("error", "words"), [("NotAllowedError", "Allow it"), ("InvalidStateError", "Close other")]
)
def test_a_refusal_is_a_plain_line(midi, error, words):
    button = midi.get_by_role("button", name="MIDI keyboard")
    button.click()
    midi.evaluate("(error) => (window.midi.refuses = error)", error)
    button.click()
    assert eventually(lambda: words in said(midi))
    assert button.get_attribute("aria-pressed") == "false"
    midi.evaluate("() => (window.midi.refuses = undefined)")
    button.click()
    assert eventually(lambda: "Keystation plays" in said(midi))


def test_a_browser_without_midi_says_what_to_do(house, visit):
    gone = "Object.defineProperty(Navigator.prototype, 'requestMIDIAccess', { value: undefined })"
    page = visit(house.url, before=gone)
    button = page.get_by_role("button", name="MIDI keyboard")
    assert button.is_disabled() and "--midi-keys" in button.get_attribute("title")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not button.is_visible()
    page.context.close()
