// What a macro does from where a player is: the parameters that it moves most, as server/instrument/curves.py finds them,
// a few decodes at a time. See INTERFACES.md.
"use strict";

var N_PLACES = 50;
var AT_ONCE = 2, PAUSE_MS = 10; // decodes in one go

// Args: a Player; what hears `curve parameter NAME V*50`.
function Walk(player, tell) {
  var self = this;
  this.player = player;
  this.tell = tell;
  this.patches = [];
  this.k = 0;
  this.n = 0;
  this.z = null;
  this.stepper = new Task(function () { self.step(); });
}

// Begin anew, with macro k and the n strongest parameters.
Walk.prototype.begin = function (k, n) {
  if (!(k >= 0 && k < this.player.n_macros && k === Math.floor(k) && n >= 1)) return;
  this.k = k;
  this.n = n;
  this.z = null;
  this.patches = [];
  this.stepper.cancel();
  this.stepper.schedule(PAUSE_MS);
};

Walk.prototype.step = function () {
  for (var i = 0; i < AT_ONCE && this.player.is_read(); i++) {
    if (!this.z) this.z = this.player.z; // turns that waited for the weights are in it
    var z = this.z.slice(), patch = [];
    this.player.macros.turn(z, this.k, this.patches.length / (N_PLACES - 1));
    if (!this.player.flow.decode(z, patch)) return;
    this.patches.push(patch);
  }
  if (this.patches.length < N_PLACES) this.stepper.schedule(PAUSE_MS);
  else this.tell_strongest();
};

Walk.prototype.tell_strongest = function () {
  var curves = [], labels = this.player.model.labels;
  for (var j = 0; j < labels.length; j++) {
    var values = [];
    for (var i = 0; i < N_PLACES; i++) values.push(this.patches[i][j]);
    curves.push({ at: j, values: values, range: Math.max.apply(null, values) - Math.min.apply(null, values) });
  }
  curves.sort(function (a, b) { return b.range - a.range || a.at - b.at; });
  for (var k = 0; k < this.n && k < curves.length; k++) this.tell(["curve", "parameter", labels[curves[k].at]].concat(curves[k].values));
};

exports.Walk = Walk;
