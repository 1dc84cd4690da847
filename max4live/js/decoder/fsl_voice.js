// A player that is heard: it sends what the server would, as often, and reads its weights bit by bit. See INTERFACES.md.
"use strict";

var REST_MS = 120; // as in the server: then all are told the point
var STEP_MS = 20; // from decode to decode, as from frame to frame of the server
var READ_MS = 10; // between two parts of the weights
var PRESETS_AT_ONCE = 10, PRESETS_MS = 10;
var N_RECENT = 8; // patches: a frame of the server is a little late

// Args: a Player; what is called before it is heard; what hears its patches; what hears `macros ..`, `latent ..`, `place X Y`.
function Voice(player, before, values, tell) {
  var self = this;
  this.player = player;
  this.before = before;
  this.values = values;
  this.tell = tell;
  this.hurries = false; // plays at once, however often: an export runs faster than the clock
  this.due = false;
  this.jumped = false; // or turned
  this.recent = [];
  this.began_ms = 0; // the last decode
  this.cost_ms = 0;
  this.reader = new Task(function () { self.read(); });
  this.next = new Task(function () { self.play_now(); });
  this.settler = new Task(function () { self.tell_point(); });
  this.n_listed = 0; // presets
  this.lister = new Task(function () { self.list_presets(); });
}

// Args: whether all dials are to be told, as after a preset.
Voice.prototype.play = function (jumped) {
  if (jumped) this.jumped = true;
  if (this.due) return;
  if (!this.player.is_read() && !this.hurries) { // it plays when it has been read
    this.due = true;
    this.read_soon(READ_MS);
    return;
  }
  var wait = (this.hurries ? 2 * this.cost_ms : STEP_MS) - (now_ms() - this.began_ms);
  if (wait > 0) {
    this.due = true;
    this.next.schedule(wait);
  } else {
    this.play_now();
  }
};

Voice.prototype.play_now = function () {
  this.due = false;
  this.began_ms = now_ms();
  this.player.settle();
  this.before();
  var patch = this.player.current();
  this.cost_ms = now_ms() - this.began_ms;
  this.values(patch);
  this.recent.push(patch);
  if (this.recent.length > N_RECENT) this.recent.shift();
  this.settler.cancel();
  if (this.jumped) {
    this.jumped = false;
    this.tell_all();
  } else {
    this.settler.schedule(REST_MS);
  }
};

// For what has just begun to hear.
Voice.prototype.again = function () {
  if (!this.began_ms || !this.player.is_read()) return;
  this.before();
  this.values(this.player.current());
};

Voice.prototype.stop = function () {
  this.due = false;
  this.recent = [];
  this.next.cancel();
  this.settler.cancel();
};

// Everything that a server tells a new client.
Voice.prototype.introduce = function () {
  var labels = this.player.model.labels, kinds = this.player.model.presets.kinds;
  for (var i = 0; i < labels.length; i++) this.tell(["name", i, labels[i]]);
  this.tell_dials(true);
  this.tell_all();
  for (var j = 0; j < kinds.length; j++) this.tell(["kind"].concat(kinds[j]));
  this.n_listed = 0;
  this.list_presets();
};

Voice.prototype.list_presets = function () {
  var presets = this.player.presets(), n = presets.names.length;
  for (var i = 0; i < PRESETS_AT_ONCE && this.n_listed < n; i++, this.n_listed++) {
    this.tell(["preset", this.n_listed, presets.names[this.n_listed]].concat(presets.places[this.n_listed]));
  }
  if (this.n_listed < n) this.lister.schedule(PRESETS_MS);
};

// Args: whether a dial whose macro is not here says so, instead of its name.
Voice.prototype.tell_dials = function (is_alone) {
  var dials = this.player.dials;
  for (var k = 0; k < dials.length; k++) this.tell(["macroname", k, is_alone && dials[k].at < 0 ? "Server only" : dials[k].name]);
};

Voice.prototype.tell_all = function () {
  this.tell(["macros"].concat(this.player.positions()));
  this.tell_point();
};

Voice.prototype.tell_point = function () {
  this.tell(["latent"].concat(this.player.z));
  this.tell(["place"].concat(this.player.place()));
};

Voice.prototype.read_soon = function (after_ms) {
  if (this.player.is_read()) return;
  this.reader.cancel();
  this.reader.schedule(after_ms === undefined ? READ_MS : after_ms);
};

Voice.prototype.read = function () {
  if (this.player.read()) this.reader.schedule(READ_MS);
  else if (this.due) this.play_now();
};

// Whether a frame of the server is what was heard here lately.
Voice.prototype.played = function (frame, same) {
  for (var k = 0; k < this.recent.length; k++) if (difference(frame, this.recent[k]) <= same) return true;
  return false;
};

function difference(a, b) {
  var most = 0;
  if (a.length !== b.length) return 1;
  for (var i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

function now_ms() {
  return new Date().getTime();
}

exports.difference = difference;
exports.Voice = Voice;
