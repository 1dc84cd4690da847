// What the Set holds: the point of the sound, whose it is, and the instrument that it is linked to. It is restored to the
// server if there is one, otherwise to the synth.
// See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var stored_as = require("fsl_stored");
var Vocabulary = require("fsl_vocabulary").Vocabulary;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, VALUES = 1, STORE = 2, PATCH = 3, TEXT = 4;
  var NONE = stored_as.NONE;
  var REST_MS = 1500; // one entry in Live's undo history for a whole turn of a dial, not one for each step
  var SETTLE_MS = 200; // after anything else
  var RECENT_MS = 500; // the server's answer belongs to what was done here so long ago
  var QUIET_MS = 500; // what the server says after a greeting, or after Live's undo, is no news
  var ASKED_MS = 10000; // so long after the point's model was asked for, other models are no choice of the player's
  // Why the sound moved, the reason that counts most last. Only the last two are worth an entry in Live's undo history.
  var QUIET = 0, AUTOMATION = 1, HAND = 2, OTHER = 3;
  var GREETING = 2; // connection 2: from here on the server is sent our identity

  var point = null; // {model, synth, latent, frame, identity, link, name}: what the Set holds, or soon will
  var stored = null; // the point as last stored or restored, to recognize it
  var server = null; // {model, synth, D, P} while there is one, or fsl_decode plays in its place
  var here = null; // the point at which fsl_decode hands over to a server
  var latent = null; // the server's, not stored yet
  // Our instrument's identity. It is stored with the point and never by itself: a new device, or a duplicated one, has only
  // the entry in Live's undo history that Live makes. Once the server knows it, neither undo nor a preset changes it.
  var identity = NONE, is_settled = false;
  var vocabulary = new Vocabulary(), dials = []; // KEY NAME of the macro on each dial
  var link = NONE, link_name = NONE; // the instrument that the player linked us to
  var shared = NONE; // the one that the server has linked us to
  var is_told = false; // whether the server has said what is on the dials
  var is_alone = false; // the linked instrument is not here
  var is_owed = false; // the point has to go to the server, once it is clear that it goes to our own instrument
  var run = null, is_model_owed = false, asked_at_ms = -ASKED_MS; // a new server, and Live's undo, ask for the point's model
  var is_joining = false, is_leaving = false; // the player has just made the link, or ended it
  var stored_link = NONE; // the link that goes into the Set with the frame that was asked for
  var started = false;
  var is_echo_due = false; // of what was stored
  var cause = QUIET;
  var quiet_until_ms = 0, automated_at_ms = 0, turned_at_ms = 0, acted_at_ms = 0;

  var storing = new Task(rest);

  var messages = {
    start: function () { // again when a preset of the device is loaded: the gate is then as it should be
      if (identity === NONE) identity = new_identity();
      outlet(PATCH, ["kind", point ? "device" : "fresh"]);
      outlet(PATCH, ["identity", identity]);
      outlet(PATCH, ["wants", link, link_name]);
      if (point) outlet(PATCH, ["known", point.synth, point.frame.length]);
      if (!started) outlet(PATCH, ["gate", 0]);
      started = true;
    },
    connection: function (args) {
      if (Number(args[0]) === GREETING) is_settled = true;
    },
    restore: function (args) {
      var read = stored_as.parse(args);
      if (!read) return; // empty, or not one of ours: the point stays
      var is_echo = is_echo_due && stored_as.same(read, stored); // pattr sends back what it was given
      is_echo_due = false;
      if (started && !is_echo) outlet(PATCH, "restored");
      if (stored_as.same(read, stored)) return;
      if (!is_settled && read.identity !== NONE) identity = read.identity;
      point = stored = read;
      outlet(PATCH, ["sound", point.model]);
      dials = server ? dials : read.dials;
      if (dials.length) outlet(PATCH, ["dials"].concat(dials));
      link_name = read.name;
      is_joining = is_leaving = false;
      be_quiet();
      if (started) outlet(PATCH, ["kind", "device"]);
      if (started && !is_settled) outlet(PATCH, ["identity", identity]);
      want(read.link);
      if (!started) return;
      is_owed = is_model_owed = true; // Live's undo: the sound goes back as well
      if (server) settle();
      else replay();
    },
    vocabulary: function (args) { // what the server says is on the dials; fsl_decode has it from us
      var before = dials.join("\n");
      if (!vocabulary.add(args)) return;
      dials = vocabulary.on_dials();
      if (is_told && dials.join("\n") !== before) keep(link); // the player has just chosen others
      is_told = true;
    },
    here: function (args) {
      here = args.slice();
    },
    plays: function (args) { // the server has answered our hello
      var before = shared, heard = latent;
      if (args.length < 2) return;
      is_settled = true;
      identity = String(args[0]);
      shared = String(args[1]);
      if (shared === before) return;
      be_quiet();
      if (shared !== NONE) is_alone = false;
      if (is_joining || is_leaving) { // what plays now is news, whether the server's word of it has come yet or not
        acted_at_ms = now_ms();
        latent = heard;
        cause = OTHER;
        storing.schedule(SETTLE_MS);
      }
      is_leaving = false;
      settle();
    },
    link: function (args) { // the player links us to the instrument of this identity and name, or ends that
      var id = String(args[0]);
      if (id === link) return;
      link_name = args.slice(1).join(" ") || NONE;
      is_leaving = id === NONE && shared !== NONE;
      is_joining = id !== NONE && server !== null;
      if (!is_leaving) keep(id);
      want(id);
    },
    alone: function (args) { // whether the linked instrument is not here: then our own sound plays
      is_alone = Number(args[0]) !== 0;
      if (is_alone) joined();
      settle();
    },
    named: function () { // others are linked to us: they have to find us again when the Set is opened
      if (!stored || stored.identity !== identity) keep(link);
    },
    online: function (args) {
      var is_new_run = Number(args[0]) !== run, is_asked = now_ms() - asked_at_ms < ASKED_MS;
      // Its macros have come, the sound is what it was: what was said of it is still to be stored.
      var is_same = !is_new_run && server && server.model === String(args[4]) && server.D === Number(args[2]);
      if (here) quiet_until_ms = now_ms() + QUIET_MS; // a dial may just have been turned, and is stored when it rests
      else if (!is_same) be_quiet();
      if (!is_new_run && !here && !is_asked) acted_at_ms = now_ms(); // a model, or a preset of their own, was chosen
      server = { model: String(args[4]), synth: String(args[5]), D: Number(args[2]), P: Number(args[3]) };
      is_told = false;
      if (is_new_run) is_model_owed = Number(args[0]) !== 0;
      run = Number(args[0]);
      is_alone = run === 0; // no server, but fsl_decode: whatever we are linked to is not here
      is_owed = here !== null || (point !== null && (is_new_run || is_owed || (is_asked && server.model === point.model)));
      if (is_owed) asked_at_ms = -ASKED_MS;
      if (here && !is_clear()) outlet(PATCH, ["gate", 0]); // a dial would turn an instrument that is not to be heard
      settle();
    },
    offline: function () {
      server = null;
      run = null;
      shared = NONE;
      is_alone = false;
      latent = null;
      joined();
      if (is_leaving) keep(NONE);
      is_leaving = false;
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
      store({ model: server.model, synth: server.synth, latent: latent, frame: args.slice(), link: stored_link });
      latent = null;
    },
    bound: function (args) {
      if (server) outlet(PATCH, ["bound", Number(args[0])]);
      else if (Number(args[0]) > 0) replay();
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

  // The sound has come to rest: what the player did is stored.
  function rest() {
    var worth = cause >= HAND;
    cause = QUIET;
    if (worth && plays_own()) ask(link);
    if (worth) joined();
  }

  // Whether what sounds is our own instrument: only that belongs into this device's state.
  function plays_own() {
    return shared === NONE && (link === NONE || is_alone);
  }

  function is_clear() {
    return shared === link || plays_own();
  }

  // It is clear what we play: our own instrument is sent its point, and the dials may speak.
  function settle() {
    if (!server || !is_clear()) return;
    if (is_owed && shared === NONE) {
      quiet_until_ms = now_ms() + QUIET_MS; // the server's answer to it is no news, however late it was clear
      send();
    }
    is_owed = false;
    here = null;
    outlet(PATCH, ["gate", 1]);
  }

  function want(id) {
    if (id === link) return;
    link = id;
    is_alone = false;
    if (started) outlet(PATCH, ["wants", link, link_name]);
  }

  // Store what is known of our own sound, with a link to this instrument.
  function keep(to) {
    storing.cancel();
    if (latent && plays_own()) ask(to);
    else if (point) store({ model: point.model, synth: point.synth, latent: point.latent, frame: point.frame, link: to });
  }

  function joined() {
    if (!is_joining) return;
    is_joining = false;
    if (point) store(point);
  }

  function ask(to) {
    stored_link = to;
    outlet(PATCH, "ask");
  }

  function store(next) {
    next.identity = identity;
    next.name = next.link === NONE ? NONE : link_name;
    next.dials = dials.slice();
    point = next;
    if (is_joining || stored_as.same(next, stored)) return; // a link is written in the same moment as the sound
    stored = next;
    is_echo_due = true;
    outlet(STORE, stored_as.write(next));
    outlet(PATCH, ["kind", "device"]);
  }

  // With a letter in front, or Max might read it as a number.
  function new_identity() {
    return "i" + hex(new Date().getTime()) + hex(Math.random() * 0x100000000) + hex(Math.random() * 0x100000000);
  }

  function hex(number) {
    return Math.floor(number).toString(16);
  }

  function now_ms() {
    return new Date().getTime();
  }

  // The exact point if the model is the same; the synth's own values if only the parameters are.
  function send() {
    var asks = is_model_owed && !here && point.model !== server.model;
    is_model_owed = false;
    if (asks) asked_at_ms = now_ms();
    if (asks) outlet(SERVER, [SEND.model, point.model]); // the answer is another welcome, and then the point is sent
    if (here) {
      outlet(SERVER, [SEND.latent].concat(here));
    } else if (point.model === server.model && point.latent.length === server.D) {
      outlet(SERVER, [SEND.latent].concat(point.latent));
    } else if (point.synth === server.synth && point.frame.length === server.P) {
      outlet(SERVER, [SEND.patch].concat(point.frame));
      outlet(TEXT, ["info", "this Set was made with the model " + point.model + ": the sound stays until you turn a dial"]);
    } else {
      outlet(TEXT, ["info", "this Set was made with the model " + point.model + ": if the server does not have it, start it with --model " + point.model]);
    }
  }

  function replay() {
    if (started && point) outlet(VALUES, point.frame);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
