// Which parameter has which MIDI controller. The values go from frame to controllers in the patch. See INTERFACES.md.
"use strict";

var match = require("fsl_match").match;
var controllers = require("fsl_controllers");

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var ASSIGN = 0, TEXT = 1, TEACH = 2;
  var N_OUTPUTS = 64;
  var SETTLE_MS = 60; // names arrive one by one
  var HIGHEST_MSB = 31, LSB = 32; // MIDI 1.0: the fine part of controllers 0 to 31 is 32 above

  var synth = "", names = [], bits = 7;
  var settler = new Task(assign);

  var messages = {
    online: function (args) {
      synth = String(args[5]);
      names = [];
      for (var k = 0; k < Math.min(N_OUTPUTS, Number(args[3])); k++) names.push("");
      later();
    },
    name: function (args) {
      var k = Number(args[0]);
      if (!(k >= 0 && k < names.length)) return;
      names[k] = args.slice(1).join(" ");
      later();
    },
    bits: function (args) {
      bits = Number(args[0]) === 14 ? 14 : 7;
      assign();
    }
  };

  function later() {
    settler.cancel();
    settler.schedule(SETTLE_MS);
  }

  function assign() {
    var table = Object.prototype.hasOwnProperty.call(controllers, synth) ? controllers[synth] : [];
    var labels = [], coarse = [], taken = {}, k;
    for (var i = 0; i < table.length; i++) labels.push(table[i][0]);
    var found = match(names, labels);
    for (k = 0; k < names.length; k++) {
      coarse.push(found[k] >= 0 ? table[found[k]][1] : -1);
      if (coarse[k] >= 0) taken[coarse[k]] = true;
    }
    var n_fine = 0, n = 0;
    for (k = 0; k < N_OUTPUTS; k++) {
      var msb = k < coarse.length ? coarse[k] : -1;
      // A fine part that is another parameter's controller would turn that parameter as well.
      var fine = bits === 14 && msb >= 0 && msb <= HIGHEST_MSB && !taken[msb + LSB] ? msb + LSB : -1;
      if (msb >= 0) n += 1;
      if (fine >= 0) n_fine += 1;
      outlet(ASSIGN, [k, msb, fine]);
    }
    outlet(TEACH, ["count", names.length]);
    for (k = 0; k < coarse.length; k++) if (coarse[k] >= 0) outlet(TEACH, ["assign", k, coarse[k]]);
    report(n, n_fine);
  }

  function report(n, n_fine) {
    if (!names.length) return;
    if (!Object.prototype.hasOwnProperty.call(controllers, synth)) say("no controllers are known for " + synth);
    else if (n < names.length) say(n + " of " + names.length + " parameters have a controller");
    else say(bits === 14 ? n_fine + " of " + n + " controllers with 14 bits, the others with 7" : n + " controllers");
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
