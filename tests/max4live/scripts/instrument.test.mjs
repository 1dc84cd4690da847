// Which instrument a device plays, and what Live tells of its track.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive, node, plugin, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SERVER = 0, MENU = 1, LINK = 2, STORE = 3, TEXT = 4;
const TRACK = 2, OURS = 9, OTHER = 50;
const ONLINE = (run = 7) => ["online", run, 8, 32, 32, "tiny", "vital"];

/** A Set with a second track; `devices` stand before ours. */
function tree(devices = [], name = "1-Vital") {
  const ours = node(OURS, "MaxDevice", { name: "Flow Synth", class_name: "MxDeviceAudioEffect" }, { parameters: [] });
  const made = set([...devices, ours], OURS);
  made.root.lists.tracks[0].props.name = name;
  made.root.lists.tracks.push(node(OTHER, "Track", { name: "2-Pad" }, { devices: [] }));
  return made;
}

class Device {
  constructor(kind = "synth", live = new FakeLive(tree()), own = kind === "synth" ? "iB" : "-") {
    this.own = own;
    this.live = live;
    this.max = new FakeMax("fsl_instrument.js", { arguments: [kind], live });
    this.max.deviceReady();
    this.started = this.max.message(0, "start");
  }
  hear(...message) {
    return this.max.message(0, ...message);
  }
  pass(ms) {
    return this.max.advance(ms);
  }
  connect(items = [], run = 7) {
    const out = [...this.hear("plays", this.own, "-"), ...this.hear(...ONLINE(run)), ...this.listed(...items)];
    return out;
  }
  /** The server's list: [identity, name, alive, focus, link]. */
  listed(...items) {
    return items.flatMap(([id, name, alive = 1, focus = 0, link = ""], k) => this.hear("instrument", k, items.length, id, name, alive, focus, link));
  }
  select(id) {
    this.live.select(id);
    return this.max.advance(60);
  }
}

const A = ["iA", "1-Vital"], B = ["iB", "2-Pad"], C = ["iC", "3-Bass"];
const menu = (out) => from(out, MENU).filter(([w]) => w === "append").map(([, name]) => name);
const focused = (out) => from(out, SERVER).filter(([a]) => a === "/flow/focus").map(([, id]) => id);

test("the track's name is told at the start, and when it is renamed", () => {
  const device = new Device();
  assert.deepEqual(from(device.started, LINK), [["called", "1-Vital"]]);
  device.live.change(TRACK, "name", "Ünï Lead");
  assert.deepEqual(from(device.pass(60), LINK), [["called", "Ünï Lead"]]);
  device.live.change(TRACK, "name", "7"); // Live hands it over as a number
  assert.deepEqual(from(device.pass(60), LINK), [["called", "7"]]);
  device.live.change(OTHER, "name", "somebody else");
  assert.deepEqual(device.pass(60), []);
});

test("after a move the name is read again, and a rename is still heard", () => {
  const device = new Device();
  device.live.move(TRACK);
  device.hear("home", 5);
  device.live.item(TRACK + 50000).props.name = "moved";
  assert.deepEqual(from(device.pass(60), LINK), [["called", "moved"]]);
  device.live.change(TRACK + 50000, "name", "and renamed");
  assert.deepEqual(from(device.pass(60), LINK), [["called", "and renamed"]]);
});

test("a preset of the device bangs live.thisdevice again: no second observer", () => {
  const device = new Device();
  const n = device.live.n_apis;
  assert.deepEqual(device.hear("start"), []);
  assert.equal(device.live.n_apis, n);
});

test("selecting the track gives its instrument the focus, once a change", () => {
  const device = new Device();
  device.connect([A, B]);
  assert.deepEqual(focused(device.select(TRACK)), ["iB"]);
  assert.deepEqual(device.select(TRACK), []);
  assert.deepEqual([focused(device.listed(A, B)), focused(device.hear("plays", "iB", "-")), focused(device.pass(60000))], [[], [], []]);
  assert.deepEqual(focused(device.select(OTHER)), []);
  assert.deepEqual(focused(device.select(TRACK)), ["iB"]);
});

test("a track that is only passed by gets no focus, nor one that is not ours", () => {
  const device = new Device();
  device.connect([A, B]);
  device.live.select(TRACK);
  device.live.select(OTHER);
  assert.deepEqual(focused(device.pass(60)), []);
});

test("after a move the selection is still heard", () => {
  const device = new Device();
  device.connect([A, B]);
  device.live.move(TRACK);
  device.hear("home", 5);
  device.pass(60);
  assert.deepEqual(focused(device.select(TRACK + 50000)), ["iB"]);
});

test("the switch: off, nothing is told; on, the selected track is", () => {
  const device = new Device();
  device.hear("focus", 0);
  device.connect([A, B]);
  assert.deepEqual(focused(device.select(TRACK)), []);
  assert.deepEqual(focused(device.hear("focus", 1)), ["iB"]);
  assert.deepEqual(focused(device.hear("focus", 1)), []);
});

test("a track that is selected as its Set opens has the focus; so it has after a restart of the server, and a model", () => {
  const device = new Device();
  device.select(TRACK);
  assert.deepEqual(focused(device.connect([A, B])), ["iB"]);
  assert.deepEqual(focused(device.hear(...ONLINE(7))), [], "another model");
  device.hear("offline");
  assert.deepEqual(focused(device.connect([A, B], 7)), [], "the same server, which may have been told another since");
  device.hear("offline");
  assert.deepEqual(focused(device.connect([A, B], 8)), ["iB"]);
});

test("a server that starts anew is told the focus by the instrument that had it, and by no other", () => {
  const [with_focus, without] = [["iB", "2-Pad", 1, 1], ["iA", "1-Vital", 1, 1]].map((item) => {
    const device = new Device();
    device.connect(item[0] === "iB" ? [A, item] : [item, B]);
    return device;
  });
  for (const state of [4, 2]) with_focus.hear("connection", state);
  with_focus.listed(["iA", "1-Vital", 1, 1]); // the new server's list, before its welcome
  assert.deepEqual(focused(with_focus.connect([A, B], 8)), ["iB"], "though its track is not selected");
  without.select(TRACK); // and then the panel chose the other
  without.listed(["iA", "1-Vital", 1, 1], B);
  without.hear("offline");
  assert.deepEqual(focused(without.connect([A, B], 8)), [], "though its track is selected");
  without.select(OTHER);
  assert.deepEqual(focused(without.select(TRACK)), ["iB"], "it is selected anew");
});

test("no server: a device that is linked says that it plays its own sound", () => {
  const device = new Device();
  device.hear("wants", "iA", "1-Vital");
  const out = device.hear("online", 0, 8, 32, 32, "tiny", "vital");
  assert.deepEqual(from(out, TEXT), [["instrument", "without the server this plays its own sound, not that of 1-Vital"]]);
  assert.deepEqual(from([...device.connect([A, B])], TEXT), [["instrument", ""]]);
});

test("of two on one track, also in a rack, the first one tells", () => {
  const twin = node(70, "MaxDevice", { name: "Flow Synth", class_name: "MxDeviceAudioEffect" }, { parameters: [] });
  const rack = node(71, "RackDevice", { name: "Rack" }, { chains: [node(72, "Chain", { name: "x" }, { devices: [twin] })] });
  for (const [before, expected] of [[[twin], []], [[rack], []], [[plugin(80, "Vital", [])], ["iB"]]]) {
    const device = new Device("synth", new FakeLive(tree(before)));
    device.connect([A, B]);
    assert.deepEqual(focused(device.select(TRACK)), expected);
  }
});

test("the menu: own sound, and what others play; it is written only when it changes", () => {
  const device = new Device();
  const out = device.connect([A, B, C, ["iD", "4-Gone", 0], ["iE", "5-Linked", 0, 0, "iA"], ["iF", "3-Bass"]]);
  assert.deepEqual(menu(out), ["Own sound", "1-Vital", "3-Bass", "3-Bass 2"]);
  assert.deepEqual(from(out, MENU).at(-1), ["set", 0]);
  assert.deepEqual(from(device.listed(A, B, C, ["iF", "3-Bass"]), MENU), []);
  assert.deepEqual(menu(device.listed(["iA", "Lead"], B)), ["Own sound", "Lead"]);
});

test("a list that is not whole yet changes nothing", () => {
  const device = new Device();
  device.connect([A, B]);
  for (const message of [[0, 3, ...A, 1, 0, ""], [2, 3, ...C, 1, 0, ""]]) assert.deepEqual(device.hear("instrument", ...message), []);
  assert.deepEqual(menu(device.listed(A, B, C)), ["Own sound", "1-Vital", "3-Bass"]);
});

test("a pick goes into the Set, and from there to the server", () => {
  const device = new Device();
  device.connect([A, B, C]);
  assert.deepEqual(device.hear("pick", 2), [[STORE, ["link", "iC", "3-Bass"]]]);
  const out = device.hear("wants", "iC", "3-Bass");
  assert.deepEqual(from(out, LINK), [["link", "iC"]]);
  assert.deepEqual(from(out, MENU).at(-1), ["set", 2]);
  assert.deepEqual(from(device.hear("plays", "iB", "iC"), LINK), [["sound", "3-Bass"]]);
  assert.deepEqual(device.hear("pick", 2), []);
  assert.deepEqual(device.hear("pick", 0), [[STORE, ["link", "-", "-"]]]);
  assert.deepEqual(from(device.hear("wants", "-", "-"), LINK), [["link", "-"]]);
});

test("the focus of a linked device is what it shares", () => {
  const device = new Device();
  device.connect([A, B]);
  device.select(TRACK);
  device.hear("wants", "iA", "1-Vital");
  assert.deepEqual(focused(device.hear("plays", "iB", "iA")), ["iA"]);
});

test("a Set with a link opens: it waits for the other, then is linked", () => {
  const device = new Device();
  device.hear("wants", "iA", "1-Vital");
  assert.deepEqual(from(device.connect([B]), LINK), []);
  assert.deepEqual(from(device.pass(2000), STORE), []);
  assert.deepEqual(from(device.listed(B, A), LINK), [["link", "iA"]]);
  assert.deepEqual(from(device.pass(60000), STORE), []);
});

test("the other does not come: own sound, a clear line, and the link when it comes after all", () => {
  const device = new Device();
  device.hear("wants", "iA", "1-Vital");
  device.connect([B]);
  const out = device.pass(3100);
  assert.deepEqual(from(out, STORE), [["alone", 1]]);
  assert.deepEqual(from(out, TEXT).at(-1), ["instrument", "1-Vital is not here: this plays its own sound; choose another in Setup"]);
  assert.deepEqual(menu(device.listed(B, C)), ["Own sound", "3-Bass", "1-Vital (not here)"]);
  const there = device.listed(B, C, A);
  assert.deepEqual(there.filter(([o]) => o === STORE || o === LINK), [[STORE, ["alone", 0]], [LINK, ["link", "iA"]]]);
  assert.deepEqual(from(there, TEXT), [["instrument", ""]]);
});

test("no list comes: own sound", () => {
  const device = new Device();
  device.hear("wants", "iA", "1-Vital");
  assert.deepEqual(device.pass(60000), []);
  device.hear(...ONLINE());
  assert.deepEqual(from(device.pass(3100), STORE), [["alone", 1]]);
});

test("the other is deleted: the link ends, and after a while it says so", () => {
  const device = new Device();
  device.connect([A, B]);
  device.pass(60000);
  device.hear("wants", "iA", "1-Vital");
  device.hear("plays", "iB", "iA");
  const out = device.listed(["iA", "1-Vital", 0], B);
  assert.deepEqual([from(out, LINK), from(out, STORE)], [[["link", "-"]], []]);
  device.hear("plays", "iB", "-");
  assert.deepEqual(from(device.pass(3100), STORE), [["alone", 1]]);
});

test("an instrument that others are linked to is told so once", () => {
  const device = new Device();
  device.connect([A, B]);
  const named = (out) => from(out, STORE).filter(([w]) => w === "named").length;
  const linked = ["iA", "1-Vital", 0, 0, "iB"];
  assert.equal(named(device.listed(linked, B)), 1);
  assert.equal(named(device.listed(linked, B)), 0);
  assert.equal(named(device.listed(A, B)), 0);
});

test("Flow CC plays the Flow Synth of its track, under whatever name", () => {
  const cc = new Device("cc");
  assert.deepEqual(from(cc.started, LINK), []);
  assert.deepEqual(from(cc.connect([B, C, A]), LINK), [["link", "iA"]]);
  assert.deepEqual(from(cc.hear("plays", "-", "iA"), LINK), [["sound", "1-Vital"]]);
  cc.live.change(TRACK, "name", "3-Bass"); // the list with the new name is on its way
  assert.deepEqual(from(cc.pass(60), LINK), [["link", "iC"]]);
  assert.deepEqual(from(cc.listed(B, ["iA", "3-Bass"]), LINK)[0], ["link", "iA"]);
  assert.deepEqual(focused(cc.select(TRACK)), []);
});

test("Flow CC on the track of a linked Flow Synth plays what that shares", () => {
  const cc = new Device("cc");
  assert.deepEqual(from(cc.connect([["iA", "1-Vital", 0, 0, "iC"], C]), LINK), [["link", "iC"]]);
});

test("Flow CC hears nothing until its track's Flow Synth is there; without one it follows the focus", () => {
  const cc = new Device("cc");
  assert.deepEqual(from(cc.connect([B]), LINK), []); // our first hello names nobody
  assert.deepEqual(from(cc.pass(2900), LINK), []);
  assert.deepEqual(from(cc.pass(200), LINK), [["link", "-"]]);
  assert.deepEqual(from(cc.listed(["iB", "2-Pad", 1, 1], A), LINK), [["link", "iA"]]);
});

test("two tracks of one name: Flow CC asks which", () => {
  const cc = new Device("cc");
  const out = cc.connect([A, ["iX", "1-Vital"]]);
  assert.deepEqual(from(out, TEXT).at(-1), ["instrument", "2 tracks are called 1-Vital: choose the sound"]);
  assert.deepEqual(cc.hear("pick", 2), [[STORE, [1, "iX", "1-Vital"]]]);
  const chosen = cc.hear("restore", 1, "iX", "1-Vital");
  assert.deepEqual([from(chosen, LINK), from(chosen, TEXT)], [[["link", "iX"]], [["instrument", ""]]]);
});

test("what Flow CC was told to play is not here: it is silent and says so", () => {
  const cc = new Device("cc");
  cc.hear("restore", 1, "iX", "9-Gone");
  cc.connect([A]);
  const out = cc.pass(3100);
  assert.deepEqual(from(out, LINK), []);
  assert.deepEqual(from(out, TEXT).at(-1), ["instrument", "9-Gone is not here: choose another sound"]);
});

test("Flow Sketch names the sound that has the focus", () => {
  const sketch = new Device("sketch");
  assert.equal(sketch.live.n_apis, 0);
  assert.deepEqual(from(sketch.connect([["iA", "1-Vital", 1, 1], B]), LINK), [["sound", "1-Vital"]]);
  assert.deepEqual(from(sketch.listed(A, ["iB", "a very long name of a track", 1, 1]), LINK), [["sound", "a very long nam."]]);
});

test("nothing is written into Live, and few symbols are made in a long evening", () => {
  const device = new Device();
  device.connect([A, B, C]);
  const before = device.max.symbols.size;
  for (let i = 0; i < 2000; i++) {
    device.select(i % 2 ? TRACK : OTHER);
    device.listed(["iA", "1-Vital", i % 2], B, C);
  }
  assert.ok(device.max.symbols.size - before < 10 && device.live.paths.size < 5);
  assert.deepEqual(device.live.undo, []);
});
