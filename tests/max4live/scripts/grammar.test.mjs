// What ships is ES5, reads only files that ship with it, and keeps out of Max's global space.
import assert from "node:assert/strict";
import test from "node:test";
import * as acorn from "acorn";
import { FakeMax } from "./fake_max.mjs";
import "./quiet.mjs";
import { FILES, MAIN, NODE, read, SHIPPED } from "./sources.mjs";

// The words that Max itself calls. Any other global function could be called by a message of its name.
const HANDLERS = new Set(["anything", "bang", "list", "msg_int", "msg_float", "paint", "onclick", "ondrag", "onidle", "onidleout", "onresize"]);

function* nodes(tree) {
  if (!tree || typeof tree !== "object") return;
  if (typeof tree.type === "string") yield tree;
  for (const [key, child] of Object.entries(tree)) if (key !== "type") yield* Array.isArray(child) ? child.flatMap((c) => [...nodes(c)]) : nodes(child);
}

const parse = (name) => acorn.parse(read(name), { ecmaVersion: 5, sourceType: "script", locations: true });

test("there is something to look at", () => {
  assert.ok(SHIPPED.length >= 15 && MAIN.length >= 10, `${SHIPPED.length} ${MAIN.length}`);
  assert.ok(FILES.every((name) => /^fsl_[a-z]+\.js$/.test(name)), "Max finds files by name alone: a prefix of our own");
});

for (const name of SHIPPED) {
  test(`${name} is ES5 and strict`, () => {
    const tree = parse(name);
    assert.equal(tree.body[0].directive, "use strict");
  });

  test(`${name} names nothing that Max's engine lacks`, () => {
    const missing = new Set(["console", "setTimeout", "setInterval", "Promise", "Map", "Set", "Symbol", "window", "process", "module", "globalThis"]);
    for (const node of nodes(parse(name))) {
      if (node.type === "Identifier") assert.ok(!missing.has(node.name), `${node.name} in line ${node.loc.start.line}`);
      // Methods that came after ES5: an old engine has none of them.
      if (node.type === "MemberExpression" && !node.computed)
        assert.ok(!["includes", "startsWith", "endsWith", "repeat", "padStart", "assign", "entries", "findIndex", "flat", "log10", "sign", "trunc", "hypot", "now"].includes(node.property.name), `${node.property.name} in line ${node.loc.start.line}`);
    }
  });

  test(`${name} prints nothing and sends to no global name`, () => {
    for (const node of nodes(parse(name)))
      if (node.type === "CallExpression" && node.callee.type === "Identifier") assert.ok(!["post", "error", "cpost", "messnamed"].includes(node.callee.name), node.callee.name);
  });

  test(`${name} hands outlet one array and never applies it`, () => {
    for (const node of nodes(parse(name))) {
      if (node.type !== "CallExpression") continue;
      if (node.callee.type === "MemberExpression") assert.notEqual(node.callee.object.name, "outlet");
      if (node.callee.name === "outlet") assert.equal(node.arguments.length, 2, `line ${node.loc.start.line}`);
    }
  });
}

for (const name of MAIN) {
  test(`${name} lets Max call its handlers and nothing else`, () => {
    const declared = parse(name).body.filter((node) => node.type === "FunctionDeclaration").map((node) => node.id.name);
    assert.ok(declared.includes("anything"));
    for (const each of declared) assert.ok(HANDLERS.has(each), each);
  });

  test(`${name} makes no LiveAPI before live.thisdevice, and loads in silence`, () => {
    const max = new FakeMax(name, { arguments: ["synth"] });
    assert.equal(max.live.n_apis, 0);
    assert.deepEqual(max.taken(), []);
    assert.deepEqual(max.posts, []);
  });

  test(`${name} takes any rubbish without a fault`, () => {
    const max = new FakeMax(name, { arguments: ["synth"] });
    const words = ["nonsense", "constructor", "__proto__", "toString", "hasOwnProperty", "anything", "bang", ...Array.from(read(name).matchAll(/^\s{4}"?([a-z]+)"?: /gm), ([, word]) => word)];
    const rubbish = [[], [0], [-1], [1e9], ["x"], ["", ""], [NaN], [1, "é 日本 /\\"], Array(70).fill(0.5), [0, "a", "b", "c"], ["a", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]];
    for (const live of [false, true]) {
      if (live) max.deviceReady();
      for (const word of words) {
        for (const values of rubbish) {
          if (values.some((v) => Number.isNaN(v))) continue; // Max has no way to hand one over from a message
          max.message(0, word, ...values);
        }
        max.message(0, 1);
        max.message(0, 0.5, 2);
      }
      max.advance(20000);
    }
    assert.deepEqual(max.faults, []);
  });
}

test("require names files that ship", () => {
  for (const name of SHIPPED)
    for (const [, other] of read(name).matchAll(/require\("([^"]+)"\)/g)) assert.ok(SHIPPED.includes(`${other}.js`), `${name}: ${other}`);
});

test("what is for Node parses there and names nothing but Node's own and max-api", () => {
  for (const name of NODE) {
    acorn.parse(read(name), { ecmaVersion: 2019, sourceType: "script" });
    for (const [, other] of read(name).matchAll(/require\("([^"]+)"\)/g)) assert.ok(["max-api", "child_process", "fs", "os", "path"].includes(other), other);
  }
});
