// A path through the sounds: points in order, travelled at equal speed, as server/instrument/sound_path.py does it.
// See INTERFACES.md.
"use strict";

var MAX_POINTS = 64;

// A path in latents, or in patches: points of one kind.
function SoundPath() {
  this.points = [];
  this.ends = []; // length of the path up to the end of each step
}

// Add a point at the end; returns whether there was room.
SoundPath.prototype.add = function (point) {
  var n = this.points.length;
  if (n >= MAX_POINTS) return false;
  if (n) this.ends.push((n > 1 ? this.ends[n - 2] : 0) + distance(this.points[n - 1], point));
  this.points.push(point.slice());
  return true;
};

SoundPath.prototype.clear = function () {
  this.points = [];
  this.ends = [];
};

// Set `out` to the point at a position, 0 to 1 of the path's length; returns whether there are two points to travel between.
SoundPath.prototype.at = function (position, out) {
  var ends = this.ends, last = ends.length - 1, k = 0;
  if (last < 0) return false;
  var along = position * ends[last];
  while (k < last && ends[k] < along) k += 1;
  var length = ends[k] - (k ? ends[k - 1] : 0);
  var share = length > 0 ? Math.min(Math.max(1 - (ends[k] - along) / length, 0), 1) : 0;
  for (var i = 0; i < this.points[k].length; i++) out[i] = (1 - share) * this.points[k][i] + share * this.points[k + 1][i];
  return true;
};

function distance(a, b) {
  var square = 0;
  for (var i = 0; i < a.length; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
  return Math.sqrt(square);
}

exports.SoundPath = SoundPath;
