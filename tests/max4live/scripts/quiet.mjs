/** After each test, the Max window is empty: every script test imports this. */

import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { MADE } from "./fake_max.mjs";

afterEach(() => {
  for (const max of MADE.splice(0)) assert.deepEqual(max.posts, [], `${max.file} wrote into the Max window`);
});
