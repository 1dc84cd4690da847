// Which instrument of the server this device plays: its own or one that it is linked to, in Flow CC that of its track. And
// what Live tells of our track: its name, and that it was selected, which gives the instrument the focus.
// js fsl_instrument.js KIND    KIND: synth, sketch or cc. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var tracks = require("fsl_track");

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, MENU = 1, LINK = 2, STORE = 3, TEXT = 4;
  var FORMAT = 1; // of what Flow CC stores
  var NONE = "-";
  var NOBODY = "none"; // an identity that no instrument has: Flow CC hears nothing until it is clear what it plays
  var SETTLE_MS = 50; // somebody may only pass by a track
  var PATIENCE_MS = 3000; // while a Set opens, devices find the server one after the other
  var NO_SERVER = 2, LOST = 4; // of `connection`
  var ALONE = 0; // run of no server: fsl_decode plays in its place
  var LONGEST_NAME = 60, LONGEST_SHOWN = 16; // characters

  var kind = jsarguments.length > 1 ? String(jsarguments[1]) : "synth";
  var follows_track = kind === "cc";
  var rows = []; // of the list that is coming in
  var instruments = [], is_listed = false; // [{id, name, alive, focus, link}]
  var own = NONE, shared = NONE; // as the server says
  var wanted = NONE, wanted_name = NONE; // as the Set says
  var asked = follows_track ? NOBODY : NONE; // of the server, by our hello
  var waited = false, was_here = false, alone_told = false, n_linked = 0;
  var run = null, online = false;
  var choices = [NONE], menu_shown = "", text_shown = "", sound_shown = "";

  var track = null, name_watch = null, selection_watch = null;
  var track_name = "", is_selected = false;
  var sends_focus = true, told = NONE; // told: the instrument that was given the focus when our track was selected
  var had_focus = null; // whether ours had it on the server before; null if that is not known

  var finder = new Task(find);
  var looker = new Task(look);
  var waiter = new Task(give_up);

  var messages = {
    start: function () { // again when a preset of the device is loaded
      if (kind === "sketch") return;
      if (!track) {
        track = new tracks.Track(later);
        name_watch = new tracks.Watch(later);
        selection_watch = new tracks.Watch(later);
      }
      find();
    },
    home: function () { // the device or its track was moved: ids are new
      finder.cancel();
      finder.schedule(SETTLE_MS);
    },
    connection: function (args) { // while fsl_decode plays, nobody says that the server is offline
      if (Number(args[0]) === LOST) note_focus();
      if (Number(args[0]) === NO_SERVER) forget();
    },
    plays: function (args) {
      if (args.length < 2) return;
      own = String(args[0]);
      shared = String(args[1]);
      decide();
    },
    online: function (args) {
      online = true;
      if (Number(args[0]) !== run) begin(Number(args[0]));
      be_patient();
      outlet(SERVER, [SEND.instruments]);
      decide();
    },
    offline: function () {
      online = false;
      forget();
      shared = NONE;
      n_linked = 0;
      was_here = alone_told = false;
      ask(follows_track ? NOBODY : NONE);
      show();
    },
    instrument: function (args) {
      var k = Number(args[0]), n = Number(args[1]);
      if (!(k >= 0 && k < n) || args.length < 6) return;
      if (k === 0) rows = [];
      rows[k] = { id: String(args[2]), name: String(args[3]), alive: Number(args[4]) === 1, focus: Number(args[5]) === 1, link: args.length > 6 ? String(args[6]) : "" };
      if (k === n - 1 && is_whole(n)) {
        instruments = rows;
        is_listed = true;
        decide();
      }
    },
    wants: function (args) { // from the Set: an identity and its name, or none
      if (args.length < 2 || String(args[0]) === wanted) return;
      wanted = String(args[0]);
      wanted_name = args.slice(1).join(" ");
      be_patient();
      decide();
    },
    restore: function (args) { // the same in Flow CC
      if (Number(args[0]) === FORMAT) messages.wants(args.slice(1));
    },
    pick: function (args) {
      var id = choices[Math.round(Number(args[0]))];
      if (id === undefined || id === wanted) return;
      var item = find_instrument(id);
      var name = item ? item.name : NONE;
      outlet(STORE, follows_track ? [FORMAT, id, name || NONE] : ["link", id, name || NONE]);
    },
    focus: function (args) { // whether selecting the track is to give its instrument the focus
      sends_focus = Number(args[0]) !== 0;
      tell_focus();
    }
  };

  // --- the track in Live; nothing is read inside Live's notifications, and nothing is ever written

  function later() {
    looker.cancel();
    looker.schedule(SETTLE_MS);
  }

  function find() {
    if (!track) return;
    var root = track.root();
    if (!root) return;
    name_watch.point(root, "name");
    selection_watch.point(track.id_at("live_set view"), "selected_track");
    look();
  }

  function look() {
    var root = track.root();
    if (!root) return;
    var name = track.text(root, "name").slice(0, LONGEST_NAME);
    if (name !== track_name) {
      track_name = name;
      if (kind === "synth" && name) outlet(LINK, ["called", name]);
    }
    if (kind === "synth") {
      var selected = tracks.ids(track.at(track.id_at("live_set view")).get("selected_track"))[0];
      is_selected = selected === root && track.is_first(); // of two on one track, the first
      tell_focus();
    }
    decide();
  }

  function tell_focus() {
    var mine = shared === NONE ? own : shared;
    if (!is_selected || !sends_focus) told = NONE;
    if (!is_selected || !sends_focus || !online || mine === NONE || told === mine) return;
    told = mine;
    outlet(SERVER, [SEND.focus, mine]);
  }

  // --- which instrument

  // A server that has started anew knows neither what is selected nor what had the focus.
  function begin(next_run) {
    run = next_run;
    told = NONE;
    if (kind !== "synth" || run === ALONE || had_focus === null) return;
    told = shared === NONE ? own : shared;
    if (had_focus) outlet(SERVER, [SEND.focus, own]);
  }

  function note_focus() {
    for (var i = 0; i < instruments.length; i++) if (instruments[i].focus) had_focus = instruments[i].id === own;
  }

  function forget() {
    note_focus();
    is_listed = false;
    instruments = [];
  }

  function is_whole(n) {
    for (var k = 0; k < n; k++) if (!rows[k]) return false;
    return rows.length === n;
  }

  function find_instrument(id) {
    for (var i = 0; i < instruments.length; i++) if (instruments[i].id === id) return instruments[i];
    return null;
  }

  // A link is only asked for while the other is there.
  function decide() {
    if (is_listed) ask(follows_track && wanted === NONE ? instrument_of_track() : linked_instrument());
    else if (kind === "synth") tell_alone(wanted !== NONE && online && waited); // nobody lists them
    count_links();
    tell_focus();
    show();
  }

  function linked_instrument() {
    var item = find_instrument(wanted), is_here = item !== null && item.alive;
    if (was_here && !is_here) be_patient(); // it may be moved, or its Set be closing
    was_here = is_here;
    if (kind === "synth") tell_alone(wanted !== NONE && !is_here && waited);
    return is_here ? wanted : follows_track ? NOBODY : NONE;
  }

  function tell_alone(is_alone) {
    if (is_alone === alone_told) return;
    alone_told = is_alone;
    outlet(STORE, ["alone", is_alone ? 1 : 0]);
  }

  // The instrument whose track bears the name of ours. Without one, whatever has the focus.
  function instrument_of_track() {
    var found = namesakes();
    if (found.length === 1) return found[0].link || found[0].id;
    return found.length || !waited ? NOBODY : NONE;
  }

  function namesakes() {
    var found = [];
    for (var i = 0; track_name && i < instruments.length; i++) {
      var item = instruments[i];
      if (item.name === track_name && (item.alive || item.link)) found.push(item);
    }
    return found;
  }

  function ask(id) {
    if (id === asked) return;
    asked = id;
    if (alone_told && id !== NONE) tell_alone(false); // before the sound of another can arrive
    outlet(LINK, ["link", id]);
  }

  // Others that are linked to us must find us again in a reopened Set.
  function count_links() {
    var n = 0;
    for (var i = 0; i < instruments.length; i++) if (own !== NONE && instruments[i].link === own) n += 1;
    if (n > n_linked) outlet(STORE, "named");
    n_linked = n;
  }

  function be_patient() {
    waited = false;
    waiter.cancel();
    waiter.schedule(PATIENCE_MS);
  }

  function give_up() {
    waited = true;
    decide();
  }

  // --- menu and words

  function show() {
    show_menu();
    show_sound();
    var text = missing();
    if (text === text_shown) return;
    text_shown = text;
    outlet(TEXT, ["instrument", text]);
  }

  function missing() {
    if (online && run === ALONE && wanted !== NONE) return "without the server this plays its own sound, not that of " + shorter(wanted_name);
    if (!online || !is_listed) return "";
    var item = find_instrument(wanted);
    if (wanted !== NONE && waited && !(item && item.alive)) {
      return shorter(wanted_name) + " is not here: " + (follows_track ? "choose another sound" : "this plays its own sound; choose another in Setup");
    }
    if (follows_track && wanted === NONE && namesakes().length > 1) return namesakes().length + " tracks are called " + shorter(track_name) + ": choose the sound";
    return "";
  }

  function show_menu() {
    if (kind === "sketch") return;
    var items = [follows_track ? "This track" : "Own sound"], seen = {};
    choices = [NONE];
    for (var i = 0; i < instruments.length; i++) {
      var item = instruments[i];
      if (!item.alive || item.id === own) continue;
      seen["_" + item.name] = (seen["_" + item.name] || 0) + 1;
      choices.push(item.id);
      items.push(seen["_" + item.name] > 1 ? item.name + " " + seen["_" + item.name] : item.name);
    }
    if (wanted !== NONE && choices.indexOf(wanted) < 0) {
      choices.push(wanted);
      items.push(wanted_name + " (not here)");
    }
    var menu = items.join("\n") + "\n" + choices.indexOf(wanted);
    if (menu === menu_shown) return;
    menu_shown = menu;
    outlet(MENU, "clear");
    for (var j = 0; j < items.length; j++) outlet(MENU, ["append", items[j]]);
    outlet(MENU, ["set", choices.indexOf(wanted)]);
  }

  // The name of what plays, where it is not our own.
  function show_sound() {
    var name = "";
    for (var i = 0; i < instruments.length; i++) {
      var item = instruments[i];
      if (shared !== NONE ? item.id === shared : own === NONE && asked === NONE && item.focus) name = item.name;
    }
    name = shorter(name);
    if (name === sound_shown) return;
    sound_shown = name;
    outlet(LINK, ["sound", name]);
  }

  function shorter(name) {
    return name.length > LONGEST_SHOWN ? name.slice(0, LONGEST_SHOWN - 1).replace(/\s+$/, "") + "." : name;
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
