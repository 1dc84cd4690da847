// The point of the sound, stored in the Set and restored: to the server if there is one, otherwise to the synth.
// See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, VALUES = 1, STORE = 2, PATCH = 3, TEXT = 4;
  var FORMAT = 1;
  var REST_MS = 1500; // one entry in Live's undo history for a whole turn of a dial, not one for each step
  var SETTLE_MS = 200; // after anything else the dials are written as well, in the same moment
  var RECENT_MS = 500; // the server's answer belongs to what was done here so long ago
  var QUIET_MS = 500; // what the server says after a greeting, or after Live's undo, is no news
  // Why the sound moved, the reason that counts most last. Only the last two are worth an entry in Live's undo history.
  var QUIET = 0, AUTOMATION = 1, HAND = 2, OTHER = 3;
  var MOST = 64;
  var SAME = 1e-6;

  var point = null; // {model, synth, latent, frame}: what the Set holds, or soon will
  var stored = null; // the point as last stored or restored, to recognize it
  var server = null; // {model, synth, D, P} while there is one
  var latent = null; // the server's, not stored yet
  var started = false;
  var cause = QUIET;
  var quiet_until_ms = 0, automated_at_ms = 0, turned_at_ms = 0, acted_at_ms = 0;

  var storing = new Task(rest);

  var messages = {
    start: function () { // again when a preset of the device is loaded: the gate is then as it should be
      outlet(PATCH, ["kind", point ? "device" : "fresh"]);
      if (point) outlet(PATCH, ["known", point.synth, point.frame.length]);
      if (!started) outlet(PATCH, ["gate", 0]);
      started = true;
    },
    restore: function (args) {
      var read = parse(args);
      if (!read) return; // empty, or not one of ours: the point stays
      if (same(read, stored)) return; // pattr sends back what it was given
      point = stored = read;
      be_quiet();
      if (!started) return;
      outlet(PATCH, ["kind", "device"]);
      if (server) send(); // Live's undo: the sound goes back as well
      else replay();
    },
    online: function (args) {
      be_quiet();
      server = { model: String(args[4]), synth: String(args[5]), D: Number(args[2]), P: Number(args[3]) };
      if (point) send();
      outlet(PATCH, ["gate", 1]);
    },
    offline: function () {
      server = null;
      outlet(PATCH, ["gate", 0]);
    },
    latent: function (args) {
      if (!server || args.length !== server.D) return;
      latent = args.slice();
      cause = Math.max(cause, why());
      storing.cancel();
      storing.schedule(cause === HAND ? REST_MS : SETTLE_MS);
    },
    hand: function () { // a dial was turned here; while a Set opens, nobody has
      if (!server) return;
      turned_at_ms = now_ms();
      quiet_until_ms = 0;
    },
    automated: function () { // Live's automation turned one
      automated_at_ms = now_ms();
    },
    acted: function () { // a preset, the map, Vary: something else was used here
      if (!server) return;
      acted_at_ms = now_ms();
      quiet_until_ms = 0;
    },
    frame: function (args) {
      if (!server || !latent || args.length !== server.P) return;
      point = { model: server.model, synth: server.synth, latent: latent, frame: args.slice() };
      latent = null;
      if (same(point, stored)) return;
      stored = point;
      outlet(STORE, write(point));
      outlet(PATCH, ["kind", "device"]);
    },
    bound: function (args) {
      if (!server && Number(args[0]) > 0) replay();
    }
  };

  function why() {
    var now = now_ms();
    if (now - acted_at_ms < RECENT_MS) return OTHER;
    if (now - turned_at_ms < RECENT_MS) return HAND;
    if (now < quiet_until_ms) return QUIET;
    return now - automated_at_ms < RECENT_MS ? AUTOMATION : OTHER;
  }

  function be_quiet() {
    storing.cancel();
    latent = null;
    cause = QUIET;
    quiet_until_ms = now_ms() + QUIET_MS;
  }

  // The sound has come to rest: the dials and the stored point are written in one moment, or neither is.
  function rest() {
    var worth = cause >= HAND;
    cause = QUIET;
    outlet(PATCH, ["dials", worth ? "follow" : "baseline"]);
    if (worth) outlet(PATCH, "ask");
  }

  function now_ms() {
    return new Date().getTime();
  }

  // The exact point if the model is the same; the synth's own values if only the parameters are.
  function send() {
    if (point.model === server.model && point.latent.length === server.D) {
      outlet(SERVER, [SEND.latent].concat(point.latent));
    } else if (point.synth === server.synth && point.frame.length === server.P) {
      outlet(SERVER, [SEND.patch].concat(point.frame));
      outlet(TEXT, ["info", "this Set was made with the model " + point.model + ": the sound stays until you turn a dial"]);
    } else {
      outlet(TEXT, ["info", "this Set was made with the model " + point.model + ": start the server with --model " + point.model + " to hear it"]);
    }
  }

  function replay() {
    if (started && point) outlet(VALUES, point.frame);
  }

  function write(of) {
    return [FORMAT, of.model, of.synth, of.latent.length].concat(of.latent, [of.frame.length], of.frame);
  }

  function same(a, b) {
    return b !== null && a.model === b.model && a.synth === b.synth && close(a.latent, b.latent) && close(a.frame, b.frame);
  }

  function close(a, b) { // rounding to float32 is not a change
    if (a.length !== b.length) return false;
    for (var i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > SAME * Math.max(1, Math.abs(a[i]))) return false;
    return true;
  }

  // The point in a stored list, or null if it is not one of ours.
  function parse(list) {
    if (Number(list[0]) !== FORMAT || list.length < 6) return null;
    var n_latent = Number(list[3]);
    var n_frame = Number(list[4 + n_latent]);
    if (!(n_latent >= 1 && n_latent <= MOST && n_frame >= 1 && n_frame <= MOST) || list.length !== 5 + n_latent + n_frame) return null;
    var z = numbers(list.slice(4, 4 + n_latent), -1e4, 1e4);
    var v = numbers(list.slice(5 + n_latent), 0, 1);
    return z && v ? { model: String(list[1]), synth: String(list[2]), latent: z, frame: v } : null;
  }

  function numbers(list, low, high) {
    for (var i = 0; i < list.length; i++) if (!(typeof list[i] === "number" && list[i] >= low && list[i] <= high)) return null;
    return list;
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
