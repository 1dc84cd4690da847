/** The scripts that ship, and what each is. */

import fs from "node:fs";
import path from "node:path";
import { DECODER, SCRIPTS } from "./fake_max.mjs";

export const NODE = ["fsl_server.js"]; // for node.script, not for Max's own engine
const inside = (folder) => fs.readdirSync(folder).filter((name) => name.endsWith(".js"));
export const FILES = [...inside(SCRIPTS), ...inside(DECODER)].sort();
export const SHIPPED = FILES.filter((name) => !NODE.includes(name));
export const file = (name) => path.join(inside(DECODER).includes(name) ? DECODER : SCRIPTS, name);
export const read = (name) => fs.readFileSync(file(name), "utf8");
/** A script that a js or jsui box loads; the others are read through require. */
export const MAIN = SHIPPED.filter((name) => /^inlets = \d+;$/m.test(read(name)));
