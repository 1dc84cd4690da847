// Words: what is typed is sent, and what the server made of it is said in one line.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, TEXT = 1;
const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];

function device(...first) {
  const max = new FakeMax("fsl_words.js");
  for (const message of first) max.message(0, ...message);
  return max;
}

test("a sentence goes to the server as one text, without spare blanks", () => {
  const out = device(ONLINE).message(0, "say", " darker,  a", "little", 2, "slow ");
  assert.deepEqual(from(out, SERVER), [["/flow/say", "darker, a little 2 slow"]]);
});

test("nothing typed, and no server: it says what to do", () => {
  for (const max of [device(), device(ONLINE, ["offline"])]) {
    const out = max.message(0, "say", "darker");
    assert.deepEqual(from(out, SERVER), []);
    assert.match(from(out, TEXT)[0][1], /^server not running/);
  }
  assert.match(from(device(ONLINE).message(0, "say", " "), TEXT)[0][1], /^type what/);
});

test("the answer: what was done, what was not understood, what cannot be done", () => {
  const said = (...parts) => from(device(ONLINE).message(0, "said", ...parts), TEXT);
  assert.deepEqual(said("darker", "darker (Bright 0.7 to 0.5)", "", ""), [["info", "darker (Bright 0.7 to 0.5)"]]);
  assert.deepEqual(said("a b", "", "a; b", ""), [["error", "/flow/say", "not understood: a; b"]]);
  assert.deepEqual(said("x", "y", "z", "w (held)"), [["error", "/flow/say", "y; not understood: z; not done: w (held)"]]);
  assert.match(said("the")[0][2], /^nothing/, "Max may lose empty texts");
});
