/**
 * A Max that runs one script and behaves as badly as the real one. See fake_live.mjs for what R and M mean.
 */

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { FakeGraphics } from "./fake_graphics.mjs";
import { FakeLive } from "./fake_live.mjs";

export const SCRIPTS = fileURLToPath(new URL("../../../max4live/js", import.meta.url));
/** Where each script lies: Max finds it by its name, in whatever folder. */
export const PATHS = new Map(
  fs.readdirSync(SCRIPTS, { recursive: true }).filter((name) => name.endsWith(".js")).map((name) => [path.basename(name), path.join(SCRIPTS, name)]),
);

// Words that a js or jsui box may take for itself, because Max's objects have methods or attributes so called. Nobody here
// can try which do; a script must live without them all, and so every message comes behind the word "flow".
const NATIVE = new Set(["save", "preset", "error", "color", "open", "read", "compile", "name", "post", "assist", "dsp", "size", "export", "clear", "start", "stop"]);

/** Every Max since the list was last emptied, for quiet.mjs. */
export const MADE = [];

export class FakeMax {
  /**
   * @param {string} file name of a script in max4live/js
   * @param {{arguments?: (string|number)[], live?: FakeLive, size?: [number, number], random?: number, wrap?: boolean, strict?: boolean}} [options]
   */
  constructor(file, options = {}) {
    this.file = file;
    this.live = options.live ?? new FakeLive();
    this.out = [];
    this.posts = this.live.console; // the one Max window
    MADE.push(this);
    this.faults = [];
    this.symbols = new Set(); // every distinct symbol stays in memory for good (R 3.5)
    this.now_ms = 0;
    this.tasks = new Set();
    this.audio = true;
    this.wall_ms = 1.7e12; // what Date says, which goes on while the scheduler stands still
    this.n_redraws = 0;
    this.wrap = options.wrap ?? true; // the patch's `prepend flow`
    this.strict = options.strict ?? true;
    this.seed = options.random ?? 1;
    this.graphics = new FakeGraphics(...(options.size ?? [200, 150]));
    this.context = vm.createContext(this.globals(options.arguments ?? []));
    vm.runInContext("Math", this.context).random = () => {
      this.seed = (this.seed * 48271) % 2147483647;
      return this.seed / 2147483647;
    };
    this.run(file);
    this.call("loadbang", []);
  }

  run(file) {
    vm.runInContext(fs.readFileSync(PATHS.get(file) ?? path.join(SCRIPTS, file), "utf8"), this.context, { filename: file });
  }

  globals(given) {
    const max = this;
    const context = {
      inlets: 1, outlets: 1, inlet: 0, autowatch: 0, messagename: "", maxclass: "js",
      jsarguments: [this.file, ...given],
      mgraphics: this.graphics.api(() => { max.n_redraws += 1; }),
      patcher: {}, box: { rect: [0, 0, ...this.graphics.size] },
      max: { version: "856", isplugin: 1, isruntime: 1 },
      post: (...values) => max.posts.push(values.join(" ")),
      error: (...values) => max.posts.push("error: " + values.join(" ")),
      cpost() {}, setinletassist() {}, setoutletassist() {}, notifyclients() {}, embedmessage() {}, declareattribute() {},
      messnamed() { throw new Error("a global name is not ours to use"); },
      arrayfromargs: (...values) => values.flatMap((v) => (v !== null && typeof v === "object" && "length" in v ? Array.from(v) : [v])),
      outlet(index, ...values) {
        max.send(index, values);
      },
      require: (name) => max.require(name),
      LiveAPI: this.live.api(),
      Task: this.task(),
    };
    // outlet.apply(...) crashed Live: hand over one array instead (R 3.5, R 9.9)
    context.outlet.apply = () => { throw new Error("outlet.apply crashes Live; pass one array"); };
    context.outlet.call = context.outlet.apply;
    // No setTimeout, console, Promise helpers or process: Max has none (R 7.3). Date and Math are the script's own.
    context.Date = class extends Date {
      constructor(...values) {
        super(...(values.length ? values : [max.wall_ms]));
      }
      static now() {
        throw new TypeError("Date.now is not for an old engine; use new Date().getTime()");
      }
    };
    return context;
  }

  /** require() does not cache: each caller gets an instance of its own (R 3.5). */
  require(name) {
    const wanted = name.replace(/^\.\//, "").replace(/\.js$/, "") + ".js";
    const file = PATHS.get(wanted);
    if (!file) throw new Error(`require: can't find file ${name}`);
    const module = { exports: {} };
    const text = `(function (exports, module, require) {${fs.readFileSync(file, "utf8")}\n})`;
    vm.runInContext(text, this.context, { filename: file })(module.exports, module, (other) => this.require(other));
    return module.exports;
  }

  /** A Task waits for the scheduler, which stands still while audio is off (R 3.4, R 9.20). */
  task() {
    const max = this;
    return class Task {
      constructor(work, object, ...values) {
        this.function = work;
        this.object = object;
        this.arguments = values;
        this.interval = 500;
        this.running = false;
        this.iterations = 0;
        this._left = 0;
      }
      schedule(delay = 0) {
        this._due = max.now_ms + Math.max(0, delay);
        this._left = 1;
        this.running = true;
        max.tasks.add(this);
        max.onschedule?.();
      }
      repeat(times = -1, delay = this.interval) {
        this.schedule(delay);
        this._left = times;
      }
      cancel() {
        this.running = false;
        max.tasks.delete(this);
      }
      execute() {
        this.function.apply(this.object, this.arguments);
      }
    };
  }

  /** The next Task that is due by then, or null. */
  due(until) {
    let next = null;
    for (const task of this.tasks) if (task._due <= until && (!next || task._due < next._due)) next = task;
    return next;
  }

  runTask(task) {
    task.iterations += 1;
    if (task._left > 0) task._left -= 1;
    if (task._left === 0) {
      task.running = false;
      this.tasks.delete(task);
    } else {
      task._due += task.interval;
    }
    this.guard(() => task.execute());
  }

  /** Let time pass; with audio off only the clock on the wall goes on. */
  advance(ms) {
    if (!this.audio) {
      this.wall_ms += ms;
      return this.taken();
    }
    const until = this.now_ms + ms;
    for (let task = this.due(until), n = 0; task; task = this.due(until)) {
      if (++n > 1e5) throw new Error("a Task schedules itself without end");
      this.wall_ms += Math.max(0, task._due - this.now_ms);
      this.now_ms = Math.max(this.now_ms, task._due);
      this.runTask(task);
    }
    this.wall_ms += until - this.now_ms;
    this.now_ms = until;
    return this.taken();
  }

  send(index, values) {
    if (!(index >= 0 && index < this.context.outlets)) throw new Error(`${this.file} has no outlet ${index}`);
    const atoms = values.length === 1 && Array.isArray(values[0]) ? Array.from(values[0]) : values.length === 1 && values[0] && typeof values[0] === "object" && "length" in values[0] ? Array.from(values[0]) : values;
    for (const atom of atoms) {
      if (typeof atom === "string") this.symbols.add(atom);
      else if (typeof atom !== "number" || !Number.isFinite(atom)) throw new Error(`${this.file} sends ${String(atom)}`);
    }
    if (!atoms.length) throw new Error(`${this.file} sends nothing at all`);
    this.out.push([index, atoms]);
  }

  guard(work) {
    try {
      return work();
    } catch (error) {
      this.faults.push(error);
      throw error;
    }
  }

  call(name, values) {
    const found = this.context[name];
    this.context.messagename = name;
    if (typeof found === "function") return this.guard(() => found(...values));
    return undefined;
  }

  /** A message into an inlet; gives what came out of the outlets meanwhile. */
  message(inlet, first, ...values) {
    this.context.inlet = inlet;
    if (this.wrap && typeof first === "string") [first, values] = ["flow", [first, ...values]];
    for (const v of [first, ...values]) if (typeof v === "string") this.symbols.add(v);
    const named = typeof first === "string" ? first : values.length ? "list" : Number.isInteger(first) ? "msg_int" : "msg_float";
    const rest = typeof first === "string" ? values : [first, ...values];
    if (this.strict && NATIVE.has(named)) return this.taken(); // never reaches the script
    const handler = typeof this.context[named] === "function" ? named : "anything";
    this.context.messagename = named;
    if (typeof this.context[handler] === "function") this.guard(() => this.context[handler](...rest));
    return this.taken();
  }

  /** live.thisdevice bangs: from here on the Live API works. */
  deviceReady() {
    this.live.ready = true;
  }

  taken() {
    const out = this.out;
    this.out = [];
    return out;
  }

  /** A mouse event of a jsui: click x y, drag x y button, idle x y, dblclick x y. */
  mouse(event, x, y, button = 1, shift = 0) {
    this.call({ click: "onclick", drag: "ondrag", idle: "onidle", dblclick: "ondblclick", leave: "onidleout" }[event], [x, y, button, 0, shift, 0, 0, 0]);
    return this.taken();
  }

  resize(width, height) {
    this.graphics.resize(width, height);
    this.context.box.rect = [0, 0, width, height];
    this.call("onresize", [width, height]);
    return this.taken();
  }

  /** What paint() draws, as SVG. */
  paint() {
    this.graphics.clear();
    this.call("paint", []);
    return this.graphics.svg();
  }
}

/** Messages of one outlet among what came out. */
export function from(out, index) {
  return out.filter(([i]) => i === index).map(([, atoms]) => atoms);
}
