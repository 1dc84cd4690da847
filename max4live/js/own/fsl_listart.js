// How the list of people's own presets is drawn; `draw` is the caller's own fsl_draw, which knows the theme. For others to require.
"use strict";

var plain = require("fsl_shelf").plain;

var HEAD = 14, ROW = 13; // px
var BAR = 8, LEAST = 10; // px: width of the bar, height of its thumb
var NOTE = 50, EDGE = 6, BASE = 10; // px: a row's note, its margin, its baseline

function seen(h) {
  return Math.max(1, Math.floor((h - HEAD - 1) / ROW));
}

// What stands above the rows: more of the one under the mouse, or what the list is.
function title(shelf, row, is_narrowed, hearing) {
  var n = shelf.n;
  if (row && row.author) return "by " + row.author + (row.style ? ", " + row.style : "");
  if (row) return row.name;
  if (shelf.of) return "Like " + shelf.of;
  if (n < 0) return "Asking the server";
  if (is_narrowed) return n + " found";
  if (!n) return "";
  if (hearing[0] === "hearing" && hearing[2]) return "Hearing " + hearing[1] + " of " + hearing[2];
  return n === 1 ? "1 preset of yours" : n + " presets of yours";
}

// The words above the rows, and the cross that goes back to all of them.
function head(draw, words, has_cross) {
  var w = draw.width(), x = w - 9, y = HEAD / 2 + 1;
  draw.use("lcd_title", 0.75);
  draw.text(plain(words), EDGE, BASE + 1, 0, w - 2 * EDGE - (has_cross ? 12 : 0));
  draw.use("lcd_frame");
  draw.line(EDGE, HEAD - 0.5, w - EDGE, HEAD - 0.5, 1);
  if (!has_cross) return;
  draw.use("lcd_title");
  draw.line(x - 3, y - 3, x + 3, y + 3, 1.2);
  draw.line(x - 3, y + 3, x + 3, y - 3, 1.2);
}

// `hover` and `at`: indices of the row under the mouse, and of the one that was chosen last.
function rows(draw, shelf, top, opening, hover, at) {
  var w = draw.width(), n = seen(draw.height()), right = w - EDGE - (shelf.length() > n ? BAR : 0);
  for (var j = 0; j < n && top + j < shelf.length(); j++) {
    var row = shelf.row(top + j), y = HEAD + ROW * j;
    if (hover === top + j || at === top + j) {
      draw.use("lcd_frame", at === top + j ? 1 : 0.6);
      draw.block(2, y + 1, right + EDGE - 4, ROW - 1);
    }
    var is_playing = row !== null && row.name === opening.playing, is_wished = row !== null && row.name === opening.wished;
    var note = row === null ? "" : (is_playing || is_wished) && opening.note ? opening.note : row.away >= 0 ? row.away.toFixed(1) + " dB" : row.style;
    var room = note ? Math.min(NOTE, draw.text_width(plain(note))) : 0;
    draw.use(is_playing ? "lcd_control_fg" : "lcd_title", is_wished ? 0.6 : 1);
    draw.text(row === null ? "\u2026" : plain(row.name), EDGE, y + BASE, 0, right - EDGE - (room ? room + 6 : 0));
    if (!room) continue;
    draw.use(is_playing ? "lcd_control_fg" : "lcd_title", 0.6);
    draw.text(plain(note), right, y + BASE, 1, room);
  }
}

// Where the thumb of the bar is: {y, height}, or null if all rows are seen.
function thumb(h, n, top) {
  var track = h - HEAD - 4, shown = seen(h);
  if (n <= shown) return null;
  var height = Math.max(LEAST, track * shown / n);
  return { y: HEAD + 2 + (track - height) * Math.min(1, top / (n - shown)), height: height, track: track };
}

function bar(draw, n, top) {
  var at = thumb(draw.height(), n, top);
  if (!at) return;
  draw.use("lcd_frame");
  draw.block(draw.width() - BAR + 2, HEAD + 2, 3, at.track);
  draw.use("lcd_title", 0.75);
  draw.block(draw.width() - BAR + 2, at.y, 3, at.height);
}

// One or two lines in the middle.
function empty(draw, lines) {
  draw.use("lcd_title");
  for (var i = 0; i < lines.length; i++) draw.text(lines[i], draw.width() / 2, (draw.height() + HEAD) / 2 + 4 + 13 * (i - (lines.length - 1) / 2), 0.5, draw.width() - 12);
}

exports.HEAD = HEAD;
exports.ROW = ROW;
exports.BAR = BAR;
exports.seen = seen;
exports.thumb = thumb;
exports.title = title;
exports.head = head;
exports.rows = rows;
exports.bar = bar;
exports.empty = empty;
