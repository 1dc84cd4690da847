// The chart of a model's macros: what a dial does to free values, as models/steering/chart.py does it. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");
var flow = require("fsl_flow");
var Landmarks = require("fsl_landmarks").Landmarks;

// Args: `chart` of a model: leads, courses, gains (a row a macro), leveler or null, landmarks or null; the flow, whose own leveler
// it adds to.
function Chart(chart, known) {
  this.flow = known;
  this.leads = chart.leads;
  this.courses = unpack.rows(chart.courses);
  this.gains = unpack.rows(chart.gains);
  this.leveler = chart.leveler ? new flow.Network(chart.leveler, 1) : null;
  this.landmarks = chart.landmarks ? new Landmarks(chart.landmarks, this.leads.length) : null;
  this.values = [];
}

// What is known near free values: a landmark, or null. Turning dials does not change it.
Chart.prototype.near = function (free) {
  return this.landmarks ? this.landmarks.near(this.rest(free)) : null;
};

// What no dial changes of free values, each number within 0 to 1.
Chart.prototype.rest = function (free) {
  var n = this.gains[0].length, still = free.slice(0, n), rest = [];
  for (var k = 0; k < this.leads.length; k++) {
    var gains = this.gains[k], at = within(this.way(k, free));
    for (var i = 0; i < n; i++) still[i] -= gains[i] * at;
  }
  flow.squashed(still, n, still);
  for (var j = 0; j < n; j++) if (this.leads.indexOf(j) < 0) rest.push(still[j]);
  return rest;
};

// Position of macro k at free values, below 0 or above 1 past the ends. Args: near: what is known there.
Chart.prototype.position = function (k, free, near) {
  var way = this.way(k, free);
  return near ? (way - near.low[k]) / (near.high[k] - near.low[k]) : way;
};

// Position on the whole way of the lead's course.
Chart.prototype.way = function (k, free) {
  var course = this.courses[k], last = course.length - 1, value = free[this.leads[k]], sign = course[last] < course[0] ? -1 : 1;
  var j = 0;
  while (j < last - 1 && sign * course[j + 1] <= sign * value) j += 1;
  return (j + (value - course[j]) / (course[j + 1] - course[j])) / last;
};

// Move free values so that macro k is at a position, as loud as before. Args: near: what is known there.
Chart.prototype.turn = function (k, free, position, near) {
  var gains = this.gains[k], n = gains.length, called = this.leveler ? this.called_for(free, n) : 0;
  var before = this.way(k, free), way = near ? near.low[k] + position * (near.high[k] - near.low[k]) : position;
  var step = within(way) - within(before); // past an end a dial moves its lead alone
  for (var i = 0; i < n; i++) free[i] += gains[i] * step;
  free[this.leads[k]] = this.lead_at(k, way);
  if (!this.leveler) return;
  free[n] += this.called_for(free, n) - called;
  if (near) free[n] += near.volume_at(k, way) - near.volume_at(k, before);
};

Chart.prototype.lead_at = function (k, way) {
  var course = this.courses[k], last = course.length - 1;
  var j = Math.min(Math.max(Math.floor(way * last), 0), last - 1);
  return course[j] + (way * last - j) * (course[j + 1] - course[j]);
};

Chart.prototype.called_for = function (free, n) {
  this.flow.read_all();
  var values = flow.squashed(free, n, this.values), called = this.leveler.of(values)[0];
  return this.flow.leveler ? called + this.flow.leveler.of(values)[0] : called;
};

function within(v) {
  return Math.min(Math.max(v, 0), 1);
}

exports.Chart = Chart;
