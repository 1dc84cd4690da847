/** The scripts that ship, and what each is. */

import fs from "node:fs";
import path from "node:path";
import { SCRIPTS } from "./fake_max.mjs";

export const NODE = ["fsl_server.js"]; // for node.script, not for Max's own engine
export const FILES = fs.readdirSync(SCRIPTS).filter((name) => name.endsWith(".js")).sort();
export const SHIPPED = FILES.filter((name) => !NODE.includes(name));
export const read = (name) => fs.readFileSync(path.join(SCRIPTS, name), "utf8");
/** A script that a js or jsui box loads; the others are read through require. */
export const MAIN = SHIPPED.filter((name) => /^inlets = \d+;$/m.test(read(name)));
