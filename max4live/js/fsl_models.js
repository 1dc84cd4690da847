// The menu of the server's models. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var SERVER = 0, MENU = 1, TEXT = 2;

  var names = [];
  var playing = "";
  var online = false;

  var messages = {
    online: function (args) {
      online = true;
      names = [];
      playing = String(args[4]);
      outlet(MENU, "clear");
    },
    offline: function () {
      online = false;
    },
    model: function (args) {
      if (args.length < 3) return;
      var name = String(args[1]);
      if (names.indexOf(name) < 0) {
        names.push(name);
        outlet(MENU, ["append", name]);
      }
      if (Number(args[2]) === 1) playing = name;
      if (name === playing) outlet(MENU, ["set", names.indexOf(name)]);
    },
    pick: function (args) {
      var k = Math.round(Number(args[0]));
      if (k >= 0 && k < names.length) change(names[k]);
    }
  };

  function change(name) {
    if (!online) say("server not running: start it to load a model");
    else if (name === playing) say(name + " is already playing"); // loading it again would unfreeze macros and clear the path
    else outlet(SERVER, [SEND.model, name]);
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
