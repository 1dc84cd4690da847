// Names as Live shows them against the names of Vital's controls: the 64 of our spaces, and those of adopted presets.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax } from "./fake_max.mjs";
import "./quiet.mjs";

const max = new FakeMax("fsl_bind.js");
const { match, normalise } = max.require("fsl_match");
const VITAL = Array.from(max.require("fsl_controllers").vital, ([label]) => label);
const plain = (list) => Array.from(list);
const identity = VITAL.map((_, i) => i);

/** A fixed shuffle. */
function shuffled(list) {
  const out = [...list];
  for (let i = out.length - 1, seed = 7; i > 0; i--) {
    seed = (seed * 48271) % 2147483647;
    const j = seed % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

const found = (shown, ours = VITAL) => plain(match(ours, shown)).map((at) => (at < 0 ? null : shown[at]));

test("there are 64 names of our spaces and 19 more, all different also without spaces and case", () => {
  assert.equal(VITAL.length, 83);
  assert.equal(new Set(VITAL.map(normalise)).size, 83);
});

test("exact names, in any order, among others", () => {
  assert.deepEqual(plain(match(VITAL, VITAL)), identity);
  const shown = shuffled([...VITAL, "Macro 4", "Bypass", "Oscillator 3 Pan", "Filter FX Cutoff"]);
  assert.deepEqual(found(shown), VITAL);
});

for (const [what, change] of [
  ["case", (s) => s.toUpperCase()],
  ["underscores", (s) => s.replace(/ /g, "_")],
  ["no spaces", (s) => s.replace(/ /g, "")],
  ["double spaces and a tail", (s) => s.replace(/ /g, "  ") + " "],
  ["short words", (s) => s.replace("Oscillator", "Osc").replace("Envelope", "Env").replace("Modulation", "Mod").replace("Frequency", "Freq").replace("Amount", "Amt").replace("Resonance", "Res")],
]) {
  test(`names with ${what} are found, each the right one`, () => {
    const shown = VITAL.map(change);
    assert.deepEqual(plain(match(VITAL, shown)), identity, shown.join(", "));
  });
}

test("titles cut by the host are found where the start tells them apart, and never wrongly", () => {
  for (const length of [12, 16, 20, 24, 28]) {
    const shown = VITAL.map((s) => (s.length > length ? s.slice(0, length) + "\u2026" : s));
    const places = plain(match(VITAL, shown));
    places.forEach((at, i) => assert.ok(at < 0 || at === i, `${VITAL[i]} taken for ${shown[at]}`));
    // Those whose start stands alone have to be found.
    VITAL.forEach((name, i) => {
      const start = normalise(shown[i]);
      if (start.length >= 10 && VITAL.filter((other) => normalise(other).startsWith(start)).length === 1) assert.equal(places[i], i, name);
    });
  }
});

test("Envelope 1 Decay is not Envelope 1 Decay Power, whichever of them is shown", () => {
  assert.deepEqual(found(["Envelope 1 Decay"], ["Envelope 1 Decay", "Envelope 1 Decay Power"]), ["Envelope 1 Decay", null]);
  assert.deepEqual(found(["Envelope 1 Decay Power"], ["Envelope 1 Decay", "Envelope 1 Decay Power"]), [null, "Envelope 1 Decay Power"]);
});

test("two shown under one name are both left alone", () => {
  assert.deepEqual(found(["Volume", "volume"], ["VOLUME"]), [null]);
  assert.deepEqual(found(["Volume", "volume"], ["Volume"]), ["Volume"]); // the exact one is exact
});

test("each shown name is used once, whatever the names", () => {
  let seed = 1;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 300; round++) {
    const word = () => ["Osc", "Oscillator", "1", "2", "Level", "lvl", "Env", "Decay", "Power", "", "é", "constructor"][random(12)];
    const names = (n) => Array.from({ length: n }, () => Array.from({ length: 1 + random(4) }, word).join(" "));
    const shown = names(random(12)), ours = names(random(12));
    const places = plain(match(ours, shown)).filter((at) => at >= 0);
    assert.equal(new Set(places).size, places.length);
    assert.ok(places.every((at) => at < shown.length));
  }
});

test("nothing to match", () => {
  assert.deepEqual(plain(match([], ["Volume"])), []);
  assert.deepEqual(plain(match(["Volume"], [])), [-1]);
  assert.deepEqual(plain(match(["", "", ""], ["", "Volume"])), [-1, -1, -1]);
});
