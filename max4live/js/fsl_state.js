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
  var REST_MS = 1500; // one entry in Live's undo history for a whole gesture, not one for each step
  var MOST = 64;
  var SAME = 1e-6;

  var point = null; // {model, synth, latent, frame}: what the Set holds, or soon will
  var stored = null; // the point as last stored or restored, to recognize it
  var server = null; // {model, synth, D, P} while there is one
  var latent = null; // the server's, not stored yet
  var started = false;

  var storing = new Task(ask);

  var messages = {
    start: function () {
      started = true;
      outlet(PATCH, ["kind", point ? "device" : "fresh"]);
      if (point) outlet(PATCH, ["known", point.synth, point.frame.length]);
      outlet(PATCH, ["gate", 0]);
    },
    restore: function (args) {
      var read = parse(args);
      if (!read) return; // empty, or not one of ours: the point stays
      if (same(read, stored)) return; // pattr sends back what it was given
      point = stored = read;
      storing.cancel();
      latent = null;
      if (!started) return;
      outlet(PATCH, ["kind", "device"]);
      if (server) send(); // Live's undo: the sound goes back as well
      else replay();
    },
    online: function (args) {
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
      storing.cancel();
      storing.schedule(REST_MS);
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

  function ask() {
    outlet(PATCH, "ask");
  }

  // The exact point if the model is the same; the synth's own values if only the parameters are.
  function send() {
    if (point.model === server.model && point.latent.length === server.D) {
      outlet(SERVER, [SEND.latent].concat(point.latent));
    } else if (point.synth === server.synth && point.frame.length === server.P) {
      outlet(SERVER, [SEND.patch].concat(point.frame));
      outlet(TEXT, ["info", "this Set was made with the model " + point.model + ": the sound stays, the dials follow it"]);
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
