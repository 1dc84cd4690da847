// Match parameter names as Live shows them with names as we know them. For others to require.
"use strict";

// Live and Push cut off long titles; a beginning this long, in letters and digits, tells our names apart.
var PREFIX_LENGTH = 10;

// Words that plug-in formats and versions abbreviate differently; each stands for the first of its row.
var SAME_WORDS = [
  ["oscillator", "osc", "oscil"],
  ["envelope", "env"],
  ["modulation", "mod", "modulator"],
  ["filter", "filt", "flt"],
  ["frequency", "freq"],
  ["resonance", "res", "reso"],
  ["amount", "amt"],
  ["level", "lvl"],
  ["mix", "drywet"],
  ["keytrack", "keytracking"],
  ["transpose", "transp"]
];

var WORDS = {};
(function () {
  for (var i = 0; i < SAME_WORDS.length; i++)
    for (var j = 0; j < SAME_WORDS[i].length; j++) WORDS[SAME_WORDS[i][j]] = SAME_WORDS[i][0];
})();

// "LFO 1 Frequency" and "lfo_1-frequency" are both lfo1frequency.
function normalise(name) {
  return String(name).toLowerCase().replace(/[^a-z0-9]+/g, "");
}

// The same with each word spelled out: "Osc 1 Lvl" is oscillator1level.
function spelled(name) {
  var words = String(name)
    .replace(/([a-z])([A-Z0-9])/g, "$1 $2")
    .toLowerCase()
    .replace(/dry\s*\/?\s*wet/g, "drywet")
    .replace(/key\s+track(ing)?/g, "keytrack")
    .replace(/([0-9])([a-z])/g, "$1 $2")
    .split(/[^a-z0-9]+/);
  var out = "";
  for (var i = 0; i < words.length; i++) out += own(WORDS, words[i]) ? WORDS[words[i]] : words[i];
  return out;
}

function own(object, key) {
  return Object.prototype.hasOwnProperty.call(object, key);
}

// One pass: each of our names that is still free gets the one shown name with the same key. If two shown names, or two of
// ours, have the same key, none is matched: a wrong parameter is worse than none.
function pass(ours, shown, found, used, key) {
  var count = {}, at = {}, own_count = {};
  var i, k;
  for (i = 0; i < shown.length; i++) {
    if (used[i]) continue;
    k = key(shown[i]);
    count[k] = (own(count, k) ? count[k] : 0) + 1;
    at[k] = i;
  }
  for (i = 0; i < ours.length; i++) {
    k = key(ours[i]);
    own_count[k] = (own(own_count, k) ? own_count[k] : 0) + 1;
  }
  for (i = 0; i < ours.length; i++) {
    if (found[i] >= 0) continue;
    k = key(ours[i]);
    if (k !== "" && own(count, k) && count[k] === 1 && own_count[k] === 1) {
      found[i] = at[k];
      used[at[k]] = true;
    }
  }
}

function pass_prefix(ours, shown, found, used) {
  var whole = [];
  for (var o = 0; o < ours.length; o++) whole.push(normalise(ours[o]));
  for (var s = 0; s < shown.length; s++) {
    if (used[s]) continue;
    var start = normalise(String(shown[s]).replace(/(\.\.\.|\u2026)\s*$/, ""));
    if (start.length < PREFIX_LENGTH) continue;
    var candidate = -1, n = 0;
    // Among all of ours, matched ones too: a beginning that fits two of them proves nothing.
    for (var i = 0; i < ours.length; i++) {
      if (whole[i].indexOf(start) === 0) {
        n += 1;
        candidate = i;
      }
    }
    if (n === 1 && found[candidate] < 0) {
      found[candidate] = s;
      used[s] = true;
    }
  }
}

// For each of our names, the index of the shown name that matches, or -1: exact, then by letters and digits, then with words
// spelled out, then cut-off titles. Each shown name is used once.
function match(ours, shown) {
  var found = [], used = [];
  var i;
  for (i = 0; i < ours.length; i++) found.push(-1);
  for (i = 0; i < shown.length; i++) used.push(false);
  pass(ours, shown, found, used, String);
  pass(ours, shown, found, used, normalise);
  pass(ours, shown, found, used, spelled);
  if (found.indexOf(-1) >= 0) pass_prefix(ours, shown, found, used);
  return found;
}

exports.match = match;
exports.normalise = normalise;
