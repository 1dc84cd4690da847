// The plug-in in vst~: looked for, its parameters by number, its base patch; and what the status line says.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const VST = 0, LANES = 1, UI = 2, TEXT = 3;
const other = new FakeMax("fsl_host.js");
const NAMES = Array.from(other.require("fsl_controllers").vital, ([label]) => label);
const WIRING = Array.from(other.require("fsl_wiring").vital, (pair) => [...pair]);
const CONTROLLERS = ["MIDI CC 0|0", "MIDI CC 0|1"];
const FULL = ["Bypass", ...NAMES, ...WIRING.map(([label]) => label), "MPE Enabled", ...CONTROLLERS];

const text = (out) => from(out, TEXT).filter(([source]) => source === "bind").at(-1)?.[1];
const info = (out) => from(out, TEXT).filter(([source]) => source === "info").at(-1)?.[1];
const last = (out, word) => from(out, UI).filter(([w]) => w === word).at(-1)?.slice(1);

/** A script, and a plug-in that answers it; `names` null: there is none. */
class Device {
  constructor({ names = FULL, uncounted = 0, base = true, n = 32, synth = "vital" } = {}) {
    this.max = new FakeMax("fsl_host.js");
    this.names = names;
    this.uncounted = uncounted;
    this.base = base;
    this.asked = [];
    this.out = [];
    this.say("start");
    this.say("online", 7, 8, n, n, `${synth}-32`, synth);
    NAMES.slice(0, n).forEach((name, k) => this.say("name", k, name));
  }

  say(...message) {
    return this.answer(this.max.message(0, ...message));
  }

  pass(ms) {
    const out = [];
    for (let gone = 0; gone < ms; gone += 10) out.push(...this.answer(this.max.advance(10)));
    return out;
  }

  /** Answer what vst~ was asked, and return all that came out. */
  answer(out) {
    const all = [...out];
    for (const message of from(out, VST)) {
      const [word, number] = [message].flat();
      this.asked.push([message].flat().join(" "));
      if (this.names === null) continue;
      if (word === "get" && number === -4) all.push(...this.say("vstvalue", -4, this.names.length + this.uncounted));
      else if (word === "get") all.push(...this.say("vstvalue", number, this.value(number)));
      else if (word === "params") for (const name of this.names) all.push(...this.say("vstname", name));
    }
    this.out.push(...out);
    return all;
  }

  value(number) {
    const row = WIRING.find(([label]) => label === this.names[number - 1]);
    return row ? (this.base ? row[1] : 0) : 0.5;
  }
}

/** The number of each lane's parameter. */
function lanes(out) {
  const held = new Map();
  for (const [k, number] of from(out, LANES)) held.set(k, number);
  return held;
}

for (const n of [16, 32, 64]) {
  test(`all ${n} of Vital's, counted from 1 in the plug-in's order`, () => {
    const names = [...FULL].reverse();
    const device = new Device({ names, n });
    const out = device.pass(2000);
    const held = lanes(out);
    for (let k = 0; k < n; k++) assert.equal(held.get(k), names.indexOf(NAMES[k]) + 1, NAMES[k]);
    for (let k = n; k < 64; k++) assert.equal(held.get(k), 0);
    assert.deepEqual(last(out, "bound"), [n]);
    assert.equal(text(device.out), "");
    assert.deepEqual(last(device.out, "asking"), [0]);
  });
}

test("a number is a name's even if MIDI controllers come first", () => {
  const names = [...CONTROLLERS, ...FULL];
  const device = new Device({ names });
  assert.equal(lanes(device.pass(2000)).get(0), names.indexOf(NAMES[0]) + 1);
});

test("fewer names than vst~ has counted", () => {
  assert.deepEqual(last(new Device({ uncounted: 3 }).pass(2000), "bound"), [32]);
});

test("it asks once for what is there, and three times for what is not", () => {
  const there = new Device();
  there.pass(60000);
  assert.equal(there.asked.filter((m) => m === "get -4").length, 1);
  const absent = new Device({ names: null });
  absent.pass(60000);
  assert.equal(absent.asked.filter((m) => m === "get -4").length, 3);
  assert.match(text(absent.out), /press Choose Vital/);
  assert.deepEqual(last(absent.out, "asking"), [0]);
});

test("Choose asks for Vital by name, then opens a window; a second time only the window", () => {
  const device = new Device({ names: null });
  device.pass(10000);
  device.say("choose");
  assert.equal(device.asked.at(-1), "plug_vst3 Vital");
  device.pass(8000);
  assert.deepEqual(device.asked.filter((m) => m.startsWith("plug")), ["plug_vst3 Vital", "plug"]);
  device.names = FULL;
  device.pass(60000);
  assert.equal(text(device.out), "");
  device.say("choose");
  device.pass(60000);
  assert.deepEqual(device.asked.filter((m) => m.startsWith("plug")), ["plug_vst3 Vital", "plug", "plug"]);
  assert.equal(text(device.out), "");
});

test("which parameters are missing", () => {
  const without = FULL.filter((name) => name !== NAMES[5] && name !== NAMES[9]);
  const device = new Device({ names: without });
  const held = lanes(device.pass(2000));
  assert.equal(held.get(5), 0);
  assert.equal(held.get(6), without.indexOf(NAMES[6]) + 1);
  assert.equal(text(device.out), `30 of 32 found; missing ${NAMES[5]} and 1 more`);
});

test("another plug-in", () => {
  const device = new Device({ names: ["Gain", "Pan"] });
  assert.deepEqual(last(device.pass(2000), "bound"), [0]);
  assert.match(text(device.out), /not Vital/);
});

test("a model of another synth", () => {
  const device = new Device({ synth: "amsynth" });
  device.pass(2000);
  assert.match(text(device.out), /the model plays Amsynth/);
});

test("a patch of its own is noticed, and Base Patch asks again", () => {
  const device = new Device({ base: false });
  device.pass(2000);
  assert.match(text(device.out), /press Base Patch/);
  const out = device.say("base");
  assert.ok(device.asked.includes("restore"));
  assert.match(info(out), /vital-base\.vital/);
  device.base = true;
  const after = device.pass(3000);
  assert.equal(text(device.out), "");
  assert.equal(lanes(after).size, 64, "the plug-in gets every value again");
});

test("the Set's names without a server", () => {
  const max = new FakeMax("fsl_host.js");
  const device = Object.assign(Object.create(Device.prototype), { max, names: FULL, uncounted: 0, base: true, asked: [], out: [] });
  device.say("start");
  device.say("known", "vital", 32);
  assert.deepEqual(last(device.pass(2000), "bound"), [32]);
});

test("MPE is the plug-in's own switch, also when it loads later", () => {
  const device = new Device();
  device.say("mpe", 1);
  device.pass(2000);
  const number = FULL.indexOf("MPE Enabled") + 1;
  assert.equal(device.asked.findLast((m) => m.startsWith(`${number} `)), `${number} 1`);
  device.say("mpe", 0);
  assert.equal(device.asked.at(-1), `${number} 0`);
});

test("a preset of the device starts it again without a second set of anything", () => {
  const device = new Device();
  device.pass(2000);
  device.say("start");
  const out = device.pass(2000);
  assert.deepEqual(last(out, "bound"), [32]);
  assert.equal(device.asked.filter((m) => m === "params").length, 2);
});

test("every text fits the status line", () => {
  const long = new Device({ names: FULL.filter((name) => name !== "Oscillator 1 Frequency Morph Amount" && name !== NAMES[0]) });
  long.pass(2000);
  for (const [, said] of from(long.out, TEXT)) assert.ok(said.length < 80, said);
});

test("nonsense changes nothing", () => {
  const device = new Device();
  device.pass(2000);
  for (const message of [["vstvalue"], ["vstvalue", "x", "y"], ["vstname"], ["name"], ["known"], ["online"], ["mpe"], ["save", 1]])
    device.say(...message);
  assert.equal(text(device.pass(2000)), undefined);
});
