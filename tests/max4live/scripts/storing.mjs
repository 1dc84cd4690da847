// A state script that stores, for its tests.
import { FakeMax, from } from "./fake_max.mjs";

export const SERVER = 0, VALUES = 1, STORE = 2, PATCH = 3, TEXT = 4;
export const f32 = (v) => Math.fround(v); // what OSC and Max's floats make of a number
export const LATENT = Array.from({ length: 32 }, (_, i) => f32(Math.sin(i) * 3));
export const FRAME = Array.from({ length: 32 }, (_, i) => f32((i + 0.5) / 33));
export const ONLINE = ["online", 7, 8, 32, 32, "vital-32", "vital"];
export const OURS = ["kind", "gate", "known", "ask"]; // identity and link: identity.test.mjs
export const words = (out) => from(out, PATCH).map(([word]) => word);

/** A state script whose patch answers `ask` with the last frame. */
export function state(frame = FRAME) {
  const max = new FakeMax("fsl_state.js");
  const answering = (out) => (words(out).includes("ask") ? [...out, ...max.message(0, "frame", ...frame)] : out);
  return { max, pass: (ms) => answering(max.advance(ms)) };
}

export function stored(latent = LATENT, frame = FRAME) {
  const { max, pass } = state(frame);
  max.message(0, "start");
  max.message(0, ...ONLINE);
  max.message(0, "hand");
  max.message(0, "latent", ...latent);
  return from(pass(2000), STORE)[0];
}

/** As a patcher keeps and gives back a list: numbers as float32. */
export const back = (list) => list.map((v) => (typeof v === "number" && !Number.isInteger(v) ? f32(v) : v));
