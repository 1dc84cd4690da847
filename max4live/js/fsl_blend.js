// Points between points: inverse-distance weights, on the map and in the latent space. Read by fsl_map through require.
"use strict";

var NEARNESS = 3; // the power of the distance: high enough that a preset rules its own surroundings

function squared_distance(a, b) {
  var sum = 0;
  for (var i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Weights of places [[..], ..] at a point, of sum 1; all weight goes to a place that the point stands on.
function weights(point, places, same) {
  var out = [], sum = 0, i;
  for (i = 0; i < places.length; i++) {
    var d2 = squared_distance(point, places[i]);
    if (d2 <= same * same) {
      for (var j = 0; j < places.length; j++) out[j] = j === i ? 1 : 0;
      return out;
    }
    out.push(Math.pow(d2, -NEARNESS / 2));
    sum += out[i];
  }
  for (i = 0; i < out.length; i++) out[i] /= sum;
  return out;
}

function mean(vectors, by) {
  var out = [];
  for (var i = 0; i < vectors[0].length; i++) {
    out.push(0);
    for (var j = 0; j < vectors.length; j++) out[i] += by[j] * vectors[j][i];
  }
  return out;
}

exports.weights = weights;
exports.mean = mean;
