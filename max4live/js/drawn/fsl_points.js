// The presets of the map: their places, kinds and colours, and which of them is meant by a click. For others to require.
"use strict";

var SAME = 1e-5; // of a place that went through the network as float32
var OWN = "yours"; // where the player's own presets come among the kinds
var LIGHTNESS = 0.76, CHROMA = 0.13; // as in the panel, so that a kind has one colour everywhere

function Points() {
  this.clear();
  this.only = "";
}

Points.prototype.clear = function () {
  this.list = []; // {k, name, x, y, kind, color}: no kind is "", and no color null
  this.by_name = {};
  this.runs = []; // {kind, first, n}
  this.stale = false;
};

Points.prototype.put = function (k, name, x, y) {
  var key = "_" + name;
  if (!Object.prototype.hasOwnProperty.call(this.by_name, key)) {
    this.by_name[key] = this.list.length;
    this.list.push(null);
  }
  this.list[this.by_name[key]] = { k: k, name: name, x: x, y: y, kind: "", color: null }; // saved again, perhaps at another place
  this.stale = true;
};

Points.prototype.add_run = function (kind, first, n) {
  this.runs.push({ kind: kind, first: first, n: n });
  this.stale = true;
};

// Give each preset its kind, and each kind its colour, in the order of their names. The player's own are a kind as well,
// as in the panel; without kinds there are no colours.
Points.prototype.settle = function () {
  var names = [], i;
  if (!this.stale) return;
  this.stale = false;
  for (i = 0; i < this.list.length; i++) {
    this.list[i].kind = this.kind_of(this.list[i].k);
    if (names.indexOf(this.list[i].kind || OWN) < 0) names.push(this.list[i].kind || OWN);
  }
  names.sort();
  for (i = 0; i < this.list.length; i++) {
    var hue = (360 * names.indexOf(this.list[i].kind || OWN)) / names.length + 20;
    this.list[i].color = this.runs.length ? color_of(hue) : null;
  }
};

Points.prototype.kind_of = function (k) {
  for (var r = 0; r < this.runs.length; r++) if (k >= this.runs[r].first && k < this.runs[r].first + this.runs[r].n) return this.runs[r].kind;
  return "";
};

Points.prototype.faint = function (i) {
  return this.only !== "" && this.list[i].kind !== this.only;
};

// The preset at exactly this place, or -1; of several there, `wished` if it is one of them.
Points.prototype.at = function (x, y, wished) {
  var found = -1;
  for (var i = 0; i < this.list.length; i++) {
    if (Math.abs(this.list[i].x - x) > SAME || Math.abs(this.list[i].y - y) > SAME) continue;
    if (this.list[i].name === wished) return i;
    if (found < 0) found = i;
  }
  return found;
};

// The preset nearest to a place, or -1 without presets.
Points.prototype.nearest = function (x, y) {
  var best = -1, least = Infinity;
  for (var i = 0; i < this.list.length; i++) {
    var dx = this.list[i].x - x, dy = this.list[i].y - y, far = dx * dx + dy * dy;
    if (far < least) {
      least = far;
      best = i;
    }
  }
  return best;
};

// All that are within `reach` pixels of the mouse, the nearest first, without those of kinds that are not wanted.
Points.prototype.around = function (view, px, py, reach) {
  var found = [];
  this.settle();
  for (var i = 0; i < this.list.length; i++) {
    var dx = view.px(this.list[i].x) - px, dy = view.py(this.list[i].y) - py, far = dx * dx + dy * dy;
    if (far <= reach * reach && !this.faint(i)) found.push({ i: i, far: far });
  }
  found.sort(function (a, b) { return a.far - b.far || a.i - b.i; });
  return found.map(function (each) { return each.i; });
};

// OKLCH to sRGB (Ottosson, "A perceptual color space for image processing", 2020): equally bright in every hue.
function color_of(hue) {
  var a = CHROMA * Math.cos(hue * Math.PI / 180), b = CHROMA * Math.sin(hue * Math.PI / 180);
  var l = cube(LIGHTNESS + 0.3963377774 * a + 0.2158037573 * b);
  var m = cube(LIGHTNESS - 0.1055613458 * a - 0.0638541728 * b);
  var s = cube(LIGHTNESS - 0.0894841775 * a - 1.291485548 * b);
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  ];
}

function cube(v) {
  return v * v * v;
}

function encoded(v) {
  v = Math.min(1, Math.max(0, v));
  return v <= 0.0031308 ? 12.92 * v : 1.055 * Math.pow(v, 1 / 2.4) - 0.055;
}

exports.Points = Points;
