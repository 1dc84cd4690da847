// Whose sound the Set holds: the identity that a device keeps, and the instrument that it is linked to.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, VALUES = 1, STORE = 2, PATCH = 3;
const Z = [0.5, -1], Z2 = [1.5, 2], V = [0.25, 0.75], V2 = [0.5, 0.125];
const ONLINE = ["online", 7, 8, 2, 2, "tiny", "vital"];
const GREETING = ["connection", 2];
const held = (identity, link = "-", name = "-", z = Z, v = V) => [2, identity, link, name, "tiny", "vital", 2, ...z, 2, ...v];
const sent = (out, word) => from(out, PATCH).filter(([w]) => w === word).map((m) => m.slice(1));

/** A device in a Set; `play` is what its patch holds as the last frame. */
class Device {
  constructor(stored = null, random = 1) {
    this.max = new FakeMax("fsl_state.js", { random });
    this.frame = V;
    if (stored) this.out(this.max.message(0, "restore", ...stored));
    this.started = this.max.message(0, "start");
    this.identity = sent(this.started, "identity")[0][0];
  }
  out(out) {
    return sent(out, "ask").length || from(out, PATCH).some(([w]) => w === "ask") ? [...out, ...this.out(this.max.message(0, "frame", ...this.frame))] : out;
  }
  hear(...message) {
    return this.out(this.max.message(0, ...message));
  }
  pass(ms) {
    return this.out(this.max.advance(ms));
  }
  connect(shared = "-", identity = this.identity) {
    return [...this.hear(...GREETING), ...this.hear("plays", identity, shared), ...this.hear(...ONLINE)];
  }
  /** What the server says after it has moved, and what the patch plays then. */
  moved(z, v) {
    this.frame = v;
    return this.hear("latent", ...z);
  }
}

test("a new device has an identity of its own, which is no number, and which costs no entry in the undo history", () => {
  const one = new Device(null, 1), other = new Device(null, 2);
  for (const { identity } of [one, other]) assert.match(identity, /^i[0-9a-f]{8,}$/);
  assert.notEqual(one.identity, other.identity);
  assert.ok(one.identity.length <= 64);
  assert.deepEqual(from([...one.started, ...one.connect(), ...one.moved(Z, V), ...one.pass(5000)], STORE), []);
});

test("it goes into the Set with the first sound that does, and comes back", () => {
  const first = new Device();
  first.connect();
  first.hear("hand");
  first.moved(Z, V);
  const [stored] = from(first.pass(2000), STORE);
  assert.deepEqual(stored, held(first.identity));
  assert.equal(new Device(stored, 5).identity, first.identity);
});

test("a Set from before there were identities: its sound comes back, and it gets one", () => {
  const device = new Device([1, "tiny", "vital", 2, ...Z, 2, ...V]);
  assert.deepEqual(from(device.connect(), SERVER), [["/flow/latent", ...Z]]);
  device.hear("acted");
  device.moved(Z2, V2);
  assert.deepEqual(from(device.pass(2000), STORE), [held(device.identity, "-", "-", Z2, V2)]);
});

test("what Live restores late, until the server is greeted, still counts", () => {
  const device = new Device();
  assert.deepEqual(sent(device.hear("restore", ...held("iset")), "identity"), [["iset"]]);
});

test("a duplicated track: the copy keeps the identity that the server gives it, through undo and presets", () => {
  const copy = new Device(held("imine"));
  copy.connect("-", "inew");
  copy.hear("acted");
  copy.moved(Z2, V2);
  const [stored] = from(copy.pass(2000), STORE);
  assert.deepEqual(stored, held("inew", "-", "-", Z2, V2));
  for (const back of [held("imine"), held("ipreset", "-", "-", Z2, V)]) { // Live's undo; a preset of another device
    const out = copy.hear("restore", ...back);
    assert.deepEqual([sent(out, "identity"), from(out, STORE)], [[], []]);
    assert.equal(from(out, SERVER)[0][0], "/flow/latent");
  }
  copy.hear("acted");
  copy.moved(Z, V2);
  assert.equal(from(copy.pass(2000), STORE)[0][1], "inew");
});

test("a copy that nobody has touched writes nothing", () => {
  const copy = new Device(held("imine"));
  assert.deepEqual(from([...copy.connect("-", "inew"), ...copy.moved(Z, V), ...copy.pass(5000)], STORE), []);
});

/** Linked to `iA` by hand, with a sound of its own before. */
function linked() {
  const device = new Device(held("iB"));
  device.connect();
  const out = device.hear("link", "iA", "1-Vital");
  return { device, out };
}

test("a link by hand: own sound and link are stored in one moment", () => {
  const { device, out } = linked();
  assert.deepEqual(sent(out, "wants"), [["iA", "1-Vital"]]);
  assert.deepEqual(from(out, STORE), []);
  device.hear("plays", "iB", "iA");
  device.moved(Z2, V2);
  const then = device.pass(250);
  assert.deepEqual(then.map(([o, m]) => [o, m[0]]), [[STORE, 2], [PATCH, "kind"]]);
  assert.deepEqual(from(then, STORE), [held("iB", "iA", "1-Vital")]);
});

test("while it is linked, nothing that sounds is stored here: not from hand, presets, automation or the other device", () => {
  const { device } = linked();
  device.hear("plays", "iB", "iA");
  device.moved(Z2, V2);
  device.pass(3000);
  for (const word of ["hand", "acted", "automated", "other"]) {
    device.hear(word);
    device.moved(Z2.map((v) => v + word.length / 9), V2);
    assert.deepEqual(from(device.pass(5000), STORE), [], word);
  }
});

test("a sound that has not come to rest is not lost by a link", () => {
  const device = new Device();
  device.connect();
  device.hear("hand");
  device.moved(Z2, V2);
  device.hear("link", "iA", "1-Vital"); // before the 1.5 s are over
  device.hear("plays", device.identity, "iA");
  device.moved(Z, V);
  assert.deepEqual(from(device.pass(2000), STORE), [held(device.identity, "iA", "1-Vital", Z2, V2)]);
});

test("a frame that comes between the link and its answer is not stored", () => {
  const { device } = linked();
  device.hear("acted");
  device.moved(Z2, V2);
  assert.deepEqual(from(device.pass(1000), STORE).map((m) => m.slice(7, 9)), [Z]);
});

test("unlinking makes what was shared its own, in one entry", () => {
  const { device } = linked();
  device.hear("plays", "iB", "iA");
  device.moved(Z2, V2);
  device.pass(3000);
  const out = device.hear("link", "-", "-");
  assert.deepEqual([sent(out, "wants"), from(out, STORE), from(out, SERVER)], [[["-", "-"]], [], []]);
  device.hear("plays", "iB", "-");
  device.moved(Z2, V2); // the server's copy
  assert.deepEqual(from(device.pass(2000), STORE), [held("iB", "-", "-", Z2, V2)]);
});

test("Live's undo of a link, and its redo", () => {
  const { device } = linked();
  device.hear("plays", "iB", "iA");
  device.moved(Z2, V2);
  const [stored] = from(device.pass(3000), STORE);
  const undone = device.hear("restore", ...held("iB"));
  assert.deepEqual([sent(undone, "wants"), from(undone, SERVER)], [[["-", "-"]], []], "the other's instrument is sent nothing");
  const back = device.hear("plays", "iB", "-");
  assert.deepEqual(from(back, SERVER), [["/flow/latent", ...Z]], "but ours is");
  device.moved(Z, V);
  const redone = device.hear("restore", ...stored);
  assert.deepEqual([sent(redone, "wants"), from(redone, SERVER)], [[["iA", "1-Vital"]], []]);
  assert.deepEqual(from([...device.hear("plays", "iB", "iA"), ...device.moved(Z2, V2), ...device.pass(5000)], STORE), []);
});

test("a Set with a link opens: its own sound is held back until it is clear that it plays", () => {
  const device = new Device(held("iB", "iA", "1-Vital"));
  assert.deepEqual(sent(device.started, "wants"), [["iA", "1-Vital"]]);
  const out = device.connect();
  assert.deepEqual([from(out, SERVER), sent(out, "gate")], [[], []]);
  const there = device.hear("plays", "iB", "iA");
  assert.deepEqual([from(there, SERVER), sent(there, "gate")], [[], [[1]]]);
  assert.deepEqual(from([...device.moved(Z2, V2), ...device.pass(5000)], STORE), []);
});

test("the linked instrument is not here: the own sound plays, is stored, and the link is kept", () => {
  const device = new Device(held("iB", "iA", "1-Vital"));
  device.connect();
  const out = device.hear("alone", 1);
  assert.deepEqual([from(out, SERVER), sent(out, "gate")], [[["/flow/latent", ...Z]], [[1]]]);
  device.hear("acted");
  device.moved(Z2, V2);
  assert.deepEqual(from(device.pass(2000), STORE), [held("iB", "iA", "1-Vital", Z2, V2)]);
  device.hear("alone", 0);
  device.hear("plays", "iB", "iA"); // it came
  device.hear("acted");
  device.moved(Z, V);
  assert.deepEqual(from(device.pass(2000), STORE), []);
});

test("a server that starts anew is not sent the shared sound", () => {
  const device = new Device(held("iB", "iA", "1-Vital"));
  device.connect("iA");
  device.moved(Z2, V2);
  device.pass(3000);
  const out = [...device.hear("offline"), ...device.connect()];
  assert.deepEqual([from(out, SERVER), from(out, STORE)], [[], []]);
});

test("without a server a link can be ended, but the own sound is what plays", () => {
  const device = new Device(held("iB", "iA", "1-Vital"));
  assert.deepEqual(from(device.hear("bound", 2), VALUES), [V]);
  assert.deepEqual(from(device.hear("link", "-", "-"), STORE), [held("iB")]);
});

test("a server that goes while a link is being made or ended leaves both in the Set", () => {
  const { device } = linked();
  assert.deepEqual(from(device.hear("offline"), STORE), [held("iB", "iA", "1-Vital")]);
  device.connect("iA");
  device.hear("link", "-", "-");
  assert.deepEqual(from(device.hear("offline"), STORE), [held("iB")]);
});

test("who others are linked to is stored, once, so that they find it again", () => {
  const device = new Device();
  device.connect();
  device.moved(Z, V);
  device.pass(3000);
  assert.deepEqual(from(device.hear("named"), STORE), [held(device.identity)]);
  assert.deepEqual(from(device.hear("named"), STORE), []);
});
