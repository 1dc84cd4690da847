// The connection: ports, hello, runs, silence, audio off, words.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, RECEIVER = 1, SELF_TEST = 2, EVENTS = 3, TEXT = 4;
const OWN = "i1f";
const WELCOME = (nonce, run = 77, model = "vital-32", protocol = 2, own = OWN, link = "") => ["welcome", nonce, run, protocol, "0.1.0", model, "vital", 8, 32, 32, "/tmp/flow a", own, link];

/** A device whose self-test answers at once, as if every port were free. */
function device(kind = "synth", random = 1) {
  const max = new FakeMax("fsl_link.js", { arguments: [kind], random });
  if (kind === "synth") max.message(0, "identity", OWN);
  max.message(0, "start");
  const probe = from(max.advance(60), SELF_TEST).at(-1);
  const out = max.message(0, "loop", probe[1]);
  return { max, out, hello: from(out, SERVER).find(([address]) => address === "/flow/hello") };
}

function connected(kind = "synth") {
  const { max, hello } = device(kind);
  const out = max.message(0, ...WELCOME(hello[1], 77, "vital-32", 2, kind === "synth" ? OWN : ""));
  return { max, nonce: hello[1], out };
}

const texts = (out) => from(out, TEXT).map(([source, text]) => (assert.equal(source, "link"), text));
const events = (out, name) => from(out, EVENTS).filter(([word]) => word === name);

test("nothing is sent before live.thisdevice", () => {
  const max = new FakeMax("fsl_link.js", { arguments: ["synth"] });
  assert.deepEqual(max.advance(60000), []);
});

test("hello says the port of its own, the protocol, the kind, the name and the instrument", () => {
  const { hello } = device();
  assert.equal(hello[0], "/flow/hello");
  assert.ok(hello[2] >= 9201 && hello[2] <= 9264);
  assert.deepEqual(hello.slice(3), [2, "fresh", "Flow synth", OWN, "-"]);
  assert.deepEqual(device("cc").hello.slice(3), [2, "cc", "Flow cc", "-", "none"], "it hears nothing until it is clear what it plays");
});

test("a device with a stored point brings its own state", () => {
  const max = new FakeMax("fsl_link.js", { arguments: ["synth"] });
  max.message(0, "kind", "device");
  max.message(0, "start");
  const probe = from(max.advance(60), SELF_TEST).at(-1);
  assert.equal(from(max.message(0, "loop", probe[1]), SERVER)[0][4], "device");
});

// One owner for each UDP port, and Max says so only in its console (notes 4, pitfall 17).
function machine(n, taken = []) {
  const owners = new Map(taken.map((port) => [port, "another program"]));
  const devices = Array.from({ length: n }, (_, i) => ({ max: new FakeMax("fsl_link.js", { arguments: ["synth"], random: 1000 + i }), port: null, target: null, said: [] }));
  const handle = (d, out) => {
    for (const [outlet, [word, value]] of out) {
      if (outlet === RECEIVER && word === "port" && d.port !== value && !owners.has(value)) {
        owners.delete(d.port);
        owners.set(value, d);
        d.port = value;
      }
      if (outlet === SELF_TEST && word === "port") d.target = value;
      if (outlet === SELF_TEST && word === "/flow/loop") {
        const owner = owners.get(d.target);
        if (owner?.max) handle(owner, owner.max.message(0, "loop", value));
      }
      if (outlet === SERVER && word === "/flow/hello") d.said.push(out.find(([o, m]) => o === SERVER && m[0] === "/flow/hello")[1][2]);
      if (outlet === TEXT) d.text = value;
    }
  };
  return { devices, owners, start: () => devices.forEach((d) => handle(d, d.max.message(0, "start"))), pass: (ms) => { for (let t = 0; t < ms; t += 10) devices.forEach((d) => handle(d, d.max.advance(10))); } };
}

test("sixty-four instances find sixty-four ports, and each says hello with the one it holds", () => {
  const { devices, owners, start, pass } = machine(64);
  start();
  pass(64 * 310);
  for (const d of devices) assert.deepEqual([...new Set(d.said)], [d.port]);
  assert.equal(new Set(devices.map((d) => d.port)).size, 64);
  assert.equal(owners.size, 64);
});

test("a port of another program is passed over", () => {
  const taken = Array.from({ length: 63 }, (_, i) => 9201 + i).filter((port) => port !== 9240);
  const { devices, start, pass } = machine(1, [...taken, 9264]);
  start();
  pass(64 * 310);
  assert.deepEqual([...new Set(devices[0].said)], [9240]);
});

test("no free port: it says so, and tries again", () => {
  const { devices, owners, start, pass } = machine(1, Array.from({ length: 64 }, (_, i) => 9201 + i));
  start();
  pass(64 * 310);
  assert.match(devices[0].text, /no free UDP port/);
  owners.clear();
  pass(9000);
  assert.equal(devices[0].said.length > 0, true);
});

test("somebody else's self-test is nothing to us", () => {
  const max = new FakeMax("fsl_link.js", { arguments: ["synth"] });
  max.message(0, "start");
  max.advance(60);
  assert.deepEqual(max.message(0, "loop", 5), []);
});

test("hello is repeated after 1, 2, 4, 8, 8 s and no faster", () => {
  const { max } = device();
  const at = [];
  for (let t = 0; t < 40000; t += 100) if (from(max.advance(100), SERVER).length) at.push(Math.round((t + 100) / 1000));
  assert.deepEqual(at, [1, 3, 7, 15, 23, 31, 39]);
});

test("without a server it says what to do, once", () => {
  const { max, out } = device();
  assert.deepEqual(texts(out), ["server not running: start it with Flow Server or in a terminal"]);
  assert.deepEqual(texts(max.advance(60000)), []);
});

test("welcome: events for the others, names, macros, presets, kinds and models asked for", () => {
  const { out } = connected();
  assert.deepEqual(from(out, EVENTS), [["connection", 3], ["reset"], ["folder", "/tmp/flow a"], ["plays", OWN, "-"], ["online", 77, 8, 32, 32, "vital-32", "vital"], ["count", 33]]);
  assert.deepEqual(from(out, SERVER).map(([a]) => a), ["/flow/names", "/flow/macro/vocabulary", "/flow/presets", "/flow/kinds", "/flow/models", "/flow/health"]);
  assert.deepEqual(from(connected("sketch").out, SERVER).map(([a]) => a), ["/flow/health"]);
});

test("a welcome that is not ours, or of another protocol, connects nothing", () => {
  const { max, hello } = device();
  assert.deepEqual(max.message(0, ...WELCOME(hello[1] + 1)), []);
  assert.deepEqual(max.message(0, "welcome", hello[1]), []);
  const out = max.message(0, ...WELCOME(hello[1], 77, "m", 3));
  assert.match(texts(out)[0], /protocol 3, this device 2/);
  assert.deepEqual(events(out, "online"), []);
});

/** Let beats pass with a server that answers pings with this run. */
function alive(max, ms, run) {
  const out = [];
  for (let t = 0; t < ms; t += 100) {
    const now = max.advance(100);
    out.push(...now);
    for (const [address, n] of from(now, SERVER)) if (address === "/flow/ping" && run) out.push(...max.message(0, "pong", n, run));
  }
  return out;
}

test("a ping a second, well within the ten after which the server forgets", () => {
  const { max } = connected();
  const pings = from(alive(max, 30000, 77), SERVER).filter(([a]) => a === "/flow/ping");
  assert.ok(pings.length >= 29 && pings.length <= 31);
  assert.equal(new Set(pings.map(([, n]) => n)).size, pings.length);
});

test("a new run number: offline, hello, and everything asked for again", () => {
  const { max, nonce } = connected();
  alive(max, 2500, 77);
  const out = alive(max, 1000, 78);
  assert.equal(events(out, "offline").length, 1);
  assert.ok(from(out, SERVER).some(([a]) => a === "/flow/hello"));
  const again = max.message(0, ...WELCOME(nonce, 78));
  assert.equal(events(again, "reset").length, 1);
  assert.equal(events(again, "online").length, 1);
});

test("other counts of the same model: online again", () => {
  const { max, nonce } = connected();
  const counted = WELCOME(nonce).map((value, k) => (k === 7 ? 5 : value));
  const out = max.message(0, ...counted);
  assert.deepEqual(from(out, EVENTS).filter(([w]) => w === "online").map((event) => event[2]), [5]);
  assert.ok(!from(max.message(0, ...counted), EVENTS).some(([w]) => w === "online"));
});

test("another model on the same run: online again, no reset", () => {
  const { max, nonce } = connected();
  const out = max.message(0, ...WELCOME(nonce, 77, "vital-64"));
  assert.deepEqual([events(out, "reset").length, events(out, "online").length], [0, 1]);
  assert.deepEqual(from(max.message(0, ...WELCOME(nonce, 77, "vital-64")), EVENTS), []);
});

test("a server that dies: it says so within 5 s, and says hello until it is back", () => {
  const { max, nonce } = connected();
  const out = alive(max, 5000, 0);
  assert.match(texts(out).at(-1), /does not answer; the sound stays/);
  const later = alive(max, 20000, 0);
  assert.equal(events(later, "offline").length, 1);
  assert.match(texts(later).at(-1), /server not running/);
  assert.ok(from(later, SERVER).filter(([a]) => a === "/flow/hello").length >= 2);
  assert.equal(events(max.message(0, ...WELCOME(nonce, 79)), "online").length, 1);
});

test("a server that was started anew while it was missed is found within a second", () => {
  const { max, nonce } = connected();
  const out = alive(max, 5000, 0);
  assert.match(texts(out).at(-1), /does not answer/);
  assert.ok(from(alive(max, 1000, 0), SERVER).some(([a]) => a === "/flow/hello"));
  const back = max.message(0, ...WELCOME(nonce, 78));
  assert.deepEqual(from(back, EVENTS).map(([w]) => w), ["offline", "connection", "reset", "folder", "plays", "online", "count"]);
  assert.equal(from(alive(max, 10000, 78), SERVER).filter(([a]) => a === "/flow/ping").length, 10, "one heart");
});

test("a server that was only slow goes on where it was", () => {
  const { max, nonce } = connected();
  alive(max, 5000, 0);
  const back = max.message(0, ...WELCOME(nonce, 77));
  assert.deepEqual(from(back, EVENTS), [["connection", 3]]);
  assert.equal(from(alive(max, 10000, 77), SERVER).filter(([a]) => a === "/flow/ping").length, 10, "one heart");
});

test("three lost pongs are forgiven", () => {
  const { max } = connected();
  alive(max, 3000, 0);
  const out = alive(max, 3000, 77);
  assert.deepEqual(events(out, "offline"), []);
});

test("audio off for a minute is not the server's fault: hello at once, no word of a lost server", () => {
  const { max, nonce } = connected();
  alive(max, 3000, 77);
  max.audio = false; // no Task comes back (notes 3.4)
  assert.deepEqual(max.advance(60000), []);
  max.audio = true;
  const out = max.advance(1100);
  assert.ok(from(out, SERVER).some(([a]) => a === "/flow/hello"));
  assert.ok(!texts(out).some((t) => /does not answer/.test(t)));
  assert.equal(events(max.message(0, ...WELCOME(nonce, 77)), "online").length, 1);
});

test("dspstate~ off and on", () => {
  const { max } = connected();
  assert.match(texts(max.message(0, "dsp", 0))[0], /audio is off/);
  assert.ok(from(max.message(0, "dsp", 1), SERVER).some(([a]) => a === "/flow/hello"));
});

test("audio that is off when the device is added is noticed, before the start and after", () => {
  for (const first of [true, false]) {
    const max = new FakeMax("fsl_link.js", { arguments: ["synth"] });
    max.audio = false;
    const out = [];
    if (first) out.push(...max.message(0, "dsp", 0));
    out.push(...max.message(0, "start"));
    if (!first) out.push(...max.message(0, "dsp", 0));
    out.push(...max.advance(10000));
    assert.match(texts(out).at(-1), /audio is off/);
    assert.deepEqual(events(out, "connection").at(-1), ["connection", 5]);
    max.audio = true;
    max.message(0, "dsp", 1);
    const probe = from(max.advance(60), SELF_TEST).at(-1);
    assert.ok(from(max.message(0, "loop", probe[1]), SERVER).some(([a]) => a === "/flow/hello"));
    assert.deepEqual(from(max.message(0, "dsp", 1), SERVER), []);
  }
});

test("leaving says bye with the nonce, and then nothing more", () => {
  const { max, nonce } = connected();
  assert.deepEqual(from(max.message(0, "stop"), SERVER), [["/flow/bye", nonce]]);
  assert.deepEqual(max.advance(60000), []);
});

test("the server's port: one of the devices' own is refused, another is taken", () => {
  const { max } = connected();
  for (const bad of [0, 80, 9201, 9264, 9265, 70000, "x"]) {
    const out = max.message(0, "port", bad);
    assert.deepEqual(from(out, SERVER), []);
    assert.match(texts(out)[0], /cannot be the server's/);
  }
  const out = max.message(0, "port", 9131);
  assert.deepEqual(from(out, SERVER)[0], ["port", 9131]);
  assert.ok(from(out, SERVER).some(([a]) => a === "/flow/hello"));
});

test("latency in words, and in few different ones", () => {
  const { max } = connected();
  assert.deepEqual(texts(max.message(0, "health", 0.31, 0.44, 10, 0, 0)), ["connected to vital-32, answers in 0.3 ms"]);
  assert.deepEqual(texts(max.message(0, "health", 0.31, 12.7, 10, 0, 0)), ["connected to vital-32, answers in 0.3 ms (at worst 13)"]);
  assert.deepEqual(texts(max.message(0, "health", 0, 0, 0, 0, 0)), []);
  const before = max.symbols.size;
  for (let i = 0; i < 5760; i++) max.message(0, "health", Math.abs(Math.sin(i)) * 3, Math.abs(Math.cos(i * 7)) * 40, i, 0, 0); // 8 h of them
  assert.ok(max.symbols.size - before < 1500, `${max.symbols.size - before} symbols`);
});

test("a preset of the device bangs live.thisdevice again: the connection goes on", () => {
  const { max } = connected();
  assert.deepEqual(max.message(0, "start"), []);
  assert.equal(from(alive(max, 3000, 77), SERVER).filter(([a]) => a === "/flow/ping").length, 3, "one heart");
});

test("removed and brought back: it finds a port again", () => {
  const { max } = connected();
  max.message(0, "stop");
  assert.deepEqual(events(max.message(0, "start"), "connection"), [["connection", 1]]);
});

const hellos = (out) => from(out, SERVER).filter(([a]) => a === "/flow/hello").map((hello) => hello.slice(5));

test("the track's name, the identity and the link are in hello, at once and again every ten seconds", () => {
  const { max } = connected();
  assert.deepEqual(hellos(max.message(0, "called", "Ünï Lead")), [["Ünï Lead", OWN, "-"]]);
  assert.deepEqual(hellos(max.message(0, "link", "i2")), [["Ünï Lead", OWN, "i2"]]);
  for (const [word, value] of [["called", "Ünï Lead"], ["link", "i2"], ["called", ""]]) assert.deepEqual(hellos(max.message(0, word, value)), []);
  assert.deepEqual(hellos(alive(max, 20000, 77)), [["Ünï Lead", OWN, "i2"], ["Ünï Lead", OWN, "i2"]]);
});

test("nothing is said before there is a server, but the first hello says it all", () => {
  const max = new FakeMax("fsl_link.js", { arguments: ["synth"] });
  max.message(0, "start");
  for (const message of [["identity", "i7"], ["called", "7"], ["link", "i8"]]) assert.deepEqual(max.message(0, ...message), []);
  const probe = from(max.advance(60), SELF_TEST).at(-1);
  assert.deepEqual(hellos(max.message(0, "loop", probe[1])), [["7", "i7", "i8"]]);
});

test("a duplicated track is told its identity, and keeps to it", () => {
  const { max, hello } = device();
  const out = max.message(0, ...WELCOME(hello[1], 77, "vital-32", 2, "inew"));
  assert.deepEqual(events(out, "plays"), [["plays", "inew", "-"]]);
  assert.deepEqual(hellos(max.message(0, "called", "x")), [["x", "inew", "-"]]);
});

test("what is played is told when it changes, and when the server starts anew", () => {
  const { max, nonce } = connected();
  const played = (run, link) => events(max.message(0, ...WELCOME(nonce, run, "vital-32", 2, OWN, link)), "plays");
  assert.deepEqual(played(77, ""), []);
  assert.deepEqual(played(77, "i2"), [["plays", OWN, "i2"]]);
  assert.deepEqual(played(77, "i2"), []);
  assert.deepEqual(played(78, "i2"), [["plays", OWN, "i2"]]);
  assert.deepEqual(played(78, ""), [["plays", OWN, "-"]]);
});

test("a device without an instrument is welcomed with empty texts, and with texts that Max has lost", () => {
  for (const rest of [["", ""], [""], []]) {
    const { max, hello } = device("cc");
    const out = max.message(0, ...WELCOME(hello[1]).slice(0, 11), ...rest);
    assert.deepEqual(events(out, "plays"), [["plays", "-", "-"]]);
    assert.deepEqual(events(max.message(0, ...WELCOME(hello[1]).slice(0, 11), ...rest.slice(1), "i2"), "plays"), [["plays", "-", "i2"]]);
  }
});

test("the name of another's sound stands in the status line", () => {
  const { max } = connected("sketch");
  assert.deepEqual(texts(max.message(0, "sound", "3-Bass")), ["connected to vital-32, plays 3-Bass"]);
  assert.deepEqual(texts(max.message(0, "sound", "")), ["connected to vital-32"]);
});
