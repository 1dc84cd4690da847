// Numbers from the text in which `python -m max4live.js.decoder.weights` keeps them. See INTERFACES.md.
"use strict";

// In base 91: printable, without what ends a string or a comment, or escapes. weights.py has the same.
var ALPHABET = "!#$%&'()*+,-.0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
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

// The rows of a matrix: first the scale of each, as a share of the largest, then the numbers, as shares of their row's
// scale. So many of them (`group`) are one number of so many digits, which stays below 2^53. A list is of rows already.
exports.rows = function (packed) {
  if (!packed.text) return packed.slice();
  var text = packed.text.join(""), digits = packed.digits, group = packed.group, levels = packed.levels;
  var most = Math.pow(BASE, SCALE_DIGITS) - 1, middle = (levels - 1) / 2;
  var rows = [], at = packed.rows * SCALE_DIGITS, together = 0, left = 0;
  if (text.length !== at + Math.ceil((packed.rows * packed.columns) / group) * digits) throw new Error("the weights are cut off");
  for (var i = 0; i < packed.rows; i++) {
    var step = (packed.top * number_at(text, i * SCALE_DIGITS, SCALE_DIGITS)) / most / middle, row = [];
    for (var j = 0; j < packed.columns; j++) {
      if (!left) {
        together = number_at(text, at, digits);
        at += digits;
        left = group;
      }
      row.push(((together % levels) - middle) * step);
      together = Math.floor(together / levels);
      left -= 1;
    }
    rows.push(row);
  }
  return rows;
};
