// Who plays: the server, the device, or both until they agree. tests/max4live/test_decoding*.py have the whole device.
import assert from "node:assert/strict";
import test from "node:test";
import { EVENTS, VALUES, SERVER, TEXT, ONLY_SERVER, ONLY_DEVICE, ONLINE, READ_MS, ONE_WAY, THERE_AND_BACK, Player, model, told, gates, alone, most, Server, device, served } from "./decoding.mjs";
import { from } from "./fake_max.mjs";
import "./quiet.mjs";

test("without a server it is one, within the first second", () => {
  const { max, out } = device();
  assert.deepEqual(out, []);
  max.message(0, "connection", 1);
  const looked = max.message(0, "connection", 2);
  assert.deepEqual(told(looked, "connection"), [["connection", 2]]);
  assert.deepEqual(told(looked, "online"), []);
  const stood = max.advance(400);
  assert.deepEqual(told(stood, "online"), [["online", 0, 8, 32, 32, "vital-32", "vital"]]);
  assert.equal(told(stood, "macroname").length, 8);
  assert.equal(told(stood, "name").length, 32);
  assert.deepEqual(gates(stood), { server: 0, frames: 0 });
  assert.match(alone(stood)[2], /^playing without the server/);
  assert.equal(told([...stood, ...max.advance(1000)], "preset").length, model.presets.names.length);
});

test("no port is found, or audio is off: it plays all the same", () => {
  assert.equal(told(device().max.advance(1000), "online").length, 1);
  const { max } = device();
  const out = max.message(0, "connection", 5);
  assert.equal(told(out, "online").length, 1);
  assert.deepEqual(alone(out), ["alone", 0], "what is wrong is said by the link");
});

test("with a server it says nothing of its own, and passes on what the link says", () => {
  const { max } = device();
  const said = [["reset"], ["folder", "/tmp/x"], ["invented", 1], ONLINE, ["count", 33]];
  const out = said.flatMap((m) => max.message(0, ...m));
  assert.deepEqual(from(out, EVENTS), said);
  assert.deepEqual(gates(out), { server: 1, frames: 1 });
  assert.deepEqual(from(max.advance(60000), VALUES), []);
});

test("the weights are read bit by bit, and a turn waits for them, but not in an export", () => {
  const { max } = device();
  max.advance(900);
  const turned = max.message(0, "/flow/macro", 1, 0.8);
  assert.deepEqual(from(turned, VALUES), []);
  assert.equal(from(max.advance(READ_MS), VALUES).length, 1);
  const exporting = device(ONLY_DEVICE);
  assert.equal(told(exporting.out, "online").length, 1, "at once");
  const [patch] = from(exporting.max.message(0, "/flow/macro", 1, 0.8), VALUES);
  assert.ok(most(patch, new Server().hear("/flow/macro", 1, 0.8).slice(2)) < 1e-6);
});

test("turns before the weights are read are all heard then, and the dials are shown at once", () => {
  const { max } = device(), server = new Server();
  const stood = max.advance(905);
  assert.ok(most(told(stood, "macros")[0].slice(1), server.player.positions()) < 1e-6);
  for (const [k, position] of [[1, 0.2], [1, 0.8], [6, 0.3], [1, 0.7]]) max.message(0, "/flow/macro", k, position);
  const heard = max.advance(READ_MS + 50);
  server.hear("/flow/macro", 1, 0.7);
  assert.ok(most(from(heard, VALUES).at(-1), server.hear("/flow/macro", 6, 0.3).slice(2)) < 1e-6);
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 7), again = device().max;
  again.advance(905);
  again.message(0, "/flow/macro", 2, 0.9);
  again.message(0, "/flow/macros", ...all);
  const [, ...z] = told(again.advance(READ_MS + 200), "latent").at(-1), there = new Server();
  there.hear("/flow/latent", ...z);
  assert.ok(most(there.player.positions(), all) < THERE_AND_BACK);
});

test("a turn that no frame answers is played here, from where the server was", () => {
  const { max, server } = served();
  const frame = server.hear("/flow/macro", 2, 0.6);
  max.message(0, "/flow/macro", 2, 0.6);
  max.message(0, ...frame);
  assert.deepEqual(max.advance(500).filter(([i]) => i !== EVENTS), [], "answered");
  max.message(0, "/flow/macro", 2, 0.605);
  assert.deepEqual(from(max.advance(100), VALUES), []);
  const out = max.advance(60);
  const [patch] = from(out, VALUES);
  assert.deepEqual(gates(out), { server: 1, frames: 0 });
  assert.ok(most(patch, frame.slice(2)) < 0.02);
  assert.ok(most(patch, server.hear("/flow/macro", 2, 0.605).slice(2)) < ONE_WAY);
  max.advance(20);
  const next = max.message(0, "/flow/macro", 2, 0.61);
  assert.ok(most(from(next, VALUES)[0], server.hear("/flow/macro", 2, 0.61).slice(2)) < ONE_WAY);
  const rested = max.advance(130);
  assert.ok(most(told(rested, "latent")[0].slice(1), server.player.z) < THERE_AND_BACK, "then all are told the point");
  assert.equal(told(rested, "place").length, 1);
});

test("what the server had not told is taken from its last frame", () => {
  const { max, server } = served();
  const frame = server.hear("/flow/macro", 4, 0.9); // somebody else's hand: this device was told no latent
  max.message(0, ...frame);
  max.advance(100);
  max.message(0, "/flow/macro", 2, 0.52);
  const [patch] = from(max.advance(200), VALUES);
  assert.ok(most(patch, server.hear("/flow/macro", 2, 0.52).slice(2)) < 0.02);
});

test("a server that was only late is believed again, at the sound that it has reached", () => {
  const { max, server } = served();
  max.message(0, "/flow/macro", 2, 0.7);
  max.advance(200);
  max.message(0, ...server.hear("/flow/macro", 2, 0.1)); // an older turn
  assert.deepEqual(gates(max.advance(10)), {});
  const out = max.message(0, ...server.hear("/flow/macro", 2, 0.7));
  assert.deepEqual(gates(out), { server: 1, frames: 1 });
  assert.deepEqual(from(out, VALUES), []);
});

test("one that stays elsewhere is told the point once, and then believed", () => {
  const { max, server } = served();
  max.message(0, "/flow/macro", 2, 0.7);
  max.advance(200);
  max.advance(500);
  const frame = server.hear("/flow/macro", 6, 0.1);
  const sent = from(max.message(0, ...frame), SERVER);
  assert.equal(sent[0][0], "/flow/latent");
  max.advance(500);
  const out = max.message(0, ...frame);
  assert.deepEqual(gates(out), { server: 1, frames: 1 });
  assert.ok(most(from(out, VALUES)[0], frame.slice(2)) < 1e-9, "it is heard");
});

test("a lost server is not told to the others, a path goes on", () => {
  const { max } = served();
  for (const [k, name] of model.presets.names.slice(5, 7).entries()) {
    max.message(0, "/flow/preset/load", name);
    max.message(0, ...Object.values(["params", k + 5, ...Array(32).fill(0.5)]));
    max.message(0, "/flow/path/add");
  }
  max.advance(10);
  const lost = [...max.message(0, "offline"), ...max.message(0, "connection", 2)];
  assert.deepEqual(told(lost, "offline"), []);
  assert.match(alone(lost)[2], /^playing without/);
  assert.equal(from([...max.message(0, "/flow/path/play", 0.5), ...max.advance(50)], VALUES).length, 1);
});

test("a server that comes is given the path and the point, and is believed at the same sound", () => {
  const { max } = device(), server = new Server();
  max.advance(2000);
  for (const name of model.presets.names.slice(5, 7)) {
    max.message(0, "/flow/preset/load", name);
    max.advance(100);
    max.message(0, "/flow/path/add");
  }
  max.message(0, "/flow/macro", 3, 0.31);
  max.advance(300);
  const out = max.message(0, ...ONLINE);
  assert.deepEqual(from(out, SERVER).map(([address]) => address), ["/flow/path/clear", "/flow/latent", "/flow/path/add", "/flow/latent", "/flow/path/add"]);
  const words = from(out, EVENTS).map(([word]) => word);
  assert.deepEqual(words, ["here", "online"]);
  assert.deepEqual(gates(out), { server: 1, frames: 0 });
  assert.deepEqual(gates(max.message(0, "params", 1, ...Array(32).fill(0.5))), {}, "its resting point is not heard");
  const [, ...z] = told(out, "here")[0];
  assert.deepEqual(gates(max.message(0, ...server.hear("/flow/latent", ...z))), { server: 1, frames: 1 });
});

test("a device that nobody has touched leaves a server that comes where it is", () => {
  const { max } = device();
  max.advance(2000);
  const out = max.message(0, ...ONLINE);
  assert.deepEqual([told(out, "here"), from(out, SERVER)], [[], []]);
  assert.deepEqual(gates(out), { server: 1, frames: 1 });
});

test("another model needs the server: the last sound stays", () => {
  const { max } = device();
  max.message(0, "online", 7, 8, 32, 32, "another", "vital");
  max.message(0, "params", 1, ...Array(32).fill(0.5));
  max.message(0, "/flow/macro", 1, 0.9);
  assert.deepEqual(max.advance(1000), []);
  const out = [...max.message(0, "offline"), ...max.message(0, "connection", 2), ...max.advance(2000)];
  assert.deepEqual(told(out, "offline"), [["offline"]]);
  assert.match(alone(out)[2], /only it can play the model another/);
  assert.deepEqual([...max.message(0, "/flow/macro", 1, 0.1), ...max.advance(500)], []);
});

test("a Set of another model waits for the server as well", () => {
  const { max } = device();
  max.message(0, "sound", "another");
  max.message(0, "connection", 2);
  const out = max.advance(2000);
  assert.deepEqual(told(out, "online"), []);
  assert.match(alone(out)[2], /another/);
});

test("a preset of the player's own is the server's", () => {
  const { max } = device();
  max.advance(2000);
  const out = [...max.message(0, "/flow/preset/load", "My Sound"), ...max.advance(100)];
  assert.match(from(out, TEXT)[0][1], /'My Sound' is kept by the server/);
  assert.deepEqual(from(out, VALUES), []);
});

test("Server: nothing is decoded, whatever happens", () => {
  const { max, server } = served(ONLY_SERVER);
  max.message(0, ...server.hear("/flow/macro", 1, 0.4));
  max.message(0, "/flow/macro", 1, 0.9);
  assert.deepEqual(max.advance(5000), []);
  const out = max.message(0, "offline");
  assert.deepEqual(told(out, "offline"), [["offline"]]);
  assert.deepEqual(max.advance(60000), []);
});

test("Device: the server hears everything and is not heard, but what moved there is followed", () => {
  const { max, server } = served(ONLY_DEVICE);
  max.advance(100);
  const out = max.message(0, "/flow/macro", 1, 0.9);
  assert.ok(most(from(out, VALUES)[0], server.hear("/flow/macro", 1, 0.9).slice(2)) < ONE_WAY);
  max.advance(1000);
  server.hear("/flow/macro", 5, 0.2);
  const followed = [...max.message(0, "latent", ...server.player.z), ...max.advance(50)];
  assert.ok(most(from(followed, VALUES)[0], server.player.current()) < THERE_AND_BACK);
});

test("decoding is as seldom as the server's frames, and the newest point wins", () => {
  const { max } = device();
  max.advance(2000);
  const out = [];
  for (let t = 0; t < 200; t += 2) {
    out.push(...max.message(0, "/flow/macro", 0, t / 200));
    out.push(...max.advance(2));
  }
  out.push(...max.advance(40));
  assert.ok(from(out, VALUES).length <= 12, String(from(out, VALUES).length));
  const server = new Server();
  assert.ok(most(from(out, VALUES).at(-1), server.hear("/flow/macro", 0, 198 / 200).slice(2)) < 1e-6);
});

test("plug-in parameters that have just been bound hear the present sound", () => {
  const { max } = device();
  max.advance(2000);
  assert.deepEqual(max.message(0, "bound", 32), [], "a new device leaves the synth as it is");
  const [patch] = from([...max.message(0, "/flow/macro", 1, 0.9), ...max.advance(50)], VALUES);
  assert.deepEqual(from(max.message(0, "bound", 32), VALUES), [patch]);
});

test("a hold that another client sets is kept without the server", () => {
  const { max } = served();
  max.message(0, "frozen", 2, 1);
  max.message(0, "offline");
  max.message(0, "/flow/macro", 2, 0.9);
  max.advance(500);
  const out = [...max.message(0, "/flow/preset/load", model.presets.names[12]), ...max.advance(500)];
  assert.ok(Math.abs(told(out, "macros").at(-1)[3] - 0.9) < 1e-3);
});

test("a server that has come plays another sound, and no frame follows: it is believed all the same", () => {
  const { max } = device();
  max.advance(1000 + READ_MS);
  max.message(0, "/flow/macro", 0, 0.9);
  max.advance(500);
  max.message(0, ...ONLINE);
  const other = new Player(model);
  other.apply("preset_load", [model.presets.names[9]]);
  assert.deepEqual(from(max.message(0, "params", 1, ...other.current()), VALUES), []);
  const out = max.advance(1000);
  assert.deepEqual(from(out, VALUES).map((v) => [...v]), [[...other.current()]]);
  assert.deepEqual(gates(out), { server: 1, frames: 1 });
});
