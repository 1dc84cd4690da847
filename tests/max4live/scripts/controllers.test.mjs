// Which parameter has which MIDI controller, and the sweep that teaches Live.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const TABLE = Array.from(new FakeMax("fsl_cc.js").require("fsl_controllers").vital, (row) => Array.from(row));

function assigned(n, { bits = 7, synth = "vital", names = TABLE.slice(0, n).map(([label]) => label) } = {}) {
  const max = new FakeMax("fsl_cc.js");
  max.message(0, "bits", bits);
  max.message(0, "online", 7, 8, n, n, "m", synth);
  names.forEach((name, k) => max.message(0, "name", k, name));
  const out = max.advance(500);
  return { max, out, rows: from(out, 0).slice(-64) };
}

for (const n of [16, 32, 64]) {
  test(`${n} parameters: each has the space's controller, no two the same, the rest is silent`, () => {
    const { rows } = assigned(n);
    assert.equal(rows.length, 64);
    rows.forEach(([k, msb, lsb], i) => {
      assert.equal(k, i);
      assert.deepEqual([msb, lsb], [i < n ? TABLE[i][1] : -1, -1]);
    });
    const used = rows.filter(([, msb]) => msb >= 0).map(([, msb]) => msb);
    assert.equal(new Set(used).size, n);
    assert.ok(used.every((cc) => cc >= 0 && cc <= 119 && ![0, 1, 6, 7, 10, 11, 32, 38, 64, 96, 97, 98, 99, 100, 101].includes(cc)), String(used));
  });

  test(`14 bit with ${n}: a fine part is 32 above, and never another parameter's controller`, () => {
    const { rows } = assigned(n, { bits: 14 });
    const coarse = new Set(rows.map(([, msb]) => msb));
    const fine = rows.filter(([, , lsb]) => lsb >= 0);
    for (const [, msb, lsb] of fine) {
      assert.equal(lsb, msb + 32);
      assert.ok(!coarse.has(lsb));
    }
    if (n === 16) assert.equal(fine.length, 16, "the first 16 can all be fine");
  });
}

test("a synth without a table is silent and says so", () => {
  const { rows, out } = assigned(16, { synth: "constructor" });
  assert.ok(rows.every(([, msb]) => msb === -1));
  assert.match(from(out, 1).at(-1)[1], /no controllers are known for constructor/);
});

test("names in another order keep their own controllers", () => {
  const names = TABLE.slice(0, 16).map(([label]) => label).reverse();
  const { rows } = assigned(16, { names });
  assert.deepEqual(rows.slice(0, 16).map(([, msb]) => msb), TABLE.slice(0, 16).map(([, cc]) => cc).reverse());
});

// --- Teach Live

function teach(n = 32, frame = Array(n).fill(0.5)) {
  const max = new FakeMax("fsl_teach.js");
  max.message(0, "count", n);
  for (let k = 0; k < n; k++) max.message(0, "assign", k, TABLE[k][1]);
  const out = max.message(0, "go");
  if (from(out, 2).some(([w]) => w === "ask")) out.push(...max.message(0, "frame", ...frame));
  return { max, out };
}

/** What a plug-in hears: for each controller the values, in order. */
function heard(out) {
  const by = new Map();
  for (const [cc, value] of from(out, 0)) by.set(cc, [...(by.get(cc) ?? []), value]);
  return by;
}

test("each controller moves and comes back to where the sound was, in our order", () => {
  const frame = Array.from({ length: 32 }, (_, k) => k / 31);
  const { max, out } = teach(32, frame);
  out.push(...max.advance(20000));
  const by = heard(out);
  assert.deepEqual([...by.keys()], TABLE.slice(0, 32).map(([, cc]) => cc));
  [...by.values()].forEach((values, k) => {
    assert.ok(new Set(values).size >= 2, "it has to move");
    assert.equal(values.at(-1), Math.round(127 * frame[k]));
    assert.ok(values.every((v) => Number.isInteger(v) && v >= 0 && v <= 127));
    assert.ok(values.every((v) => Math.abs(v - values.at(-1)) <= 12), "a little, for the synth sounds meanwhile");
  });
});

test("no control is turned up where it can be turned down", () => {
  const { max, out } = teach(16, Array(16).fill(0.74));
  out.push(...max.advance(20000));
  for (const values of heard(out).values()) assert.ok(Math.max(...values) <= 94);
});

test("it takes a few seconds, shows how far it is, and holds frames back meanwhile", () => {
  const { max, out } = teach();
  assert.deepEqual(from(out, 2).filter(([w]) => w === "running"), [["running", 1]]);
  const rest = max.advance(6000);
  assert.deepEqual(from(rest, 2).filter(([w]) => w === "running"), [["running", 0]]);
  const progress = from(rest, 2).filter(([w]) => w === "progress").map(([, p]) => p);
  assert.ok(progress.slice(0, -1).every((p, i) => !i || p > progress[i - 1]) && progress.at(-1) === 0);
  assert.match(from(rest, 1).at(-1)[1], /taught 32/);
});

test("stopped in the middle, the control that was away comes back", () => {
  for (const ms of [70, 100, 130, 160, 190, 500]) {
    const { max, out } = teach();
    out.push(...max.advance(ms), ...max.message(0, "halt"));
    for (const values of heard(out).values()) assert.equal(values.at(-1), 64, `after ${ms} ms`);
    assert.deepEqual(max.advance(10000), []);
  }
});

test("without a frame it rests in the middle; without controllers it says what to do; twice is once", () => {
  const { max } = teach(4, []);
  assert.deepEqual(max.message(0, "go"), []);
  for (const values of heard(max.advance(2000)).values()) assert.equal(values.at(-1), 64);
  const empty = new FakeMax("fsl_teach.js").message(0, "go");
  assert.match(from(empty, 1)[0][1], /start the server first/);
  assert.deepEqual(from(empty, 0), []);
});

test("an assignment that comes while it runs changes nothing under way", () => {
  const { max, out } = teach(8);
  max.message(0, "count", 2);
  max.message(0, "assign", 0, 119);
  out.push(...max.advance(5000));
  assert.deepEqual([...heard(out).keys()], TABLE.slice(0, 8).map(([, cc]) => cc));
});
