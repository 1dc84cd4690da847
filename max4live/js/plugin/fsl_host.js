// The plug-in in the device's own vst~: whether it is there, which of its parameters are ours, whether it plays our base
// patch. No values pass through here. See INTERFACES.md.
"use strict";

var Wanted = require("fsl_wanted").Wanted;
var match = require("fsl_match").match;
var wiring = require("fsl_wiring");

autowatch = 0;
inlets = 1;
outlets = 4;

var script = (function () {
  var VST = 0, LANES = 1, UI = 2, TEXT = 3;
  var N_LANES = 64;
  var PLUGIN = "Vital"; // as `plug_vst3` finds it
  var COUNT = -4; // `get -4`: how many parameters the plug-in has
  var LOOK_MS = [500, 1500, 4000]; // a plug-in takes its time to load
  var DIALOGUE_MS = [2000, 5000, 15000, 30000]; // and a person to choose one
  var SETTLE_MS = 50; // names come one by one
  var LIST_MS = 500; // until they have all come, if they are fewer than vst~ has counted
  var ANSWER_MS = 500; // to all questions about the base patch; vst~ answers at once
  var RESTORE_MS = 1000;
  var SAME = 0.01;
  var LONGEST = 34; // characters of a missing name: the status line is short

  var wanted = new Wanted(N_LANES);
  var n_there = 0, there = []; // parameters of the plug-in, all but MIDI controllers: { name, number }
  var n_listed = 0;
  var n_bound = -1, missing = [];
  var questions = {}, n_right = 0, n_asked = 0, base = true; // of the base patch, by number of the parameter
  var waits = [], at = 0, by_name = false; // by_name: Vital was asked for, and a file dialogue comes next
  var mpe = 0;
  var text_shown = null;

  var looker = new Task(look);
  var settler = new Task(settle);
  var judge = new Task(decide);
  var restorer = new Task(settle);

  var messages = {
    start: function () { // again when a preset of the device is loaded
      forget();
      wait(LOOK_MS);
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
    vstname: function (args) { // answers to `params`, in the order of the plug-in's parameters, counted from 1
      n_listed += 1;
      var name = args.join(" ");
      if (name.indexOf("MIDI CC ") !== 0) there.push({ name: name, number: n_listed });
      if (n_listed === n_there) later();
    },
    vstvalue: function (args) { // answers to `get`
      var number = Number(args[0]);
      if (number === COUNT) list(Number(args[1]));
      else answer(number, Number(args[1]));
    },
    choose: function () {
      by_name = !n_there; // there is one already, and another is wanted: only a person knows which
      forget();
      say(by_name ? "looking for " + PLUGIN : "choose " + PLUGIN + " in the window");
      if (by_name) outlet(VST, ["plug_vst3", PLUGIN]);
      else outlet(VST, "plug");
      wait(by_name ? LOOK_MS : DIALOGUE_MS);
    },
    open: function () {
      if (n_there) outlet(VST, "open");
      else say("no plug-in in this device yet: press Choose " + PLUGIN);
    },
    base: function () {
      if (!n_there) return;
      outlet(VST, "restore");
      restorer.cancel();
      restorer.schedule(RESTORE_MS);
      say("putting the base patch back: if nothing changes, open vital-base.vital in " + PLUGIN);
    },
    mpe: function (args) {
      mpe = Number(args[0]) ? 1 : 0;
      set_mpe();
    }
  };

  function forget() {
    n_there = 0;
    there = [];
    n_bound = -1;
  }

  // --- looking for the plug-in: vst~ says nothing when it has loaded one, so ask, and not for ever

  function wait(delays) {
    waits = delays;
    at = 0;
    looker.cancel();
    looker.schedule(waits[0]);
    report();
  }

  function look() {
    if (at >= waits.length) {
      give_up();
      return;
    }
    at += 1;
    looker.schedule(at < waits.length ? waits[at] : ANSWER_MS); // before the question: its answer ends the looking
    outlet(UI, ["asking", 1]);
    outlet(VST, ["get", COUNT]);
  }

  function give_up() {
    outlet(UI, ["asking", 0]);
    report();
    if (!by_name) return;
    by_name = false;
    say("there is no " + PLUGIN + " among the VST3 plug-ins: choose its file in the window");
    outlet(VST, "plug");
    wait(DIALOGUE_MS);
  }

  function list(n) {
    if (!(n > 0) || n_there) return;
    looker.cancel();
    by_name = false;
    there = [];
    n_listed = 0;
    n_there = n;
    settler.cancel();
    settler.schedule(LIST_MS);
    outlet(VST, "params");
  }

  // --- which of its parameters are ours

  function later() {
    settler.cancel();
    settler.schedule(SETTLE_MS);
  }

  function settle() {
    if (!n_there || !wanted.n_known) {
      outlet(UI, ["asking", 0]);
      report();
      return;
    }
    var found = match(wanted.names, titles());
    n_bound = 0;
    missing = [];
    for (var k = 0; k < N_LANES; k++) {
      var here = k < found.length && found[k] >= 0;
      if (here) n_bound += 1;
      else if (k < found.length) missing.push(wanted.names[k]);
      outlet(LANES, [k, here ? there[found[k]].number : 0]);
    }
    outlet(UI, ["bound", n_bound]);
    set_mpe();
    ask_for_base();
    report();
  }

  function titles() {
    var out = [];
    for (var i = 0; i < there.length; i++) out.push(there[i].name);
    return out;
  }

  function number_of(name) {
    for (var i = 0; i < there.length; i++) if (there[i].name === name) return there[i].number;
    return 0;
  }

  function set_mpe() {
    var number = number_of("MPE Enabled");
    if (number) outlet(VST, [number, mpe]);
  }

  // --- whether it plays the base patch: nothing but that file sets which modulations are bipolar

  function ask_for_base() {
    questions = {};
    n_right = 0;
    n_asked = 0;
    judge.cancel();
    judge.schedule(ANSWER_MS);
    outlet(UI, ["asking", 1]);
    var list_of = wiring[wanted.synth] || [];
    for (var i = 0; i < list_of.length; i++) {
      var number = number_of(list_of[i][0]);
      n_asked += 1;
      if (!number) continue;
      questions[number] = list_of[i][1];
      outlet(VST, ["get", number]);
    }
  }

  function answer(number, value) {
    if (!Object.prototype.hasOwnProperty.call(questions, number)) return;
    if (Math.abs(value - questions[number]) < SAME) n_right += 1;
    delete questions[number];
  }

  function decide() {
    outlet(UI, ["asking", 0]);
    base = n_right === n_asked;
    report();
  }

  // --- words

  function report() {
    var n = wanted.names.length;
    var text = "";
    if (!n_there) text = at < waits.length ? "" : "no " + PLUGIN + " in this device: install it, or press Choose " + PLUGIN;
    else if (!wanted.n_known || n_bound < 0) text = "";
    else if (wanted.synth !== PLUGIN.toLowerCase()) text = "the model plays " + wanted.title() + ", and this device " + PLUGIN + ": pick another in Setup";
    else if (!n_bound) text = "this plug-in is not " + PLUGIN + ": press Choose " + PLUGIN;
    else if (n_bound < n) text = n_bound + " of " + n + " found; missing " + missing[0].slice(0, LONGEST) + (missing.length > 1 ? " and " + (missing.length - 1) + " more" : "");
    else if (!base) text = PLUGIN + " plays a patch of its own: press Base Patch";
    outlet(UI, ["shown", n_there && n_bound >= 0 ? n_bound + " of " + n + " parameters" : "No plug-in"]);
    if (text === text_shown) return;
    text_shown = text;
    outlet(TEXT, ["bind", text]);
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
