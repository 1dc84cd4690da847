// Which Live parameter each live.remote~ moves; Explore, Commit, Release. No values pass through here, except the one
// frame that Commit writes. See INTERFACES.md.
"use strict";

var Track = require("fsl_track").Track;
var match = require("fsl_match").match;
var Wanted = require("fsl_wanted").Wanted;

autowatch = 0;
inlets = 1;
outlets = 4;

var script = (function () {
  var REMOTES = 0, MENU = 1, UI = 2, TEXT = 3;
  var N_REMOTES = 64;
  var SETTLE_MS = 50; // several lists change at once when a device is added
  var LET_GO_MS = 50; // live.remote~ has to release a parameter before it is written, or the value is lost
  var WRITES_AT_ONCE = 16; // Live draws in the pauses between
  var RETRY_MS = 200, RETRIES = 25; // Live refuses writes during undo and notifications
  var TRIES = 5; // of a parameter that stays where it was: between its steps, or refused in silence
  var AGAIN_MS = 2000; // a parameter that something else holds may become free
  var SURE_MS = 4000; // to press Commit again
  var SAME = 1e-4; // finer than any plug-in shows

  var track = null;
  var active = true, explore = false;
  var wanted = new Wanted(N_REMOTES);
  var plugins = [], chosen_name = "", chosen = -1; // -1: the plug-in that fits best
  var parameters = [], indices = []; // of the plug-in; for each of our names the index in `parameters`, or -1
  var bound = []; // the id that each remote holds
  var ranges = ""; // as sent last
  var n_taken = 0;
  var fitting = null; // what `settle` found, for the status line
  var writes = [], unmoved = []; // values to write, and those that were written and did not arrive
  var retries = 0, n_written = 0, n_given_up = 0;
  var sure_until_ms = 0;
  var menu_shown = "", text_shown = null;

  var rescanner = new Task(rescan);
  var writer = new Task(write);
  var checker = new Task(bind);

  var messages = {
    start: function () { // again when a preset of the device is loaded
      if (!track) track = new Track(later);
      forget_remotes();
      rescan();
    },
    home: later, // the device or its track was moved: live.remote~ is reset, and ids are new
    active: function (args) {
      active = Number(args[0]) !== 0;
      bind();
    },
    known: function (args) { // what the Set was saved with, in case there is no server to ask
      if (wanted.known(args)) later();
    },
    online: function (args) {
      wanted.online(args);
    },
    name: function (args) {
      if (wanted.name(args)) later();
    },
    explore: function (args) {
      set_explore(Number(args[0]) !== 0);
    },
    release: function () {
      set_explore(false);
    },
    choose: function (args) {
      var item = Math.round(Number(args[0]));
      if (!(item >= 0 && item <= plugins.length)) return;
      chosen = item - 1;
      chosen_name = chosen >= 0 ? plugins[chosen].name : "";
      settle();
    },
    rescan: later,
    commit: commit
  };

  // Live's notifications end here: nothing may be written, or even read, until they are over.
  function later() {
    rescanner.cancel();
    rescanner.schedule(SETTLE_MS);
  }

  function rescan() {
    if (!track) return;
    plugins = track.plugins();
    if (chosen >= 0) { // the same plug-in may have moved
      var at = -1;
      for (var i = 0; i < plugins.length; i++) if (plugins[i].name === chosen_name && (at < 0 || i === chosen)) at = i;
      chosen = at;
    }
    settle();
  }

  function settle() {
    if (!track) return;
    var best = { n: -1, parameters: [], indices: [], index: -1 };
    for (var i = 0; i < plugins.length; i++) {
      if (chosen >= 0 && i !== chosen) continue;
      var candidate = fit(plugins[i]);
      candidate.index = i;
      if (candidate.n > best.n || (candidate.n === best.n && is_synth(plugins[i]) && !is_synth(plugins[best.index]))) best = candidate;
    }
    parameters = best.parameters;
    indices = best.indices;
    fitting = best;
    show_menu();
    bind();
  }

  function is_synth(plugin) {
    return wanted.synth !== "" && plugin.name.toLowerCase().indexOf(wanted.synth.toLowerCase()) >= 0;
  }

  function fit(plugin) {
    var shown = track.parameters(plugin.id);
    var labels = [];
    for (var i = 0; i < shown.length; i++) labels.push(shown[i].name);
    var found = match(wanted.names, labels);
    var n = 0;
    for (var k = 0; k < found.length; k++) if (found[k] >= 0) n += 1;
    return { n: n, parameters: shown, indices: found, index: -1 };
  }

  // --- remotes

  function set_explore(on) {
    if (on) {
      writer.cancel();
      writes = [];
      unmoved = [];
    }
    explore = on;
    bind();
  }

  // Unchanged ids are sent again as well: live.remote~ releases its parameter when a device or track moves.
  function bind() {
    var n = 0;
    n_taken = 0;
    checker.cancel();
    send_ranges();
    for (var k = 0; k < N_REMOTES; k++) {
      var index = k < indices.length ? indices[k] : -1;
      var parameter = explore && active && index >= 0 ? parameters[index] : null;
      // What we hold ourselves is disabled as well.
      if (parameter && bound[k] !== parameter.id && track.is_taken(parameter.id)) {
        n_taken += 1;
        parameter = null;
      }
      if (parameter) {
        outlet(REMOTES, [k, "id", parameter.id]);
        bound[k] = parameter.id;
        n += 1;
      } else if (bound[k] !== 0) {
        outlet(REMOTES, [k, "id", 0]);
        bound[k] = 0;
      }
    }
    outlet(UI, ["bound", n]);
    if (n_taken) checker.schedule(AGAIN_MS);
    if (fitting) report(fitting);
  }

  // Where each value of a frame lies in the plug-in's own range, which is nearly always 0 to 1.
  function send_ranges() {
    var low = ["low"], span = ["span"];
    for (var k = 0; k < indices.length; k++) {
      var parameter = indices[k] >= 0 ? parameters[indices[k]] : null;
      low.push(parameter ? parameter.low : 0);
      span.push(parameter ? parameter.span : 1);
    }
    if (low.length < 2 || low.concat(span).join() === ranges) return;
    ranges = low.concat(span).join();
    outlet(REMOTES, low);
    outlet(REMOTES, span);
  }

  function forget_remotes() {
    for (var k = 0; k < N_REMOTES; k++) bound[k] = -1; // whatever they hold, the next ids are sent
  }

  // --- Commit: release, then write each changed parameter once (each is an undo step in Live; they cannot be grouped)

  function commit(args) {
    if (!track || args.length !== wanted.names.length || !wanted.n_known) {
      outlet(TEXT, ["info", "nothing to commit yet: turn a dial first"]);
      return;
    }
    var planned = plan(args);
    if (now_ms() > sure_until_ms) {
      sure_until_ms = now_ms() + SURE_MS;
      outlet(TEXT, ["info", "Commit makes up to " + planned.length + " undo entries: press it again to go on"]);
      return;
    }
    sure_until_ms = 0;
    writes = planned;
    n_written = 0;
    n_given_up = 0;
    unmoved = [];
    retries = RETRIES;
    explore = false;
    bind();
    outlet(UI, ["explore", 0]);
    writer.cancel();
    writer.schedule(LET_GO_MS);
  }

  // The value of every mapped parameter. Which of them have changed shows only after live.remote~ has let go.
  function plan(frame) {
    var out = [];
    for (var k = 0; k < indices.length; k++) {
      if (indices[k] < 0) continue;
      var parameter = parameters[indices[k]];
      var value = Math.min(1, Math.max(0, Number(frame[k])));
      if (value === value) out.push({ id: parameter.id, value: parameter.low + parameter.span * value, same: SAME * parameter.span, tries: 0 });
    }
    return out;
  }

  function write() {
    var n = 0;
    try {
      while (writes.length && n < WRITES_AT_ONCE) {
        var next = writes[0];
        var before = track.value(next.id);
        if (Math.abs(before - next.value) > next.same) {
          track.write(next.id, next.value);
          next.tries += 1;
          n += 1;
          // A write can fail without an exception, so look. A control with steps moves to the nearest, which counts.
          if (track.value(next.id) !== before) n_written += 1;
          else if (next.tries < TRIES) unmoved.push(next);
          else n_given_up += 1;
        } else if (next.tries) {
          n_written += 1; // Live was late to show it
        }
        writes.shift();
      }
    } catch (refused) {
      retries -= 1;
      if (retries > 0) {
        writer.schedule(RETRY_MS);
      } else {
        outlet(TEXT, ["info", "Live refused to write the last " + writes.length + " values: press Commit again"]);
        writes = [];
      }
      return;
    }
    if (writes.length) {
      writer.schedule(1);
    } else if (unmoved.length) {
      writes = unmoved;
      unmoved = [];
      writer.schedule(RETRY_MS);
    } else if (n_given_up) {
      outlet(TEXT, ["info", n_given_up + " parameters did not move: press Commit again"]);
    } else {
      outlet(TEXT, ["info", n_written ? "written to " + wanted.title() + ": " + n_written + " parameters" : "nothing has changed"]);
    }
  }

  function now_ms() {
    return new Date().getTime();
  }

  // --- words

  function report(best) {
    var text = "";
    if (!plugins.length) text = "no plug-in on this track: put " + wanted.title() + " on it";
    else if (wanted.n_known && !best.parameters.length) text = plugins[best.index].name + " shows no parameters yet: press Configure on it, then Teach Live in Flow CC";
    else if (wanted.n_known && best.n < wanted.names.length) text = best.n + " of " + wanted.names.length + " mapped: press Configure on " + plugins[best.index].name + ", then Teach Live in Flow CC";
    else if (n_taken) text = n_taken + " held by another device: release or unmap " + (n_taken > 1 ? "them" : "it") + " there";
    outlet(UI, ["mapped", Math.max(0, best.n), wanted.names.length]);
    if (text === text_shown) return;
    text_shown = text;
    outlet(TEXT, ["bind", text]);
  }

  function show_menu() {
    var items = ["Automatic"], seen = {};
    for (var i = 0; i < plugins.length; i++) {
      var name = plugins[i].name;
      seen["_" + name] = (seen["_" + name] || 0) + 1;
      items.push(seen["_" + name] > 1 ? name + " " + seen["_" + name] : name);
    }
    if (items.join("\n") !== menu_shown) {
      menu_shown = items.join("\n");
      outlet(MENU, "clear");
      for (var j = 0; j < items.length; j++) outlet(MENU, ["append", items[j]]);
    }
    outlet(MENU, ["set", chosen + 1]);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
