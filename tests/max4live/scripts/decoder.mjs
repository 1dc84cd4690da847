/**
 * The device's own decoder as a process: one JSON object in, one out, so that Python can compare it with numpy.
 *
 *     {"model": null, "decode": [z, ..], "invert": [patch, ..], "steps": [["macro", k, v], ..], "near": [free, ..], "blend": {..}, "path": {..}}
 *
 * `model` null: the shipped one. Steps start from the resting point; each is answered with the point, the dials and the place.
 */

import fs from "node:fs";
import { FakeMax } from "./fake_max.mjs";

const max = new FakeMax("fsl_dials.js"); // any script: what it requires is what the decoder's user requires
const { Flow } = max.require("fsl_flow");
const { Chart } = max.require("fsl_chart");
const { Macros } = max.require("fsl_macros");
const { PresetMap, blend } = max.require("fsl_blend");
const { SoundPath } = max.require("fsl_soundpath");

const given = JSON.parse(fs.readFileSync(0, "utf8"));
const model = given.model ?? max.require("fsl_model");
const flow = new Flow(model);

/** What a function writes into a list, and what it returns. */
function written(work) {
  const out = [];
  const ok = work(out);
  return { ok, out };
}

function* walk(steps) {
  const macros = new Macros(model.macros, flow), map = new PresetMap(model.presets);
  const z = Array.from(model.macros.resting);
  for (const [what, ...values] of steps) {
    if (what === "latent") values.forEach((value, i) => (z[i] = value));
    else if (what === "macro") macros.turn(z, ...values);
    else if (what === "macros") macros.turn_all(z, values);
    else if (what === "restart") {
      macros.turn(z.map(() => 0), 0, 0); // another point comes between
      z.forEach((value, i) => (z[i] = Math.fround(value)));
    } else if (what === "preset") map.find(values[0], z);
    else if (what === "keep") { // to a preset, with a macro frozen
      const there = [];
      map.find(values[1], there);
      macros.keep(z, values[0], there);
      there.forEach((value, i) => (z[i] = value));
    } else if (what === "place") {
      map.at(...values, z);
      map.remember(...values, z);
    } else throw new Error(what);
    const positions = [];
    macros.positions(z, positions);
    yield { z: [...z], positions, place: map.place_of(z) };
  }
}

function travelled({ points, positions }) {
  const path = new SoundPath();
  for (const point of points) path.add(point);
  return positions.map((position) => written((out) => path.at(position, out)));
}

function* landmarks(frees) {
  const chart = new Chart(model.macros.chart, flow);
  for (const free of frees) yield chart.near(free);
}

const { anchors, values, points = [] } = given.blend ?? {};
process.stdout.write(
  JSON.stringify({
    decode: (given.decode ?? []).map((z) => written((patch) => flow.decode(z, patch))),
    invert: (given.invert ?? []).map((patch) => written((z) => flow.invert(patch, z))),
    steps: given.steps ? [...walk(given.steps)] : [],
    near: given.near ? [...landmarks(given.near)] : [],
    blend: points.map((point) => written((out) => blend(point, anchors, values, anchors.length, out)).out),
    path: given.path ? travelled(given.path) : [],
  }),
);
