// The regression flow: a latent to a patch, and back, as models/coupling_arrays.py and
// models/steering/level_arrays.py do it. See INTERFACES.md.
//
// Plain arrays: Max's `js` is SpiderMonkey 1.8.5 of 2011, and nobody here knows whether it has Float64Array. It would
// gain little: that engine keeps a number inside the array's own slot, too.
"use strict";

var unpack = require("fsl_unpack");

var SQUASH_MARGIN = 0.005, SQUASH_LIMIT = 40;
var CONTEXT_LIMIT = 4; // the limit of a log scale is 1, and so is not seen here
var LEVEL_DB = 6;
var AT_ONCE = 4; // columns: enough that a sum is seldom read and written, few enough to stay in registers

var exp = Math.exp, log = Math.log; // ES5 has no tanh and no log1p

function tanh(x) {
  return 1 - 2 / (exp(2 * x) + 1);
}

function zeros(n) {
  var array = [];
  for (var k = 0; k < n; k++) array.push(0);
  return array;
}

// The columns of a matrix, each a list of its own, times a factor.
function columns(rows, factor) {
  var all = [];
  for (var j = 0; j < rows[0].length; j++) {
    var column = [];
    for (var i = 0; i < rows.length; i++) column.push(rows[i][j] * factor);
    all.push(column);
  }
  return all;
}

// A matrix and a bias. Each input is multiplied with its column, so one of 0 costs nothing, and half to three quarters
// are 0 after a ReLU.
function Dense(all, bias) {
  this.columns = all;
  this.bias = bias;
  this.n_in = all.length;
  this.n_out = all[0].length;
}

var used = [], by = []; // the columns whose input counts, and these inputs; kept, so that a decode makes no list

// Set `out` to the matrix times `input`, plus the bias. `rectified`: of the input, only what is above 0 counts.
function apply(dense, input, rectified, out) {
  var all = dense.columns, bias = dense.bias, n_in = dense.n_in, n_out = dense.n_out;
  var n = 0, i;
  for (i = 0; i < n_in; i++) {
    var x = input[i];
    if (x > 0 || !rectified) {
      used[n] = all[i];
      by[n] = x;
      n += 1;
    }
  }
  while (n % AT_ONCE) {
    used[n] = all[0];
    by[n] = 0;
    n += 1;
  }
  for (i = 0; i < n_out; i++) out[i] = bias[i];
  for (var k = 0; k < n; k += AT_ONCE) {
    var a = used[k], b = used[k + 1], c = used[k + 2], d = used[k + 3];
    var p = by[k], q = by[k + 1], r = by[k + 2], s = by[k + 3];
    for (i = 0; i < n_out; i++) out[i] += a[i] * p + b[i] * q + c[i] * r + d[i] * s;
  }
}

// Three dense layers with a ReLU between them.
function Network(packed, factor) {
  this.first = dense_of(packed.w0, packed.b0, factor);
  this.second = dense_of(packed.w1, packed.b1, 1);
  this.third = dense_of(packed.w2, packed.b2, 1);
  this.h0 = zeros(this.first.n_out);
  this.h1 = zeros(this.second.n_out);
  this.out = zeros(this.third.n_out);
}

function dense_of(weight, bias, factor) {
  return new Dense(columns(unpack.rows(weight), factor), unpack.rows(bias)[0]);
}

Network.prototype.of = function (input) {
  apply(this.first, input, false, this.h0);
  apply(this.second, this.h0, true, this.h1);
  apply(this.third, this.h1, true, this.out);
  return this.out;
};

// Args: what `python -m max4live.js.decoder.weights` writes: blocks, shift, scale, leveler or null. A block may be a
// function that reads it.
function Flow(model) {
  var n = model.shift.length;
  this.n_coupled = n;
  this.n_latent = n + (model.leveler ? 1 : 0);
  this.split = Math.floor(n / 2);
  this.shift = model.shift;
  this.scale = model.scale;
  this.model = model; // until it has been read
  this.networks = []; // of each block
  this.forth = []; // its rotation
  this.back = []; // and that undone
  this.leveler = null;
  this.volume = model.leveler ? model.leveler.volume : null;
  this.x = zeros(n);
  this.y = zeros(n);
  this.context = zeros(this.split);
  this.free = zeros(this.n_latent);
}

// Read the next block, at last the leveler, a few ms each; returns whether there is more to read. What is missing when a
// point is decoded is read then.
Flow.prototype.read = function () {
  var model = this.model, k = this.networks.length;
  if (!model) return false;
  if (k < model.blocks.length) {
    var block = typeof model.blocks[k] === "function" ? model.blocks[k]() : model.blocks[k];
    var rotation = unpack.rotation(block.rotation), none = zeros(this.n_coupled);
    this.forth.push(new Dense(columns(rotation, 1), none));
    this.back.push(new Dense(rotation, none));
    this.networks.push(new Network(block, CONTEXT_LIMIT));
    return true;
  }
  if (model.leveler) this.leveler = new Network(model.leveler, 1);
  this.model = null;
  return false;
};

Flow.prototype.read_all = function () {
  while (this.read());
};

// Log scales and moves of a block, from the part of x that it does not move.
Flow.prototype.condition = function (k, x) {
  var context = this.context;
  for (var i = 0; i < this.split; i++) context[i] = tanh(x[i] / CONTEXT_LIMIT); // times CONTEXT_LIMIT: in the weights
  return this.networks[k].of(context);
};

// Set `free` to the free values of `z`: parameters before they are squashed, the volume in dB last; returns whether they
// are numbers. Both are lists of n_latent.
Flow.prototype.free_of = function (z, free) {
  this.read_all();
  var n = this.n_coupled, d = this.split, moved = n - d, x = this.x, y = this.y, sum = 0, i;
  for (i = 0; i < n; i++) x[i] = z[i];
  for (var k = 0; k < this.networks.length; k++) {
    var raw = this.condition(k, x);
    for (i = 0; i < moved; i++) x[d + i] = x[d + i] * exp(tanh(raw[i])) + raw[moved + i];
    apply(this.forth[k], x, false, y);
    var other = x;
    x = y;
    y = other;
  }
  for (i = 0; i < n; i++) {
    free[i] = x[i] * this.scale[i] + this.shift[i];
    sum += free[i];
  }
  if (this.leveler) {
    free[n] = this.leveler.of(squashed(free, n, x))[0] + LEVEL_DB * z[n];
    sum += free[n];
  }
  return isFinite(sum);
};

// Undo `free_of`; returns whether `z` is made of numbers.
Flow.prototype.latent_of = function (free, z) {
  this.read_all();
  var n = this.n_coupled, d = this.split, moved = n - d, x = this.x, y = this.y, sum = 0, i;
  if (this.leveler) {
    z[n] = (free[n] - this.leveler.of(squashed(free, n, x))[0]) / LEVEL_DB;
    sum += z[n];
  }
  for (i = 0; i < n; i++) x[i] = (free[i] - this.shift[i]) / this.scale[i];
  for (var k = this.networks.length - 1; k >= 0; k--) {
    apply(this.back[k], x, false, y);
    var raw = this.condition(k, y), other = x;
    for (i = 0; i < moved; i++) y[d + i] = (y[d + i] - raw[moved + i]) * exp(-tanh(raw[i]));
    x = y;
    y = other;
  }
  for (i = 0; i < n; i++) {
    z[i] = x[i];
    sum += x[i];
  }
  return isFinite(sum);
};

// Set `patch` to the normalized parameters of free values.
Flow.prototype.patch_of = function (free, patch) {
  this.read_all();
  var n = this.n_coupled, place = this.leveler ? this.volume.index : n;
  for (var i = 0; i < n; i++) patch[i < place ? i : i + 1] = squash(free[i]);
  if (this.leveler) patch[place] = this.volume_of(free[n]);
};

// Set `patch` to the normalized parameters of `z`; returns whether they are numbers.
Flow.prototype.decode = function (z, patch) {
  var there = this.free_of(z, this.free);
  this.patch_of(this.free, patch);
  return there;
};

// Set `z` to the latent that decodes to `patch`; returns whether it is made of numbers.
Flow.prototype.invert = function (patch, z) {
  this.read_all();
  var n = this.n_coupled, place = this.leveler ? this.volume.index : n, free = this.free;
  for (var i = 0; i < n; i++) free[i] = unsquash(patch[i < place ? i : i + 1]);
  if (this.leveler) free[n] = this.decibels(patch[place]);
  return this.latent_of(free, z);
};

// Volume, 0 to 1, from dB: dB = sqrt(raw) + offset.
Flow.prototype.volume_of = function (db) {
  var root = Math.max(db - this.volume.offset, 0);
  return clip((root * root - this.volume.low) / (this.volume.high - this.volume.low));
};

Flow.prototype.decibels = function (volume) {
  var raw = volume * (this.volume.high - this.volume.low) + this.volume.low;
  return Math.sqrt(Math.max(raw, 0)) + this.volume.offset;
};

function clip(v) {
  return Math.min(Math.max(v, 0), 1);
}

// The first n free values as the leveler reads them, in `out`.
function squashed(free, n, out) {
  for (var i = 0; i < n; i++) out[i] = squash(free[i]);
  return out;
}

function squash(u) {
  var held = Math.min(Math.max(u, -SQUASH_LIMIT), SQUASH_LIMIT);
  return clip((1 / (1 + exp(-held)) - SQUASH_MARGIN) / (1 - 2 * SQUASH_MARGIN));
}

function unsquash(v) {
  var inside = SQUASH_MARGIN + (1 - 2 * SQUASH_MARGIN) * v;
  return log(inside) - log(1 - inside);
}

exports.Flow = Flow;
exports.Network = Network;
exports.squashed = squashed;
