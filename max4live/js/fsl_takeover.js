// One dial and the sound that it turns. No script writes a dial, so after a preset the two are apart; the dial then takes
// over from where it is, and nothing jumps. See INTERFACES.md.
"use strict";

var STEEPEST = 4; // the sound never goes faster than so many times the dial
var SAME = 1e-4; // finer than a dial shows
var NEAR = 2e-3;
var MOST_PAST = 8;

// How the sound goes with the dial, from where both are to the ends, where they meet unless that is too steep.
function Way(dial, sound) {
  this.dial = dial;
  this.sound = sound;
  this.up = dial < 1 ? Math.min((1 - sound) / (1 - dial), STEEPEST) : 0;
  this.down = dial > 0 ? Math.min(sound / dial, STEEPEST) : 0;
}

Way.prototype.at = function (dial) {
  var moved = dial - this.dial;
  return Math.min(Math.max(this.sound + moved * (moved > 0 ? this.up : this.down), 0), 1);
};

// Whether it does not reach one of the ends.
Way.prototype.is_short = function () {
  return this.at(0) > SAME || this.at(1) < 1 - SAME;
};

var TOGETHER = new Way(0, 0);

// Positions, 0 to 1; null until they are known.
function Takeover() {
  this.dial = null;
  this.sound = null;
  this.way = TOGETHER;
  this.past = []; // ways of before: Live's undo brings back the sound first, and then the dial
  this.is_fresh = false; // no turn yet since the two came apart
}

Takeover.prototype.is_together = function () {
  return this.way === TOGETHER;
};

// Whether the dial would take the sound somewhere else than to this position.
Takeover.prototype.is_apart_from = function (sound) {
  return this.dial !== null && Math.abs(this.way.at(this.dial) - sound) > SAME;
};

// The sound has come to rest at a position, whoever moved it.
Takeover.prototype.hear = function (sound) {
  var moved = this.is_apart_from(sound);
  this.sound = sound;
  if (moved) this.go(this.known() || new Way(this.dial, sound));
  else if (this.way.is_short() && this.way.dial !== this.dial) this.go(new Way(this.dial, sound));
};

// The dial means what it says, wherever the sound is: automation plays it, or another device holds it.
Takeover.prototype.obey = function () {
  this.go(TOGETHER);
};

// The dial was turned; sets the position that the sound goes to.
Takeover.prototype.turn = function (dial) {
  this.dial = dial;
  var old = this.is_fresh && this.known();
  this.is_fresh = false;
  if (old) this.way = old;
  this.sound = this.way.at(dial);
  if (!this.is_together() && Math.abs(this.sound - dial) <= SAME) this.go(TOGETHER);
};

Takeover.prototype.go = function (way) {
  if (this.way === way) return;
  if (!this.is_together() && !this.is_fresh) this.past.push(this.way);
  if (this.past.length > MOST_PAST) this.past.shift();
  this.is_fresh = way !== TOGETHER;
  this.way = way;
};

// The last way on which dial and sound are where they are now, or null.
Takeover.prototype.known = function () {
  if (Math.abs(this.dial - this.sound) <= NEAR) return TOGETHER;
  for (var i = this.past.length - 1; i >= 0; i--) if (Math.abs(this.past[i].at(this.dial) - this.sound) <= NEAR) return this.past[i];
  return null;
};

exports.Takeover = Takeover;
