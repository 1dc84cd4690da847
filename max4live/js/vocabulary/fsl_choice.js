// The page of macros: which is on each dial, what it is called, and macros of the player's own. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var Vocabulary = require("fsl_vocabulary").Vocabulary;
var named = require("fsl_names");

autowatch = 0;
inlets = 1;
outlets = 6;

var script = (function () {
  var SERVER = 0, DIALS = 1, MACROS = 2, FIELD = 3, GATHERED = 4, TEXT = 5;
  var MOST_DIALS = 8;

  var vocabulary = new Vocabulary();
  var names = []; // of the dials
  var dial = 0; // that the page is about
  var typed = "", listed = ""; // what the field and the menu of macros were last set to
  var wanted = ""; // the address that the name in the field is for
  var online = false;

  var messages = {
    online: function () {
      online = true;
      gather([0, 0]);
    },
    offline: function () { online = false; },
    macroname: function (args) {
      var k = Number(args[0]), name = args.slice(1).join(" ");
      if (!(k >= 0 && k < MOST_DIALS) || k % 1 || !name || names[k] === name) return;
      names[k] = name;
      show_dials();
    },
    vocabulary: function (args) {
      if (vocabulary.add(args)) show_macros();
    },
    own: gather,
    dial: function (args) {
      dial = Math.round(Number(args[0]));
      show_field();
      show_macros();
    },
    choose: function (args) {
      var macro = vocabulary.macros[Math.round(Number(args[0]))];
      if (macro && macro.dial !== dial && !tell([SEND.macro_choose, dial, macro.name])) show_macros();
    },
    rename: function () { wanted = SEND.macro_name; },
    make: function () { wanted = SEND.own_make; },
    name: function (args) { // from the field: after a press, or the Return key
      var name = named.joined(args), address = wanted;
      wanted = "";
      if (!address) return;
      if (address === SEND.own_make && named.fault(name)) say(named.fault(name));
      else tell([address, dial, name]);
    },
    add: function (args) { tell([SEND.own_add, Number(args[0])]); },
    forget: function () { tell([SEND.own_clear]); },
    remove: function () {
      if (names[dial]) tell([SEND.own_delete, names[dial]]);
    }
  };

  function gather(args) {
    outlet(GATHERED, ["set", "A: " + sounds(args[0]) + ", B: " + sounds(args[1])]);
  }

  function sounds(n) {
    return Number(n) === 1 ? "1 sound" : (Number(n) || "no") + " sounds";
  }

  // --- menus and field

  function show_dials() {
    outlet(DIALS, "clear");
    for (var k = 0; k < names.length; k++) outlet(DIALS, ["append", (k + 1) + "  " + (names[k] || "")]);
    outlet(DIALS, ["set", dial]);
    show_field();
  }

  function show_field() { // what the player is typing stays as long as the name does
    if (!names[dial] || names[dial] === typed) return;
    typed = names[dial];
    outlet(FIELD, ["set", typed]);
  }

  function show_macros() {
    var on_dial = -1, macros = vocabulary.macros, list = [];
    for (var j = 0; j < macros.length; j++) {
      list.push(macros[j].name);
      if (macros[j].dial === dial) on_dial = j;
    }
    if (list.join("\n") !== listed) {
      listed = list.join("\n");
      outlet(MACROS, "clear");
      for (var i = 0; i < list.length; i++) outlet(MACROS, ["append", list[i]]);
    }
    if (on_dial >= 0) outlet(MACROS, ["set", on_dial]);
  }

  function tell(message) {
    if (online) outlet(SERVER, message);
    else say("server not running: start it to change macros");
    return online;
  }

  function say(text) {
    outlet(TEXT, ["info", text]);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
