// The part of the map that is shown: places to pixels and back, zoom, and moving what is shown. For others to require.
"use strict";

var SIDE = 8, TOP = 8, BOTTOM = 20; // px around the map; the name of the preset is below it
var MOST = 8; // times

function View() {
  this.zoom = 1;
  this.left = 0; // the place at the bottom left of what is shown
  this.low = 0;
  this.width = 1;
  this.height = 1;
}

View.prototype.resize = function (width, height) {
  this.width = Math.max(1, width - 2 * SIDE);
  this.height = Math.max(1, height - TOP - BOTTOM);
};

View.prototype.px = function (x) {
  return SIDE + (x - this.left) * this.zoom * this.width;
};

View.prototype.py = function (y) { // up is more, as on a dial
  return TOP + (1 - (y - this.low) * this.zoom) * this.height;
};

// The place under the mouse, kept inside what is shown.
View.prototype.place = function (px, py) {
  return {
    x: this.left + clip((px - SIDE) / this.width) / this.zoom,
    y: this.low + clip(1 - (py - TOP) / this.height) / this.zoom
  };
};

View.prototype.holds = function (x, y) {
  var span = 1 / this.zoom;
  return x >= this.left && x <= this.left + span && y >= this.low && y <= this.low + span;
};

View.prototype.magnify = function (times, x, y) {
  this.zoom = Math.min(MOST, Math.max(1, this.zoom * times));
  this.centre(x, y);
};

View.prototype.centre = function (x, y) {
  var span = 1 / this.zoom;
  this.left = Math.min(1 - span, Math.max(0, x - span / 2));
  this.low = Math.min(1 - span, Math.max(0, y - span / 2));
};

View.prototype.move = function (px, py) {
  var span = 1 / this.zoom;
  this.centre(this.left + span / 2 - px / this.width * span, this.low + span / 2 + py / this.height * span);
};

function clip(v) {
  return v > 0 ? (v < 1 ? v : 1) : 0;
}

exports.View = View;
exports.MOST = MOST;
