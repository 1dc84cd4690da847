// Macros: what the dials turn, as models/macros.py turns them. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");
var Chart = require("fsl_chart").Chart;

var LEVEL_DB = 6;
var N_DIALS = 8;
var UNKNOWN = -1; // position of a dial whose macro is not in the device
var LEAST_TURN = 1e-6; // of a dial: less is the rounding of a message

// What the level is given along a dial: values at even positions, with lines between them; beyond the ends, the ends.
function LoudnessCurve(values) {
  this.values = values;
}

LoudnessCurve.prototype.at = function (position) {
  var values = this.values, last = values.length - 1;
  if (position >= 1) return values[last];
  if (!(position > 0)) return values[0];
  var k = Math.min(Math.floor(position * last), last - 1);
  return values[k] + (position * last - k) * (values[k + 1] - values[k]);
};

// A direction of the latent space.
function StraightMacro(direction, low, high, loudness) {
  this.direction = direction;
  this.low = low;
  this.span = high - low;
  this.loudness = loudness;
}

// Position of the dial at a latent; below 0 or above 1 where that lies past an end.
StraightMacro.prototype.position = function (z) {
  var direction = this.direction, along = 0;
  for (var i = 0; i < direction.length; i++) along += direction[i] * z[i];
  return (along - this.low) / this.span;
};

// Move `z` so that the dial is at a position; what lies across the direction stays.
StraightMacro.prototype.turn = function (z, position) {
  var direction = this.direction, before = this.position(z), step = (position - before) * this.span;
  for (var i = 0; i < direction.length; i++) z[i] += step * direction[i];
  // By differences: the way back takes the same off again, so a macro never leaves a trace.
  if (this.loudness) z[z.length - 1] += this.loudness.at(position) - this.loudness.at(before);
};

// A macro of the chart. Args: what knows the free values of latents, and has the chart; the index there.
function ChartMacro(known, k, low, high, loudness) {
  this.known = known;
  this.chart = known.chart;
  this.k = k;
  this.low = low;
  this.span = high - low;
  this.loudness = loudness;
}

ChartMacro.prototype.position = function (z) {
  return (this.chart.position(this.k, this.known.at(z), this.known.landmark()) - this.low) / this.span;
};

ChartMacro.prototype.turn = function (z, position) {
  var free = this.known.at(z).slice(), before = this.loudness ? this.position(z) : 0;
  this.chart.turn(this.k, free, this.low + position * this.span, this.known.landmark());
  if (this.loudness) free[free.length - 1] += LEVEL_DB * (this.loudness.at(position) - this.loudness.at(before));
  this.known.keep(free, z);
};

// The free values of the latent that was last asked for, and the landmark near it: while a dial turns, each step needs one
// pass of the flow, and none looks for the landmark again.
function Known(flow, chart) {
  this.flow = flow;
  this.chart = chart;
  this.z = [];
  this.free = [];
  this.near = null;
  this.has_near = false; // whether that has been looked for
}

Known.prototype.has = function (z) {
  if (this.z.length !== z.length) return false;
  for (var i = 0; i < z.length; i++) if (this.z[i] !== z[i]) return false;
  return true;
};

Known.prototype.at = function (z) {
  if (this.has(z)) return this.free;
  this.free = [];
  this.flow.free_of(z, this.free);
  this.z = z.slice();
  this.has_near = false;
  return this.free;
};

// The landmark near the free values that are known, or null.
Known.prototype.landmark = function () {
  if (!this.has_near) this.near = this.chart.near(this.free);
  this.has_near = true;
  return this.near;
};

// Know the free values of a latent without a pass.
Known.prototype.set = function (z, free) {
  this.z = z.slice();
  this.free = free.slice();
  this.has_near = false;
};

// Set `z` to the latent of free values to which a dial has led, and know it: the landmark is the same.
Known.prototype.keep = function (free, z) {
  this.flow.latent_of(free, z);
  this.free = free;
  this.z = z.slice();
};

// All macros of a model, and those on the dials: the first, until others are chosen.
// Args: `macros` of a model: directions and charted (index on the chart or -1, a macro), low, high, chart or null, and
// loudness, which may be empty, resting and free, its free values or null; the flow.
function Macros(macros, flow) {
  var directions = unpack.rows(macros.directions), chart = macros.chart ? new Chart(macros.chart, flow) : null;
  this.known = new Known(flow, chart);
  if (macros.free) this.known.set(macros.resting, macros.free); // dials are shown before the weights have been read
  this.each = [];
  for (var k = 0; k < macros.charted.length; k++) {
    var loudness = macros.loudness.length ? new LoudnessCurve(macros.loudness[k]) : null, low = macros.low[k], high = macros.high[k];
    var at = macros.charted[k];
    this.each.push(at < 0 ? new StraightMacro(directions[k], low, high, loudness)
      : new ChartMacro(this.known, at, low, high, loudness));
  }
  this.dials = this.each.slice(0, N_DIALS);
}

// Put macros on the dials, by their indices in the model; -1 for one that is not in the device.
Macros.prototype.choose = function (indices) {
  for (var k = 0; k < this.dials.length; k++) this.dials[k] = this.each[indices[k]] || null;
};

// Set `patch` to that of `z` where a dial of the chart has just been turned there; returns whether it has.
Macros.prototype.patch_at = function (z, patch) {
  if (!this.known.has(z)) return false;
  this.known.flow.patch_of(this.known.free, patch);
  return true;
};

// Set `positions` to those of the dials at a latent, each held within 0 to 1; -1 where the macro is not in the device.
Macros.prototype.positions = function (z, positions) {
  for (var k = 0; k < this.dials.length; k++) {
    positions[k] = this.dials[k] ? Math.min(Math.max(this.dials[k].position(z), 0), 1) : UNKNOWN;
  }
};

Macros.prototype.turn = function (z, k, position) {
  if (this.dials[k]) this.dials[k].turn(z, position);
};

// Turn every dial that is not where it shall be.
Macros.prototype.turn_all = function (z, positions) {
  var shown = [];
  this.positions(z, shown);
  for (var k = 0; k < this.dials.length && k < positions.length; k++) {
    if (Math.abs(positions[k] - shown[k]) > LEAST_TURN) this.turn(z, k, positions[k]);
  }
};

// Move the latent `there` so that dial k is where it is at `z`, also past an end: for a frozen macro.
Macros.prototype.keep = function (z, k, there) {
  if (this.dials[k]) this.dials[k].turn(there, this.dials[k].position(z));
};

exports.LoudnessCurve = LoudnessCurve;
exports.Macros = Macros;
