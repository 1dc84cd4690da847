// One sound, played by itself: its point, what is held, its path, and what moves it, as server/instrument/instrument.py
// keeps them. See INTERFACES.md.
"use strict";

var Flow = require("fsl_flow").Flow;
var Macros = require("fsl_macros").Macros;
var PresetMap = require("fsl_blend").PresetMap;
var SoundPath = require("fsl_soundpath").SoundPath;

var STAYED = 0, TURNED = 1, JUMPED = 2; // what a message did to the point

// Args: a model, as `python -m max4live.js.decoder.weights` writes it.
function Player(model) {
  this.model = model;
  this.n_latent = model.macros.resting.length;
  this.flow = new Flow(model);
  this.macros = new Macros(model.macros, this.flow);
  this.n_macros = this.macros.dials.length;
  this.dials = []; // of each, the index of its macro in the model, -1 for one that is not there; its name
  for (var k = 0; k < this.n_macros; k++) this.dials.push({ at: k, name: model.macros.names[k] });
  this.map = null; // read when it is first used
  this.held = []; // whether each macro is
  this.waiting = []; // turns until the weights have been read: macros of a chart need them
  this.latents = new SoundPath();
  this.patches = new SoundPath();
  this.in_parameters = false;
  this.z = model.macros.resting.slice();
  this.patch = [];
  this.good = this.z; // the last point that decoded to numbers; a point is replaced, never written into
  this.known = false; // whether `patch` is that of `z`
}

// Read a part of the weights, a few ms; returns whether there is more to read.
Player.prototype.read = function () {
  if (this.flow.read()) return true;
  this.settle();
  return false;
};

Player.prototype.is_read = function () {
  return this.flow.model === null;
};

Player.prototype.presets = function () {
  if (!this.map) this.map = new PresetMap(this.model.presets);
  return this.map;
};

// The patch of the point; of the last good one if this decodes to no numbers.
Player.prototype.current = function () {
  this.settle();
  if (this.known) return this.patch;
  var next = [];
  if (this.macros.patch_at(this.z, next) ? are_numbers(next) : this.flow.decode(this.z, next)) {
    this.patch = next;
    this.good = this.z;
  } else {
    this.z = this.good;
  }
  this.known = true;
  return this.patch;
};

Player.prototype.positions = function () {
  this.settle();
  var positions = [];
  this.macros.positions(this.z, positions);
  return positions;
};

Player.prototype.place = function () {
  return this.presets().place_of(this.z);
};

// Put macros on the dials: for each the model's name and the player's, in turn. Returns false if there are not as many.
Player.prototype.choose = function (chosen) {
  if (chosen.length !== 2 * this.n_macros) return false;
  var indices = [];
  this.settle(); // what waits was turned with those that were there
  for (var k = 0; k < this.n_macros; k++) {
    indices.push(this.model.macros.names.indexOf(String(chosen[2 * k])));
    this.dials[k] = { at: indices[k], name: String(chosen[2 * k + 1]) };
  }
  this.macros.choose(indices);
  return true;
};

// --- what moves it: each returns what it did, or a sentence about why it cannot

Player.prototype.go = function (z) {
  if (z !== this.z) this.waiting = [];
  this.z = z;
  this.known = false;
  return JUMPED;
};

// Turn dials: dial k, or all if it is -1, in `turn(z)`; once the weights have been read.
Player.prototype.turn = function (k, turn) {
  var waiting = [];
  for (var i = 0; i < this.waiting.length; i++) if (k >= 0 && this.waiting[i].k !== k) waiting.push(this.waiting[i]);
  waiting.push({ k: k, turn: turn }); // the newest of a dial is enough, in any order
  this.waiting = waiting;
  if (this.is_read()) this.settle();
  return TURNED;
};

// Do the turns that wait, whether the weights have been read or not.
Player.prototype.settle = function () {
  var waiting = this.waiting;
  if (!waiting.length) return;
  var z = this.z.slice();
  for (var i = 0; i < waiting.length; i++) waiting[i].turn(z);
  this.go(z);
};

// Go to a point, while held macros stay where they are.
Player.prototype.go_held = function (z) {
  if (this.holds()) this.settle();
  for (var k = 0; k < this.held.length; k++) if (this.held[k]) this.macros.keep(this.z, k, z);
  return this.go(z);
};

// Go to the point of a patch, which is then played as it is.
Player.prototype.go_to_patch = function (patch) {
  var z = [];
  if (!this.flow.invert(patch, z)) return STAYED;
  this.go(z);
  this.patch = patch.slice();
  this.known = true;
  return JUMPED;
};

Player.prototype.holds = function () {
  for (var k = 0; k < this.held.length; k++) if (this.held[k]) return true;
  return false;
};

var actions = {
  macro: function (player, args) {
    var k = args[0], position = args[1];
    if (!(k >= 0 && k < player.n_macros && k === Math.floor(k) && within(position))) return STAYED;
    if (player.dials[k].at < 0) return "'" + player.dials[k].name + "' needs the server: this dial stays as it is";
    return player.turn(k, function (z) { player.macros.turn(z, k, position); });
  },
  macros: function (player, args) {
    if (args.length !== player.n_macros || !are_within(args)) return STAYED;
    var positions = args.slice();
    return player.turn(-1, function (z) { player.macros.turn_all(z, positions); });
  },
  latent: function (player, args) {
    return args.length === player.n_latent && are_numbers(args) ? player.go(args.slice()) : STAYED;
  },
  patch: function (player, args) {
    return args.length === player.n_latent && are_within(args) ? player.go_to_patch(args) : STAYED;
  },
  place: function (player, args) {
    var map = player.presets(), z = [];
    if (!within(args[0]) || !within(args[1]) || !map.at(args[0], args[1], z)) return STAYED;
    player.go_held(z);
    map.remember(args[0], args[1], player.z);
    return JUMPED;
  },
  preset_load: function (player, args) {
    var map = player.presets(), name = String(args[0]), z = [];
    if (!map.find(name, z)) return "'" + name + "' is kept by the server: start it to load that preset";
    var at = map.places[map.names.indexOf(name)];
    player.go_held(z);
    if (!player.holds()) map.remember(at[0], at[1], player.z); // otherwise it is not the preset, but near it
    return JUMPED;
  },
  vary: function (player, args) { // as loud: the last latent of a model with a level is the level
    if (!(args[0] >= 0)) return STAYED;
    player.settle();
    var z = player.z.slice(), n = player.n_latent - (player.model.leveler ? 1 : 0);
    for (var i = 0; i < n; i++) z[i] += args[0] * normal();
    return player.go_held(z);
  },
  freeze: function (player, args) {
    if (args[0] >= 0 && args[0] < player.n_macros) player.held[args[0]] = Number(args[1]) !== 0;
    return STAYED;
  },
  path_add: function (player) {
    var patch = player.current();
    if (!player.patches.add(patch)) return "the path is full: clear it to begin again";
    player.latents.add(player.z);
    return STAYED;
  },
  path_clear: function (player) {
    player.latents.clear();
    player.patches.clear();
    return STAYED;
  },
  path_space: function (player, args) {
    player.in_parameters = Number(args[0]) !== 0;
    return STAYED;
  },
  path_play: function (player, args) {
    var path = player.in_parameters ? player.patches : player.latents, there = [];
    if (!within(args[0])) return STAYED;
    if (!path.at(args[0], there)) return "the path needs two points: go to a sound and press Add Point";
    if (!player.in_parameters) return player.go_held(there);
    if (!player.holds()) return player.go_to_patch(there);
    var z = [];
    return player.flow.invert(there, z) ? player.go_held(z) : STAYED;
  }
};

var SERVERS = ["preset_save", "preset_export", "model", "say", "macro_choose", "macro_name", "own_add", "own_clear", "own_make", "own_delete"];
for (var i = 0; i < SERVERS.length; i++) actions[SERVERS[i]] = needs_server;

function needs_server() {
  return "this needs the server: start it with Flow Server or in a terminal";
}

// Carry out a message to the server, its address with _ for each / as a word: `preset_load`. Returns one of the three, a sentence why
// it cannot be done, or null if this is nothing for a player.
Player.prototype.apply = function (word, args) {
  return Object.prototype.hasOwnProperty.call(actions, word) ? actions[word](this, args) : null;
};

function within(v) {
  return typeof v === "number" && v >= 0 && v <= 1;
}

function are_within(list) {
  for (var i = 0; i < list.length; i++) if (!within(list[i])) return false;
  return true;
}

function are_numbers(list) {
  for (var i = 0; i < list.length; i++) if (!(typeof list[i] === "number" && isFinite(list[i]))) return false;
  return true;
}

// Box and Muller's method.
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

exports.STAYED = STAYED;
exports.TURNED = TURNED;
exports.JUMPED = JUMPED;
exports.are_numbers = are_numbers;
exports.Player = Player;
