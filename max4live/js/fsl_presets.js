// The menu of presets, and presets by name. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var named = require("fsl_names");

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var SERVER = 0, MENU = 1, TEXT = 2;

  var names = [], at = -1; // the preset that was loaded last, or -1
  var online = false;

  var messages = {
    online: function () {
      online = true;
      names = [];
      at = -1;
      outlet(MENU, "clear");
    },
    offline: function () {
      online = false;
    },
    preset: function (args) {
      var name = String(args[1]);
      if (args.length < 4 || names.indexOf(name) >= 0) return;
      names.push(name);
      outlet(MENU, ["append", name]);
    },
    pick: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k < names.length)) return;
      at = k;
      tell(SEND.preset_load, names[k]);
    },
    step: function (args) { // offline it is silent: a mapped button may bang while a Set opens
      var step = Number(args[0]) < 0 ? -1 : 1, n = names.length;
      if (!online || !n) return;
      at = at < 0 ? (step > 0 ? 0 : n - 1) : (at + step + n) % n;
      tell(SEND.preset_load, names[at]);
      outlet(MENU, ["set", at]);
    },
    loaded: function (args) { show(args.join(" ")); }, // by the map
    load: function (args) {
      var name = named.joined(args);
      tell(SEND.preset_load, name);
      show(name);
    },
    save: function (args) { tell(SEND.preset_save, named.joined(args)); },
    "export": function (args) { tell(SEND.preset_export, named.joined(args)); }
  };

  function show(name) {
    var k = names.indexOf(name);
    if (k < 0) return;
    at = k;
    outlet(MENU, ["set", k]);
  }

  function tell(address, name) {
    var fault = named.fault(name);
    if (!online) say("server not running: start it to use presets");
    else if (fault) say(fault);
    else outlet(SERVER, [address, name]);
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
