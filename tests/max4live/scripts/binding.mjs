/** A device on a track with plug-ins, and what its script for binding has said. */

import { FakeLive, node, set } from "./fake_live.mjs";
import { FakeMax, from } from "./fake_max.mjs";

export const REMOTES = 0, MENU = 1, UI = 2, TEXT = 3;
export const NAMES = Array.from(new FakeMax("fsl_bind.js").require("fsl_controllers").vital, ([label]) => label);
export const OURS = () => node(9, "MaxDevice", { name: "Flow Synth", class_name: "MxDeviceAudioEffect" });

export function device(devices, { n = 32, names = NAMES.slice(0, n), live = new FakeLive(set([...devices, OURS()], 9)) } = {}) {
  const max = new FakeMax("fsl_bind.js", { live });
  max.deviceReady();
  const out = max.message(0, "start");
  out.push(...max.message(0, "online", 7, 8, n, n, "vital-32", "vital"));
  names.forEach((name, k) => out.push(...max.message(0, "name", k, name)));
  out.push(...max.advance(200));
  return { max, live, out };
}

/** Press Commit, and press it again when asked. */
export function commit(max, ...frame) {
  max.message(0, "commit", ...frame);
  return max.message(0, "commit", ...frame);
}

/** What each live.remote~ holds after these messages. */
export function held(out, before = new Map()) {
  const ids = new Map(before);
  for (const [k, word, id] of from(out, REMOTES)) if (word === "id") id ? ids.set(k, id) : ids.delete(k);
  return ids;
}
export const text = (out) => from(out, TEXT).filter(([source]) => source === "bind").at(-1)?.[1];
export const info = (out) => from(out, TEXT).filter(([source]) => source === "info").at(-1)?.[1];
export const last = (out, word) => from(out, UI).filter(([w]) => w === word).at(-1)?.slice(1);
