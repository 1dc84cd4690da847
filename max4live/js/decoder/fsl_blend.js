// The preset map: values between known places, as server/instrument/blend.py mixes them. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");

var N_NEAR = 4;
var REACH = 1.25; // of the distance to the last of the nearest, so that their weights are never all zero
var SAME = 1e-9;

var distances = [];
var nearest = []; // the N_NEAR least distances, in order

// Set `out` to the mean of the values of the anchors nearest to a point, the nearer the heavier; at an anchor its value.
// Franke and Little's modification of Shepard's method. Args: the first n of the anchors, at least one, and of their values.
function blend(point, anchors, values, n, out) {
  var first = survey(point, anchors, n), least = distances[first], size = values[first].length, i, k;
  if (least < SAME) {
    for (i = 0; i < size; i++) out[i] = values[first][i];
    return;
  }
  var reach = REACH * nearest[nearest.length - 1], sum = 0;
  for (i = 0; i < size; i++) out[i] = 0;
  for (k = 0; k < n; k++) {
    if (!(distances[k] < reach)) continue;
    var share = least / distances[k] - least / reach, weight = share * share, value = values[k];
    sum += weight;
    for (i = 0; i < size; i++) out[i] += weight * value[i];
  }
  for (i = 0; i < size; i++) out[i] /= sum;
}

// Fill `distances` and `nearest`; returns the nearest anchor, of several the first.
function survey(point, anchors, n) {
  var first = 0;
  nearest.length = 0;
  for (var k = 0; k < n; k++) {
    var anchor = anchors[k], square = 0;
    for (var i = 0; i < point.length; i++) square += (anchor[i] - point[i]) * (anchor[i] - point[i]);
    var distance = Math.sqrt(square);
    distances[k] = distance;
    if (distance < distances[first]) first = k;
    var at = nearest.length;
    while (at > 0 && nearest[at - 1] > distance) at -= 1;
    if (at < N_NEAR) nearest.splice(at, 0, distance);
    if (nearest.length > N_NEAR) nearest.length = N_NEAR;
  }
  return first;
}

// Args: `presets` of a model: names, places, latents.
function PresetMap(presets) {
  this.names = presets.names;
  this.places = unpack.rows(presets.places);
  this.latents = unpack.rows(presets.latents);
  this.n_known = this.names.length; // and one more, the place gone to last
}

// Set `z` to the latent of a preset; returns whether there is one of that name.
PresetMap.prototype.find = function (name, z) {
  var k = this.names.indexOf(name);
  if (k >= 0) copy(this.latents[k], z);
  return k >= 0;
};

// Set `z` to the latent at a place of the map: a preset's own where one lies, else a blend; returns whether there is a map.
PresetMap.prototype.at = function (x, y, z) {
  var n = this.names.length;
  if (n) blend([x, y], this.places, this.latents, n, z);
  return n > 0;
};

// Estimate where on the map a latent lies; the place gone to last counts as one more preset. Returns [x, y].
PresetMap.prototype.place_of = function (z) {
  var place = [0.5, 0.5];
  if (this.n_known) blend(z, this.latents, this.places, this.n_known, place);
  for (var i = 0; i < 2; i++) place[i] = Math.min(Math.max(place[i], 0), 1);
  return place;
};

// Remember that a latent lies at a place, because somebody went there.
PresetMap.prototype.remember = function (x, y, z) {
  var n = this.names.length;
  this.places[n] = [x, y];
  this.latents[n] = z.slice();
  this.n_known = n + 1;
};

function copy(from, to) {
  for (var i = 0; i < from.length; i++) to[i] = from[i];
}

exports.blend = blend;
exports.PresetMap = PresetMap;
