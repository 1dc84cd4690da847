// Landmarks of a chart: where dials are level and end where sounds do, as models/steering/landmarks.py has it. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");

var STEP_DB = 0.5, ZERO = 45; // of a digit of a curve
var MARKS = 6; // in a digit: which dials have a curve
var WAY = 255;

// Args: `landmarks` of a chart, read when they are first used; how many dials there are.
function Landmarks(packed, n_dials) {
  this.packed = packed;
  this.n_dials = n_dials;
  this.rests = null; // of all, one after the other
}

Landmarks.prototype.read = function () {
  var packed = this.packed, m = this.n_dials, marks = unpack.whole(packed.marks, 1), each = Math.ceil(m / MARKS), at = 0;
  this.rests = unpack.rows(packed.rests)[0];
  this.curves = unpack.whole(packed.curves, 1);
  this.begins = []; // where the curve of each dial begins, -1 without one
  this.n = marks.length / each;
  for (var n = 0; n < this.n; n++) {
    for (var k = 0; k < m; k++) {
      var has = Math.floor(marks[n * each + Math.floor(k / MARKS)] / Math.pow(2, k % MARKS)) % 2;
      this.begins.push(has ? at : -1);
      at += has * packed.size;
    }
  }
  var ends = unpack.whole(packed.ends, 2);
  this.ends = {}; // of a dial that does not go over its whole way
  for (var i = 0; i < ends.length; i += 4) this.ends[ends[i] * m + ends[i + 1]] = [ends[i + 2] / WAY, ends[i + 3] / WAY];
};

// What is known where no dial changes `rest`; null if nothing is.
Landmarks.prototype.near = function (rest) {
  if (!this.rests) this.read();
  var rests = this.rests, size = rest.length, most = this.packed.radius * this.packed.radius, at = 0;
  for (var n = 0; n < this.n; n++, at += size) {
    var apart = 0;
    for (var i = 0; i < size && apart < most; i++) {
      var difference = rests[at + i] + 0.5 - rest[i];
      apart += difference * difference;
    }
    if (apart < most) return this.landmark(n, 1 - Math.sqrt(apart) / this.packed.radius); // there is no other
  }
  return null;
};

Landmarks.prototype.landmark = function (n, share) {
  var found = new Landmark();
  for (var k = 0; k < this.n_dials; k++) {
    var of = n * this.n_dials + k, ends = this.ends[of], begin = this.begins[of], curve = null;
    found.low.push(ends ? share * ends[0] : 0);
    found.high.push(ends ? 1 - share * (1 - ends[1]) : 1);
    if (begin >= 0) {
      curve = [];
      for (var j = 0; j < this.packed.size; j++) curve.push(share * STEP_DB * (this.curves[begin + j] - ZERO));
    }
    found.curves.push(curve);
  }
  return found;
};

// For each dial: the part of its way that it goes over, and what the volume is given along the whole of it, in dB.
function Landmark() {
  this.low = [];
  this.high = [];
  this.curves = [];
}

Landmark.prototype.volume_at = function (k, way) {
  var curve = this.curves[k];
  if (!curve) return 0;
  var at = Math.min(Math.max(way, 0), 1) * (curve.length - 1), j = Math.min(Math.floor(at), curve.length - 2);
  return curve[j] + (at - j) * (curve[j + 1] - curve[j]);
};

exports.Landmarks = Landmarks;
