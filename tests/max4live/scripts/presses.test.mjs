// Switches as buttons: each change by the player is a press; what Live restores is none.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

/** A device whose Set has been opened with this stored for the switch. */
function opened(stored = 0) {
  const live = new FakeLive();
  const max = new FakeMax("fsl_presses.js", { live });
  const out = max.message(0, "press", "vary", stored);
  max.deviceReady();
  out.push(...max.message(0, "start"), ...max.message(0, "press", "vary", stored), ...max.advance(1000));
  let value = stored;
  return {
    max, out,
    /** Change the switch, as the player or Live does; return what is done. */
    change(ms = 50) {
      value = 1 - value;
      return [...max.message(0, "press", "vary", value), ...max.advance(ms)].map(([, [word]]) => word);
    },
    redo: (can) => { live.tree.root.props.can_redo = can; },
    restored: () => max.message(0, "restored"),
  };
}

test("a Set that opens presses nothing, whichever way the switch was left", () => {
  for (const stored of [0, 1]) assert.deepEqual(opened(stored).out, []);
});

test("each change is one press, as fast as they come; the same value again is none", () => {
  const device = opened();
  for (let i = 0; i < 6; i++) assert.deepEqual(device.change(), ["vary"]);
  assert.deepEqual([...device.change(0), ...device.change()], ["vary", "vary"]);
  device.max.message(0, "press", "vary", 0);
  assert.deepEqual(device.max.advance(100), []);
});

test("undo and redo press nothing, over several presses; the next press counts again", () => {
  const device = opened();
  for (let i = 0; i < 2; i++) device.change();
  for (let i = 0; i < 2; i++) { // undo: first the sound, then the switch
    device.restored();
    device.redo(1);
    device.max.advance(1000);
    assert.deepEqual(device.change(), []);
  }
  for (let i = 0; i < 2; i++) { // redo: first the switch, then the sound, which is still to come
    assert.deepEqual(device.change(1000), []);
    device.redo(1 - i);
    device.restored();
    device.max.advance(1000);
  }
  assert.deepEqual(device.change(), ["vary"]);
});

test("a press after undo counts: Live can redo no more", () => {
  const device = opened();
  device.change();
  device.restored();
  device.redo(1);
  device.max.advance(1000);
  device.redo(0);
  assert.deepEqual(device.change(), ["vary"]);
});

test("a pad whose presses Live keeps out of its history works again after two", () => {
  const device = opened();
  device.restored();
  device.redo(1);
  device.max.advance(1000);
  assert.deepEqual([device.change(), device.change(), device.change(), device.change()], [[], [], ["vary"], ["vary"]]);
});

test("a preset of the device sets sound and switch in one moment, in either order", () => {
  const device = opened();
  assert.deepEqual([...device.change(0), ...device.restored(), ...device.max.advance(100)], []);
  device.max.advance(1000);
  device.restored();
  assert.deepEqual(device.change(), []);
  device.max.advance(1000);
  device.max.message(0, "start");
  assert.deepEqual(device.change(), []);
  device.max.advance(1000);
  assert.deepEqual(device.change(), ["vary"]);
});

test("with a sound that Live may redo for other reasons, presses count", () => {
  const device = opened();
  device.redo(1);
  assert.deepEqual(device.change(), ["vary"]);
});
