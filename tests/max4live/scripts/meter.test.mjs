// The meter of Flow Sketch: words, levels and the waveform of a take.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

test("states in words; recording too loud is said", () => {
  const max = new FakeMax("fsl_meter.js", { size: [180, 44] });
  assert.ok(max.paint().includes("Ready to listen"));
  max.message(0, "mode", "recording");
  max.message(0, "time", 2.34);
  max.message(0, "level", 0.2);
  assert.ok(max.paint().includes("Recording") && max.paint().includes("2.3 s"));
  max.message(0, "level", 1);
  assert.ok(max.paint().includes("Too loud"));
  max.message(0, "mode", "constructor");
  max.message(0, "mode", "refining");
  max.message(0, "progress", 0.5);
  for (const level of [0, -1, 1e9, 1e-30, "x"]) max.message(0, "level", level);
  assert.ok(!max.paint().includes("NaN"));
});

const bars = (max) => max.paint().split("<path").length;

test("the first breath is a waveform, and silence is at rest", () => {
  const max = new FakeMax("fsl_meter.js", { size: [120, 118] });
  max.advance(100);
  const none = bars(max), before = max.n_redraws;
  for (let i = 0; i < 300; i++) {
    max.message(0, "level", 0);
    max.advance(33);
  }
  assert.equal(max.n_redraws, before);
  for (let i = 0; i < 20; i++) max.message(0, "level", 0.01 * i);
  assert.ok(bars(max) >= none + 18);
  for (let i = 0; i < 500; i++) max.message(0, "level", 0.3);
  assert.ok(bars(max) <= none + 53, "the last seconds, as wide as the picture");
});

test("a take is kept, squeezed into the picture, until the next one; the server's microphone has a waveform too", () => {
  const max = new FakeMax("fsl_meter.js", { size: [120, 118] });
  const none = bars(max);
  max.message(0, "mode", "recording");
  for (let i = 0; i < 909; i++) max.message(0, "level", 0.2 + 0.1 * Math.sin(i));
  max.message(0, "mode", "done");
  const take = max.paint();
  for (const [, x] of take.matchAll(/M([\d.]+) /g)) assert.ok(x >= 0 && x <= 120);
  for (let i = 0; i < 50; i++) max.message(0, "level", 0.9);
  assert.equal(max.paint(), take);
  max.message(0, "mic", 1);
  max.message(0, "mode", "recording");
  assert.ok(bars(max) <= none + 1);
  for (let i = 0; i < 30; i++) {
    max.message(0, "level", 0.9); // the track is not what is recorded
    max.message(0, "progress", 0.8);
  }
  assert.ok(bars(max) >= none + 28 && bars(max) <= none + 33);
});
