// Teach Live: move each controller a little and back, one after another, so that a plug-in whose Configure button is lit
// shows exactly our parameters, in our order. See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var CONTROL = 0, TEXT = 1, UI = 2;
  var STEP_MS = 40; // the plug-in reports to its host once a block at most, and Live draws each new parameter
  var ASK_MS = 60; // time for the answer to `ask`
  var AWAY = 12; // of 127: enough to move every control, yet small, because the synth is sounding
  var MIDDLE = 64;

  var assigned = [], frame = [];
  var steps = [], at = 0, running = false;
  var stepper = new Task(step);

  var messages = {
    count: function () {
      if (!running) assigned = [];
    },
    assign: function (args) {
      var k = Number(args[0]), controller = Number(args[1]);
      if (!running && k >= 0 && controller >= 0 && controller <= 119) assigned.push({ k: k, controller: controller });
    },
    frame: function (args) {
      frame = args.slice();
    },
    go: function () {
      if (running) return;
      if (!assigned.length) {
        say("no controllers yet: start the server first");
        return;
      }
      steps = [];
      at = 0;
      running = true;
      outlet(UI, ["running", 1]);
      outlet(UI, "ask");
      say("teaching Live: Configure must be lit on the plug-in");
      stepper.schedule(ASK_MS);
    },
    halt: function () {
      if (running) finish("stopped after " + Math.floor(at / 3) + " of " + assigned.length);
    }
  };

  // Away, and back to where the sound was. Downwards if there is room, so that no volume jumps up.
  function plan() {
    var out = [];
    for (var i = 0; i < assigned.length; i++) {
      var value = frame[assigned[i].k];
      var rest = typeof value === "number" && value >= 0 && value <= 1 ? Math.round(127 * value) : MIDDLE;
      var away = rest >= AWAY ? rest - AWAY : rest + AWAY;
      out.push([assigned[i].controller, away], [assigned[i].controller, Math.round((rest + away) / 2)], [assigned[i].controller, rest]);
    }
    return out;
  }

  function step() {
    if (!running) return;
    if (!steps.length) steps = plan();
    if (at >= steps.length) {
      finish("taught " + assigned.length + " parameters: press Configure again to finish, then look at Flow Synth");
      return;
    }
    outlet(CONTROL, steps[at]);
    at += 1;
    if (at % 3 === 0) outlet(UI, ["progress", at / steps.length]);
    stepper.schedule(STEP_MS);
  }

  function finish(text) {
    stepper.cancel();
    // Stopped in the middle of a controller: move that one back.
    if (at % 3 !== 0) outlet(CONTROL, steps[3 * Math.floor(at / 3) + 2]);
    running = false;
    outlet(UI, ["running", 0]);
    outlet(UI, ["progress", 0]);
    say(text);
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
