// How the point of the sound lies in the Set: {model, synth, latent, frame, identity, link, name, dials} as one list, and
// back. For scripts to require.
"use strict";

var NONE = "-"; // in place of an identity or a name: Max might lose an empty symbol
var FORMAT = 3, FORMAT_2 = 2, FORMAT_1 = 1; // 2: what is on the dials is not known; 1: nor is an identity
var MOST = 64;
var SAME = 1e-6;

function write(of) {
  var list = [of.dials.length ? FORMAT : FORMAT_2, of.identity, of.link, of.name, of.model, of.synth, of.latent.length];
  return list.concat(of.latent, [of.frame.length], of.frame, of.dials);
}

function same(a, b) {
  if (b === null || a.dials.join("\n") !== b.dials.join("\n") || a.identity !== b.identity || a.link !== b.link || a.name !== b.name) return false;
  return a.model === b.model && a.synth === b.synth && close(a.latent, b.latent) && close(a.frame, b.frame);
}

function close(a, b) { // rounding to float32 is not a change
  if (a.length !== b.length) return false;
  for (var i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > SAME * Math.max(1, Math.abs(a[i]))) return false;
  return true;
}

// The point in a stored list, or null if it is not one of ours.
function parse(list) {
  if (Number(list[0]) === FORMAT_1) list = [FORMAT_2, NONE, NONE, NONE].concat(list.slice(1));
  if ((Number(list[0]) !== FORMAT && Number(list[0]) !== FORMAT_2) || list.length < 9) return null;
  var whose = list.slice(1, 7).map(String), numbered = list.slice(6);
  var n_latent = Number(numbered[0]);
  var n_frame = Number(numbered[1 + n_latent]);
  if (!(n_latent >= 1 && n_latent <= MOST && n_frame >= 1 && n_frame <= MOST) || numbered.length < 2 + n_latent + n_frame) return null;
  var on_dials = numbered.slice(2 + n_latent + n_frame).map(String);
  if (on_dials.length % 2 || on_dials.length > MOST || (on_dials.length && Number(list[0]) === FORMAT_2)) return null;
  var z = numbers(numbered.slice(1, 1 + n_latent), -1e4, 1e4);
  var v = numbers(numbered.slice(2 + n_latent, 2 + n_latent + n_frame), 0, 1);
  if (!z || !v) return null;
  return { identity: whose[0], link: whose[1], name: whose[2], model: whose[3], synth: whose[4], latent: z, frame: v, dials: on_dials };
}

function numbers(list, low, high) {
  for (var i = 0; i < list.length; i++) if (!(typeof list[i] === "number" && list[i] >= low && list[i] <= high)) return null;
  return list;
}

exports.NONE = NONE;
exports.write = write;
exports.same = same;
exports.parse = parse;
