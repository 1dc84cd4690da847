// Switches that are used as buttons, because Live maps only what it stores: each change by the player counts, whichever way. A
// Set that opens, Live's undo and a preset of the device change them as well, and then nothing is done. See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 1;

var script = (function () {
  var GRACE_MS = 20; // in which a preset of the device restores the sound, too
  var OPENING_MS = 500, QUIET_MS = 100; // after the start, after a sound was restored
  var MOST_REPLAYED = 2; // changes of undo and redo between two sounds that they restore

  var values = {}; // of each switch
  var waiting = []; // words that are done when the grace is over
  var started = false, quiet_until_ms = 0;
  var n_replayed = MOST_REPLAYED; // since a sound was restored
  var song = null;

  var doer = new Task(act);

  var messages = {
    start: function () { // again when a preset of the device is loaded
      if (!song) song = new LiveAPI(null, "live_set");
      be_quiet(OPENING_MS);
      started = true;
    },
    press: function (args) {
      var word = String(args[0]), value = Number(args[1]), was = values[word];
      values[word] = value;
      if (was === undefined || was === value || !started || now_ms() < quiet_until_ms) return;
      waiting.push(word);
      doer.schedule(GRACE_MS);
    },
    restored: function () { // Live has set the stored sound: undo, redo, or a preset of the device
      n_replayed = 0;
      be_quiet(QUIET_MS);
    }
  };

  function act() {
    var words = waiting;
    waiting = [];
    for (var i = 0; i < words.length; i++) if (!is_replayed()) outlet(0, words[i]);
  }

  // Whether Live has just undone or redone a change. A press makes redo impossible; undo makes it possible, and redo of a
  // press comes before redo of its sound.
  function is_replayed() {
    if (n_replayed >= MOST_REPLAYED || Number(song.get("can_redo")[0]) !== 1) return false;
    n_replayed += 1;
    return true;
  }

  function be_quiet(ms) {
    waiting = [];
    doer.cancel();
    quiet_until_ms = now_ms() + ms;
  }

  function now_ms() {
    return new Date().getTime();
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
