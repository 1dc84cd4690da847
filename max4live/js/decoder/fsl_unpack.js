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
function rows(packed) {
  if (!packed.text) return packed.slice();
  var form = packed.form, n_rows = form[0], n_columns = form[1], digits = form[2], group = form[3], levels = form[4], top = form[5];
  var most = Math.pow(BASE, SCALE_DIGITS) - 1, middle = (levels - 1) / 2, text = packed.text.join("");
  var all = [], at = n_rows * SCALE_DIGITS, together = 0, left = 0;
  if (text.length !== at + Math.ceil((n_rows * n_columns) / group) * digits) throw new Error("the weights are cut off");
  for (var i = 0; i < n_rows; i++) {
    var step = (top * number_at(text, i * SCALE_DIGITS, SCALE_DIGITS)) / most / middle, row = [];
    for (var j = 0; j < n_columns; j++) {
      if (!left) {
        together = number_at(text, at, digits);
        at += digits;
        left = group;
      }
      row.push(((together % levels) - middle) * step);
      together = Math.floor(together / levels);
      left -= 1;
    }
    all.push(row);
  }
  return all;
}

// Whole numbers from 0, of so many digits each.
function whole(lines, digits) {
  var text = lines.join(""), numbers = [];
  for (var at = 0; at < text.length; at += digits) numbers.push(number_at(text, at, digits));
  return numbers;
}

// The rows of a rotation, a product of reflections and signs: of each reflection its sign, and the vector that it
// reverses, which begins with 1. See `reflections` in packing.py.
function rotation(packed) {
  var numbers = rows(packed)[0], at = numbers.length, n = Math.floor(Math.sqrt(2 * at)), all = [], i, j;
  for (i = 0; i < n; i++) {
    var row = [];
    for (j = 0; j < n; j++) row.push(0);
    all.push(row);
  }
  for (var k = n - 1; k >= 0; k--) {
    at -= n - k;
    var square = 0;
    all[k][k] = numbers[at];
    numbers[at] = 1;
    for (i = 0; i < n - k; i++) square += numbers[at + i] * numbers[at + i];
    for (j = k; j < n; j++) {
      var along = 0;
      for (i = 0; i < n - k; i++) along += numbers[at + i] * all[k + i][j];
      along *= 2 / square;
      for (i = 0; i < n - k; i++) all[k + i][j] -= along * numbers[at + i];
    }
  }
  return all;
}

exports.rows = rows;
exports.whole = whole;
exports.rotation = rotation;
