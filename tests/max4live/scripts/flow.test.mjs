// The device's own decoder, by itself; tests/max4live/test_decoder.py compares it with numpy and the server.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax } from "./fake_max.mjs";
import "./quiet.mjs";

const max = new FakeMax("fsl_dials.js");
const { rows } = max.require("fsl_unpack");
const { Flow } = max.require("fsl_flow");
const { Macros, LoudnessCurve } = max.require("fsl_macros");
const { PresetMap, blend } = max.require("fsl_blend");
const { SoundPath } = max.require("fsl_soundpath");
const model = max.require("fsl_model");
const flow = new Flow(model);
const D = flow.n_latent;
const plain = (list) => JSON.parse(JSON.stringify(list));
const near = (a, b, most) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) <= most, `${i}: ${x}, ${b[i]}`));

/** Fixed points, each number within -2 to 2. */
function points(n) {
  let seed = 11;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: n }, () => Array.from({ length: D }, () => 4 * next() - 2));
}

const decoded = (z, by = flow) => {
  const patch = [];
  assert.equal(by.decode(z, patch), true);
  return patch;
};

test("the shipped model is whole", () => {
  assert.equal(model.name, "vital-32");
  assert.equal(D, 32);
  assert.equal(model.blocks.length, 8);
  assert.ok(model.macros.names.length >= 8);
  assert.equal(rows(model.presets.places).length, model.presets.names.length);
  assert.equal(rows(model.presets.latents).length, model.presets.names.length);
});

test("every value of a patch is within 0 to 1, and the point stays as it is", () => {
  for (const z of points(50)) {
    const before = [...z], patch = decoded(z);
    assert.deepEqual(z, before);
    assert.equal(patch.length, D);
    assert.ok(patch.every((v) => v >= 0 && v <= 1));
  }
});

test("far points are held, and those that are no numbers are told", () => {
  for (const far of [50, -50, 1e6]) {
    const patch = [], ok = flow.decode(Array(D).fill(far), patch);
    assert.ok(!ok || patch.every((v) => v >= 0 && v <= 1));
  }
  assert.equal(flow.decode(Array(D).fill(NaN), []), false);
  assert.equal(flow.decode([], []), false);
  assert.equal(flow.invert(Array(D).fill(NaN), []), false);
  assert.equal(decoded(points(1)[0]).length, D, "and leave nothing behind");
});

test("a patch leads to a point that decodes to it", () => {
  for (const z of points(50)) {
    const patch = decoded(z), found = [];
    assert.equal(flow.invert(patch, found), true);
    near(decoded(found), patch, 1e-4); // a rounded rotation is not undone exactly by its transpose
  }
});

test("a decode leaves no trace in the next, in either direction, nor in another flow", () => {
  const [a, b] = points(2), other = new Flow(model), first = decoded(a);
  decoded(b, other);
  flow.invert(decoded(b), []);
  assert.deepEqual(decoded(a), first);
  assert.deepEqual(decoded(a, other), first);
});

test("weights that are cut off are refused", () => {
  const short = plain(model.blocks[0]().w0);
  short.text[0] = short.text[0].slice(1);
  assert.throws(() => rows(short), /cut off/);
});

test("a macro goes where it is turned, and no other moves", () => {
  const macros = new Macros(model.macros, flow), z = points(1)[0], before = [], after = [];
  macros.positions(z, before);
  for (const [k, position] of [[0, 0], [3, 1], [5, 0.25], [7, 0.75]]) {
    macros.turn(z, k, position);
    before[k] = position;
    macros.positions(z, after);
    near(after, before, 1e-6);
  }
});

test("while dials turn, the landmark is found once, and anew at another point", () => {
  const macros = new Macros(model.macros, flow), map = new PresetMap(model.presets), z = [], chart = macros.known.chart;
  const near = chart.near, found = [];
  chart.near = (free) => found[found.push(near.call(chart, free)) - 1];
  map.find(model.presets.names[7], z);
  for (const [k, position] of [[0, 0.1], [3, 1], [0, 0.8], [5, 0.25]]) {
    macros.turn(z, k, position);
    macros.positions(z, []);
  }
  assert.equal(found.length, 1);
  assert.ok(found[0]);
  macros.turn(points(1)[0], 0, 0.5);
  assert.equal(found.length, 2);
  assert.equal(found[1], null);
});

test("all dials at once turn only those that are elsewhere", () => {
  const macros = new Macros(model.macros, flow), z = points(1)[0], shown = [];
  macros.positions(z, shown);
  const before = [...z];
  macros.turn_all(z, shown);
  assert.deepEqual(z, before);
  macros.turn_all(z, shown.map(() => 0.5));
  macros.positions(z, shown);
  near(shown, Array(8).fill(0.5), 1e-6);
});

test("a loudness curve is straight between its values and level beyond them", () => {
  const curve = new LoudnessCurve([1, 2, 0]);
  assert.deepEqual([-1, 0, 0.25, 0.5, 0.75, 1, 7, NaN].map((x) => curve.at(x)), [1, 1, 1.5, 2, 1, 0, 0, 1]);
});

test("a loudness curve moves the level, and the way back takes it off", () => {
  const macros = new Macros({ directions: [[1, 0, 0]], charted: [-1], low: [-1], high: [1], loudness: [[0, 2]], chart: null });
  const z = [0, 5, 7];
  macros.turn(z, 0, 1);
  assert.deepEqual(z, [1, 5, 8]);
  macros.turn(z, 0, 0.5);
  assert.deepEqual(z, [0, 5, 7]);
});

test("a preset's own latent lies at its place, and the place that somebody went to is remembered", () => {
  const map = new PresetMap(model.presets), z = [], there = [];
  const name = model.presets.names[40], [x, y] = map.places[40];
  assert.equal(map.find(name, z), true);
  assert.equal(map.find("no such preset", []), false);
  assert.equal(map.at(x, y, there), true);
  assert.deepEqual(there, z);
  map.at(0.31, 0.62, z);
  map.remember(0.31, 0.62, z);
  near(map.place_of(z), [0.31, 0.62], 1e-12);
  assert.equal(new PresetMap(model.presets).places.length, model.presets.names.length, "the model itself stays as it is");
});

test("a blend is within the values of the anchors, and has no jump", () => {
  const map = new PresetMap(model.presets), here = [], there = [];
  for (let k = 0; k < 400; k++) {
    map.at(k / 400, 0.4, there);
    if (k) near(there, here, 0.6);
    there.forEach((v, i) => (here[i] = v));
  }
  const one = [];
  blend([0.2], [[0.9]], [[3, 4]], 1, one);
  assert.deepEqual(one, [3, 4]);
});

test("a path is travelled at equal speed, and needs two points", () => {
  const path = new SoundPath(), out = [];
  assert.equal(path.at(0.5, out), false);
  path.add([0, 0]);
  assert.equal(path.at(0.5, out), false);
  path.add([1, 0]);
  path.add([1, 3]);
  const at = (position) => { assert.equal(path.at(position, out), true); return [...out]; };
  assert.deepEqual([at(0), at(0.125), at(0.25), at(0.5), at(1)], [[0, 0], [0.5, 0], [1, 0], [1, 1], [1, 3]]);
  path.clear();
  assert.equal(path.at(0.5, out), false);
});

test("a path keeps its points as they were, and only so many", () => {
  const path = new SoundPath(), point = [0], out = [];
  path.add(point);
  point[0] = 9;
  for (let k = 1; k < 64; k++) assert.equal(path.add([k]), true);
  assert.equal(path.add([64]), false);
  path.at(0, out);
  assert.deepEqual(out, [0]);
});
