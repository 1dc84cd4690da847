// Words: what the player types goes to the server, and what it made of that to the status line. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var named = require("fsl_names");

autowatch = 0;
inlets = 1;
outlets = 2;

var script = (function () {
  var SERVER = 0, TEXT = 1;

  var online = false;

  var messages = {
    online: function () { online = true; },
    offline: function () { online = false; },
    say: function (args) {
      var words = named.joined(args).replace(/\s+/g, " ");
      if (!words) outlet(TEXT, ["info", "type what the sound should be, such as: darker, a little slower"]);
      else if (!online) outlet(TEXT, ["info", "server not running: start it to use words"]);
      else outlet(SERVER, [SEND.say, words]);
    },
    said: function (args) { // the sentence, what was done, what was not understood, what cannot be done
      var done = text_of(args[1]), unknown = text_of(args[2]), impossible = text_of(args[3]), parts = [];
      if (done) parts.push(done);
      if (unknown) parts.push("not understood: " + unknown);
      if (impossible) parts.push("not done: " + impossible);
      if (!parts.length) parts.push("nothing in that names a sound");
      if (parts.length === 1 && done) outlet(TEXT, ["info", done]);
      else outlet(TEXT, ["error", SEND.say, parts.join("; ")]);
    }
  };

  function text_of(arg) {
    return arg === undefined ? "" : String(arg);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
