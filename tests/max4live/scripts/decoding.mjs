// A device that decodes by itself, beside a server or alone, for the tests of fsl_decode.js.
import { FakeMax, from } from "./fake_max.mjs";

export const EVENTS = 0, VALUES = 1, GATES = 2, SERVER = 3, TEXT = 4;
export const AUTO = 0, ONLY_SERVER = 1, ONLY_DEVICE = 2;
export const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];
export const READ_MS = 200; // all weights
export const ONE_WAY = 4e-6; // of a patch: frames are in float32, and a turn begins at the latent of one
export const THERE_AND_BACK = 2e-5; // of a patch or a point: the rounded rotations of the flow, which a macro of a chart goes through

const beside = new FakeMax("fsl_dials.js"); // what a server with the same model would do
export const { Player } = beside.require("fsl_player");
export const model = beside.require("fsl_model");
export const told = (out, word) => from(out, EVENTS).filter(([w]) => w === word);
export const gates = (out) => Object.fromEntries(from(out, GATES));
export const alone = (out) => from(out, TEXT).filter(([w]) => w === "alone").at(-1);
export const most = (a, b) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));

export class Server {
  constructor() {
    this.player = new Player(model);
    this.sequence = 0;
  }
  hear(address, ...values) {
    this.player.apply(address.slice("/flow/".length).replaceAll("/", "_"), values);
    return ["params", ++this.sequence, ...Array.from(this.player.current(), Math.fround)];
  }
}

export function device(mode = AUTO) {
  const max = new FakeMax("fsl_decode.js");
  max.message(0, "decode", mode);
  const out = max.message(0, "start");
  return { max, out };
}

/** A device whose server plays, and which has read its weights. */
export function served(mode = AUTO) {
  const { max } = device(mode), server = new Server();
  max.message(0, ...ONLINE);
  max.message(0, ...server.hear("/flow/macro", 0, 0.5));
  max.message(0, "latent", ...server.player.z);
  max.advance(5000);
  return { max, server };
}
