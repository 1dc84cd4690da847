// The chart of a model's macros: what a dial does to free values, as models/steering/chart.py does it. See INTERFACES.md.
"use strict";

var unpack = require("fsl_unpack");
var flow = require("fsl_flow");

// Args: `chart` of a model: leads, courses, gains (a row a macro), leveler or null; the flow, whose own leveler it adds to.
function Chart(chart, known) {
  this.flow = known;
  this.leads = chart.leads;
  this.courses = unpack.rows(chart.courses);
  this.gains = unpack.rows(chart.gains);
  this.leveler = chart.leveler ? new flow.Network(chart.leveler, 1) : null;
  this.values = [];
}

// Position of macro k at free values; below 0 or above 1 past the ends.
Chart.prototype.position = function (k, free) {
  var course = this.courses[k], last = course.length - 1, value = free[this.leads[k]], sign = course[last] < course[0] ? -1 : 1;
  var j = 0;
  while (j < last - 1 && sign * course[j + 1] <= sign * value) j += 1;
  return (j + (value - course[j]) / (course[j + 1] - course[j])) / last;
};

// Move free values so that macro k is at a position, as loud as before.
Chart.prototype.turn = function (k, free, position) {
  var gains = this.gains[k], n = gains.length, called = this.leveler ? this.called_for(free, n) : 0;
  var step = within(position) - within(this.position(k, free)); // past an end a dial moves its lead alone
  for (var i = 0; i < n; i++) free[i] += gains[i] * step;
  free[this.leads[k]] = this.lead_at(k, position);
  if (this.leveler) free[n] += this.called_for(free, n) - called;
};

Chart.prototype.lead_at = function (k, position) {
  var course = this.courses[k], last = course.length - 1;
  var j = Math.min(Math.max(Math.floor(position * last), 0), last - 1);
  return course[j] + (position * last - j) * (course[j + 1] - course[j]);
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
