// Plug-ins found, names matched, ids out.
import assert from "node:assert/strict";
import test from "node:test";
import { REMOTES, MENU, UI, NAMES, OURS, device, held, text, last } from "./binding.mjs";
import { FakeLive, node, plugin, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

for (const n of [16, 32, 64]) {
  test(`all ${n} of Vital's, shown in another order among others`, () => {
    const shown = [...NAMES.slice(0, n), "Macro 1", "Oscillator 3 Level"].reverse();
    const { max, out } = device([plugin(5, "Vital", shown)], { n });
    assert.equal(text(out), "");
    const ids = held(max.message(0, "explore", 1));
    assert.equal(ids.size, n);
    for (let k = 0; k < n; k++) assert.equal(ids.get(k), 5000 + 1 + shown.indexOf(NAMES[k]), NAMES[k]);
  });
}

test("the range of a parameter goes before its id", () => {
  const vital = plugin(5, "Vital", NAMES.slice(0, 16));
  vital.lists.parameters[3].props.min = -24;
  vital.lists.parameters[3].props.max = 24;
  const { max, out: found } = device([vital], { n: 16 });
  const out = from(max.message(0, "explore", 1), REMOTES);
  const instead = (k, value, others) => Array.from({ length: 16 }, (_, i) => (i === k ? value : others));
  assert.deepEqual(out.filter(([word]) => typeof word === "string"), [], "they went out when the plug-in was found");
  const before = from(found, REMOTES);
  assert.deepEqual(before.filter(([word]) => word === "low"), [["low", ...instead(2, -24, 0)]]);
  assert.deepEqual(before.filter(([word]) => word === "span"), [["span", ...instead(2, 48, 1)]]);
  assert.deepEqual(out.filter(([k]) => k === 2), [[2, "id", 5003]]);
});

test("half-configured: how many, and what to press", () => {
  const { max, out } = device([plugin(5, "Vital", NAMES.slice(0, 21))]);
  assert.equal(text(out), "21 of 32 mapped: press Configure on Vital, then Teach Live in Flow CC");
  assert.deepEqual(last(out, "mapped"), [21, 32]);
  const explore = max.message(0, "explore", 1);
  assert.equal(held(explore).size, 21);
  assert.deepEqual(last(explore, "bound"), [21]);
});

test("a plug-in with more than 64 parameters is empty until it is configured", () => {
  assert.equal(text(device([plugin(5, "Vital", [])]).out), "Vital shows no parameters yet: press Configure on it, then Teach Live in Flow CC");
});

test("no plug-in at all", () => {
  const { max, out } = device([node(4, "Device", { name: "Reverb", class_name: "Reverb" })]);
  assert.equal(text(out), "no plug-in on this track: put Vital on it");
  assert.equal(held(max.message(0, "explore", 1)).size, 0);
});

test("Configure, then Teach Live: parameters come one by one and are bound as they come", () => {
  const vital = plugin(5, "Vital", []);
  const { max, live } = device([vital]);
  max.message(0, "explore", 1);
  let ids = new Map(), said = "";
  for (let n = 1; n <= 32; n++) {
    live.load(set([plugin(5, "Vital", NAMES.slice(0, n)), OURS()], 9));
    const out = max.advance(100);
    ids = held(out, ids);
    said = text(out) ?? said;
    assert.equal(ids.size, n);
  }
  assert.equal(said, "");
});

test("several changes at once are one look", () => {
  const { max, live } = device([plugin(5, "Vital", [])]);
  for (let n = 1; n <= 32; n++) live.load(set([plugin(5, "Vital", NAMES.slice(0, n)), OURS()], 9));
  const out = max.advance(100);
  assert.equal(from(out, UI).filter(([w]) => w === "bound").length, 1);
});

test("in a rack, in a rack in a rack, and with our own device inside", () => {
  const deep = (devices, ours) => [node(20, "RackDevice", { name: "Rack", class_name: "InstrumentGroupDevice" }, { chains: [
    node(21, "Chain", {}, { devices: [node(22, "RackDevice", { name: "Inner", class_name: "InstrumentGroupDevice" }, { chains: [node(23, "Chain", {}, { devices }), node(24, "Chain", {}, { devices: ours })] })] }),
  ] })];
  for (const tree of [set([...deep([plugin(5, "Vital", NAMES.slice(0, 32))], []), OURS()], 9), set(deep([plugin(5, "Vital", NAMES.slice(0, 32))], [OURS()]), 9)]) {
    const { max } = device([], { live: new FakeLive(tree) });
    assert.equal(held(max.message(0, "explore", 1)).size, 32);
  }
  // A plug-in that is put into the rack later is seen, too.
  const live = new FakeLive(set([...deep([], []), OURS()], 9));
  const { max, out } = device([], { live });
  assert.match(text(out), /no plug-in/);
  max.message(0, "explore", 1);
  live.load(set([...deep([plugin(5, "Vital", NAMES.slice(0, 32))], []), OURS()], 9));
  assert.equal(held(max.advance(100)).size, 32);
});

test("of two plug-ins the one that fits; another is chosen from the menu, by its name when it moves", () => {
  const reverb = plugin(6, "Verb 60", ["Size", "Volume"]), vital = plugin(5, "Vital", NAMES.slice(0, 30));
  const { max, live, out } = device([reverb, vital]);
  assert.deepEqual(from(out, MENU).filter(([w]) => w === "append").map(([, name]) => name).slice(-3), ["Automatic", "Verb 60", "Vital"]);
  assert.deepEqual(last(out, "mapped"), [30, 32]);
  assert.match(text(max.message(0, "choose", 1)), /1 of 32 mapped: press Configure on Verb 60/);
  live.load(set([vital, reverb, OURS()], 9));
  assert.deepEqual(last(max.advance(100), "mapped"), [1, 32]);
  assert.deepEqual(last(max.message(0, "choose", 0), "mapped"), [30, 32]);
});

test("two Vitals of the same name can be told apart in the menu", () => {
  const { out } = device([plugin(5, "Vital", NAMES.slice(0, 32)), plugin(6, "Vital", NAMES.slice(0, 32))]);
  const items = from(out, MENU).filter(([w]) => w === "append").map(([, name]) => name);
  assert.equal(new Set(items.slice(-3)).size, 3);
});

test("empty and bound by name: an empty Vital is preferred to a plug-in that fits nothing", () => {
  assert.match(text(device([plugin(6, "Verb", ["Size"]), plugin(5, "Vital", [])]).out), /^Vital shows no parameters/);
});

test("a Set that is opened again has other ids", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  const before = held(max.message(0, "explore", 1));
  live.load(set([plugin(105, "Vital", NAMES.slice(0, 32), 900), OURS()], 9));
  const after = held(max.advance(100), before);
  assert.deepEqual([...after.values()], Array.from({ length: 32 }, (_, k) => 901 + k));
});

test("the plug-in is taken away: everything is let go, and it says so", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  const before = held(max.message(0, "explore", 1));
  live.load(set([OURS()], 9));
  const out = max.advance(100);
  assert.equal(held(out, before).size, 0);
  assert.match(text(out), /no plug-in/);
});

test("a device that moves: the ids are sent again, for live.remote~ has let go", () => {
  const verb = plugin(6, "Verb", ["Size"]), vital = plugin(5, "Vital", NAMES.slice(0, 32));
  const { max, live } = device([verb, vital]);
  max.message(0, "explore", 1);
  live.load(set([vital, verb, OURS()], 9));
  assert.equal(held(max.advance(100)).size, 32);
});

test("devices without chains are not asked for them, racks are", () => {
  const others = [node(4, "Device", { name: "Reverb", class_name: "Reverb" }), node(7, "MaxDevice", { name: "LFO", class_name: "MxDeviceAudioEffect" })];
  const { max } = device([plugin(5, "Vital", NAMES.slice(0, 32)), ...others]);
  max.message(0, "rescan");
  max.advance(100);
  assert.deepEqual(max.posts, []);
});

test("our device, the plug-in or the track is moved: new ids, and everything is bound anew", () => {
  for (const moved of [9, 5, 2]) {
    const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
    const before = held(max.message(0, "explore", 1));
    live.move(moved);
    assert.deepEqual(max.advance(1000), [], "Live says nothing by itself");
    max.message(0, "home", "id", 50002); // from live.path
    const after = held(max.advance(100), before);
    const first = moved === 9 ? 5001 : 55001;
    assert.deepEqual([...after.values()], Array.from({ length: 32 }, (_, k) => first + k), `${moved} was moved`);
    // And what it watches is the new place.
    live.load(set([OURS()], 9));
    max.message(0, "home", "id", 2);
    assert.equal(held(max.advance(100), after).size, 0);
  }
});

test("a track that changes places among others is noticed", () => {
  const tracks = () => {
    const tree = set([plugin(5, "Vital", NAMES.slice(0, 32)), OURS()], 9);
    tree.root.lists.tracks.push(node(3, "Track", { name: "2" }, { devices: [] }));
    return tree;
  };
  const live = new FakeLive(tracks());
  const { max } = device([], { live });
  max.message(0, "explore", 1);
  const other = tracks();
  other.root.lists.tracks.reverse();
  live.load(other);
  assert.equal(held(max.advance(100)).size, 32);
});

test("watches are put on their object anew each time", () => {
  const vital = plugin(5, "Vital", NAMES.slice(0, 30));
  const { max, live } = device([vital]);
  live.move(5);
  max.message(0, "rescan");
  max.advance(100);
  const ours = live.tree.root.lists.tracks[0].lists.devices;
  live.load({ ...live.tree, root: set([plugin(50005, "Vital", NAMES.slice(0, 32), 55000), ours[1]], 9).root });
  assert.equal(last(max.advance(100), "mapped")[0], 32, "Configure is still seen");
});

test("what a macro or an LFO holds is left to it, and taken when it is free", () => {
  const vital = plugin(5, "Vital", NAMES.slice(0, 32));
  const { max, live } = device([vital]);
  for (const id of [5001, 5002]) live.item(id).props.is_enabled = 0;
  live.item(5003).props.state = 2;
  const out = max.message(0, "explore", 1);
  assert.equal(held(out).size, 29);
  assert.deepEqual(last(out, "bound"), [29]);
  assert.equal(text(out), "3 held by another device: release or unmap them there");
  for (const id of [...held(out).values()]) live.item(id).props.is_enabled = 0; // as Live does for what we hold
  assert.equal(held(max.message(0, "rescan"), held(out)).size, 29);
  live.item(5001).props.is_enabled = live.item(5002).props.is_enabled = 1;
  live.item(5003).props.state = 0;
  const later = max.advance(3000);
  assert.equal(held(later, held(out)).size, 32);
  assert.equal(text(later), "");
});

test("live.thisdevice bangs again when a preset is loaded: no second observer", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  max.message(0, "explore", 1);
  const [apis, observers] = [live.n_apis, live.observers.length];
  for (let i = 0; i < 5; i++) {
    assert.equal(held(max.message(0, "start")).size, 32);
    max.advance(100);
  }
  assert.deepEqual([live.n_apis, live.observers.length], [apis, observers]);
});

test("without a server the names are those of the synth that the Set was saved with", () => {
  const max = new FakeMax("fsl_bind.js", { live: new FakeLive(set([plugin(5, "Vital", NAMES.slice(0, 32)), OURS()], 9)) });
  max.deviceReady();
  max.message(0, "start");
  max.message(0, "explore", 1);
  max.message(0, "known", "vital", 32);
  assert.equal(held(max.advance(100)).size, 32);
  max.message(0, "known", "nosuch", 32);
  assert.deepEqual(max.advance(100), []);
});

test("a model of another size: remotes that are not its own are let go", () => {
  const { max } = device([plugin(5, "Vital", NAMES)], { n: 64 });
  let ids = held(max.message(0, "explore", 1));
  assert.equal(ids.size, 64);
  const out = max.message(0, "online", 7, 8, 16, 16, "vital-16", "vital");
  NAMES.slice(0, 16).forEach((name, k) => out.push(...max.message(0, "name", k, name)));
  out.push(...max.advance(100));
  assert.deepEqual([...held(out, ids).keys()], Array.from({ length: 16 }, (_, k) => k));
});

test("eight hours of changes make no more observers and no path strings", () => {
  const { max, live } = device([plugin(5, "Vital", NAMES.slice(0, 32))]);
  for (let i = 0; i < 20; i++) {
    live.load(set(i % 2 ? [OURS()] : [plugin(5, "Vital", NAMES.slice(0, 32)), OURS()], 9));
    max.advance(100);
  }
  const [apis, paths, symbols] = [live.n_apis, live.paths.size, max.symbols.size];
  for (let i = 0; i < 400; i++) {
    live.load(set(i % 2 ? [OURS()] : [plugin(5, "Vital", NAMES.slice(0, 32), 1000 + 40 * i), OURS()], 9));
    max.advance(100);
  }
  assert.deepEqual([live.n_apis, live.paths.size, max.symbols.size], [apis, paths, symbols]);
});

test("before live.thisdevice it waits: messages do no harm, and start makes it work", () => {
  const live = new FakeLive(set([plugin(5, "Vital", NAMES.slice(0, 32)), OURS()], 9));
  const max = new FakeMax("fsl_bind.js", { live });
  max.message(0, "online", 7, 8, 32, 32, "vital-32", "vital");
  NAMES.slice(0, 32).forEach((name, k) => max.message(0, "name", k, name));
  max.message(0, "explore", 1);
  max.advance(1000);
  assert.equal(live.n_apis, 0);
  max.deviceReady();
  assert.equal(held(max.message(0, "start")).size, 32);
});
