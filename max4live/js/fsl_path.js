// The position along the path, from the beats of Live's transport or, while that is stopped, from a clock of our own.
// See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 3;

var script = (function () {
  var SERVER = 0, UI = 1, TEXT = 2;
  var STEP_MS = 20; // as long as the ramp of live.remote~ to each value, so that a path is heard without steps
  var LONGEST_BEATS = 256, SHORTEST_BEATS = 0.25;
  var STALE_MS = 500; // Live reports its time about 20 times a second while it plays

  var playing = false, looping = true, n_beats = 8, space = 0;
  var song = null, time = null, tempo = 120; // observers and what they report
  var heard = { beats: 0, at_ms: 0, runs: false };
  var own_beats = 0, own_at_ms = 0; // our own clock
  var from_beat = null; // where a path that is played once started
  var sent = -1;
  var online = false, was_online = false;

  var ticker = new Task(tick);

  var messages = {
    start: function () {
      if (song) return; // live.thisdevice bangs again when a preset of the device is loaded
      song = new LiveAPI(function (args) {
        if (args[0] === "tempo" && Number(args[1]) > 0) tempo = Number(args[1]);
      }, "live_set");
      song.property = "tempo";
      time = new LiveAPI(function (args) {
        if (args[0] !== "current_song_time") return;
        var beats = Number(args[1]), now = now_ms();
        heard.runs = heard.at_ms > 0 && beats !== heard.beats;
        heard.beats = beats;
        heard.at_ms = now;
      }, "live_set");
      time.property = "current_song_time";
    },
    play: function (args) {
      playing = Number(args[0]) !== 0;
      ticker.cancel();
      if (!playing) return;
      if (online) go();
      else if (was_online) stop("server not running: start it to use the path");
      // Otherwise the Set is opening: it plays once there is a server.
    },
    loop: function (args) { looping = Number(args[0]) !== 0; },
    beats: function (args) {
      var n = Number(args[0]);
      if (n > 0) n_beats = Math.min(LONGEST_BEATS, Math.max(SHORTEST_BEATS, n));
    },
    space: function (args) {
      space = Number(args[0]) ? 1 : 0;
      if (online) send([SEND.path_space, space]); // otherwise it is sent at the next connection
    },
    add: function () { send([SEND.path_add]); },
    clear: function () {
      stop("");
      send([SEND.path_clear]);
    },
    online: function () {
      var goes_on = online; // the server takes over from the device, or has changed its model
      online = was_online = true;
      if (playing && !goes_on) go();
      if (space) send([SEND.path_space, space]); // a server starts with 0
    },
    offline: function () {
      online = false;
      stop("");
    }
  };

  function now_ms() {
    return new Date().getTime();
  }

  function go() {
    ticker.cancel();
    from_beat = null;
    own_beats = 0;
    own_at_ms = now_ms();
    sent = -1;
    tick();
  }

  // Beats now: Live's, continued between its reports, or our own.
  function beats_now(now) {
    own_beats += ((now - own_at_ms) / 60000) * tempo;
    own_at_ms = now;
    if (heard.runs && now - heard.at_ms < STALE_MS) return heard.beats + ((now - heard.at_ms) / 60000) * tempo;
    heard.runs = false;
    return own_beats;
  }

  // A looped path follows Live's bars; a path that is played once begins when it is started.
  function position_at(beats) {
    if (looping) return (((beats % n_beats) + n_beats) % n_beats) / n_beats;
    if (from_beat === null || beats < from_beat) from_beat = beats;
    return Math.min(1, (beats - from_beat) / n_beats);
  }

  function tick() {
    if (!playing) return;
    var position = position_at(beats_now(now_ms()));
    if (Math.abs(position - sent) > 1e-6) {
      sent = position;
      send([SEND.path_play, position]);
      outlet(UI, ["position", position]);
    }
    if (!looping && position >= 1) stop("");
    else ticker.schedule(STEP_MS);
  }

  function stop(text) {
    ticker.cancel();
    if (playing) outlet(UI, ["play", 0]);
    playing = false;
    if (text) outlet(TEXT, ["info", text]);
  }

  function send(message) {
    if (online) outlet(SERVER, message);
    else outlet(TEXT, ["info", "server not running: start it to use the path"]);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
