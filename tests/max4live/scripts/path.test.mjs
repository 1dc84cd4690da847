// Where along the path to be: from Live's transport, or from a clock of our own.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, UI = 1, TEXT = 2;

function path({ online = true } = {}) {
  const live = new FakeLive(set([], 1));
  const max = new FakeMax("fsl_path.js", { live });
  max.deviceReady();
  max.message(0, "start");
  if (online) max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital");
  return { max, live };
}

const plays = (out) => from(out, SERVER).filter(([a]) => a === "/flow/path/play").map(([, place]) => place);

/** Live plays: its time is reported 20 times a second. */
function transport({ max, live }, ms, bpm, from_beat = 0) {
  const out = [];
  for (let t = 0; t < ms; t += 50) {
    live.change(1, "current_song_time", from_beat + ((t / 60000) * bpm));
    out.push(...max.advance(50));
  }
  return out;
}

test("beats, loops, spaces: nothing is said at load", () => {
  const { max } = path({ online: false });
  assert.deepEqual([...max.message(0, "beats", 16), ...max.message(0, "loop", 0), ...max.message(0, "space", 1), ...max.message(0, "play", 0)], []);
  assert.deepEqual(from(max.message(0, "online", 7, 8, 32, 32, "m", "vital"), SERVER), [["/flow/path/space", 1]]);
  max.message(0, "space", 0);
  assert.deepEqual(max.message(0, "online", 8, 8, 32, 32, "m", "vital"), []);
});

test("a Set that was saved while the path played plays on once there is a server, and writes nothing", () => {
  const { max } = path({ online: false });
  assert.deepEqual(max.message(0, "play", 1), []);
  assert.deepEqual(max.advance(5000), []);
  max.message(0, "online", 7, 8, 32, 32, "m", "vital");
  const out = max.advance(500);
  assert.ok(plays(out).length > 10);
  assert.deepEqual(from(out, UI).filter(([word]) => word === "play"), []);
});

test("live.thisdevice bangs again when a preset is loaded: no second observer", () => {
  const { max, live } = path();
  const n = live.n_apis;
  max.message(0, "start");
  assert.equal(live.n_apis, n);
});

test("add, clear and space go to the server", () => {
  const { max } = path();
  assert.deepEqual(from([...max.message(0, "add"), ...max.message(0, "clear"), ...max.message(0, "space", 1)], SERVER), [["/flow/path/add"], ["/flow/path/clear"], ["/flow/path/space", 1]]);
});

test("transport at rest: four beats at 120 take two seconds, and come round", () => {
  const { max } = path();
  max.message(0, "beats", 4);
  max.message(0, "play", 1);
  const places = plays(max.advance(4000));
  assert.ok(places.length > 150, `${places.length} in 4 s`);
  assert.ok(places.every((v) => v >= 0 && v < 1));
  const falls = places.filter((v, i) => i && v < places[i - 1]).length;
  assert.ok(falls >= 1 && falls <= 2);
  assert.ok(Math.abs(plays(max.advance(1000)).at(-1) - 0.5) < 0.03);
});

test("Live plays: the place is that of Live's bars, at any tempo, also after a jump", () => {
  for (const bpm of [60, 120, 174]) {
    const device = path();
    device.live.change(1, "tempo", bpm);
    device.max.message(0, "beats", 8);
    device.max.message(0, "play", 1);
    const at = (beat) => ((beat % 8) / 8);
    const first = plays(transport(device, 3000, bpm)).at(-1);
    assert.ok(Math.abs(first - at((3000 / 60000) * bpm)) < 0.02, `${bpm}: ${first}`);
    const jumped = plays(transport(device, 1000, bpm, 101)).at(-1);
    assert.ok(Math.abs(jumped - at(101 + (1000 / 60000) * bpm)) < 0.02, `${bpm}: ${jumped}`);
  }
});

test("between Live's reports it goes on smoothly", () => {
  const device = path();
  device.max.message(0, "beats", 8);
  device.max.message(0, "play", 1);
  transport(device, 500, 120);
  const places = plays(transport(device, 1000, 120, 1));
  for (let i = 1; i < places.length; i++) assert.ok(places[i] - places[i - 1] > -1e-3 && places[i] - places[i - 1] < 0.02, `${places[i - 1]} ${places[i]}`);
  assert.ok(places.length >= 40);
});

test("once: it ends at exactly 1 and lets the button go", () => {
  const { max } = path();
  max.message(0, "loop", 0);
  max.message(0, "beats", 2);
  max.message(0, "play", 1);
  const out = max.advance(3000);
  assert.equal(plays(out).at(-1), 1);
  assert.deepEqual(from(out, UI).at(-1), ["play", 0]);
  assert.deepEqual(max.advance(1000), []);
});

test("stopped it is silent, offline it stops and says why", () => {
  const { max } = path();
  max.message(0, "play", 1);
  max.message(0, "play", 0);
  assert.deepEqual(max.advance(1000), []);
  max.message(0, "play", 1);
  assert.deepEqual(from(max.message(0, "offline"), UI), [["play", 0]]);
  const out = max.message(0, "play", 1);
  assert.deepEqual(from(out, UI), [["play", 0]]);
  assert.match(from(out, TEXT)[0][1], /server not running/);
});

test("lengths are held to a quarter beat and 256 beats", () => {
  const { max } = path();
  for (const bad of [0, -4, "x"]) max.message(0, "beats", bad);
  max.message(0, "beats", 1e9);
  max.message(0, "play", 1);
  assert.ok(plays(max.advance(1000)).at(-1) < 0.02);
});

test("a path that plays goes on when another takes over: the device from the server, or the server from the device", () => {
  const { max } = path();
  max.message(0, "beats", 8);
  max.message(0, "play", 1);
  const before = plays(max.advance(1000)).at(-1);
  const out = [...max.message(0, "online", 8, 8, 32, 32, "vital-32", "vital"), ...max.advance(40)];
  assert.ok(Math.abs(plays(out)[0] - before) < 0.02, "not from the beginning");
});
