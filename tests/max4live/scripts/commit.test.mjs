// Explore, Commit, Release and Live's undo list.
import assert from "node:assert/strict";
import test from "node:test";
import { NAMES, device, commit, held, info, last } from "./binding.mjs";
import { plugin } from "./fake_live.mjs";
import { from } from "./fake_max.mjs";
import "./quiet.mjs";

test("exploring leaves no trace in Live: no write, no undo entry", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  for (let i = 0; i < 50; i++) {
    max.message(0, "explore", i % 2);
    max.advance(20);
  }
  assert.deepEqual(live.undo, []);
});

test("Release lets every remote go; switching the device off and on, too, and takes them back", () => {
  const { max } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  let ids = held(max.message(0, "explore", 1));
  ids = held(max.message(0, "active", 0), ids);
  assert.equal(ids.size, 0);
  ids = held(max.message(0, "active", 1), ids);
  assert.equal(ids.size, 32);
  ids = held(max.message(0, "release"), ids);
  assert.equal(ids.size, 0);
});

test("Commit: let go first, then each changed parameter once", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  const ids = held(max.message(0, "explore", 1));
  const frame = NAMES.slice(0, 32).map((_, k) => (k < 14 ? k / 32 : 0.5)); // the last 18 stand at 0.5 already
  const out = commit(max, ...frame);
  assert.equal(held(out, ids).size, 0);
  assert.deepEqual(last(out, "explore"), [0]);
  assert.deepEqual(live.undo, [], "nothing is written while live.remote~ may still hold on");
  const done = max.advance(1000);
  assert.equal(live.undo.length, 14);
  assert.deepEqual(live.undo.map(({ id }) => id), Array.from({ length: 14 }, (_, k) => 5001 + k));
  assert.match(info(done), /14 parameters/);
  commit(max, ...frame);
  assert.match(info(max.advance(1000)), /nothing has changed/);
  assert.equal(live.undo.length, 14, "nothing has changed since");
});

test("Commit asks first, and forgets the answer after four seconds", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  const frame = Array(32).fill(0.25);
  const before = held(max.message(0, "explore", 1));
  for (let i = 0; i < 2; i++) {
    const out = max.message(0, "commit", ...frame);
    assert.match(info(out), /^Commit makes up to 32 undo entries: press it again/);
    assert.equal(held(out, before).size, 32, "the synth is not let go yet");
    max.advance(5000);
  }
  assert.deepEqual(live.undo, []);
  commit(max, ...frame);
  max.advance(1000);
  assert.equal(live.undo.length, 32);
});

test("a write that fails in silence is noticed and tried again; what never moves is counted", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  live.refusing = true;
  commit(max, ...Array(32).fill(0.25));
  max.advance(300);
  live.refusing = false;
  assert.match(info(max.advance(3000)), /written to Vital: 32 parameters/);
  assert.equal(live.undo.length, 32);
  live.refusing = true;
  commit(max, ...Array(32).fill(0.75));
  assert.match(info(max.advance(10000)), /32 parameters did not move/);
});

test("Commit writes plain values of the parameter's own range, and none outside it", () => {
  const vital = plugin(5, "Vital", NAMES.slice(0, 16));
  vital.lists.parameters[1].props.min = -10;
  vital.lists.parameters[1].props.max = 30;
  const { max, live } = device([vital], { n: 16 });
  commit(max, 0.25, 7, ...Array(14).fill(0.5));
  max.advance(1000);
  assert.deepEqual(live.undo, [{ id: 5001, value: 0 }, { id: 5002, value: 1 }]);
});

test("Live refuses writes for a while (undo): they wait; for ever: it says so", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  live.undoing = true;
  commit(max, ...Array(32).fill(0.25));
  max.advance(1000);
  assert.equal(live.undo.length, 0);
  live.undoing = false;
  max.advance(1000);
  assert.equal(live.undo.length, 32);
  live.undoing = true;
  commit(max, ...Array(32).fill(0.75));
  assert.match(info(max.advance(30000)), /Live refused to write the last 32 values/);
});

test("Commit without a frame says what to do", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  assert.match(info(max.message(0, "commit")), /nothing to commit yet/);
  assert.match(info(max.message(0, "commit", 0.1)), /nothing to commit yet/);
  max.advance(1000);
  assert.deepEqual(live.undo, []);
});
