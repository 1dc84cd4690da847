// The conformance button against the fake Max: what the fake believes is what the button asks of the real one.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeLive, node, plugin, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const LINES = 0, SELF_TEST = 1, REMOTE = 2, BUFFER = 3;

/** Press the button, with a patch that answers as Max should. */
function pressed({ devices = [plugin(5, "Vital", ["Volume"])], ready = true, folder = "/tmp/flow", loop = true, remote = true } = {}) {
  const ours = node(9, "MaxDevice", { name: "Flow Debug", class_name: "MxDeviceAudioEffect" }, { parameters: [node(91, "DeviceParameter", { name: "Device On", value: 1, min: 0, max: 1 }), node(92, "DeviceParameter", { name: "Knob", value: 0.5, min: 0, max: 1 })] });
  const live = new FakeLive(set([...devices, ours], 9));
  const max = new FakeMax("fsl_conform.js", { live });
  if (ready) {
    max.deviceReady();
    max.message(0, "start");
  }
  if (folder) max.message(0, "folder", folder);
  const lines = [];
  let bound = 0;
  const handle = (out) => {
    for (const [index, message] of out) {
      if (index === LINES) lines.push(message);
      if (index === SELF_TEST && loop) handle(max.message(0, "loop", message[1]));
      if (index === REMOTE && message[0] === "id") bound = message[1];
      if (index === REMOTE && typeof message[0] === "number" && remote && bound) live.item(bound).props.value = message[0];
      if (index === BUFFER) handle(max.message(0, "written"));
    }
  };
  handle(max.message(0, "go"));
  for (let t = 0; t < 40000; t += 50) handle(max.advance(50));
  const texts = lines.filter(([w]) => w === "append").map(([, text]) => text);
  return { texts, verdicts: texts.slice(0, -1).map((text) => text.slice(0, 4)), live, bound };
}

test("a Max as we believe it to be passes everything, and is left as it was", () => {
  const { texts, verdicts, live, bound } = pressed();
  assert.ok(verdicts.length >= 14);
  assert.deepEqual([...new Set(verdicts)], ["PASS"], texts.join("\n"));
  assert.match(texts.at(-1), /^14 PASS, 0 FAIL, Max 856$/);
  assert.deepEqual(live.undo, []);
  assert.equal(bound, 0);
});

for (const [what, options, failing] of [
  ["no plug-in", { devices: [] }, /plug-in is on the track|live\.remote~/],
  ["an empty plug-in", { devices: [plugin(5, "Vital", [])] }, /plug-in is on the track|live\.remote~/],
  ["packets that do not arrive", { loop: false }, /udpreceive: no answer/],
  ["a remote that does not move", { remote: false }, /live\.remote~/],
  ["no server", { folder: "" }, /buffer~.*start the server first/],
]) {
  test(`${what}: that fails, the rest goes on`, () => {
    const { texts, verdicts } = pressed(options);
    const failed = texts.filter((text) => text.startsWith("FAIL"));
    assert.ok(failed.length >= 1 && failed.length <= 2, texts.join("\n"));
    for (const text of failed) assert.match(text, failing);
    assert.ok(verdicts.length >= 12);
  });
}

test("a dead Live API fails without a fault", () => {
  const { texts } = pressed({ ready: false });
  assert.ok(texts.filter((text) => text.startsWith("FAIL")).length >= 5);
});
