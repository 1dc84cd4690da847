// The dials: names that fit them, and where each takes the sound. A dial never moves by itself: each write would be an entry
// in Live's undo history. While one is apart from the sound, its turns come here instead of going to the server at once. See
// INTERFACES.md.
"use strict";

var ids = require("fsl_track").ids;
var Takeover = require("fsl_takeover").Takeover;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var NAMES = 0, SOUND = 1, CAUSE = 2, DIRECT = 3, MARKS = 4;
  var LONGEST = 11; // characters that fit a dial of 56 px; the pictures shorten names to the same length
  var N_MACROS = 8;
  var PLAYS = 1; // of `automation_state`: 0 there is none, 1 it plays, 2 it is overridden
  var UNKNOWN = -1; // the device plays by itself, and has not the macro of that dial
  var SETTLE_MS = 50;
  var OPEN_MS = 50; // turns that were waiting for us as the wires were opened did not go that way
  var RECENT_MS = 500; // what the server says of a dial that was turned so lately is behind it

  var reader = null, lanes = []; // for each macro its `automation_state`, as Live reports it
  var places = []; // of our macros among this device's parameters, from when they still had their own names
  var dials = [], direct = [], turned_ms = [], opened_ms = []; // direct: whether its turns go to the server without us
  var heard = null, heard_ms = 0; // the server's positions

  var finder = new Task(find);
  var settler = new Task(settle);

  for (var n = 0; n < N_MACROS; n++) {
    dials.push(new Takeover());
    direct.push(true);
    turned_ms.push(0);
    opened_ms.push(0);
  }

  var messages = {
    start: function () { // again when a preset of the device is loaded
      if (!reader) {
        reader = new LiveAPI(null, "this_device");
        for (var k = 0; k < N_MACROS; k++) lanes.push(new Lane(k));
      }
      find();
    },
    home: function () { // the device or its track was moved: ids are new
      finder.cancel();
      finder.schedule(SETTLE_MS);
    },
    online: forget,
    offline: forget,
    macroname: function (args) {
      var k = Number(args[0]), name = args.slice(1).join(" ");
      if (!(k >= 0) || !name) return;
      outlet(NAMES, [k, name.length > LONGEST ? name.slice(0, LONGEST - 1).replace(/\s+$/, "") + "." : name]);
    },
    dial: function (args) { // one was turned: by hand, by automation, by Live's undo
      var k = Number(args[0]), position = Number(args[1]);
      if (!(k >= 0 && k < N_MACROS && k === Math.floor(k) && position >= 0 && position <= 1)) return;
      var before = dials[k].sound;
      turned_ms[k] = now_ms();
      var was_direct = direct[k] && turned_ms[k] - opened_ms[k] > OPEN_MS;
      if (obeys(k)) dials[k].obey();
      dials[k].turn(position);
      if (!was_direct && dials[k].sound !== before) outlet(SOUND, [k, dials[k].sound]);
      show(k);
      if (reader) outlet(CAUSE, lanes[k].state === PLAYS ? "automated" : "hand");
    },
    macros: function (args) {
      var positions = args.slice(0, N_MACROS);
      for (var k = 0; k < positions.length; k++) if (!(positions[k] >= 0 && positions[k] <= 1 || positions[k] === UNKNOWN)) return;
      heard = positions;
      heard_ms = now_ms();
      settle();
    }
  };

  function Lane(k) {
    var self = this;
    this.state = 0;
    this.api = new LiveAPI(function (args) {
      if (args[0] !== "automation_state") return;
      self.state = Number(args[1]);
      if (self.state === PLAYS) dials[k].obey();
      else if (heard) dials[k].hear(dials[k].sound);
      show(k);
    });
  }

  function find() {
    if (!reader) return;
    reader.path = "this_device";
    var list = ids(reader.get("parameters"));
    if (!places.length) places = places_of_macros(list);
    for (var k = 0; k < N_MACROS; k++) {
      var id = list[places[k]];
      lanes[k].state = 0;
      if (!id) continue;
      lanes[k].api.id = id;
      lanes[k].api.property = "automation_state"; // reports the present state at once
    }
  }

  function places_of_macros(list) {
    var found = [];
    for (var i = 0; i < list.length; i++) {
      reader.id = list[i];
      var number = /^Macro (\d)$/.exec(reader.get("name").join(" "));
      if (number) found[Number(number[1]) - 1] = i;
    }
    return found;
  }

  // Whether the dial means what it says: automation plays it, or another device (a Rack's macro, an LFO) holds it.
  function obeys(k) {
    if (!lanes.length || !places.length) return false;
    return lanes[k].state === PLAYS || (Number(lanes[k].api.id) > 0 && Number(lanes[k].api.get("is_enabled")[0]) === 0);
  }

  // Every dial that was not turned lately is where it is, and so is the sound.
  function settle() {
    var now = now_ms(), waits = false;
    settler.cancel();
    if (!heard) return;
    for (var k = 0; k < heard.length; k++) {
      if (now - turned_ms[k] < RECENT_MS) waits = true;
      else if (heard_ms >= turned_ms[k]) hear(k);
    }
    if (waits) settler.schedule(RECENT_MS);
  }

  function hear(k) {
    var dial = dials[k];
    if (heard[k] === UNKNOWN) return;
    if (dial.is_together() && dial.is_apart_from(heard[k]) && obeys(k)) dial.sound = heard[k];
    else dial.hear(heard[k]);
    show(k);
  }

  function show(k) {
    if (direct[k] !== dials[k].is_together()) {
      direct[k] = !direct[k];
      opened_ms[k] = now_ms();
      outlet(DIRECT, [k, direct[k] ? 1 : 0]);
    }
    if (heard && dials[k].dial !== null) outlet(MARKS, ["mark", k, dials[k].dial, dials[k].sound]);
  }

  function forget() {
    heard = null;
    settler.cancel();
    outlet(MARKS, "clear");
  }

  function now_ms() {
    return new Date().getTime();
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
