// Macros: directions of the latent space given to dials, as models/macros.py turns them. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");

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

function Macro(direction, low, high, loudness) {
  this.direction = direction;
  this.low = low;
  this.span = high - low;
  this.loudness = loudness;
}

// Position of the dial at a latent; below 0 or above 1 where that lies past an end.
Macro.prototype.position = function (z) {
  var direction = this.direction, along = 0;
  for (var i = 0; i < direction.length; i++) along += direction[i] * z[i];
  return (along - this.low) / this.span;
};

// Move `z` so that the dial is at a position; what lies across the direction stays.
Macro.prototype.turn = function (z, position) {
  var direction = this.direction, before = this.position(z), step = (position - before) * this.span;
  for (var i = 0; i < direction.length; i++) z[i] += step * direction[i];
  // By differences: the way back takes the same off again, so a macro never leaves a trace.
  if (this.loudness) z[z.length - 1] += this.loudness.at(position) - this.loudness.at(before);
};

// Args: `macros` of a model: directions, low, high, and loudness, which may be empty.
function Macros(macros) {
  var directions = unpack.rows(macros.directions);
  this.each = [];
  for (var k = 0; k < directions.length; k++) {
    var loudness = macros.loudness.length ? new LoudnessCurve(macros.loudness[k]) : null;
    this.each.push(new Macro(directions[k], macros.low[k], macros.high[k], loudness));
  }
}

// Set `positions` to those of the dials at a latent, each held within 0 to 1.
Macros.prototype.positions = function (z, positions) {
  for (var k = 0; k < this.each.length; k++) positions[k] = Math.min(Math.max(this.each[k].position(z), 0), 1);
};

Macros.prototype.turn = function (z, k, position) {
  this.each[k].turn(z, position);
};

// Turn every dial that is not where it shall be.
Macros.prototype.turn_all = function (z, positions) {
  var shown = [];
  this.positions(z, shown);
  for (var k = 0; k < this.each.length && k < positions.length; k++) {
    if (Math.abs(positions[k] - shown[k]) > LEAST_TURN) this.each[k].turn(z, positions[k]);
  }
};

// Move the latent `there` so that dial k is where it is at `z`, also past an end: for a frozen macro.
Macros.prototype.keep = function (z, k, there) {
  this.each[k].turn(there, this.each[k].position(z));
};

exports.LoudnessCurve = LoudnessCurve;
exports.Macros = Macros;
