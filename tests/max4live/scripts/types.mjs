/**
 * Check the scripts against the types of Max, or of Node for node.script: `node types.mjs`, exit 1 with what is wrong.
 *
 * Each file is taken for a module, for two js boxes share nothing. TypeScript 5.9: the next one has no ES5 target.
 */

import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { PATHS } from "./fake_max.mjs";
import { file, NODE, SHIPPED } from "./sources.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const common = {
  allowJs: true, checkJs: true, noEmit: true, strict: true, noImplicitAny: false, noImplicitThis: false, skipLibCheck: true,
  module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, moduleDetection: ts.ModuleDetectionKind.Force,
  typeRoots: [path.join(here, "node_modules/@types")],
  paths: { "fsl_*": [...new Set([...PATHS.values()].map((file) => path.join(path.dirname(file), "fsl_*")))], "max-api": [path.join(here, "node_modules/@types/max-api/index.d.ts")] },
};
const forMax = { ...common, strictNullChecks: false, target: ts.ScriptTarget.ES5, lib: ["lib.es5.d.ts"], types: ["maxmsp"] };
const forNode = {
  ...common, target: ts.ScriptTarget.ES2019, lib: ["lib.es2019.d.ts"], types: ["max-api", "node"],
};

let n = 0;
for (const [names, options] of [[SHIPPED, forMax], [NODE, forNode]]) {
  const files = names.map(file);
  for (const each of ts.getPreEmitDiagnostics(ts.createProgram(files, options))) {
    n += 1;
    const line = each.file ? each.file.getLineAndCharacterOfPosition(each.start).line + 1 : 0;
    console.log(`${each.file ? path.basename(each.file.fileName) : "tsc"}:${line}: ${ts.flattenDiagnosticMessageText(each.messageText, " ")}`);
  }
}
console.log(n ? `${n} faults of type` : `${SHIPPED.length + NODE.length} scripts have no fault of type`);
process.exit(n ? 1 : 0);
