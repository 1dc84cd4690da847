// A take from the button to the patch: recording, the file, the states of the answer, candidates, A/B. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, RECORDER = 1, UI = 2, TEXT = 3, METER = 4;
  var LONGEST_MS = 30000; // the length of the buffer~
  var SHORTEST_MS = 120; // shorter is a slip of the finger
  var TICK_MS = 50;
  var WRITE_MS = 4000; // buffer~ does not report that it cannot write
  var ANSWER_MS = 8000;
  var N_CANDIDATES = 9;
  var LONGEST = 24; // characters of a candidate's name that fit its row
  var ASKED = [SEND.sketch_record, SEND.sketch_live, SEND.sketch_file, SEND.sketch_pick];
  var WORDS = { idle: 1, recording: 1, hearing: 1, refining: 1, done: 1, failed: 1 };
  var NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

  var online = false, folder = "", nonce = Math.floor(Math.random() * 1e6), n_takes = 0;
  var mic = false, following = false;
  var recording = false, began_ms = 0, length_ms = 0, file = "";
  var mode = "idle", candidates = 0, picked = -1, side = 0; // side: what A and B show
  var here = null, before = null; // latent points: the current one, and the one before the sketch

  var ticker = new Task(tick);
  var patience = new Task(too_long);

  var messages = {
    online: function () {
      online = true;
    },
    offline: function () {
      online = false;
      if (recording) end(false);
      if (following) outlet(UI, ["following", 0]);
      following = false;
    },
    folder: function (args) {
      var path = String(args[0]);
      // Absolute, and without a way out of it: the server made this folder for takes alone.
      folder = /^(\/|[A-Za-z]:\/)/.test(path) && !/(^|\/)\.\.(\/|$)/.test(path) ? path.replace(/\/+$/, "") : "";
    },
    latent: function (args) {
      here = args.slice();
    },
    mic: function (args) {
      mic = Number(args[0]) !== 0;
      outlet(METER, ["mic", mic ? 1 : 0]);
    },
    record: function (args) {
      var on = Number(args[0]) !== 0;
      if (on === recording) return;
      if (on) begin();
      else end(true);
    },
    full: function () {
      if (recording && !mic) end(true);
    },
    written: function () {
      if (mode !== "writing") return;
      patience.cancel();
      outlet(SERVER, [SEND.sketch_file, file, length_ms]);
      expect("hearing");
    },
    state: function (args) {
      var word = String(args[0]);
      if (!Object.prototype.hasOwnProperty.call(WORDS, word) || (word === "idle" && mode === "writing")) return;
      patience.cancel();
      to(word);
      outlet(METER, ["progress", clip(Number(args[1]))]);
      if (word === "recording" && mic && !recording) show_recording(true);
      if (word !== "recording" && mic && recording) show_recording(false);
      if (word === "failed") say("nothing was found: try again, closer to the microphone");
    },
    candidate: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k < N_CANDIDATES) || args.length < 3) return;
      var label = String(args[2]);
      if (label.length > LONGEST) label = label.slice(0, LONGEST - 1).replace(/\s+$/, "") + "\u2026";
      if (k >= candidates) {
        candidates = k + 1;
        outlet(UI, ["rows", candidates]);
      }
      outlet(UI, ["candidate", k, label.charAt(0).toUpperCase() + label.slice(1) + "   " + Math.round(100 * clip(Number(args[1]))) + " %"]);
      if (before && k === 0 && side !== 1) outlet(UI, ["ab", side = 1]); // the server plays it already
      if (before) outlet(UI, ["comparable", 1]);
    },
    pitch: function (args) {
      var note = Math.round(Number(args[0])), cents = Math.round(Number(args[1]));
      if (!(note >= 0 && note <= 127)) return;
      outlet(UI, ["pitch", name_of(note) + (cents ? (cents > 0 ? " +" : " ") + cents : "")]);
      outlet(UI, ["note", note]);
    },
    pick: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k < candidates)) return;
      take(k);
    },
    ab: function (args) {
      side = Number(args[0]) !== 0 ? 1 : 0;
      if (side) {
        if (candidates) take(Math.max(0, picked));
      } else if (before) {
        send([SEND.latent].concat(before));
      } else if (online) { // otherwise the Set is opening
        say("A is the sound before the sketch: there is none yet");
      }
    },
    live: function (args) {
      following = Number(args[0]) !== 0;
      if (!send([SEND.sketch_live, following ? 1 : 0]) && following) {
        following = false;
        outlet(UI, ["following", 0]);
      }
    },
    error: function (args) { // the server refused what we asked for, or found nothing
      if (ASKED.indexOf(String(args[0])) < 0) return;
      patience.cancel();
      if (recording) show_recording(false);
      if (String(args[0]) === SEND.sketch_live && following) {
        following = false;
        outlet(UI, ["following", 0]);
      }
      to("failed");
    }
  };

  // --- a take

  function begin() {
    if (!online) {
      outlet(UI, ["recording", 0]);
      say("server not running: start it with Flow Server or in a terminal");
      return;
    }
    if (!mic && !folder) {
      outlet(UI, ["recording", 0]);
      say("the server has no folder for takes: use its own microphone instead");
      return;
    }
    before = here;
    candidates = 0;
    picked = -1;
    outlet(UI, ["rows", 0]);
    outlet(UI, ["comparable", 0]);
    outlet(UI, ["picked", -1]);
    if (mic) send([SEND.sketch_record, 1]);
    else outlet(RECORDER, ["record", 1]);
    show_recording(true);
    to("recording");
  }

  function end(keep) {
    length_ms = Math.min(LONGEST_MS, now_ms() - began_ms);
    show_recording(false);
    if (mic) {
      if (online) send([SEND.sketch_record, 0]);
      if (keep) expect("hearing");
      else to("idle");
      return;
    }
    outlet(RECORDER, ["record", 0]);
    if (!keep || !online) {
      to("idle");
    } else if (length_ms < SHORTEST_MS) {
      to("idle");
      say("too short: hold the button while you sing");
    } else {
      // A few names in turn, because Max keeps every distinct name for good; the server deletes a file once it has read it.
      n_takes = (n_takes + 1) % 16;
      file = "sketch-" + nonce + "-" + n_takes + ".wav";
      to("writing");
      outlet(RECORDER, ["writewave", folder + "/" + file]);
      patience.schedule(WRITE_MS);
    }
  }

  function show_recording(on) {
    recording = on;
    ticker.cancel();
    if (on) {
      began_ms = now_ms();
      ticker.schedule(TICK_MS);
    }
    outlet(UI, ["recording", on ? 1 : 0]);
  }

  function tick() {
    var passed = now_ms() - began_ms;
    outlet(METER, ["time", passed / 1000]);
    if (passed >= LONGEST_MS) end(true);
    else ticker.schedule(TICK_MS);
  }

  function expect(next) {
    to(next);
    patience.cancel();
    patience.schedule(ANSWER_MS);
  }

  function too_long() {
    if (mode === "writing") say("the recording could not be written to " + folder);
    else say("the server has not answered: is it still running?");
    to("failed");
  }

  function take(k) {
    if (!send([SEND.sketch_pick, k])) return;
    picked = k;
    outlet(UI, ["picked", k]);
    if (side !== 1) outlet(UI, ["ab", 1]); // each write may be an entry in Live's undo history
    side = 1;
  }

  function to(next) {
    mode = next;
    outlet(METER, ["mode", mode]);
  }

  function send(message) {
    if (online) outlet(SERVER, message);
    else say("server not running: start it with Flow Server or in a terminal");
    return online;
  }

  function name_of(note) { // octaves as in Live: 60 is C3
    return NOTES[note % 12] + (Math.floor(note / 12) - 2);
  }

  function clip(v) {
    return v > 0 ? (v < 1 ? v : 1) : 0;
  }

  function say(text) {
    outlet(TEXT, ["info", text]);
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
