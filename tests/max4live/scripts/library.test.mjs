// The list of people's own presets: searched, paged, stepped through, by ear, and with whatever names they have.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, TEXT = 1, STYLES = 2, FIELD = 3;
const SIZE = [158, 82], HEAD = 14, ROW = 13, SEEN = 5;
const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"], MINE = ["online", 7, 8, 40, 40, "Warm-Pad-1a2b3c", "vital"];
const ALL = ["/flow/library", " ", " ", " ", 0];
const row = (k, n, name = `P${String(k).padStart(3, "0")}`, author = "Ann", style = "Pad") => ["preset", k, n, name, author, style, 0.5, 0.5, 0.2];
const sent = (out) => from(out, SERVER).filter(([address]) => address !== "/flow/library/styles");
const owns = (out) => from(out, SERVER).filter(([address]) => address === "/flow/own").map(([, name]) => name);
const click = (max, j) => max.mouse("click", 40, HEAD + ROW * j + 4);
const texts = (max) => Array.from(max.paint().matchAll(/>([^<>]*)<\/text>/g), ([, text]) => text);

/** Answer a question as the server does. */
function answer(max, n, first = 0, name = undefined) {
  const out = [];
  for (let k = first; k < Math.min(n, first + 64); k++) out.push(...max.message(0, ...row(k, n, name)));
  if (!n) out.push(...max.message(0, "preset", 0, 0, "", "", "", -1, -1, -1));
  return out;
}

function list(n = 7) {
  const max = new FakeMax("fsl_library.js", { size: SIZE });
  max.message(0, ...ONLINE);
  max.message(0, "view", 2);
  answer(max, n);
  max.advance(100);
  return max;
}

test("nothing is asked before the list is looked at; then each time that it is opened, with the styles", () => {
  const max = new FakeMax("fsl_library.js", { size: SIZE });
  assert.deepEqual(max.message(0, "view", 2), [], "no server yet");
  max.message(0, "view", 0);
  assert.deepEqual(max.message(0, ...ONLINE), []);
  assert.deepEqual(from(max.message(0, "view", 2), SERVER), [["/flow/library/styles"], ALL]);
  answer(max, 3);
  assert.deepEqual(max.message(0, "view", 0), []);
  assert.deepEqual(from(max.message(0, "view", 2), SERVER), [["/flow/library/styles"], ALL]);
  answer(max, 3);
  assert.deepEqual(texts(max).slice(0, 3), ["3 presets of yours", "P000", "Pad"]);
});

test("words and a style are searched for, whole, and the cross leads back to all", () => {
  const max = list();
  assert.deepEqual(sent(max.message(0, "find", "warm", 808, " pad ")), [["/flow/library", "warm 808 pad", " ", " ", 0]]);
  answer(max, 2);
  max.message(0, "style", 0, 2, "Bass", 9);
  assert.deepEqual(from(max.message(0, "style", 1, 2, "Été", 4), STYLES), [["clear"], ["append", "All styles"], ["append", "Bass"], ["append", "Été"], ["set", 0]]);
  assert.deepEqual(max.message(0, "style", 0, 2, "Bass", 9).concat(max.message(0, "style", 1, 2, "Été", 4)), [], "the same again");
  assert.deepEqual(sent(max.message(0, "pick", 2)), [["/flow/library", "warm 808 pad", "Été", " ", 0]]);
  answer(max, 0);
  assert.ok(texts(max).includes("0 found") && texts(max).includes("None found"));
  for (const k of [3, -1, "x"]) assert.deepEqual(max.message(0, "pick", k), []);
  const out = max.mouse("click", SIZE[0] - 5, 5);
  assert.deepEqual([sent(out), from(out, FIELD), from(out, STYLES)], [[ALL], [["set", "Find"]], [["set", 0]]]);
  answer(max, 7);
  assert.deepEqual(max.mouse("click", SIZE[0] - 5, 5), [], "there is none any more");
  assert.deepEqual(sent(max.message(0, "find", "Find")), [ALL], "what stands in the field at first");
  assert.deepEqual(sent(max.message(0, "find")), [], "one question at a time");
  assert.deepEqual(sent(answer(max, 7)), [ALL], "and then the next");
});

test("a click plays a row by name; the row says how far it is, and the status line what is left to do", () => {
  const max = list();
  assert.deepEqual(owns(click(max, 1)), ["P001"]);
  assert.ok(texts(max).includes("opening"));
  max.message(0, "progress", "P001", "begins", 0, "");
  assert.ok(texts(max).includes("reading"));
  max.message(0, "progress", "P001", "macros", 0, "");
  max.message(0, ...MINE);
  assert.match(from(max.advance(600), TEXT)[0][1], /^open P001 in Vital as well/);
  assert.match(from(max.message(0, "progress", "P001", "macros", 0.404, "renders"), TEXT)[0][1], /^P001: its macros are being made, 40 %$/);
  assert.ok(texts(max).includes("40 %"));
  max.message(0, "progress", "P001", "ready", 1, "");
  max.message(0, "online", 7, 5, 40, 40, "Warm-Pad-1a2b3c", "vital");
  assert.ok(!texts(max).includes("40 %") && texts(max).filter((text) => text === "Pad").length === SEEN);
  assert.deepEqual(from(max.advance(10000), TEXT), []);
  for (const at of [[40, 5], [40, 500], [-3, -3]]) assert.deepEqual(max.mouse("click", ...at), []);
});

test("one that fails or is refused is no longer waited for", () => {
  const max = list();
  click(max, 0);
  max.message(0, "error", "/flow/own", "there is no preset of your own called 'P000'");
  assert.ok(!texts(max).includes("opening"));
  click(max, 1);
  max.message(0, "progress", "P001", "begins", 0, "");
  max.message(0, "progress", "P001", "failed", 0, "damaged");
  max.message(0, ...MINE);
  assert.ok(!texts(max).includes("reading"));
  assert.deepEqual(from(max.advance(5000), TEXT), [], "nothing of ours has come");
});

test("one that played already is answered by nothing, and plays all the same", () => {
  const max = list();
  click(max, 2);
  max.advance(4100);
  assert.ok(!texts(max).includes("opening"));
  assert.deepEqual(from(max.message(0, "alike"), SERVER), [["/flow/library/like", "P002"]]);
});

test("previous and next go round, and play only where the hand rests", () => {
  const max = list();
  const out = [];
  for (let i = 0; i < 3; i++) out.push(...max.message(0, "step", 1), ...max.advance(100));
  assert.deepEqual(owns(out), []);
  assert.deepEqual(owns(max.advance(400)), ["P002"]);
  for (const [step, name] of [[-1, "P001"], [-1, "P000"], [-1, "P006"], [1, "P000"]]) {
    max.message(0, "step", step);
    assert.deepEqual(owns(max.advance(400)), [name]);
  }
  click(max, 3);
  max.message(0, "step", 1);
  assert.deepEqual(owns(max.advance(400)), ["P004"], "from the row that was clicked");
});

test("next before the list was ever shown asks for it first", () => {
  const max = new FakeMax("fsl_library.js", { size: SIZE });
  assert.match(from(max.message(0, "step", 1), TEXT)[0][1], /server not running/);
  max.message(0, ...ONLINE);
  assert.deepEqual(sent(max.message(0, "step", -1)), [ALL]);
  const out = [...answer(max, 100), ...max.advance(400)];
  assert.deepEqual(sent(out).at(-1).slice(0, 2).concat(sent(out).at(-1)[4]), ["/flow/library", " ", 66], "its last rows");
  assert.deepEqual(owns([...out, ...answer(max, 100, 66), ...max.advance(400)]), ["P099"]);
});

test("a step to a row that has to be fetched plays that row, and not the one that plays", () => {
  for (const answered_ms of [100, 500]) {
    const max = list(70);
    max.message(0, "progress", "P050", "ready", 1, "");
    const out = [...max.message(0, "step", -1), ...max.advance(answered_ms)];
    assert.deepEqual([sent(out)[0][4], owns(out)], [36, []]);
    assert.deepEqual(owns([...answer(max, 70, 36), ...max.advance(400)]), ["P069"]);
  }
});

test("a list of ten thousand is fetched where it is looked at", () => {
  const max = list(10000);
  assert.deepEqual(max.mouse("click", SIZE[0] - 3, SIZE[1] - 4).filter(([o]) => o === SERVER), [], "a page further, which is here");
  max.mouse("click", SIZE[0] - 3, HEAD + 4); // the thumb
  const out = max.mouse("drag", SIZE[0] - 3, HEAD + 4 + 33);
  const [[, , , , first]] = sent(out);
  assert.ok(first > 4000 && first < 7000, String(first));
  assert.ok(texts(max).includes("…"), "until they come");
  answer(max, 10000, first);
  max.advance(100);
  assert.ok(texts(max).filter((text) => /^P\d{4}$/.test(text)).length === SEEN);
  assert.equal(owns(click(max, 0)).length, 1);
  max.mouse("drag", SIZE[0] - 3, 5000, 1);
  max.mouse("drag", SIZE[0] - 3, 5000, 0);
  assert.deepEqual(max.mouse("drag", SIZE[0] - 3, 20, 0), [], "let go");
});

test("what sounds alike is listed nearest first, and the cross leads back to where the list was", () => {
  const max = list(70);
  assert.match(from(max.message(0, "alike"), TEXT)[0][1], /pick one/);
  max.mouse("click", SIZE[0] - 3, SIZE[1] - 4);
  const [name] = owns(click(max, 1));
  assert.deepEqual(from(max.message(0, "alike"), SERVER), [["/flow/library/like", name]]);
  ["A", "B", "C"].forEach((each, k) => max.message(0, "like", k, 3, "another", each, k));
  assert.ok(!texts(max).includes("A"), "of what somebody else asked");
  ["A", "B", "C"].forEach((each, k) => max.message(0, "like", k, 3, name, each, 1.25 + k));
  max.advance(100);
  assert.deepEqual(texts(max), [`Like ${name}`, name, "opening", "A", "1.3 dB", "B", "2.3 dB", "C", "3.3 dB"]);
  max.message(0, "step", 1);
  assert.deepEqual(owns(max.advance(400)), ["A"]);
  assert.deepEqual(sent(max.mouse("click", SIZE[0] - 5, 5)), []);
  assert.equal(texts(max)[0], "70 presets of yours");
  assert.ok(texts(max).includes(name));
});

test("rows that are lost are asked for again, a few times; a list that has become shorter from its beginning", () => {
  const max = list(100);
  max.message(0, "find", "x");
  max.message(0, ...row(0, 3));
  max.message(0, ...row(2, 3));
  assert.deepEqual(sent(max.advance(1600)), [["/flow/library", "x", " ", " ", 0]]);
  answer(max, 3);
  assert.deepEqual(sent(max.advance(5000)), []);
  max.message(0, "find", "y");
  assert.equal(sent(max.advance(60000)).length, 3);
  answer(max, 3);
  assert.deepEqual(sent(max.message(0, "find", "z")), [["/flow/library", "z", " ", " ", 0]]);
});

test("while presets are being heard, the list is looked at again now and then, and stays where it is", () => {
  const max = list(70);
  max.mouse("click", SIZE[0] - 3, SIZE[1] - 4);
  max.advance(100);
  const before = texts(max)[1];
  const out = [];
  for (let k = 0; k < 20; k++) {
    const asked = [...max.message(0, "state", "hearing", k, 70, 0), ...max.advance(500)];
    if (sent(asked).length) answer(max, 70, sent(asked)[0][4]);
    out.push(...asked);
  }
  assert.ok(sent(out).length >= 1 && sent(out).length <= 2);
  assert.equal(texts(max)[0], "Hearing 19 of 70");
  assert.equal(texts(max)[1], before);
  max.message(0, "state", "done", 70, 70, 0);
  assert.equal(sent(max.advance(6000)).length, 1);
  answer(max, 70);
  max.message(0, "view", 0);
  max.message(0, "state", "hearing", 1, 70, 0);
  assert.deepEqual(sent(max.advance(6000)), [], "nobody looks");
});

test("without the server, also while the device plays by itself, it says so and sends nothing", () => {
  for (const gone of [["offline"], ["online", 0, 8, 32, 32, "vital-32", "vital"]]) {
    const max = list();
    max.message(0, ...gone);
    assert.deepEqual(texts(max), ["Server not running"]);
    for (const out of [click(max, 1), max.message(0, "step", 1), max.message(0, "alike"), max.message(0, "find", "x")]) {
      assert.deepEqual(from(out, SERVER), []);
      assert.match(from(out, TEXT)[0][1], /server not running/);
    }
    assert.deepEqual(from(max.advance(10000), SERVER), []);
    assert.deepEqual(sent(max.message(0, ...ONLINE)).map(([a]) => a), ["/flow/library"]);
  }
});

test("whatever a name is, it is drawn on its line and asked for as it is", () => {
  const names = ["あたたかいパッド、とても長い名前のプリセットです", "🎹".repeat(40), "x".repeat(256), "a\u202eb\u0000c\nd", "\ud83c", "<script>&\"'", "clear", "1e9", "constructor", " ", "..", "עברית"];
  const max = new FakeMax("fsl_library.js", { size: SIZE });
  max.message(0, ...ONLINE);
  max.message(0, "view", 2);
  names.forEach((name, k) => max.message(0, ...row(k, names.length, name, name, name)));
  max.advance(100);
  for (let k = 0; k < names.length; k++) {
    max.message(0, "step", 1);
    assert.deepEqual(owns(max.advance(400)), [names[k]]);
    const drawn = max.paint();
    assert.ok(!/[\x00-\x1f\u202e]/.test(drawn.replace(/\n/g, "")));
    assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(drawn), "no half of a character");
    for (const [, x, , text] of drawn.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)) assert.ok(Number(x) >= 0 && Number(x) + 5 < SIZE[0], text);
  }
  names.forEach((name, k) => max.message(0, "style", k, names.length, name, 1));
  for (let y = 0; y < SIZE[1]; y += 7) max.mouse("idle", 20, y);
});

test("rows with empty texts that were lost on the way, and numbers that cannot be, do no harm", () => {
  const max = list();
  max.message(0, "find", "x");
  for (const bad of [[0.5, 2], [-1, 2], [2, 2], [0, 1e12], ["x", 2], [0, -1], [0, NaN]]) {
    if (bad.some(Number.isNaN)) continue;
    assert.deepEqual(max.message(0, "preset", ...bad, "Bad", "", "", 0, 0, 0), []);
  }
  max.message(0, "preset", 0, 2, "Lone", 0.5, 0.5, 0.2);
  max.message(0, "preset", 1, 2, "Styled", "Bass", 0.5, 0.5, 0.2);
  max.advance(100);
  assert.deepEqual(texts(max), ["2 found", "Lone", "Styled", "Bass"]);
  max.message(0, "find", "y");
  max.message(0, "preset", 0, 0, -1, -1, -1);
  assert.ok(texts(max).includes("None found"));
});
