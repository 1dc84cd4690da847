// The point of the sound in the Set: stored seldom, brought back whole, with a server and without.
import assert from "node:assert/strict";
import test from "node:test";
import { from } from "./fake_max.mjs";
import "./quiet.mjs";
import { SERVER, VALUES, STORE, PATCH, TEXT, LATENT, FRAME, ONLINE, OURS, words, state, stored, back } from "./storing.mjs";

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
