// The page of macros: its menus show what the server lists, and its buttons send what is chosen.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, DIALS = 1, MACROS = 2, FIELD = 3, GATHERED = 4, TEXT = 5;
const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];
const KNOWN = [["Honey", 1, "Warm"], ["Bright", 0, "Bright"], ["Moving", -1, "Moving"], ["Growth", 2, ""]];

function page(online = true) {
  const max = new FakeMax("fsl_choice.js");
  if (online) max.message(0, ...ONLINE);
  const out = ["Bright", "Honey", "Growth"].flatMap((name, k) => max.message(0, "macroname", k, name));
  out.push(...KNOWN.flatMap(([name, dial, key], j) => max.message(0, "vocabulary", j, KNOWN.length, name, dial, key)));
  return { max, out };
}

test("the menus list dials and macros, and show what is on the dial", () => {
  const { max, out } = page();
  assert.deepEqual(from(out, DIALS).slice(-5), [["clear"], ["append", "1  Bright"], ["append", "2  Honey"], ["append", "3  Growth"], ["set", 0]]);
  assert.deepEqual(from(out, MACROS), [["clear"], ...KNOWN.map(([name]) => ["append", name]), ["set", 1]]);
  assert.deepEqual(from(out, FIELD), [["set", "Bright"]]);
  const other = max.message(0, "dial", 2);
  assert.deepEqual(from(other, MACROS), [["set", 3]]);
  assert.deepEqual(from(other, FIELD), [["set", "Growth"]]);
});

test("a macro is put on the dial that the page is about", () => {
  const { max } = page();
  max.message(0, "dial", 1);
  assert.deepEqual(from(max.message(0, "choose", 2), SERVER), [["/flow/macro/choose", 1, "Moving"]]);
  assert.deepEqual(max.message(0, "choose", 0), [], "it is there already");
  assert.deepEqual(max.message(0, "choose", 9), []);
});

test("the name in the field goes where a button was pressed for, once", () => {
  const { max } = page();
  max.message(0, "dial", 1);
  assert.deepEqual(max.message(0, "name", "Deep", "Honey"), [], "the Return key alone does nothing");
  max.message(0, "rename");
  assert.deepEqual(from(max.message(0, "name", "Deep", "Honey"), SERVER), [["/flow/macro/name", 1, "Deep Honey"]]);
  assert.deepEqual(max.message(0, "name", "Deep"), []);
  max.message(0, "make");
  assert.deepEqual(from(max.message(0, "name", "Swell"), SERVER), [["/flow/own/make", 1, "Swell"]]);
  max.message(0, "make");
  assert.match(from(max.message(0, "name", "a/b"), TEXT)[0][1], /cannot contain/);
});

test("sounds are gathered for A and B, and what was made is deleted", () => {
  const { max } = page();
  assert.deepEqual(from(max.message(0, "add", 1), SERVER), [["/flow/own/add", 1]]);
  assert.deepEqual(from(max.message(0, "own", 1, 2), GATHERED), [["set", "A: 1 sound, B: 2 sounds"]]);
  assert.deepEqual(from(max.message(0, "forget"), SERVER), [["/flow/own/clear"]]);
  max.message(0, "dial", 2);
  assert.deepEqual(from(max.message(0, "remove"), SERVER), [["/flow/own/delete", "Growth"]]);
});

test("the menu shows what is true again if the server is not there", () => {
  const { max } = page(false);
  const out = max.message(0, "choose", 2);
  assert.deepEqual(from(out, SERVER), []);
  assert.deepEqual(from(out, MACROS), [["set", 1]]);
  assert.match(from(out, TEXT)[0][1], /^server not running/);
});
