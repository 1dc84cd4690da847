// The server's microphones: asked for when they matter, listed with their inputs, chosen by name.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, MENU = 1, TEXT = 2;
const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];
const ASKED = [["/flow/sketch/microphones"]];

function device(...first) {
  const max = new FakeMax("fsl_microphones.js"), out = [];
  for (const message of first) out.push(...max.message(0, ...message));
  return { max, out };
}
const listed = (max, ...rows) => rows.flatMap((row, k) => max.message(0, "microphone", k, rows.length, ...row));
const shown = (out) => from(out, MENU).filter(([w]) => w === "append").map(([, name]) => name);
const set = (out) => from(out, MENU).at(-1);

test("it asks when takes come from the server, and when told to", () => {
  assert.deepEqual(from(device(ONLINE, ["mic", 0]).out, SERVER), []);
  assert.deepEqual(from(device(ONLINE, ["mic", 1]).out, SERVER), ASKED);
  assert.deepEqual(from(device(["mic", 1], ONLINE).out, SERVER), ASKED, "a Set that was saved so");
  assert.deepEqual(from(device(ONLINE, ["ask"]).out, SERVER), ASKED);
  assert.match(from(device(["ask"]).out, TEXT)[0][1], /^server not running/);
});

test("microphones with several inputs are listed with each, and what is chosen is shown", () => {
  const { max } = device(ONLINE);
  const out = listed(max, ["Built-in", 1, -1], ["Scarlett", 2, 2]);
  assert.deepEqual(shown(out), ["System's own", "Built-in", "Scarlett", "Scarlett input 1", "Scarlett input 2"]);
  assert.deepEqual(set(out), ["set", 4]);
  assert.deepEqual(set(listed(max, ["Built-in", 1, 0], ["Scarlett", 2, -1])), ["set", 1]);
});

test("one is chosen, and shown once the server says so", () => {
  const { max } = device(ONLINE);
  listed(max, ["Built-in", 1, 0], ["Scarlett", 2, -1]);
  const out = max.message(0, "pick", 4);
  assert.deepEqual(from(out, SERVER), [["/flow/sketch/microphone", "Scarlett:2"]]);
  assert.deepEqual(set(out), ["set", 1]);
  assert.deepEqual(set(listed(max, ["Built-in", 1, -1], ["Scarlett", 2, 2])), ["set", 4]);
  assert.deepEqual(max.message(0, "pick", 4), [], "it is chosen already");
  assert.deepEqual(from(max.message(0, "pick", 0), SERVER), [["/flow/sketch/microphone", ""]]);
  assert.deepEqual(max.message(0, "pick", 9), []);
});

test("a list that is damaged or of a server that has gone changes nothing", () => {
  const { max } = device(ONLINE);
  for (const bad of [["microphone"], ["microphone", 1, 2, "B", 1, 0], ["microphone", 2, 2, "B", 1, 0], ["microphone", "x", 1, "B", 1, 0]]) {
    assert.deepEqual(max.message(0, ...bad), []);
  }
  listed(max, ["Built-in", 1, 0]);
  max.message(0, "offline");
  const out = max.message(0, "pick", 0);
  assert.deepEqual(from(out, SERVER), []);
  assert.deepEqual(set(out), ["set", 1]);
});
