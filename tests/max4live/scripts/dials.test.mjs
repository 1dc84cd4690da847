// The dials: names, and the few times that they move by themselves.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive, node, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const POSITIONS = 1, CAUSE = 2;
const HALF = Array(8).fill(0.5);
const parameter = (id, name) => node(id, "DeviceParameter", { name, value: 50, min: 0, max: 100 });

/** A device with eight dials at a half, connected to a server whose macros are there as well. */
function dials(macros = HALF) {
  const shown = ["Device On", "Freeze 1", ...HALF.map((_, k) => `Macro ${k + 1}`)].map((name, i) => parameter(90 + i, name));
  const live = new FakeLive(set([node(9, "MaxDevice", { name: "Flow Synth", class_name: "MxDeviceAudioEffect" }, { parameters: shown })], 9));
  const max = new FakeMax("fsl_dials.js", { live });
  const out = HALF.flatMap((v, k) => max.message(0, "macro", k, v)); // Live restores the dials before the device is ready
  max.deviceReady();
  out.push(...max.message(0, "start"), ...max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital"));
  out.push(...max.message(0, "macros", ...macros), ...max.message(0, "baseline"));
  return { max, live, out };
}

/** The server says where the macros are, and the sound comes to rest. */
function rest(max, ...macros) {
  max.message(0, "macros", ...macros);
  return from(max.message(0, "follow"), POSITIONS);
}

test("connecting writes no dial, wherever the server is, and says of nobody that they turned one", () => {
  for (const macros of [HALF, HALF.map((_, k) => k / 8)]) {
    const { max, out } = dials(macros);
    assert.deepEqual(out, []);
    assert.deepEqual(rest(max, ...macros), []);
  }
});

test("only what differs is written, and only by more than a dial shows", () => {
  const { max } = dials();
  const preset = [0.5, 0.1, 0.50005, 0.5, 0.9, 0.5, 0.5, 0.5];
  assert.deepEqual(rest(max, ...preset), [[1, 0.1], [4, 0.9]]);
  assert.deepEqual(rest(max, ...preset), [], "the same again");
  assert.deepEqual(rest(max, ...HALF), [[1, 0.5], [4, 0.5]]);
});

test("a dial that a hand turned is where the server follows: nothing is written, also not the others", () => {
  const { max } = dials([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
  assert.deepEqual(from(max.message(0, "macro", 0, 0.9), CAUSE), [["hand"]]);
  assert.deepEqual(rest(max, 0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), []);
});

test("Live's undo of the stored sound writes no dial: redo would be lost", () => {
  const { max } = dials();
  rest(max, ...HALF.map((v) => v + 0.2));
  max.message(0, "macros", ...HALF);
  assert.deepEqual(max.message(0, "baseline"), []);
  assert.deepEqual(rest(max, ...HALF.map((v, k) => (k === 3 ? 0.1 : v))), [[3, 0.1]]);
});

test("a dial with automation is left alone, whether it plays or is overridden", () => {
  const { max, live } = dials();
  for (const [state, word] of [[1, "automated"], [2, "hand"]]) {
    live.change(93, "automation_state", state); // Macro 2
    assert.deepEqual(from(max.message(0, "macro", 1, 0.5), CAUSE), [[word]]);
    assert.deepEqual(rest(max, ...HALF.map((v) => v + 0.1 * state)).map(([k]) => k), [0, 2, 3, 4, 5, 6, 7]);
  }
  live.change(93, "automation_state", 0);
  assert.deepEqual(rest(max, ...HALF), HALF.map((v, k) => [k, v]).filter(([k]) => k !== 1), "it stands at a half already");
});

test("after a move the automation is watched under the new ids, also if the server has renamed the dials", () => {
  const { max, live } = dials();
  const apis = live.n_apis;
  live.move(9, 1000);
  live.item(1093).props.name = "Bright";
  max.message(0, "home", "id", 2);
  max.advance(100);
  live.change(1093, "automation_state", 1);
  assert.deepEqual(from(max.message(0, "macro", 1, 0.7), CAUSE), [["automated"]]);
  max.message(0, "start"); // a preset of the device
  assert.deepEqual(from(max.message(0, "macro", 1, 0.7), CAUSE), [["automated"]]);
  assert.equal(live.n_apis, apis);
});

test("dials that stay never move by themselves; told to follow again, they catch up", () => {
  const { max } = dials();
  max.message(0, "stay", 1);
  assert.deepEqual(rest(max, ...HALF.map(() => 0.25)), []);
  assert.equal(from(max.message(0, "stay", 0), POSITIONS).length, 8);
});
