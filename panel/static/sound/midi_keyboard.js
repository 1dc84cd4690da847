"use strict";
// A MIDI keyboard that is plugged in where this browser runs plays the instrument: notes with velocity, the sustain pedal and the
// wheel, on every channel. Its notes go through the keyboard on the page, which shows them.
window.flow.midi = (() => {
  const KEPT = "flow-midi";
  const BEND_SEMITONES = 2; // of a full turn of the wheel, as with --midi-keys
  const BEND_MS = 8; // a wheel sends more than anybody hears
  const SUSTAIN = 64;
  const ENDS = [120, 123]; // all sound off, all notes off
  const CANNOT =
    "This browser has no MIDI here. Open the page on its own computer in Chrome, Edge or Firefox, or start the server with --midi-keys.";
  const REFUSED = "The browser does not allow MIDI. Allow it beside the address, then press MIDI keyboard again.";
  const FAILED = "The browser cannot open MIDI. Close other programs that use the keyboard, then press MIDI keyboard again.";
  let access = null;
  let said = "";
  let bend = 0;
  let bending = 0;
  const held = new Map(); // by input: what it holds

  const can = () => window.isSecureContext && typeof navigator.requestMIDIAccess === "function";
  function publish() {
    const ports = access === null ? [] : [...access.inputs.values()].filter((port) => port.state !== "disconnected");
    const names = ports.map((port) => port.name);
    const playing = names.length ? names.join(", ") + (names.length > 1 ? " play." : " plays.") : "Plug in a MIDI keyboard: it plays at once.";
    window.flow.publish("midi-here", { can: can(), on: access !== null, said: access === null ? said : playing, why: CANNOT });
  }
  function key(input, holder, note, velocity) {
    const holders = held.get(input);
    velocity > 0 ? holders.add(holder) : holders.delete(holder);
    window.flow.publish("midi-key", { holder, note, velocity });
  }
  function bendTo(semitones) {
    bend = semitones;
    bending ||= setTimeout(() => {
      bending = 0;
      window.flow.sound.bend(bend);
    }, BEND_MS);
  }
  function receive(input, [status, first, second]) {
    const kind = status & 0xf0;
    if (kind === 0x90 || kind === 0x80) key(input, `midi ${input} ${status & 15} ${first}`, first, kind === 0x90 ? second : 0);
    else if (kind === 0xe0) bendTo((BEND_SEMITONES * (first + 128 * second - 8192)) / 8192);
    else if (kind === 0xb0 && first === SUSTAIN) window.flow.sound.pedal(second >= 64);
    else if (kind === 0xb0 && ENDS.includes(first)) release(input);
  }
  // Nothing goes on sounding for a keyboard that is gone.
  function release(input) {
    for (const holder of [...held.get(input)]) key(input, holder, Number(holder.split(" ").at(-1)), 0);
    window.flow.sound.pedal(false);
    bendTo(0);
  }
  function listen() {
    const here = new Set();
    for (const port of access.inputs.values()) {
      if (port.state === "disconnected") continue;
      here.add(port.id);
      if (!held.has(port.id)) held.set(port.id, new Set());
      port.onmidimessage = ({ data }) => receive(port.id, data);
    }
    for (const input of [...held.keys()]) {
      if (here.has(input)) continue;
      release(input);
      held.delete(input);
    }
    publish();
  }
  async function turnOn() {
    try {
      access = await navigator.requestMIDIAccess();
      access.onstatechange = () => access !== null && listen();
      listen();
    } catch (error) {
      access = null;
      said = error.name === "NotAllowedError" || error.name === "SecurityError" ? REFUSED : FAILED;
      publish();
    }
  }
  function turnOff() {
    access.onstatechange = null;
    for (const port of access.inputs.values()) {
      port.onmidimessage = null;
      port.close?.(); // other programs may have it
    }
    for (const input of held.keys()) release(input);
    held.clear();
    access = null;
    said = "";
    publish();
  }
  // Who has allowed it before is not asked again.
  async function comeBack() {
    if (!can() || localStorage.getItem(KEPT) !== "1") return;
    const permission = await navigator.permissions?.query({ name: "midi" }).catch(() => null);
    if (permission?.state === "granted") turnOn();
  }
  publish();
  comeBack();
  return {
    turn(on) {
      localStorage.setItem(KEPT, on ? "1" : "0");
      if (on && access === null) turnOn();
      else if (!on && access !== null) turnOff();
    },
  };
})();
