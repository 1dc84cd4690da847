// The preset menu, and names before they go out; the status line.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

function presets() {
  const max = new FakeMax("fsl_presets.js");
  max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital");
  ["Growl", "Soft pad", "Été"].forEach((name, k) => max.message(0, "preset", k, name, 0.5, 0.5));
  return max;
}
const SERVER = 0, MENU = 1, TEXT = 2, KINDS = 3, MAP = 4;

test("each name once, in the server's order; a new connection begins anew", () => {
  const max = presets();
  assert.deepEqual(from(max.message(0, "preset", 3, "Growl", 0.1, 0.1), MENU), []);
  assert.deepEqual(from(max.message(0, "preset", 3, "New", 0.1, 0.1), MENU), [["append", "New"]]);
  assert.deepEqual(from(max.message(0, "online", 8, 8, 32, 32, "m", "vital"), MENU), [["clear"]]);
});

test("picking loads by name; a place that is not there does nothing", () => {
  const max = presets();
  assert.deepEqual(from(max.message(0, "pick", 1), SERVER), [["/flow/preset/load", "Soft pad"]]);
  for (const k of [-1, 3, 1e9, "x"]) assert.deepEqual(max.message(0, "pick", k), []);
});

test("next and previous go round, from the preset that was loaded last, however that was", () => {
  const max = presets();
  const steps = (...each) => each.map((step) => from(max.message(0, "step", step), SERVER)[0][1]);
  assert.deepEqual(steps(1, 1, 1, 1, -1), ["Growl", "Soft pad", "Été", "Growl", "Été"]);
  assert.deepEqual(from(max.message(0, "loaded", "Soft pad"), MENU), [["set", 1]], "by the map");
  assert.deepEqual(steps(1), ["Été"]);
  max.message(0, "pick", 1);
  assert.deepEqual(from(max.message(0, "step", 1), MENU), [["set", 2]]);
  assert.deepEqual(max.message(0, "loaded", "of another model"), []);
});

test("the preset of the menu is loaded again, wherever it was loaded", () => {
  const max = presets();
  assert.match(from(max.message(0, "again"), TEXT)[0][1], /no preset/);
  max.message(0, "loaded", "Soft pad");
  assert.deepEqual(from(max.message(0, "again"), SERVER), [["/flow/preset/load", "Soft pad"]]);
  max.message(0, "step", 1);
  assert.deepEqual(from(max.message(0, "again"), SERVER), [["/flow/preset/load", "Été"]]);
});

test("the menu goes through one kind, and the map is told", () => {
  const max = presets();
  max.message(0, "kind", "bass", 0, 1);
  assert.deepEqual(from(max.message(0, "kind", "pad", 1, 2), KINDS), [["append", "Pad"]]);
  assert.deepEqual(from(max.message(0, "kind", "bass", 7, 2), KINDS), [], "each kind once");
  max.message(0, "loaded", "Été");
  const out = max.message(0, "only", 2);
  assert.deepEqual(from(out, MENU), [["clear"], ["append", "Soft pad"], ["append", "Été"], ["set", 1]]);
  assert.deepEqual(from(out, MAP), [["only", "pad"]]);
  assert.deepEqual(from(max.message(0, "step", 1), SERVER), [["/flow/preset/load", "Soft pad"]], "round within the kind");
  assert.deepEqual(from(max.message(0, "preset", 3, "Mine", 0.5, 0.5), MENU), [], "has no kind");
  for (const k of [3, -1, "x"]) assert.deepEqual(max.message(0, "only", k), []);
  assert.deepEqual(from(max.message(0, "only", 0), MENU).length, 6);
});

test("next without a server says what to do, and without presets does nothing", () => {
  const max = new FakeMax("fsl_presets.js");
  assert.match(from(max.message(0, "step", 1), TEXT)[0][1], /server not running/);
  max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital");
  assert.deepEqual(max.message(0, "step", 1), [], "no presets yet");
});

test("words typed into a field are one name", () => {
  const max = presets();
  assert.deepEqual(from(max.message(0, "save", "My", "warm", 2, "bass"), SERVER), [["/flow/preset/save", "My warm 2 bass"]]);
  assert.deepEqual(from(max.message(0, "export", "Été"), SERVER), [["/flow/preset/export", "Été"]]);
});

test("a name that could be a path, is empty or too long is not sent, and the reason is said", () => {
  const max = presets();
  for (const name of ["", "   ", "a/b", "a\\b", "c:", ".hidden", "x".repeat(65), "a\tb"]) {
    const out = max.message(0, "save", name);
    assert.deepEqual(from(out, SERVER), [], name);
    assert.match(from(out, TEXT)[0][1], /name/);
  }
  assert.equal(from(max.message(0, "save", "x".repeat(64)), SERVER).length, 1);
});

test("without a server it says where presets are", () => {
  const max = presets();
  max.message(0, "offline");
  const out = max.message(0, "pick", 0);
  assert.deepEqual(from(out, SERVER), []);
  assert.match(from(out, TEXT)[0][1], /server not running/);
});

// --- status

const shown = (out) => from(out, 0).filter(([word]) => word === "set").at(-1)?.[1];

test("what does not work stands above what is missing, above the connection", () => {
  const max = new FakeMax("fsl_status.js");
  max.message(0, "connection", 2);
  assert.equal(shown(max.message(0, "link", "server not running")), "Server not running");
  assert.equal(shown(max.message(0, "bind", "21 of 32 mapped")), undefined);
  max.message(0, "connection", 3);
  assert.equal(shown(max.message(0, "link", "connected")), undefined);
  assert.equal(shown(max.message(0, "bind", "")), "Connected");
});

test("a note passes after 5 s, an error after 8, and a note does not hide an error", () => {
  const max = new FakeMax("fsl_status.js");
  max.message(0, "connection", 3);
  max.message(0, "link", "connected");
  assert.equal(shown(max.message(0, "status", "saved Growl")), "Saved Growl");
  assert.equal(shown(max.advance(4900)), undefined);
  assert.equal(shown(max.advance(200)), "Connected");
  const out = max.message(0, "error", "/flow/preset/save", "a name has 1 to 64 characters");
  assert.equal(shown(out), "A name has 1 to 64 characters");
  assert.deepEqual(from(out, 1), [["level", 1]]);
  assert.equal(shown(max.message(0, "info", "note")), undefined);
  const over = max.advance(8100);
  assert.equal(shown(over), "Connected");
  assert.deepEqual(from(over, 1), [["level", 0]]);
});

test("the lamp: well, worse, broken; the same again is not said again", () => {
  const max = new FakeMax("fsl_status.js");
  const lamp = (n) => from(max.message(0, "connection", n), 1).map(([, level]) => level);
  assert.deepEqual([lamp(2), lamp(3), lamp(3), lamp(4), lamp(5)], [[2], [0], [], [1], [2]]);
});

test("a text that is wider than its box is cut at a word, and the Info View has the rest", () => {
  for (const [px, lines] of [[380, 1], [196, 2], [60, 1]]) {
    const max = new FakeMax("fsl_status.js", { arguments: [px, lines] });
    const long = "the server has no folder for takes: use its own microphone, which is in the menu, instead of this one";
    const out = from(max.message(0, "info", long), 0);
    assert.ok(shown(out.map((m) => [0, m])).endsWith("…"));
    assert.ok(!/[ ,:;]…$/.test(shown(out.map((m) => [0, m]))));
    assert.deepEqual(out.at(-1), ["sendbox", "annotation", "T" + long.slice(1)]);
  }
});

test("while the device plays alone, that is said instead of what the link says, and what is missing comes before it", () => {
  const max = new FakeMax("fsl_status.js");
  max.message(0, "connection", 2);
  max.message(0, "link", "server not running");
  const out = max.message(0, "alone", 1, "playing without the server");
  assert.deepEqual([shown(out), from(out, 1)], ["Playing without the server", [["level", 1]]]);
  assert.equal(shown(max.message(0, "bind", "21 of 32 mapped")), "21 of 32 mapped");
  max.message(0, "bind", "");
  assert.equal(shown(max.message(0, "alone", 0)), "Server not running");
});
