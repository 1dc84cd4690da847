// The menu of the server's microphones and their inputs. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var SERVER = 0, MENU = 1, TEXT = 2;
  var SYSTEMS = "System's own";

  var online = false, mic = false; // mic: takes come from the server's microphone
  var rows = []; // of the list that is coming in
  var choices = [""], at = 0; // what chooses each item of the menu; the item that is shown

  var messages = {
    online: function () {
      online = true;
      if (mic) ask();
    },
    offline: function () { online = false; },
    mic: function (args) {
      mic = Number(args[0]) !== 0;
      if (mic && online) ask();
    },
    ask: function () {
      if (online) ask();
      else say();
    },
    microphone: function (args) {
      var k = Number(args[0]), n = Number(args[1]);
      if (!(k >= 0 && k < n) || args.length < 5) return;
      if (k === 0) rows = [];
      rows[k] = { name: String(args[2]), inputs: Number(args[3]), chosen: Number(args[4]) };
      if (k === n - 1) list(n);
    },
    pick: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k < choices.length) || k === at) return;
      if (online) outlet(SERVER, [SEND.sketch_microphone, choices[k]]);
      else say();
      outlet(MENU, ["set", at]); // until the server says that it is chosen
    }
  };

  function ask() {
    outlet(SERVER, [SEND.sketch_microphones]);
  }

  function list(n) {
    for (var i = 0; i < n; i++) if (!rows[i]) return;
    choices = [""];
    at = 0;
    outlet(MENU, "clear");
    outlet(MENU, ["append", SYSTEMS]);
    for (var k = 0; k < n; k++) {
      add(rows[k].name, rows[k].name, rows[k].chosen === 0);
      for (var input = 1; rows[k].inputs > 1 && input <= rows[k].inputs; input++) {
        add(rows[k].name + ":" + input, rows[k].name + " input " + input, rows[k].chosen === input);
      }
    }
    outlet(MENU, ["set", at]);
  }

  function add(choice, shown, is_chosen) {
    if (is_chosen) at = choices.length;
    choices.push(choice);
    outlet(MENU, ["append", shown]);
  }

  function say() {
    outlet(TEXT, ["info", "server not running: start it to choose its microphone"]);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
