// The dials: names, and where each takes the sound. No script writes a dial.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive, node, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SOUND = 1, CAUSE = 2, DIRECT = 3, MARKS = 4;
const HALF = Array(8).fill(0.5);
const parameter = (id, name) => node(id, "DeviceParameter", { name, value: 50, min: 0, max: 100 });
const MACRO_2 = 93;

/** A device with eight dials at a half, connected to a server whose macros are there as well. */
function dials(macros = HALF) {
  const shown = ["Device On", "Freeze 1", ...HALF.map((_, k) => `Macro ${k + 1}`)].map((name, i) => parameter(90 + i, name));
  const live = new FakeLive(set([node(9, "MaxDevice", { name: "Flow Synth", class_name: "MxDeviceAudioEffect" }, { parameters: shown })], 9));
  const max = new FakeMax("fsl_dials.js", { live });
  const out = HALF.flatMap((v, k) => max.message(0, "dial", k, v)); // Live restores the dials before the device is ready
  max.deviceReady();
  out.push(...max.message(0, "start"), ...max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital"));
  max.advance(600);
  out.push(...max.message(0, "macros", ...macros));
  return { max, live, out };
}

/** Turn the second dial, and return where the sound goes: by the wires, or by the script. */
function turner(max) {
  let is_direct = true, sound = 0.5;
  const see = (out) => from(out, DIRECT).forEach(([k, on]) => { if (k === 1) is_direct = on === 1; });
  return {
    see,
    is_direct: () => is_direct,
    to(position) {
      const by_itself = is_direct;
      const out = max.message(0, "dial", 1, position);
      if (by_itself) sound = position;
      for (const [k, v] of from(out, SOUND)) if (k === 1) sound = v;
      see(out);
      return sound;
    },
    preset(position) {
      max.advance(600);
      sound = position;
      see(max.message(0, "macros", ...HALF.map((v, k) => (k === 1 ? position : v))));
      see(max.advance(600));
    },
  };
}

const marks = (out) => from(out, MARKS).filter(([word]) => word === "mark").map(([, ...mark]) => mark);
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("while dial and sound are together, turns go by the wires, and the script says only who turned", () => {
  const { max, out } = dials();
  assert.deepEqual([from(out, SOUND), from(out, DIRECT)], [[], []]);
  const turned = max.message(0, "dial", 0, 0.9);
  assert.deepEqual([from(turned, SOUND), from(turned, DIRECT), from(turned, CAUSE)], [[], [], [["hand"]]]);
  assert.deepEqual(from(max.message(0, "macros", 0.9, ...HALF.slice(1)), DIRECT), []);
});

test("a preset moves marks, no dial; a turn goes on from the mark, and both meet at the end", () => {
  const { max } = dials();
  const dial = turner(max);
  const out = max.message(0, "macros", 0.5, 0.8, ...HALF.slice(2));
  dial.see(out);
  assert.deepEqual(from(out, DIRECT), [[1, 0]]);
  assert.deepEqual(marks(out)[1], [1, 0.5, 0.8]);
  close(dial.to(0.75), 0.9);
  close(dial.to(0.5), 0.8);
  close(dial.to(0.25), 0.4);
  assert.ok(!dial.is_direct());
  close(dial.to(1), 1);
  assert.ok(dial.is_direct(), "caught");
  assert.deepEqual(from(max.message(0, "dial", 1, 0.95), SOUND), [[1, 0.95]], "it may have waited for the script");
  max.advance(100);
  assert.deepEqual(from(max.message(0, "dial", 1, 0.7), SOUND), []);
});

test("no step of the dial moves the sound more than four times as far, wherever the two are", () => {
  const { max } = dials();
  const dial = turner(max);
  let at = 0.5;
  for (const sound of [0.02, 0.98, 0, 1, 0.5]) {
    for (const end of [0.99, 0.01, 1, 0]) {
      dial.to(at = end);
      dial.preset(sound);
      for (const step of [0.01, -0.01, -0.01, -0.01, 0.01, 0.01]) {
        const next = Math.min(Math.max(at + step, 0), 1);
        const before = dial.to(at);
        assert.ok(Math.abs(dial.to(next) - before) <= 4 * Math.abs(next - at) + 1e-9);
        at = next;
      }
    }
  }
});

test("a dial at its end brings the sound everywhere, by strokes", () => {
  const { max } = dials();
  const dial = turner(max);
  dial.to(1);
  dial.preset(0.3);
  for (let v = 1; v > 0.49; v -= 0.1) dial.to(v);
  close(dial.to(0.5), 0.15);
  dial.preset(0.15); // let go
  close(dial.to(1), 1);
});

test("automation means what it says, before and after a preset, and a dial that a Rack holds as well", () => {
  for (const [property, value] of [["automation_state", 1], ["is_enabled", 0]]) {
    const { max, live } = dials();
    const dial = turner(max);
    live.change(MACRO_2, property, value);
    dial.preset(0.8);
    assert.ok(dial.is_direct());
    close(dial.to(0.2), 0.2);
    dial.preset(0.9);
    close(dial.to(0.21), 0.21);
  }
});

test("an automation that begins on a dial that is apart takes it at once, and overridden it takes over from the sound", () => {
  const { max, live } = dials();
  const dial = turner(max);
  dial.preset(0.8);
  assert.ok(!dial.is_direct());
  live.change(MACRO_2, "automation_state", 1);
  dial.see(max.taken());
  assert.ok(dial.is_direct());
  dial.preset(0.9);
  live.change(MACRO_2, "automation_state", 2);
  dial.see(max.taken());
  assert.ok(!dial.is_direct());
  close(dial.to(0.75), 0.95);
});

test("a Rack that takes a dial which is apart is obeyed from its first step", () => {
  const { max, live } = dials();
  const dial = turner(max);
  dial.preset(0.8);
  live.item(MACRO_2).props.is_enabled = 0;
  close(dial.to(0.3), 0.3);
  assert.ok(dial.is_direct());
});

test("Live's undo of a turn brings back the sound and then the dial, which does not move it again", () => {
  for (const [was, sound] of [[0.5, 0.5], [0.5, 0.8]]) {
    const { max } = dials();
    const dial = turner(max);
    if (sound !== was) dial.preset(sound);
    const end = dial.to(0.9);
    dial.preset(end); // at rest
    dial.preset(sound); // undo of the stored sound
    close(dial.to(was), sound);
    assert.equal(dial.is_direct(), was === sound);
    close(dial.to(0.9), end); // redo
  }
});

test("a turn is not judged by what the server said before it", () => {
  const { max } = dials();
  const dial = turner(max);
  dial.to(0.9);
  dial.see(max.message(0, "macros", ...HALF)); // late
  assert.ok(dial.is_direct());
  dial.see(max.message(0, "macros", 0.5, 0.9, ...HALF.slice(2)));
  dial.see(max.advance(1000));
  assert.ok(dial.is_direct());
});

test("without a server there are no marks", () => {
  const { max } = dials();
  max.message(0, "macros", ...HALF.map(() => 0.7));
  assert.deepEqual(from(max.message(0, "offline"), MARKS), [["clear"]]);
  assert.deepEqual(marks(max.message(0, "dial", 1, 0.6)), []);
});

test("whose automation turned a dial is known, also after a move, and if the server has renamed the dials", () => {
  const { max, live } = dials();
  const apis = live.n_apis;
  for (const [state, word] of [[1, "automated"], [2, "hand"]]) {
    live.change(MACRO_2, "automation_state", state);
    max.taken();
    assert.deepEqual(from(max.message(0, "dial", 1, 0.5), CAUSE), [[word]]);
  }
  live.move(9, 1000);
  live.item(1000 + MACRO_2).props.name = "Bright";
  max.message(0, "home", "id", 2);
  max.advance(100);
  live.change(1000 + MACRO_2, "automation_state", 1);
  max.taken();
  assert.deepEqual(from(max.message(0, "dial", 1, 0.7), CAUSE), [["automated"]]);
  max.message(0, "start"); // a preset of the device
  assert.deepEqual(from(max.message(0, "dial", 1, 0.7), CAUSE), [["automated"]]);
  assert.equal(live.n_apis, apis);
});

test("the marks are drawn only where dial and sound are apart", () => {
  const max = new FakeMax("fsl_marks.js", { size: [230, 111] });
  const dots = () => (max.advance(100), (max.paint().match(/<path/g) ?? []).length);
  assert.equal(dots(), 0);
  max.message(0, "mark", 2, 0.4, 0.405);
  assert.equal(dots(), 0);
  max.message(0, "mark", 5, 0.4, 0.9);
  const one = dots();
  assert.ok(one >= 3);
  max.message(0, "mark", 0, 1, 0);
  assert.equal(dots(), 2 * one);
  for (const wrong of [[9, -1, 2], ["x", 0, 0]]) max.message(0, "mark", ...wrong);
  max.message(0, "clear");
  assert.equal(dots(), 0);
});
