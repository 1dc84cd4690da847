// The map and the pad, by mouse; and what is drawn.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, LOADED = 1, TEXT = 2;
const SIZE = [216, 152];
const POINTS = [["Growl", 0.1, 0.2], ["Soft pad", 0.9, 0.8], ["Été à la mer", 0.5, 0.5], ["Edge", 0, 1]];
const at = (x, y) => [8 + x * (SIZE[0] - 16), 8 + (1 - y) * (SIZE[1] - 28)];
function map({ online = true } = {}) {
  const max = new FakeMax("fsl_map.js", { size: SIZE });
  if (online) {
    max.message(0, "online", 7, 8, 16, 32, "vital-32", "vital");
    POINTS.forEach(([name, x, y], k) => max.message(0, "preset", k, name, x, y));
    ["Bright", "Move", "Noise"].forEach((name, k) => max.message(0, "macroname", k, name));
  }
  max.advance(100);
  return max;
}

const places = (out) => from(out, SERVER).filter(([a]) => a === "/flow/place").map(([, x, y]) => [x, y]);
const near = ([x, y], [u, v]) => Math.abs(x - u) < 1e-9 && Math.abs(y - v) < 1e-9;

test("a click on a point loads that preset, once", () => {
  const max = map();
  for (const [name, x, y] of POINTS) {
    const out = max.mouse("click", ...at(x, y));
    assert.deepEqual(from(out, SERVER), [["/flow/preset/load", name]]);
    assert.deepEqual(from(out, LOADED).filter(([word]) => word === "loaded"), [["loaded", name]], "for the menu");
    max.mouse("drag", ...at(x, y), 0);
  }
});

test("a click beside every point goes to that place", () => {
  const max = map();
  const sent = from(max.mouse("click", ...at(0.3, 0.9)), SERVER);
  assert.equal(sent.length, 1);
  assert.ok(near(places([[SERVER, sent[0]]])[0], [0.3, 0.9]));
});

test("an unsteady hand is still a click", () => {
  const max = map();
  const [x, y] = at(0.1, 0.2);
  max.mouse("click", x, y);
  assert.deepEqual([...max.mouse("drag", x + 1, y + 2), ...max.mouse("drag", x, y, 0)].filter(([o]) => o === SERVER), []);
});

test("dragging asks for the places beneath the mouse, in order, and nothing else", () => {
  const max = map();
  const [, x0, y0] = POINTS[0], [, x1, y1] = POINTS[1];
  max.mouse("click", ...at(x0, y0));
  const out = [], way = [];
  for (let i = 0; i <= 100; i++) {
    const spot = [x0 + ((x1 - x0) * i) / 100, y0 + ((y1 - y0) * i) / 100];
    way.push(spot);
    out.push(...max.mouse("drag", ...at(...spot)), ...max.advance(40));
  }
  out.push(...max.mouse("drag", ...at(x1, y1), 0));
  assert.ok(from(out, SERVER).every(([a]) => a === "/flow/place"));
  const asked = places(out);
  assert.ok(asked.length > 90 && near(asked.at(-1), [x1, y1]));
  let i = 0;
  for (const spot of asked) {
    while (i < way.length && !near(spot, way[i])) i++;
    assert.ok(i < way.length, `${spot} is not on the way, or came twice`);
  }
});

test("wherever the mouse goes, what is asked for is on the map", () => {
  const max = map();
  max.mouse("click", ...at(0.3, 0.9));
  for (const [x, y] of [[-500, -500], [5000, 20], [100, 70], [0, 0], [NaN, 3]]) {
    const out = [...max.mouse("drag", x, y), ...max.advance(50)];
    assert.equal(places(out).length, 1);
    for (const v of places(out)[0]) assert.ok(v >= 0 && v <= 1);
  }
});

test("without presets there is no map to drag on", () => {
  const max = new FakeMax("fsl_map.js", { size: SIZE });
  max.message(0, "online", 7, 8, 16, 32, "vital-32", "vital");
  assert.deepEqual(from([...max.mouse("click", 50, 50), ...max.mouse("drag", 90, 50), ...max.advance(100)], SERVER), []);
});

test("a thousand mouse events a second are thirty messages, and the last one arrives", () => {
  const max = map();
  max.mouse("click", ...at(0.3, 0.6));
  const out = [];
  for (let i = 0; i < 1000; i++) out.push(...max.mouse("drag", ...at(0.3 + i / 5000, 0.6)), ...max.advance(1));
  assert.ok(places(out).length <= 32, `${places(out).length}`);
  const end = places([...max.mouse("drag", ...at(0.5, 0.7)), ...max.mouse("drag", ...at(0.5, 0.7), 0), ...max.advance(100)]);
  assert.ok(near(end.at(-1), [0.5, 0.7]));
});

test("at 30 pictures a second, none while nothing changes", () => {
  const max = map();
  const before = max.n_redraws;
  for (let i = 0; i < 1000; i++) {
    max.message(0, "macros", ...Array(8).fill((i % 100) / 100));
    max.advance(1);
  }
  assert.ok(max.n_redraws - before <= 32);
  max.advance(100);
  const rest = max.n_redraws;
  max.advance(60000);
  for (let i = 0; i < 50; i++) max.mouse("idle", 100, 3);
  max.advance(100);
  assert.equal(max.n_redraws, rest);
});

test("the pad turns its two macros", () => {
  const max = map();
  max.message(0, "view", 1);
  max.message(0, "axes", 0, 1);
  const out = [...max.mouse("click", ...at(0.25, 0.5))];
  for (let i = 0; i <= 20; i++) out.push(...max.mouse("drag", ...at(0.25 + i / 80, 0.5 + i / 80)), ...max.advance(40));
  const sent = from(out, SERVER);
  assert.ok(sent.every(([a]) => a === "/flow/macro") && sent.every(([, k, v]) => (k === 0 || k === 1) && v >= 0 && v <= 1));
  const [across, up] = sent.slice(-2).map(([, , v]) => v);
  assert.ok(Math.abs(across - 0.5) < 0.01 && Math.abs(up - 0.75) < 0.01);
  assert.deepEqual(max.mouse("drag", ...at(0.5, 0.75), 0), []);
});

test("the same macro on both axes, or one that the model lacks", () => {
  const max = map();
  max.message(0, "view", 1);
  max.message(0, "axes", 2, 2);
  const out = [...max.mouse("click", ...at(0.25, 0.9)), ...max.mouse("drag", ...at(0.25, 0.9), 0)];
  assert.deepEqual(from(out, SERVER).map(([, k]) => k), [2]);
  max.message(0, "axes", 7, 15);
  const more = [...max.mouse("click", ...at(0.25, 0.9)), ...max.mouse("drag", ...at(0.25, 0.9), 0)];
  assert.deepEqual(from(more, SERVER).map(([, k]) => k), [7]);
  max.paint();
});

test("without a server the mouse says what to do", () => {
  const max = map({ online: false });
  assert.deepEqual(from(max.mouse("click", 50, 50), TEXT).length, 1);
  assert.deepEqual(from(max.mouse("drag", 90, 50), SERVER), []);
});

test("a place outside the map is no preset", () => {
  const max = map();
  max.message(0, "preset", 9, "Wrong", 1.5, 0.5);
  max.message(0, "preset", 9, "Worse", "x", 0.5);
  assert.ok(!max.paint().includes("NaN"));
});

test("hovering names a preset, inside the picture also at its edges", () => {
  const max = map();
  for (const [name, x, y] of POINTS) {
    max.mouse("idle", ...at(x, y));
    const svg = max.paint();
    assert.ok(svg.includes(name), name);
    for (const [, tx, ty] of svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)"/g)) assert.ok(tx >= 0 && ty >= 6 && ty <= SIZE[1] - 2, `${name} at ${tx} ${ty}`);
  }
  max.mouse("leave", 0, 0);
  assert.ok(!max.paint().includes("Growl"));
});

test("where we are is drawn in the accent, as the server says; offline there is no accent", () => {
  const max = map();
  max.message(0, "color", "lcd_control_fg", 0, 1, 1, 1);
  const count = () => max.paint().split("rgb(0,255,255)").length - 1;
  assert.equal(count(), 0);
  max.message(0, "place", 0.3, 0.7);
  assert.equal(count(), 2); // the point and the ring around it
  max.message(0, "offline");
  assert.equal(count(), 0);
});

test("every map shows the same point, whoever went there", () => {
  const mine = map(), other = map();
  mine.mouse("click", ...at(0.3, 0.9));
  mine.mouse("drag", ...at(0.3, 0.9), 0);
  for (const max of [mine, other]) max.message(0, "place", Math.fround(0.3), Math.fround(0.9)); // float32, as from the network
  assert.equal(mine.paint(), other.paint());
});

test("the echo of a drag does not pull the ring back under the hand", () => {
  const max = map();
  max.mouse("click", ...at(0.3, 0.9));
  max.mouse("drag", ...at(0.6, 0.9));
  const before = max.paint();
  max.message(0, "place", 0.3, 0.9);
  assert.equal(max.paint(), before);
  max.mouse("drag", ...at(0.6, 0.9), 0);
  max.message(0, "place", 0.3, 0.9);
  assert.notEqual(max.paint(), before);
});

test("a dial that turns makes the ring unsure, until the server says where that led", () => {
  const max = map();
  max.message(0, "place", 0.3, 0.7);
  const sure = max.paint();
  max.message(0, "macro", 1, 0.9);
  const unsure = max.paint();
  assert.notEqual(unsure, sure);
  max.message(0, "place", 0.3, 0.7);
  assert.equal(max.paint(), sure);
});

test("a place that is none changes nothing", () => {
  const max = map();
  max.message(0, "place", 0.3, 0.7);
  const before = max.paint();
  for (const wrong of [[], [0.5], [1.1, 0.5], [-0.1, 0.5], ["x", 0.5], [NaN, 0.5]]) max.message(0, "place", ...wrong);
  assert.equal(max.paint(), before);
});

test("a preset that was saved again lies where it lies now, once", () => {
  const max = map();
  max.message(0, "preset", 0, "Growl", 0.7, 0.2);
  assert.deepEqual(from(max.mouse("click", ...at(0.7, 0.2)), SERVER), [["/flow/preset/load", "Growl"]]);
  max.mouse("drag", ...at(0.7, 0.2), 0);
  max.advance(100);
  assert.equal(places(max.mouse("click", ...at(0.1, 0.2))).length, 1);
});

test("the present preset has its name below the map, and the menu is told once, whoever loaded it", () => {
  const max = map();
  assert.deepEqual(from(max.message(0, "place", Math.fround(0.9), Math.fround(0.8)), LOADED), [["loaded", "Soft pad"]]);
  assert.deepEqual(from(max.message(0, "place", 0.9, 0.8), LOADED), []);
  assert.ok(max.paint().includes(">Soft pad<"));
  max.message(0, "macro", 0, 0.7);
  assert.ok(max.paint().includes(">Near Soft pad<"));
  max.message(0, "place", 0.45, 0.45);
  assert.ok(max.paint().includes(">Near Été à la mer<"));
  assert.deepEqual(from(max.mouse("click", ...at(0.1, 0.2)), LOADED), [["loaded", "Growl"]]);
});

test("presets have the colours of their kinds; of the others, and of a kind that was not chosen, less is seen", () => {
  const max = map();
  const colours = () => Array.from(max.paint().matchAll(/fill="(rgb\([\d,]+\))" fill-opacity="([\d.]+)"/g), ([, rgb, a]) => `${rgb} ${a}`).slice(1, 5);
  assert.equal(new Set(colours()).size, 1);
  max.message(0, "kind", "pad", 1, 1);
  max.message(0, "kind", "bass", 0, 1);
  max.message(0, "kind", "pad", 3, 1);
  const [bass, pad, none, other] = colours();
  assert.equal(new Set([bass, pad, none]).size, 3);
  assert.equal(pad, other);
  max.message(0, "only", "pad");
  const chosen = colours();
  assert.deepEqual([chosen[1], chosen[3]], [pad, pad]);
  assert.ok(chosen[0].endsWith(" 0.18") && chosen[2].endsWith(" 0.18"));
  assert.equal(places(max.mouse("click", ...at(0.1, 0.2))).length, 1, "a preset of another kind is not hit");
  for (const wrong of [[], ["x"], ["", 0, 4], ["x", -1, 2], ["x", 0, 0], ["x", 0, 1e15]]) max.message(0, "kind", ...wrong);
  assert.ok(!max.paint().includes("NaN"));
});

test("of presets that lie over each other, clicks on the same spot take turns; of others, the nearest", () => {
  const max = map();
  for (const [k, name, x] of [[4, "Under", 0.502], [5, "Deeper", 0.504], [6, "Beside", 0.535]]) max.message(0, "preset", k, name, x, 0.5);
  const click = (x, y) => from([...max.mouse("click", ...at(x, y)), ...max.mouse("drag", ...at(x, y), 0)], SERVER).map(([, name]) => name)[0];
  assert.deepEqual([click(0.5, 0.5), click(0.5, 0.5), click(0.5, 0.5), click(0.5, 0.5)], ["Été à la mer", "Under", "Deeper", "Été à la mer"]);
  assert.equal(click(0.535, 0.5), "Beside");
  assert.equal(click(0.535, 0.5), "Beside");
  assert.equal(click(0.5, 0.5), "Été à la mer", "anew");
});

test("zoom: the keys magnify where we are, what is dragged stays in what is shown, and Shift moves it", () => {
  const max = map();
  const plus = [SIZE[0] - 8, 8], minus = [SIZE[0] - 21, 8];
  const press = (spot, shift = 0) => [...max.mouse("click", ...spot, 1, shift), ...max.mouse("drag", ...spot, 0, shift)].filter(([o]) => o === SERVER);
  max.message(0, "place", 0.1, 0.2);
  assert.deepEqual([...press(plus), ...press(plus)], [], "keys send nothing");
  assert.deepEqual(from(press(at(0.4, 0.5)), SERVER), [["/flow/preset/load", "Growl"]], "in the quarter around it");
  max.mouse("click", ...at(1, 0.7));
  assert.deepEqual(places(max.mouse("drag", 1e4, -1e4)), []); // throttled
  assert.ok(places(max.advance(50)).every(([x, y]) => near([x, y], [0.25, 0.325])));
  max.mouse("drag", 0, 0, 0);
  max.mouse("click", 100, 70, 1, 1);
  assert.deepEqual(from(max.mouse("drag", 100 - 200, 70, 1, 1), SERVER), [], "moving the map moves no sound");
  max.mouse("drag", 0, 0, 0);
  assert.ok(places([...max.mouse("click", ...at(0.5, 0.5)), ...max.advance(50)])[0][0] > 0.3);
  max.mouse("drag", ...at(0.5, 0.5), 0);
  max.message(0, "place", 0.9, 0.8); // another client goes where it is not shown
  assert.ok(max.paint().includes(">Soft pad<"));
  assert.deepEqual(from(press(at(0.6, 0.5)), SERVER), [["/flow/preset/load", "Soft pad"]]);
  for (let i = 0; i < 9; i++) press(minus);
  assert.deepEqual(from(press(at(0.1, 0.2)), SERVER), [["/flow/preset/load", "Growl"]], "all of it again");
  for (let i = 0; i < 40; i++) press(plus);
  assert.ok(!max.paint().includes("NaN"));
});

test("every size is drawn, from a stamp to a window", () => {
  for (const size of [[20, 20], [120, 100], [216, 152], [900, 600]])
    for (const file of ["fsl_map.js", "fsl_curves.js", "fsl_meter.js"]) {
      const max = map({ file });
      max.message(0, "view", 1);
      max.resize(...size);
      assert.ok(max.paint().length > 100);
      max.message(0, "view", 0);
      assert.ok(max.paint().length > 100);
    }
});
