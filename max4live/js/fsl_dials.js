// The names on the dials: the server's, shortened to what a dial can show. See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 1;

var script = (function () {
  var LONGEST = 11; // characters that fit a dial of 56 px; the pictures shorten names to the same length

  var messages = {
    macroname: function (args) {
      var k = Number(args[0]), name = args.slice(1).join(" ");
      if (!(k >= 0) || !name) return;
      outlet(0, [k, name.length > LONGEST ? name.slice(0, LONGEST - 1).replace(/\s+$/, "") + "." : name]);
    }
  };

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
