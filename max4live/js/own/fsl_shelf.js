// The rows of the list of people's own presets, as the server tells them: a part of what was searched for, or all that sound
// like one of them. For fsl_library to require.
"use strict";

var PAGE = 64; // rows that the server tells at a time
var MOST = 20000, MOST_ALIKE = 64, MOST_STYLES = 64;

function Shelf() {
  this.clear();
}

Shelf.prototype.clear = function () {
  this.n = -1; // how many fit the search; -1: not known yet
  this.first = 0; // index of the first row that is here
  this.rows = []; // {name, author, style, away}: away in dB, -1 for what was searched for
  this.from = 0; // of the rows that are coming in
  this.coming = [];
  this.of = ""; // what the rows in `like` sound like; empty while those of the search are shown
  this.like = [];
  this.wished = ""; // what like rows were asked for
  this.coming_like = [];
};

// Rows from this index on have been asked for.
Shelf.prototype.expect = function (first) {
  this.from = first;
  this.coming = [];
};

// Args: index, how many fit, name, author, style, x, y, repeat. Returns whether all that were asked for are here.
Shelf.prototype.add = function (args) {
  var k = Number(args[0]), n = Number(args[1]);
  if (n === 0) {
    this.n = 0;
    this.first = 0;
    this.rows = [];
    return true;
  }
  if (!counts(k, n) || args.length < 6 || k < this.from || k >= this.from + PAGE) return false;
  var texts = args.slice(2, -3); // Max may lose those that are empty
  this.coming[k - this.from] = {
    name: String(texts[0]), style: texts.length > 1 ? String(texts[texts.length - 1]) : "",
    author: texts.length > 2 ? String(texts[1]) : "", away: -1
  };
  if (!whole(this.coming, Math.min(PAGE, Math.min(n, MOST) - this.from))) return false;
  this.n = Math.min(n, MOST);
  this.first = this.from;
  this.rows = this.coming;
  this.coming = [];
  return true;
};

// What sounds like this preset has been asked for.
Shelf.prototype.expect_like = function (name) {
  this.wished = name;
  this.coming_like = [];
};

// Args: index, how many, of, name, dB. Returns whether all are here; the first row is the preset itself.
Shelf.prototype.add_like = function (args) {
  var k = Number(args[0]), n = Number(args[1]), away = Number(args[4]);
  if (!this.wished || !counts(k, n) || n > MOST_ALIKE || String(args[2]) !== this.wished || !(away >= 0)) return false;
  this.coming_like[k] = { name: String(args[3]), author: "", style: "", away: away };
  if (!whole(this.coming_like, n)) return false;
  this.of = this.wished;
  this.wished = "";
  this.like = [{ name: this.of, author: "", style: "", away: -1 }].concat(this.coming_like);
  this.coming_like = [];
  return true;
};

Shelf.prototype.length = function () {
  return this.of ? this.like.length : Math.max(0, this.n);
};

// The row at an index, or null while it is not here.
Shelf.prototype.row = function (i) {
  return (this.of ? this.like[i] : i >= this.first ? this.rows[i - this.first] : null) || null;
};

Shelf.prototype.index_of = function (name) {
  var list = this.of ? this.like : this.rows;
  for (var i = 0; i < list.length; i++) if (list[i].name === name) return this.of ? i : this.first + i;
  return -1;
};

// The index from which rows have to be asked for, so that those from `top` on are here; -1: they are.
Shelf.prototype.lacks = function (top, n_seen) {
  var end = Math.min(this.n, top + n_seen);
  if (this.of || this.n <= 0 || (top >= this.first && end <= this.first + this.rows.length)) return -1;
  return Math.max(0, top - Math.floor((PAGE - n_seen) / 2));
};

// The styles that the server lists.
function Styles() {
  this.list = [];
  this.coming = [];
}

// Args: index, how many, style, presets. Returns whether there is another list.
Styles.prototype.add = function (args) {
  var k = Number(args[0]), n = Number(args[1]);
  if (!counts(k, n) || n > MOST_STYLES || args.length < 4) return false;
  if (k === 0) this.coming = [];
  this.coming[k] = String(args[2]);
  for (var i = 0; i < n; i++) if (this.coming[i] === undefined) return false;
  if (this.coming.join("\n") === this.list.join("\n")) return false;
  this.list = this.coming;
  return true;
};

function counts(k, n) {
  return k >= 0 && k < n && k % 1 === 0 && n % 1 === 0;
}

function whole(rows, n) {
  for (var i = 0; i < n; i++) if (!rows[i]) return false;
  return n > 0;
}

// A text as it can be drawn: on one line, from left to right, without halves of characters.
function plain(text) {
  return String(text).replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").replace(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, "")
    .replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, function (found) { return found.length > 1 ? found : ""; });
}

// The first n units of a text, without half an emoji at the end.
function cut(text, n) {
  return text.slice(0, n).replace(/[\ud800-\udbff]$/, "");
}

exports.Shelf = Shelf;
exports.Styles = Styles;
exports.plain = plain;
exports.cut = cut;
