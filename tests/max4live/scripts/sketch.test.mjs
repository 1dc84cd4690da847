// A take from press to patch, and everything that can go wrong on the way.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, RECORDER = 1, UI = 2, TEXT = 3, METER = 4;
const FOLDER = "C:/Users/Ána María/AppData/Local/Flow Synth Live/sketches";

function sketch({ online = true, folder = FOLDER } = {}) {
  const max = new FakeMax("fsl_sketch.js");
  if (online) {
    max.message(0, "folder", folder);
    max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital");
  }
  return max;
}
const modes = (out) => from(out, METER).filter(([w]) => w === "mode").map(([, m]) => m);
const info = (out) => from(out, TEXT).at(-1)?.[1] ?? "";

/** Press, sing, let go; gives the path that was written. */
function take(max, ms = 1500) {
  max.message(0, "record", 1);
  max.advance(ms);
  return from(max.message(0, "record", 0), RECORDER).find(([w]) => w === "writewave")?.[1];
}

test("press, sing, let go: recorded, written, and the server is told the name alone", () => {
  const max = sketch();
  const begun = max.message(0, "record", 1);
  assert.deepEqual(from(begun, RECORDER), [["record", 1]]);
  assert.deepEqual(from(begun, UI).filter(([w]) => w === "recording"), [["recording", 1]]);
  const during = from(max.advance(1500), METER).filter(([w]) => w === "time");
  assert.ok(during.length >= 25 && Math.abs(during.at(-1)[1] - 1.5) < 0.06);
  const ended = max.message(0, "record", 0);
  assert.deepEqual(from(ended, RECORDER)[0], ["record", 0]);
  const path = from(ended, RECORDER)[1][1];
  assert.ok(path.startsWith(FOLDER + "/sketch-") && path.endsWith(".wav"));
  assert.deepEqual(from(ended, SERVER), [], "the file is not there before buffer~ bangs");
  const [address, name, ms] = from(max.message(0, "written"), SERVER)[0];
  assert.equal(address, "/flow/sketch/file");
  assert.equal(FOLDER + "/" + name, path);
  assert.ok(!/[\/\\:]/.test(name));
  assert.ok(Math.abs(ms - 1500) <= 50 && Number.isInteger(ms));
});

test("a slip of the finger is no take", () => {
  const max = sketch();
  assert.equal(take(max, 60), undefined);
  assert.deepEqual(max.message(0, "written"), []);
});

test("thirty seconds are the end, whether the buffer or the clock says so", () => {
  for (const by of ["full", "clock"]) {
    const max = sketch();
    max.message(0, "record", 1);
    const out = by === "full" ? [...max.advance(29000), ...max.message(0, "full")] : max.advance(31000);
    assert.deepEqual(from(out, UI).filter(([w]) => w === "recording"), [["recording", 0]]);
    assert.equal(from(out, RECORDER).filter(([w]) => w === "writewave").length, 1);
    const ms = from(max.message(0, "written"), SERVER)[0][2];
    assert.ok(ms <= 30000 && ms >= 28900);
  }
});

test("buffer~ that cannot write says nothing at all: after 4 s we do", () => {
  const max = sketch();
  take(max);
  const out = max.advance(4100);
  assert.match(info(out), /could not be written to/);
  assert.equal(modes(out).at(-1), "failed");
  assert.deepEqual(from(max.message(0, "written"), SERVER), [], "too late");
});

test("states, candidates and pitch are shown; nonsense is not", () => {
  const max = sketch();
  take(max);
  max.message(0, "written");
  assert.deepEqual(modes(max.message(0, "state", "refining", 0.4)), ["refining"]);
  assert.deepEqual(max.message(0, "state", "constructor", 0.4), []);
  const shown = from(max.message(0, "candidate", 0, 0.83, "Growl bass"), UI);
  assert.deepEqual(shown, [["rows", 1], ["candidate", 0, "Growl bass   83 %"]]);
  assert.deepEqual(from(max.message(0, "candidate", 0, 0.9, "network"), UI), [["candidate", 0, "Network   90 %"]], "in the same row");
  const long = from(max.message(0, "candidate", 1, 0.5, "a".repeat(60)), UI).at(-1)[2];
  assert.ok(long.length <= 32 && long.endsWith("…   50 %"), long);
  for (const bad of [[-1, 0.5, "x"], [9, 0.5, "x"], [0, 0.5], ["x", 0.5, "x"]]) assert.deepEqual(max.message(0, "candidate", ...bad), []);
  assert.deepEqual(from(max.message(0, "pitch", 60, 12.4), UI), [["pitch", "C3 +12"], ["note", 60]]);
  assert.deepEqual(from(max.message(0, "pitch", 57, -3), UI)[0], ["pitch", "A2 -3"]);
  assert.deepEqual(max.message(0, "pitch", -1, 0), []);
});

test("pick, and A/B between the sound before and the picked one", () => {
  const max = sketch();
  max.message(0, "latent", 1, 2, 3);
  take(max);
  max.message(0, "written");
  const first = from(max.message(0, "candidate", 0, 0.8, "a"), UI).filter(([word]) => word !== "candidate");
  assert.deepEqual(first, [["rows", 1], ["ab", 1], ["comparable", 1]], "B: the server plays the first at once");
  assert.deepEqual(from(max.message(0, "candidate", 1, 0.7, "b"), UI).filter(([word]) => word === "ab"), []);
  const picked = max.message(0, "pick", 1);
  assert.deepEqual(from(picked, SERVER), [["/flow/sketch/pick", 1]]);
  assert.deepEqual(from(picked, UI), [["picked", 1]], "B is shown already");
  max.message(0, "latent", 9, 9, 9);
  assert.deepEqual(from(max.message(0, "ab", 0), SERVER), [["/flow/latent", 1, 2, 3]]);
  assert.deepEqual(from(max.message(0, "ab", 1), SERVER), [["/flow/sketch/pick", 1]]);
  for (const k of [-1, 2, "x"]) assert.deepEqual(max.message(0, "pick", k), []);
});

test("there is nothing to compare before a sound, and again when the next take begins", () => {
  const max = sketch();
  take(max);
  max.message(0, "written");
  assert.deepEqual(from(max.message(0, "candidate", 0, 0.8, "a"), UI).filter(([word]) => word === "comparable"), []);
  max.message(0, "latent", 1, 2, 3);
  const began = from(max.message(0, "record", 1), UI);
  for (const each of [["rows", 0], ["comparable", 0], ["picked", -1]]) assert.ok(began.some((m) => m.join() === each.join()), each.join());
});

test("A/B of a Set that is opening is silent", () => {
  const max = new FakeMax("fsl_sketch.js");
  for (const side of [0, 1]) assert.deepEqual(max.message(0, "ab", side), []);
});

test("A/B before any sketch says so and sends nothing", () => {
  const max = sketch();
  const out = max.message(0, "ab", 0);
  assert.deepEqual(from(out, SERVER), []);
  assert.match(info(out), /none yet/);
  assert.deepEqual(max.message(0, "ab", 1), []);
});

test("the server's own microphone: no file, the server is told", () => {
  const max = sketch();
  max.message(0, "mic", 1);
  assert.deepEqual(from(max.message(0, "record", 1), SERVER), [["/flow/sketch/record", 1]]);
  max.advance(1000);
  const out = max.message(0, "record", 0);
  assert.deepEqual(from(out, SERVER), [["/flow/sketch/record", 0]]);
  assert.deepEqual(from(out, RECORDER), []);
});

test("a server that refuses: the text is shown by the status line, and the take is over", () => {
  const max = sketch();
  max.message(0, "mic", 1);
  max.message(0, "record", 1);
  const out = max.message(0, "error", "/flow/sketch/record", "not in this version yet");
  assert.deepEqual(from(out, UI), [["recording", 0]]);
  assert.equal(modes(out).at(-1), "failed");
  for (const other of ["/flow/preset/load", "/flow/sketch/take"]) assert.deepEqual(max.message(0, "error", other, "of another client"), []);
  max.message(0, "live", 1);
  assert.deepEqual(from(max.message(0, "error", "/flow/sketch/live", "not yet"), UI), [["following", 0]]);
});

test("no server: nothing is recorded for nothing, and it says what to do", () => {
  const max = sketch({ online: false });
  const out = max.message(0, "record", 1);
  assert.deepEqual(from(out, RECORDER), []);
  assert.deepEqual(from(out, UI), [["recording", 0]]);
  assert.match(info(out), /server not running/);
  assert.deepEqual(from(max.message(0, "live", 1), UI), [["following", 0]]);
  assert.deepEqual(from(max.message(0, "live", 0), TEXT).length, 1);
});

test("the server goes away in the middle of a take", () => {
  const max = sketch();
  max.message(0, "record", 1);
  const out = max.message(0, "offline");
  assert.deepEqual(from(out, RECORDER), [["record", 0]]);
  assert.deepEqual(from(out, UI), [["recording", 0]]);
  assert.deepEqual(from(max.advance(10000), RECORDER), []);
});

test("a folder that is not absolute, or leads out of itself, is not written to", () => {
  for (const folder of ["", "sketches", "../x", "/tmp/../etc", "C:/a/../b", "\\\\host\\share"]) {
    const max = sketch({ folder });
    const out = max.message(0, "record", 1);
    assert.deepEqual(from(out, RECORDER), [], folder);
    assert.match(info(out), /no folder/);
  }
});

test("a day of takes makes a few file names, for Max keeps each for good", () => {
  const max = sketch();
  const paths = new Set();
  for (let i = 0; i < 200; i++) {
    paths.add(take(max, 200));
    max.message(0, "written");
    max.message(0, "state", "done", 1);
  }
  assert.ok(paths.size <= 16);
});

test("two devices do not write the same file", () => {
  const names = [1, 2, 3].map((random) => {
    const max = new FakeMax("fsl_sketch.js", { random: random * 7919 });
    max.message(0, "folder", "/tmp/x");
    max.message(0, "online", 7, 8, 32, 32, "m", "vital");
    return take(max);
  });
  assert.equal(new Set(names).size, 3);
});
