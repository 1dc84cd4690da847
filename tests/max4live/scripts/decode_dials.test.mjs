// Which macros are on the dials of a device that plays by itself.
import assert from "node:assert/strict";
import test from "node:test";
import { VALUES, TEXT, ONLINE, READ_MS, THERE_AND_BACK, Player, model, told, alone, most, Server, device, served } from "./decoding.mjs";
import { from } from "./fake_max.mjs";
import "./quiet.mjs";

const KEYS = model.macros.names;
/** The server's list: the model's macros and one of the player's own, with these on the dials. */
function listed(max, ...on_dials) {
  const all = [...KEYS, "Growth"];
  return all.flatMap((name, j) => max.message(0, "vocabulary", j, all.length, name, on_dials.indexOf(name), name === "Growth" ? "" : name));
}

test("alone it turns the macros of the Set's dials, by their names in the model", () => {
  const { max } = device(), chosen = [KEYS[8], ...KEYS.slice(1, 8)];
  max.message(0, "dials", ...chosen.flatMap((key, k) => [key, k ? key : "Swell"]));
  const out = max.advance(1000);
  assert.deepEqual(told(out, "macroname").map(([, , name]) => name), ["Swell", ...KEYS.slice(1, 8)]);
  max.advance(READ_MS);
  const turned = [...max.message(0, "/flow/macro", 0, 0.9), ...max.advance(500)];
  const expected = new Player(model);
  expected.choose(chosen.flatMap((key) => [key, key]));
  expected.apply("macro", [0, 0.9]);
  assert.ok(most(from(turned, VALUES).at(-1), expected.current()) < 1e-9);
  const first = new Player(model);
  first.apply("macro", [0, 0.9]);
  assert.ok(most(expected.current(), first.current()) > 0.02);
});

test("a dial whose macro the device does not have says so and stays", () => {
  const { max } = device();
  max.message(0, "dials", ...KEYS.slice(0, 7).flatMap((key) => [key, key]), "-", "Growth");
  const out = max.advance(1000 + READ_MS);
  assert.deepEqual(told(out, "macroname").at(-1), ["macroname", 7, "Server only"]);
  assert.equal(told(out, "macros").at(-1)[8], -1);
  const turned = [...max.message(0, "/flow/macro", 7, 0.9), ...max.advance(500)];
  assert.deepEqual(from(turned, VALUES), []);
  assert.deepEqual(from(turned, TEXT), [["info", "'Growth' needs the server: this dial stays as it is"]]);
  max.message(0, "/flow/freeze", 7, 1);
  assert.equal(from([...max.message(0, "/flow/preset/load", model.presets.names[3]), ...max.advance(200)], VALUES).length, 1);
  const others = [...max.message(0, "/flow/macros", ...Array(8).fill(0.5)), ...max.advance(200)];
  assert.equal(from(others, VALUES).length, 1, "the others turn");
});

test("a server is lost: its macros stay on the dials, and a list that the Set had before does not count", () => {
  const { max, server } = served();
  listed(max, KEYS[8], ...KEYS.slice(1, 7), "Growth");
  assert.deepEqual(max.message(0, "dials", ...KEYS.slice(0, 8).flatMap((key) => [key, key])), []);
  const lost = max.message(0, "offline");
  assert.deepEqual(told(lost, "macroname").map(([, , name]) => name), [KEYS[8], ...KEYS.slice(1, 7), "Server only"]);
  const z = server.player.z.slice();
  const turned = [...max.message(0, "/flow/macro", 0, 0.8), ...max.advance(500)];
  const expected = new Player(model);
  expected.choose([KEYS[8], KEYS[8], ...KEYS.slice(1, 8).flatMap((key) => [key, key])]);
  expected.apply("latent", z);
  expected.apply("macro", [0, 0.8]);
  assert.ok(most(from(turned, VALUES).at(-1), expected.current()) < THERE_AND_BACK * 10);
  const back = [...max.message(0, ...ONLINE), ...max.message(0, "params", 1, ...expected.current()), ...max.advance(1000)];
  assert.deepEqual(told(back, "macroname").at(-1), ["macroname", 7, "Growth"]);
});
