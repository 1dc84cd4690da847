// The curves of a macro: what is asked for, and what is drawn.
import assert from "node:assert/strict";
import test from "node:test";
import { FakeMax, from } from "./fake_max.mjs";
import "./quiet.mjs";

const SIZE = [216, 152];

function curves() {
  const max = new FakeMax("fsl_curves.js", { size: SIZE });
  max.message(0, "online", 7, 8, 16, 32, "vital-32", "vital");
  max.message(0, "macroname", 2, "Brightness");
  const out = max.message(0, "show", 2);
  for (let c = 0; c < 6; c++) max.message(0, "curve", "parameter", `Parameter ${c}`, ...Array.from({ length: 50 }, (_, i) => 0.5 + 0.4 * Math.sin(c + i / 16)));
  for (let c = 0; c < 3; c++) max.message(0, "curve", "descriptor", `Descriptor ${c}`, ...Array.from({ length: 50 }, (_, i) => 1000 * c + i * (c + 1)));
  max.advance(100);
  return { max, out };
}

test("showing a macro asks the server for it", () => {
  assert.deepEqual(from(curves().out, 0), [["/flow/curves", 2, 8]]);
});

test("the strongest is named and drawn in the accent; hovering chooses another", () => {
  const { max } = curves();
  assert.ok(max.paint().includes("Parameter 0") && max.paint().includes("Brightness"));
  max.message(0, "color", "lcd_control_fg", 0, 1, 1, 1);
  const lit = () => max.paint().match(/fill="rgb\(0,255,255\)"[^>]*>Parameter (\d)/)[1];
  assert.equal(lit(), "0");
  for (const x of [60, 180]) { // over the curves, and over their names
    const seen = new Set();
    for (let y = 16; y < 150; y += 2) {
      max.mouse("idle", x, y);
      seen.add(lit());
    }
    assert.ok(seen.size >= 4, `${x}: ${[...seen].join()}`);
  }
  max.message(0, "which", 1);
  assert.ok(max.paint().includes("Descriptor 0"));
});

test("each curve has its name, inside the picture, none over another", () => {
  for (const [w, h] of [[216, 152], [226, 97], [120, 60]]) {
    const { max } = curves();
    for (let c = 0; c < 16; c++) max.message(0, "curve", "parameter", `Parameter ${c}`, ...Array(50).fill(0.02)); // all end low
    max.resize(w, h);
    const names = Array.from(max.paint().matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>Param/g), ([, x, y]) => [Number(x), Number(y)]);
    assert.ok(names.length >= Math.min(16, Math.floor((h - 22) / 10)), `${names.length}`);
    const ys = names.map(([, y]) => y).sort((a, b) => a - b);
    assert.ok(ys[0] >= 16 && ys.at(-1) <= h - 3, ys.join());
    for (let k = 1; k < ys.length; k++) assert.ok(ys[k] - ys[k - 1] >= 9.99, ys.join());
  }
});

test("a new answer replaces the old one, and the curves of one answer stay together", () => {
  const { max } = curves();
  max.message(0, "curve", "parameter", "Other", ...Array(50).fill(0.5));
  max.message(0, "curve", "parameter", "Another", ...Array(50).fill(0.2));
  const svg = max.paint();
  assert.ok(svg.includes("Other") && !svg.includes("Parameter"));
});

test("when the point rests elsewhere the curves are asked for again, once", () => {
  const { max } = curves();
  for (let i = 0; i < 10; i++) max.message(0, "latent", i);
  assert.equal(from(max.advance(1000), 0).length, 1);
});

test("flat and huge curves are drawn inside the picture", () => {
  const { max } = curves();
  max.message(0, "which", 1);
  max.message(0, "curve", "descriptor", "Flat", ...Array(50).fill(3));
  max.message(0, "curve", "descriptor", "Huge", ...Array.from({ length: 50 }, (_, i) => i * 1e30));
  for (const [, d] of max.paint().matchAll(/d="([^"]+)"/g)) for (const v of d.match(/-?[\d.]+/g)) assert.ok(v >= -1 && v <= 217, d.slice(0, 60));
});
