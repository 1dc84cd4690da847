// Numbers from the text in which `python -m max4live.js.decoder.weights` keeps them. See INTERFACES.md.
"use strict";

// In base 85, without what ends a string or a comment, or escapes. weights.py has the same.
var ALPHABET = "!#$%()*+,-.0123456789:;?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~";
var BASE = ALPHABET.length;
var SCALE_DIGITS = 3;

var digit_of = [];

(function () {
  for (var code = 0; code < 128; code++) digit_of.push(-1);
  for (var k = 0; k < BASE; k++) digit_of[ALPHABET.charCodeAt(k)] = k;
})();

function number_at(text, at, digits) {
  var number = 0;
  for (var k = 0; k < digits; k++) number = number * BASE + digit_of[text.charCodeAt(at + k)];
  return number;
}

// The rows of a matrix. A row is its scale, as a share of the largest, and its numbers, as shares of the scale.
exports.rows = function (packed) {
  var text = packed.text.join(""), digits = packed.digits;
  var most = Math.pow(BASE, SCALE_DIGITS) - 1, middle = (Math.pow(BASE, digits) - 1) / 2;
  var rows = [], at = 0;
  if (text.length !== packed.rows * (SCALE_DIGITS + packed.columns * digits)) throw new Error("the weights are cut off");
  for (var i = 0; i < packed.rows; i++) {
    var step = (packed.top * number_at(text, at, SCALE_DIGITS)) / most / middle, row = [];
    at += SCALE_DIGITS;
    for (var j = 0; j < packed.columns; j++) {
      row.push((number_at(text, at, digits) - middle) * step);
      at += digits;
    }
    rows.push(row);
  }
  return rows;
};
