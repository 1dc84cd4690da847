// The menu of presets, of one kind or of all, and presets by name. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var named = require("fsl_names");

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, MENU = 1, TEXT = 2, KINDS = 3, MAP = 4;

  var presets = []; // {k, name}, in the server's order
  var runs = [], kinds = []; // {kind, first, n}; the kinds, each once
  var only = ""; // the kind that the menu holds; all of them if it is empty
  var listed = [], at = -1; // names in the menu; the one that was loaded last, or -1
  var playing = ""; // its name, which may be of another kind
  var online = false;

  var messages = {
    online: function () {
      online = true;
      presets = [];
      runs = [];
      kinds = [];
      playing = "";
      outlet(KINDS, "clear");
      outlet(KINDS, ["append", "All kinds"]);
      outlet(KINDS, ["set", 0]);
      choose("");
    },
    offline: function () {
      online = false;
    },
    preset: function (args) {
      var k = Number(args[0]), name = String(args[1]);
      if (args.length < 4 || !(k >= 0)) return;
      for (var i = 0; i < presets.length; i++) if (presets[i].name === name) return;
      presets.push({ k: k, name: name });
      if (fits(k)) append(name);
    },
    kind: function (args) {
      var kind = String(args[0]), first = Number(args[1]), n = Number(args[2]);
      if (!kind || args.length < 3 || !(first >= 0 && n >= 1)) return;
      runs.push({ kind: kind, first: first, n: n });
      if (kinds.indexOf(kind) >= 0) return;
      kinds.push(kind);
      outlet(KINDS, ["append", kind.charAt(0).toUpperCase() + kind.slice(1)]);
    },
    only: function (args) {
      var k = Math.round(Number(args[0]));
      if (k >= 0 && k <= kinds.length) choose(k ? kinds[k - 1] : "");
    },
    pick: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k < listed.length)) return;
      at = k;
      playing = listed[k];
      tell(SEND.preset_load, listed[k]);
    },
    step: function (args) {
      var step = Number(args[0]) < 0 ? -1 : 1, n = listed.length;
      if (online && !n) return;
      if (online) {
        at = at < 0 ? (step > 0 ? 0 : n - 1) : (at + step + n) % n;
        playing = listed[at];
        outlet(MENU, ["set", at]);
      }
      tell(SEND.preset_load, playing);
    },
    again: function () {
      if (playing || !online) tell(SEND.preset_load, playing);
      else say("no preset has been loaded yet: pick one in the menu or on the map");
    },
    loaded: function (args) { // by the map, or by another client
      playing = args.join(" ");
      show();
    },
    save: function (args) { tell(SEND.preset_save, named.joined(args)); },
    "export": function (args) { tell(SEND.preset_export, named.joined(args)); }
  };

  function fits(k) {
    if (!only) return true;
    for (var i = 0; i < runs.length; i++) if (runs[i].kind === only && k >= runs[i].first && k < runs[i].first + runs[i].n) return true;
    return false;
  }

  function choose(kind) {
    only = kind;
    listed = [];
    at = -1;
    outlet(MENU, "clear");
    for (var i = 0; i < presets.length; i++) if (fits(presets[i].k)) append(presets[i].name);
    outlet(MAP, ["only", only]);
    show();
  }

  function append(name) {
    listed.push(name);
    outlet(MENU, ["append", name]);
  }

  function show() {
    var k = listed.indexOf(playing);
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
