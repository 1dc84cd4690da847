// The point of the sound in the Set, where the server has or chooses another model.
import assert from "node:assert/strict";
import test from "node:test";
import { from } from "./fake_max.mjs";
import "./quiet.mjs";
import { SERVER, STORE, TEXT, ONLINE, state, stored, back } from "./storing.mjs";

test("another model of the same synth: the sound stays, and it says so", () => {
  const { max } = state();
  max.message(0, "restore", ...stored());
  max.message(0, "start");
  const out = max.message(0, "online", 7, 6, 24, 32, "other", "vital");
  assert.deepEqual(from(out, SERVER).map(([a]) => a), ["/flow/model", "/flow/patch"]);
  assert.match(from(out, TEXT)[0][1], /made with the model vital-32: the sound stays until you turn a dial/);
});

test("another size or synth: the model is asked for once, and it says which to start if there is none", () => {
  for (const [P, synth] of [[16, "vital"], [32, "amsynth"]]) {
    const { max } = state();
    max.message(0, "restore", ...stored());
    max.message(0, "start");
    const out = max.message(0, "online", 7, 8, P, P, "small", synth);
    assert.deepEqual(from(out, SERVER), [["/flow/model", "vital-32"]]);
    assert.match(from(out, TEXT)[0][1], /--model vital-32/);
    assert.equal(from(max.message(0, ...ONLINE), SERVER)[0][0], "/flow/latent"); // the server has it
    const chosen = max.message(0, "online", 7, 8, P, P, "small", synth); // by the player
    assert.deepEqual(from(chosen, SERVER), []);
  }
});

const MINE = ["online", 7, 8, 40, 40, "Warm-Pad-1a2b3c", "vital"]; // a preset of the player's own
const z_of = (n, v) => Array(n).fill(v);

test("a model that is chosen while the device plays keeps its own sound, which goes into the Set, and undo brings the old one", () => {
  for (const online of [MINE, ["online", 7, 8, 32, 32, "Warm-Pad-1a2b3c", "vital"]]) {
    const n = online[4], { max, pass } = state(z_of(n, 0.5));
    max.message(0, "restore", ...back(stored()));
    max.message(0, "start");
    max.message(0, ...ONLINE);
    pass(60000);
    const out = max.message(0, ...online);
    assert.deepEqual([from(out, SERVER), from(out, TEXT)], [[], []], "the Set's point is of another sound");
    max.message(0, "latent", ...z_of(n, 0.25));
    const [list] = from(pass(250), STORE);
    assert.deepEqual([list[4], list[6], list[7], list.at(-1)], ["Warm-Pad-1a2b3c", n, 0.25, 0.5]);
    const back_again = from(max.message(0, "restore", ...back(stored())), SERVER);
    assert.deepEqual(back_again[0], ["/flow/model", "vital-32"]);
    assert.equal(from(max.message(0, ...ONLINE), SERVER)[0][0], "/flow/latent");
    assert.deepEqual(from(pass(5000), STORE), []);
  }
});

test("its macros come: the sound goes on, and is stored as it is now", () => {
  const { max, pass } = state(z_of(40, 0.5));
  max.message(0, "start");
  max.message(0, ...MINE);
  pass(60000);
  assert.deepEqual(from(max.message(0, "online", 7, 5, 40, 40, "Warm-Pad-1a2b3c", "vital"), SERVER), []);
  max.message(0, "latent", ...z_of(40, 0.25));
  assert.equal(from(pass(250), STORE).length, 1);
});

test("other models that come while the Set's own is loading are not stored", () => {
  const { max, pass } = state(z_of(40, 0.5));
  max.message(0, "restore", ...back(stored()));
  max.message(0, "start");
  assert.equal(from(max.message(0, "online", 7, 8, 24, 24, "small", "vital"), SERVER)[0][0], "/flow/model");
  assert.deepEqual(from(max.message(0, ...MINE), SERVER), []); // as the server remembers it
  max.message(0, "latent", ...z_of(40, 0.25));
  assert.deepEqual(from(pass(3000), STORE), []);
  assert.equal(from(max.message(0, ...ONLINE), SERVER)[0][0], "/flow/latent");
});
