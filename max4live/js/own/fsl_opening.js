// Which of people's own presets plays here, and how far the one is that was asked for. For fsl_library to require.
"use strict";

var ARRIVED_MS = 4000; // one that plays already is answered by nothing

// `changed` is called when the list has to be drawn again.
function Opening(changed) {
  var self = this;
  this.changed = changed;
  this.arriver = new Task(function () { self.arrive(); });
  this.forget();
}

Opening.prototype.forget = function () {
  this.arriver.cancel();
  this.playing = this.wished = ""; // names
  this.note = ""; // how far it is
  this.is_mine = false; // whether it was asked for here
};

// The preset that is meant by "this".
Opening.prototype.name = function () {
  return this.wished || this.playing;
};

Opening.prototype.ask = function (name) {
  this.wished = name;
  this.note = "opening";
  this.is_mine = true;
  this.arriver.cancel();
  this.arriver.schedule(ARRIVED_MS);
};

// Another model plays: the one that was asked for, or somebody's choice. Returns whether it was asked for here.
Opening.prototype.arrive = function () {
  var was_mine = this.is_mine && this.wished !== "";
  this.playing = this.wished;
  this.wished = "";
  this.is_mine = false;
  if (this.note === "opening" || this.note === "reading") this.note = "";
  this.arriver.cancel();
  this.changed();
  return was_mine;
};

// Args: name, state, how much is done. Returns what to say, or an empty text.
Opening.prototype.progress = function (args) {
  var name = String(args[0]), state = String(args[1]), done = Number(args[2]);
  if (args.length < 3 || !(done >= 0 && done <= 1)) return "";
  this.arriver.cancel();
  this.note = state === "macros" ? Math.round(100 * done) + " %" : state === "begins" ? "reading" : "";
  if (state === "ready") this.playing = name;
  if (name !== this.playing) this.wished = name;
  if (state === "ready" || state === "failed") this.wished = "";
  if (state === "macros") this.arriver.schedule(ARRIVED_MS);
  return state === "macros" && done > 0 ? ": its macros are being made, " + this.note : "";
};

Opening.prototype.refused = function () {
  if (this.note === "opening") this.wished = this.note = "";
};

exports.Opening = Opening;
