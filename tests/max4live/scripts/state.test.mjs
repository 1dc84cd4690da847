// The point of the sound in the Set: stored seldom, brought back whole, with a server and without.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, VALUES = 1, STORE = 2, PATCH = 3, TEXT = 4;
const f32 = (v) => Math.fround(v); // what OSC and Max's floats make of a number
const LATENT = Array.from({ length: 32 }, (_, i) => f32(Math.sin(i) * 3));
const FRAME = Array.from({ length: 32 }, (_, i) => f32((i + 0.5) / 33));
const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];
const OURS = ["kind", "gate", "known", "ask"]; // identity and link: identity.test.mjs
const words = (out) => from(out, PATCH).map(([word]) => word);

/** A state script whose patch answers `ask` with the last frame. */
function state(frame = FRAME) {
  const max = new FakeMax("fsl_state.js");
  const answering = (out) => (words(out).includes("ask") ? [...out, ...max.message(0, "frame", ...frame)] : out);
  return { max, pass: (ms) => answering(max.advance(ms)) };
}

function stored(latent = LATENT, frame = FRAME) {
  const { max, pass } = state(frame);
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...latent);
  return from(pass(2000), STORE)[0];
}

/** As a patcher keeps and gives back a list: numbers as float32. */
const back = (list) => list.map((v) => (typeof v === "number" && !Number.isInteger(v) ? f32(v) : v));

test("what is stored goes back to the server to the last bit of a float32", () => {
  const { max } = state();
  max.message(0, "restore", ...back(stored()));
  max.message(0, "start");
  const out = max.message(0, ...ONLINE);
  const [address, ...z] = from(out, SERVER)[0];
  assert.equal(address, "/flow/latent");
  z.forEach((v, i) => assert.ok(Math.abs(v - LATENT[i]) <= 1e-6 * Math.max(1, Math.abs(LATENT[i]))));
  assert.deepEqual(from(out, TEXT), []);
});

test("the dials may speak only after the stored point was sent", () => {
  const { max } = state();
  max.message(0, "restore", ...stored());
  const start = max.message(0, "start");
  assert.deepEqual(from(start, PATCH).filter(([w]) => OURS.includes(w) && w !== "known"), [["kind", "device"], ["gate", 0]]);
  const out = max.message(0, ...ONLINE);
  const order = out.map(([outlet, [word]]) => `${outlet} ${word}`);
  assert.ok(order.indexOf("0 /flow/latent") < order.indexOf("3 gate"));
  assert.deepEqual(from(max.message(0, "offline"), PATCH), [["gate", 0]]);
});

test("a device without a stored point asks to be told where the server stands", () => {
  const { max } = state();
  assert.deepEqual(from(max.message(0, "start"), PATCH).filter(([w]) => OURS.includes(w)), [["kind", "fresh"], ["gate", 0]]);
  const out = max.message(0, ...ONLINE);
  assert.deepEqual(from(out, SERVER), []);
  assert.deepEqual(from(out, PATCH), [["gate", 1]]);
});

test("no server: the stored frame goes to the synth once the remotes are bound", () => {
  const { max } = state();
  max.message(0, "restore", ...back(stored()));
  const start = max.message(0, "start");
  assert.deepEqual(from(start, PATCH).find(([w]) => w === "known"), ["known", "vital", 32]);
  assert.deepEqual(from(max.message(0, "bound", 0), VALUES), []);
  const values = from(max.message(0, "bound", 32), VALUES)[0];
  values.forEach((v, i) => assert.ok(Math.abs(v - FRAME[i]) < 1e-6));
  max.message(0, ...ONLINE);
  assert.deepEqual(from(max.message(0, "bound", 32), VALUES), [], "with a server the server says what sounds");
});

test("one gesture of ten seconds is stored once, after it rests", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  const out = [];
  for (let t = 0; t < 10000; t += 100) {
    max.message(0, "latent", ...LATENT.map((v) => v + t / 1e4));
    out.push(...pass(100));
  }
  assert.deepEqual(from(out, STORE), []);
  assert.equal(from(pass(5000), STORE).length, 1);
});

test("the same point again is not stored again", () => {
  const { max, pass } = state();
  max.message(0, "restore", ...back(stored()));
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT); // the server's echo of what we sent
  assert.deepEqual(from(pass(5000), STORE), []);
});

test("pattr's echo changes nothing; Live's undo brings the sound back", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT);
  const first = from(pass(2000), STORE)[0];
  assert.deepEqual(max.message(0, "restore", ...first), []);
  max.message(0, "acted");
  max.message(0, "latent", ...LATENT.map((v) => v + 1));
  const second = from(pass(2000), STORE)[0];
  assert.notDeepEqual(first, second);
  const undone = max.message(0, "restore", ...first);
  assert.equal(from(undone, SERVER)[0][0], "/flow/latent");
  assert.deepEqual(from(undone, SERVER)[0].slice(1), first.slice(7, 39));
});

test("connecting stores nothing: a new device has one entry in Live's undo history, its own", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "latent", ...LATENT);
  const out = pass(5000);
  assert.deepEqual(out, []);
});

test("what sounds while a Set opens is not the player's: still nothing is stored", () => {
  const { max, pass } = state();
  max.message(0, "start");
  for (const word of ["hand", "acted"]) max.message(0, word);
  max.message(0, ...ONLINE);
  max.message(0, "latent", ...LATENT);
  assert.deepEqual(from(pass(5000), STORE), []);
});

test("a preset is stored once, soon", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "acted");
  max.message(0, "latent", ...LATENT);
  assert.deepEqual(pass(150), []);
  const out = pass(100);
  assert.deepEqual(out.map(([outlet, [word]]) => [outlet, word]), [[PATCH, "ask"], [STORE, 2], [PATCH, "kind"]]);
});

test("automation stores nothing, however long it plays; a preset meanwhile is stored once", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  pass(1000);
  const play = (ms) => {
    const out = [];
    for (let t = 0; t < ms; t += 100) {
      max.message(0, "automated");
      max.message(0, "latent", ...LATENT.map((v) => v + t / 1e4));
      out.push(...pass(100));
    }
    return [...out, ...pass(5000)];
  };
  const out = play(10000);
  assert.deepEqual(out, []);
  max.message(0, "acted");
  assert.equal(from(play(3000), STORE).length, 1);
});

test("after Live's undo nothing is stored, even if the server answers a little beside", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "acted");
  max.message(0, "latent", ...LATENT);
  const first = from(pass(2000), STORE)[0];
  max.message(0, "acted");
  max.message(0, "latent", ...LATENT.map((v) => v + 1));
  pass(2000);
  max.message(0, "restore", ...first);
  max.message(0, "latent", ...LATENT.map((v) => v + 0.01));
  assert.deepEqual(pass(5000), []);
});

test("what Live restores is told, but not what comes back of what was stored", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  const store = (z) => {
    max.message(0, "acted");
    max.message(0, "latent", ...z);
    return from(pass(2000), STORE)[0];
  };
  const told = (list) => words(max.message(0, "restore", ...list)).includes("restored");
  const first = store(LATENT);
  assert.ok(!told(first));
  assert.ok(told(first), "a preset of the device with the same sound");
  const second = store(LATENT.map((v) => v + 1));
  assert.ok(told(first), "undone before pattr has sent anything back");
  assert.ok(told(second));
});

test("a preset of the device bangs live.thisdevice again: the gate stays open", () => {
  const { max } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  assert.deepEqual(from(max.message(0, "start"), PATCH).filter(([w]) => OURS.includes(w)), [["kind", "fresh"]]);
});

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

test("a restarted server is sent the point again", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT);
  pass(2000);
  max.message(0, "offline");
  assert.equal(from(max.message(0, "online", 8, 8, 32, 32, "vital-32", "vital"), SERVER)[0][0], "/flow/latent");
});

test("a stored list that is not ours, or damaged, is left alone", () => {
  const good = stored();
  for (const bad of [[], [0], ["x"], [4, ...good.slice(1)], [3, ...good.slice(1), "Bright"], [2, ...good.slice(1), "Bright", "Bright"], [1, ...good.slice(1)], good.slice(0, -1), [...good, 0.5], good.map((v, i) => (i === 13 ? "x" : v)), good.map((v, i) => (i === 53 ? 1.5 : v)), good.map((v, i) => (i === 6 ? 31 : v)), good.map((v, i) => (i === 9 ? 1e9 : v))]) {
    const { max } = state();
    max.message(0, "restore", ...bad);
    assert.deepEqual(from(max.message(0, "start"), PATCH)[0], ["kind", "fresh"], JSON.stringify(bad).slice(0, 80));
  }
});

const listed = (max, names, keys = names) => names.flatMap((name, k) => max.message(0, "vocabulary", k, names.length, name, k, keys[k]));

test("what is on the dials goes into the Set with the sound, and comes back with it", () => {
  const { max, pass } = state();
  max.message(0, "start");
  max.message(0, ...ONLINE);
  assert.deepEqual(listed(max, ["Honey", "Growth"], ["Warm", ""]), [], "nothing is written on connecting");
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT);
  const [list] = from(pass(2000), STORE);
  assert.deepEqual([list[0], ...list.slice(-4)], [3, "Warm", "Honey", "-", "Growth"]);
  const { max: again } = state();
  assert.ok(from(again.message(0, "restore", ...back(list)), PATCH).some((m) => m.join() === "dials,Warm,Honey,-,Growth"));
});

test("the player chooses other macros: they are stored at once, and those of a server that has just come are not", () => {
  const { max, pass } = state();
  max.message(0, "restore", ...stored());
  max.message(0, "start");
  max.message(0, ...ONLINE);
  assert.deepEqual(from(listed(max, ["Bright", "Warm"]), STORE), []);
  const [list] = from(listed(max, ["Moving", "Warm"]), STORE);
  assert.deepEqual(list.slice(-4), ["Moving", "Moving", "Warm", "Warm"]);
  assert.deepEqual(from([...listed(max, ["Moving", "Warm"]), ...pass(5000)], STORE), [], "the same again");
  max.message(0, "offline");
  max.message(0, ...ONLINE);
  assert.deepEqual(from([...listed(max, ["Bright", "Warm"]), ...pass(5000)], STORE), []);
});

test("a latent or a frame of another size is not stored", () => {
  const { max, pass } = state(FRAME.slice(0, 16));
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT.slice(0, 16));
  assert.deepEqual(pass(3000), []);
  max.message(0, "latent", ...LATENT);
  assert.deepEqual(from(pass(3000), STORE), []);
});

test("16 and 64 parameters come back as well", () => {
  for (const n of [16, 64]) {
    const list = [1, "vital-" + n, "vital", n, ...Array(n).fill(0.25), n, ...Array(n).fill(0.75)];
    const { max } = state();
    max.message(0, "restore", ...list);
    max.message(0, "start");
    assert.equal(from(max.message(0, "online", 1, 8, n, n, "vital-" + n, "vital"), SERVER)[0].length, n + 1);
  }
});

test("a server that comes while the device plays is sent the point of now, and a turn that rests is still stored", () => {
  const { max, pass } = state();
  max.message(0, "restore", ...back(stored()));
  max.message(0, "start");
  max.message(0, "online", 0, 8, 32, 32, "vital-32", "vital"); // fsl_decode stands in
  max.message(0, "hand");
  max.message(0, "latent", ...LATENT.map((v) => v + 1));
  const now = LATENT.map((v) => v + 2);
  max.message(0, "here", ...now);
  assert.deepEqual(from(max.message(0, ...ONLINE), SERVER), [["/flow/latent", ...now]]);
  assert.equal(from(pass(5000), STORE).length, 1);
  max.message(0, "offline");
  assert.notDeepEqual(from(max.message(0, ...ONLINE), SERVER)[0].slice(1), now, "once");
});

test("the model of the Set's point is told at once, and what is bound only while somebody plays", () => {
  const { max } = state();
  assert.deepEqual(from(max.message(0, "restore", ...back(stored())), PATCH), [["sound", "vital-32"]]);
  max.message(0, "start");
  max.message(0, ...ONLINE);
  assert.deepEqual(from(max.message(0, "bound", 32), PATCH), [["bound", 32]]);
});
