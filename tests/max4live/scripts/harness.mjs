/**
 * Scripts of a device in a process: JSON lines in, JSON lines out. max4live/js/INTERFACES.md describes them.
 *
 *     node harness.mjs fsl_link.js synth          manual clock: {"advance_ms": 250}
 *     node harness.mjs --real-clock fsl_link.js synth
 *     node harness.mjs --several                  {"open": ["fsl_link.js", "synth"], "seed": 7}, then {"script": 0, ..}
 */

import readline from "node:readline";
import { FakeLive } from "./fake_live.mjs";
import { FakeMax } from "./fake_max.mjs";

const words = process.argv.slice(2);
const real = words[0] === "--real-clock";
const several = words[0] === "--several";
const [file, ...rest] = real ? words.slice(1) : words;
if (!file) {
  process.stderr.write("usage: node harness.mjs [--real-clock] FILE [ARGUMENT ...]\n");
  process.exit(2);
}

/** A script; `seed` is of Math.random: as in Max, two devices are not alike. */
function opened(name, typed, seed) {
  const given = typed.map((word) => (word.trim() !== "" && !isNaN(word) ? Number(word) : word));
  return new FakeMax(name, { arguments: given, live: new FakeLive(), wrap: false, random: seed });
}

const max = several ? null : opened(file, rest, real ? (process.pid % 1e6) + 1 : 1);
const scripts = []; // of `several`, each apart from the others
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

let timer = null;
let then = performance.now();

/** Let Tasks run that are due by the real clock, and come back for the next. */
function follow() {
  const now = performance.now();
  try {
    const out = max.advance(Math.max(0, now - then));
    then = now;
    if (out.length) say({ out });
  } catch (error) {
    then = now;
    say({ fault: String(error?.stack ?? error), out: max.taken() });
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  const next = max.due(Infinity);
  if (next) timer = setTimeout(follow, Math.max(0, next._due - max.now_ms - (performance.now() - then)));
}

/** Answer for several scripts: open one, let time pass for all, or pass on what is for one. */
function answerOfSeveral(ask) {
  if ("open" in ask) return { script: scripts.push(opened(ask.open[0], ask.open.slice(1), ask.seed)) - 1 };
  if ("advance_all_ms" in ask) return { outs: scripts.map((one) => one.advance(ask.advance_all_ms)) };
  const asked = scripts[ask.script];
  return asked ? answer(ask, asked) : { fault: `there is no script ${ask.script}` };
}

function answer(ask, max) {
  if (real) {
    // Time that has passed since is the script's, too, so that delays count from now.
    const late = max.advance(Math.max(0, performance.now() - then));
    then = performance.now();
    if (late.length) say({ out: late });
  }
  if ("message" in ask) return { out: max.message(ask.in ?? 0, ...ask.message) };
  if ("advance_ms" in ask) return { out: max.advance(ask.advance_ms) };
  if ("live" in ask) return max.live.load(ask.live), { out: max.taken() };
  if ("change" in ask) return max.live.change(...ask.change), { out: max.taken() };
  if ("select" in ask) return max.live.select(ask.select), { out: max.taken() };
  if ("device_ready" in ask) return max.deviceReady(), { out: max.taken() };
  if ("audio" in ask) return (max.audio = Boolean(ask.audio)), { out: max.taken() };
  if ("size" in ask) return { out: max.resize(...ask.size) };
  if ("mouse" in ask) return { out: max.mouse(...ask.mouse) };
  if ("paint" in ask) return { svg: max.paint() };
  if ("facts" in ask)
    return { symbols: max.symbols.size, undo: max.live.undo, posts: max.posts, faults: max.faults.map(String), inlets: max.context.inlets, outlets: max.context.outlets };
  return { fault: `do not understand ${JSON.stringify(ask)}` };
}

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (!line.trim()) return;
  try {
    say(several ? answerOfSeveral(JSON.parse(line)) : answer(JSON.parse(line), max));
  } catch (error) {
    say({ fault: String(error?.stack ?? error), out: max?.taken() });
  }
  if (real) plan();
});
lines.on("close", () => process.stdout.write("", () => process.exit(0))); // not before a long picture has been written
if (real) plan();
