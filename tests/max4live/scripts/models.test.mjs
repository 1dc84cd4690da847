// The menu of models, filled by the server.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, MENU = 1, TEXT = 2;

function models({ playing = "vital-32", names = ["amsynth-32", "vital-16", "vital-32"] } = {}) {
  const max = new FakeMax("fsl_models.js");
  const out = max.message(0, "online", 7, 8, 32, 32, playing, "vital");
  names.forEach((name, k) => out.push(...max.message(0, "model", k, name, Number(name === playing))));
  return { max, out };
}

test("the menu holds the server's models in its order, and shows the one that plays", () => {
  const { out } = models();
  assert.deepEqual(from(out, MENU), [["clear"], ["append", "amsynth-32"], ["append", "vital-16"], ["append", "vital-32"], ["set", 2]]);
  assert.deepEqual(from(out, SERVER), []);
});

test("the list that comes again adds nothing and moves the mark", () => {
  const { max } = models();
  const out = ["amsynth-32", "vital-16", "vital-32"].flatMap((name, k) => max.message(0, "model", k, name, k === 1 ? 1 : 0));
  assert.deepEqual(from(out, MENU), [["set", 1]]);
  assert.deepEqual(from(max.message(0, "online", 7, 8, 16, 16, "vital-16", "vital"), MENU), [["clear"]]);
});

test("picking asks for the model by name; a place that is not there does nothing", () => {
  const { max } = models();
  assert.deepEqual(from(max.message(0, "pick", 1), SERVER), [["/flow/model", "vital-16"]]);
  for (const k of [-1, 3, 1e9, "x", NaN]) assert.deepEqual(max.message(0, "pick", k), []);
});

test("the model that plays is not loaded again", () => {
  const { max } = models();
  const out = max.message(0, "pick", 2);
  assert.deepEqual(from(out, SERVER), []);
  assert.match(from(out, TEXT)[0][1], /playing/);
});

test("a message cut short is no model", () => {
  const { max } = models();
  for (const short of [[], [3], [3, "x"]]) assert.deepEqual(max.message(0, "model", ...short), []);
});

test("without a server it says where models are", () => {
  const { max } = models();
  max.message(0, "offline");
  const out = max.message(0, "pick", 0);
  assert.deepEqual(from(out, SERVER), []);
  assert.match(from(out, TEXT)[0][1], /server not running/);
});
