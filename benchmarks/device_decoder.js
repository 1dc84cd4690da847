// Times a flow as a device runs it: `NODE_PATH=max4live/js/decoder node device_decoder.js FLOW.json N BATCH`. Prints JSON: ms of
// processor to read the weights, and for one decode and one inversion in each batch of N latents. Without arguments: the
// shipped model's parts, as a device reads them one after the other.
"use strict";

const fs = require("fs");
const { Flow } = require("fsl_flow");

if (process.argv.length === 2) {
  const { Player } = require("fsl_player");
  let player;
  const parts = [ms_of(() => { player = new Player(require("fsl_model")); }), ms_of(() => player.presets())];
  while (!player.is_read()) parts.push(ms_of(() => player.read()));
  process.stdout.write(JSON.stringify({ parts }));
  process.exit();
}

const WARM_UP = 40;

const [path, n, batch] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const model = JSON.parse(fs.readFileSync(path, "utf8"));

function ms_of(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}

let flow;
const load_ms = ms_of(() => { flow = new Flow(model); flow.read_all(); });
const patches = model.latents.map((z) => {
  const patch = [];
  flow.decode(z, patch);
  return patch;
});
const patch = [], z = [];
for (let k = 0; k < WARM_UP; k++) flow.invert(patches[k], z);

/** A time for each batch. */
function timed(inputs, work) {
  const times = [];
  for (let k = 0; k < n; k += batch) times.push(ms_of(() => inputs.slice(k, k + batch).forEach(work)) / batch);
  return times;
}

const decode_ms = timed(model.latents, (latent) => flow.decode(latent, patch));
const invert_ms = timed(patches, (given) => flow.invert(given, z));
process.stdout.write(JSON.stringify({ load_ms, decode_ms, invert_ms }));
