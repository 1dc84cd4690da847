/** The scripts that ship, and what each is. */

import fs from "node:fs";
import { PATHS } from "./fake_max.mjs";

export const NODE = ["fsl_server.js"]; // for node.script, not for Max's own engine
export const FILES = [...PATHS.keys()].sort();
export const SHIPPED = FILES.filter((name) => !NODE.includes(name));
export const file = (name) => PATHS.get(name);
export const read = (name) => fs.readFileSync(file(name), "utf8");
/** A script that a js or jsui box loads; the others are read through require. */
export const MAIN = SHIPPED.filter((name) => /^inlets = \d+;$/m.test(read(name)));
