// The launcher under the real Node, with real processes; only max-api is a stand-in.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { SCRIPTS } from "./fake_max.mjs";
import "./quiet.mjs";

/** Prints what goes to outlets, and takes messages from stdin, one JSON line each. */
const MAX_API = `
const handlers = {};
exports.addHandlers = (more) => Object.assign(handlers, more);
exports.outlet = async (...atoms) => process.stdout.write(JSON.stringify(atoms) + "\\n");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => handlers[line] && handlers[line]());
`;

/** A stand-in for run_server.py that this Node can run: the launcher does not know what language it starts. */
const SERVER = `
process.stderr.write("vital-32 on 127.0.0.1:9130 (pid " + process.pid + ")\\n");
if (process.argv.length > 2) process.stderr.write("given " + process.argv.slice(2) + "\\n");
process.on("SIGTERM", () => { process.stderr.write("goodbye\\n"); process.exit(0); });
setInterval(() => {}, 1000);
`;

class Launcher {
  constructor(t, { launch, mode = 0o600, server = SERVER } = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "flow é "));
    const modules = path.join(this.folder, "node_modules");
    fs.mkdirSync(modules);
    fs.writeFileSync(path.join(modules, "max-api.js"), MAX_API);
    this.script = path.join(this.folder, "fsl_server.js");
    fs.copyFileSync(path.join(SCRIPTS, "fsl_server.js"), this.script);
    this.server = path.join(this.folder, "a project", "run_server.py");
    fs.mkdirSync(path.dirname(this.server));
    fs.writeFileSync(this.server, server);
    const home = path.join(this.folder, "home");
    const data = { linux: [".local", "share", "flow-synth-live"], darwin: ["Library", "Application Support", "Flow Synth Live"], win32: ["AppData", "Local", "Flow Synth Live"] }[process.platform] ?? [".local", "share", "flow-synth-live"];
    const place = path.join(home, ...data);
    fs.mkdirSync(place, { recursive: true });
    if (launch !== undefined) {
      const text = typeof launch === "function" ? JSON.stringify(launch(this)) : launch;
      fs.writeFileSync(path.join(place, "launch.json"), text);
      fs.chmodSync(path.join(place, "launch.json"), mode);
    }
    const env = { ...process.env, HOME: home, USERPROFILE: home, LOCALAPPDATA: path.join(home, "AppData", "Local") };
    delete env.XDG_DATA_HOME;
    this.process = spawn(process.execPath, [this.script], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.lines = [];
    this.wake = () => {};
    let rest = "";
    this.process.stdout.on("data", (chunk) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop();
      this.lines.push(...parts.map((line) => JSON.parse(line)));
      this.wake();
    });
    this.ended = once(this.process, "exit");
    t.after(async () => {
      this.process.kill("SIGTERM"); // not SIGKILL: it has to end the server that it started
      const late = setTimeout(() => this.process.kill("SIGKILL"), 10000);
      await this.ended;
      clearTimeout(late);
      fs.rmSync(this.folder, { recursive: true, force: true });
    });
  }

  say(word) {
    this.process.stdin.write(word + "\n");
  }

  /** Wait for what it says, from here on. */
  async hear(word, pattern) {
    for (;;) {
      const at = this.lines.findIndex(([w, text]) => w === word && pattern.test(String(text)));
      if (at >= 0) return this.lines.splice(0, at + 1).at(-1)[1];
      await new Promise((done) => (this.wake = done));
    }
  }
}

const GOOD = (l) => ({ format: 1, python: process.execPath, script: l.server });
const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = async (pid) => {
  for (let i = 0; i < 100 && alive(pid); i++) await new Promise((done) => setTimeout(done, 30));
  return !alive(pid);
};
const LIMIT = { timeout: 60000 };

test("nothing starts by itself; the button starts, the other stops, and the log's last line is shown", LIMIT, async (t) => {
  const l = new Launcher(t, { launch: GOOD });
  await l.hear("hint", /^Ready$/);
  await new Promise((done) => setTimeout(done, 200));
  assert.deepEqual(l.lines, []);
  l.say("go");
  await l.hear("running", /^1$/);
  const line = await l.hear("line", /pid \d+/);
  const pid = Number(line.match(/pid (\d+)/)[1]);
  l.say("go");
  await l.hear("hint", /already running/);
  l.say("end");
  await l.hear("running", /^0$/);
  assert.ok(await gone(pid));
});

test("the server is given no argument", LIMIT, async (t) => {
  const l = new Launcher(t, { launch: (x) => ({ ...GOOD(x), arguments: ["--host", "0.0.0.0"], command: "rm" }) });
  l.say("go");
  assert.doesNotMatch(await l.hear("line", /./), /given/);
});

test("a device that goes away takes its server with it", LIMIT, async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const l = new Launcher(t, { launch: GOOD });
    l.say("go");
    const pid = Number((await l.hear("line", /pid \d+/)).match(/pid (\d+)/)[1]);
    l.process.kill(signal);
    await l.ended;
    assert.ok(await gone(pid), signal);
  }
});

test("a server that ends at once: its last line is the hint", LIMIT, async (t) => {
  const l = new Launcher(t, { launch: GOOD, server: 'process.stderr.write("starting\\nport 9130 is taken; choose another with --port\\n"); process.exitCode = 2;' });
  l.say("go");
  assert.match(await l.hear("hint", /taken/), /^Port 9130 is taken/);
});

test("set up by hand first: without the file it says how", LIMIT, async (t) => {
  const l = new Launcher(t);
  l.say("go");
  assert.match(await l.hear("hint", /set up/), /README/);
  assert.ok(!l.lines.some(([word, on]) => word === "running" && on === 1));
});

for (const [what, launch] of [
  ["damaged", "{"],
  ["null", "null"],
  ["of another format", (l) => ({ ...GOOD(l), format: 2 })],
  ["with a relative program", (l) => ({ ...GOOD(l), python: "python3" })],
  ["with another script", (l) => ({ ...GOOD(l), script: l.script })],
  ["with a program that is gone", (l) => ({ ...GOOD(l), python: path.join(l.folder, "gone") })],
  ["with a folder for a script", (l) => ({ ...GOOD(l), script: path.join(l.folder, "node_modules", "run_server.py") })],
  ["with a list", (l) => ({ ...GOOD(l), script: [l.server] })],
]) {
  test(`a file ${what} starts nothing`, LIMIT, async (t) => {
    const l = new Launcher(t, { launch });
    l.say("go");
    assert.match(await l.hear("hint", /./), /README/);
    await new Promise((done) => setTimeout(done, 100));
    assert.ok(!l.lines.some(([word, on]) => word === "running" && on === 1));
  });
}

test("a file that others may write starts nothing", { ...LIMIT, skip: process.platform === "win32" }, async (t) => {
  const l = new Launcher(t, { launch: GOOD, mode: 0o666 });
  l.say("go");
  assert.match(await l.hear("hint", /./), /Other users can write/);
});

test("a shell's words in a path are a path", LIMIT, async (t) => {
  const l = new Launcher(t, { launch: (x) => {
    const odd = path.join(x.folder, "a; touch pwned $(touch pwned)");
    fs.mkdirSync(odd);
    fs.copyFileSync(x.server, path.join(odd, "run_server.py"));
    return { ...GOOD(x), script: path.join(odd, "run_server.py") };
  } });
  l.say("go");
  await l.hear("running", /^1$/);
  l.say("end");
  await l.hear("running", /^0$/);
  assert.ok(!fs.existsSync(path.join(l.folder, "pwned")));
});
