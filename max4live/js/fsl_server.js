// Start and stop the server at the press of a button: node.script fsl_server.js @autostart 0. See INTERFACES.md.
//
// It accepts no command, path or argument from Max, because a Set may come from a stranger. What it starts is in
// launch.json in the user's own data folder, which `python -m max4live.launch_file` wrote on this machine.
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

// The types declare a default export; require returns the API itself.
const max = /** @type {typeof import("max-api").default} */ (/** @type {unknown} */ (require("max-api")));

const KILL_MS = 3000;
const LINE_MS = 500; // no more often: Max keeps every distinct line for good
const LONGEST = 160;
const HOW = "set it up once, as the README of the devices says";

/** @type {import("child_process").ChildProcess | null} */
let child = null;
let last_line = "";
/** @type {NodeJS.Timeout | null} */
let line_timer = null;

/** The user's data folder, the same as the server's. */
function data_folder() {
  const home = os.homedir();
  if (process.platform === "win32") return path.join(process.env.LOCALAPPDATA || path.join(home, "AppData", "Local"), "Flow Synth Live");
  if (process.platform === "darwin") return path.join(home, "Library", "Application Support", "Flow Synth Live");
  return path.join(process.env.XDG_DATA_HOME || path.join(home, ".local", "share"), "flow-synth-live");
}

/**
 * Return what may be started, or a text that says what to do.
 * @returns {{python: string, script: string} | string}
 */
function launch() {
  const file = path.join(data_folder(), "launch.json");
  /** @type {any} */
  let data;
  try {
    // Other users of this machine must not be able to choose what runs as this user.
    if (process.platform !== "win32" && fs.statSync(file).mode & 0o022) return `other users can write ${file}: ${HOW}`;
    data = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    return `not set up yet: ${HOW}`;
  }
  const { format, python, script } = data && typeof data === "object" ? data : {};
  if (format !== 1 || typeof python !== "string" || typeof script !== "string") return `${file} is not valid: ${HOW}`;
  if (!path.isAbsolute(python) || !path.isAbsolute(script) || path.basename(script) !== "run_server.py") return `${file} names something other than run_server.py: ${HOW}`;
  for (const each of [python, script]) {
    try {
      if (!fs.statSync(each).isFile()) return `${each} is not a file: ${HOW}`;
    } catch (error) {
      return `${each} does not exist: ${HOW}`;
    }
  }
  return { python, script };
}

/** @param {(string | number)[]} atoms */
function tell(...atoms) {
  Promise.resolve(max.outlet(...atoms)).catch(() => undefined);
}

/** @param {string} text */
function hint(text) {
  tell("hint", text.charAt(0).toUpperCase() + text.slice(1, LONGEST));
}

/** @param {Buffer} chunk */
function log(chunk) {
  const lines = chunk.toString("utf8").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  if (!lines.length) return;
  last_line = lines[lines.length - 1].replace(/ on [\d.]+:\d+/, "").slice(0, LONGEST); // an address means nothing to a player
  if (line_timer) return;
  line_timer = setTimeout(() => {
    line_timer = null;
    tell("line", last_line);
  }, LINE_MS);
}

function go() {
  if (child) {
    hint("the server is already running");
    return;
  }
  const found = launch();
  if (typeof found === "string") {
    tell("running", 0);
    hint(found);
    return;
  }
  const started = spawn(found.python, [found.script], {
    cwd: path.dirname(found.script),
    shell: false,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PYTHONUNBUFFERED: "1", PYTHONIOENCODING: "utf-8" },
  });
  child = started;
  started.stdout.on("data", log);
  started.stderr.on("data", log);
  started.on("error", (error) => {
    if (child === started) child = null;
    tell("running", 0);
    hint(`could not start: ${error.message}`);
  });
  // "close" and not "exit": by then the last line, which says why it ended, has been read.
  started.on("close", (code) => {
    if (child === started) child = null;
    tell("running", 0);
    hint(code ? last_line || `the server ended with code ${code}` : "stopped");
  });
  started.on("spawn", () => {
    tell("running", 1);
    hint("started");
  });
}

function end() {
  const running = child;
  if (!running) {
    tell("running", 0);
    hint("this device did not start a server");
    return;
  }
  running.kill("SIGTERM");
  const late = setTimeout(() => running.kill("SIGKILL"), KILL_MS);
  running.once("close", () => clearTimeout(late));
}

function ask() {
  tell("running", child ? 1 : 0);
  const found = launch();
  hint(child ? "running" : typeof found === "string" ? found : "ready");
}

// The server lives as long as this device: nothing is left running when Live quits.
process.on("exit", () => child && child.kill());
for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => process.exit(0));
process.on("disconnect", () => process.exit(0));

max.addHandlers({ go, end, ask });
ask();
