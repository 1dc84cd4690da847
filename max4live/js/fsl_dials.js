// The dials: names that fit them, and the few times that they move by themselves. Each write to a dial may be an entry in
// Live's undo history, so only what differs is written, never what Live's automation moves. See INTERFACES.md.
"use strict";

var ids = require("fsl_track").ids;

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var NAMES = 0, POSITIONS = 1, CAUSE = 2;
  var LONGEST = 11; // characters that fit a dial of 56 px; the pictures shorten names to the same length
  var N_MACROS = 8;
  var SAME = 1e-4; // finer than a dial shows
  var PLAYS = 1; // of `automation_state`: 0 there is none, 1 it plays, 2 it is overridden
  var SETTLE_MS = 50;

  var reader = null, lanes = []; // for each macro its `automation_state`, as Live reports it
  var places = []; // of our macros among this device's parameters, from when they still had their own names
  var dials = [], heard = [], base = null; // positions: the dials', the server's, and the server's when all was in order
  var stays = false;

  var finder = new Task(find);

  var messages = {
    start: function () { // again when a preset of the device is loaded
      if (!reader) {
        reader = new LiveAPI(null, "this_device");
        for (var k = 0; k < N_MACROS; k++) lanes.push(new Lane());
      }
      find();
    },
    home: function () { // the device or its track was moved: ids are new
      finder.cancel();
      finder.schedule(SETTLE_MS);
    },
    online: function () {
      heard = [];
      base = null;
    },
    macroname: function (args) {
      var k = Number(args[0]), name = args.slice(1).join(" ");
      if (!(k >= 0) || !name) return;
      outlet(NAMES, [k, name.length > LONGEST ? name.slice(0, LONGEST - 1).replace(/\s+$/, "") + "." : name]);
    },
    macro: function (args) { // a dial was turned: by hand, by automation, by Live's undo
      var k = Number(args[0]), position = Number(args[1]);
      if (!(k >= 0 && k < N_MACROS && k === Math.floor(k) && position >= 0 && position <= 1)) return;
      dials[k] = position;
      if (reader) outlet(CAUSE, lanes[k].state === PLAYS ? "automated" : "hand");
    },
    macros: function (args) {
      var positions = args.slice(0, N_MACROS);
      for (var k = 0; k < positions.length; k++) if (!(positions[k] >= 0 && positions[k] <= 1)) return;
      heard = positions;
      if (!base) base = heard.slice(); // the first after a greeting moves nothing
    },
    follow: function () {
      move(true);
      base = heard.slice();
    },
    baseline: function () {
      base = heard.slice();
    },
    stay: function (args) {
      var did = stays;
      stays = Number(args[0]) !== 0;
      if (did && !stays) move(false);
    }
  };

  function Lane() {
    var self = this;
    this.state = 0;
    this.api = new LiveAPI(function (args) {
      if (args[0] === "automation_state") self.state = Number(args[1]);
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

  function move(only_news) {
    for (var k = 0; k < heard.length; k++) {
      if (stays || (lanes[k] && lanes[k].state !== 0)) continue;
      if (only_news && (!base || close(heard[k], base[k]))) continue;
      if (close(heard[k], dials[k])) continue;
      dials[k] = heard[k];
      outlet(POSITIONS, [k, heard[k]]);
    }
  }

  function close(a, b) {
    return Math.abs(a - b) <= SAME;
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
