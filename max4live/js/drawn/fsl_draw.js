// Live's colours, and text that fits, for the jsui. For others to require.
"use strict";

// Live's own tokens, as live.colors names them, with values until it sends its own. One accent: lcd_control_fg.
var colors = {
  lcd_bg: [0.102, 0.106, 0.114, 1],
  lcd_frame: [0.22, 0.23, 0.24, 1],
  lcd_title: [0.66, 0.67, 0.69, 1],
  lcd_control_fg: [1, 0.71, 0.196, 1],
  lcd_control_fg_zombie: [0.42, 0.43, 0.45, 1]
};

var FONT = "Ableton Sans Medium";
var FONT_PX = 9.5;

// Set the colour of `color NAME R G B A`; return whether it is one of ours.
function set_color(args) {
  var name = String(args[0]);
  if (!Object.prototype.hasOwnProperty.call(colors, name) || args.length < 4) return false;
  var rgba = [];
  for (var i = 1; i <= 4; i++) {
    var part = args.length > i ? Number(args[i]) : 1;
    if (!(part >= 0 && part <= 1)) return false;
    rgba.push(part);
  }
  colors[name] = rgba;
  return true;
}

function use(name, alpha) {
  var c = colors[name];
  mgraphics.set_source_rgba(c[0], c[1], c[2], c[3] * (alpha === undefined ? 1 : alpha));
}

// A colour of its own, [R, G, B], or the theme's for text.
function paint(rgb, alpha) {
  if (rgb) mgraphics.set_source_rgba(rgb[0], rgb[1], rgb[2], alpha);
  else use("lcd_title", alpha);
}

function width() {
  return mgraphics.size[0];
}

function height() {
  return mgraphics.size[1];
}

function block(x, y, w, h) {
  mgraphics.rectangle(x, y, w, h);
  mgraphics.fill();
}

function screen(w, h) {
  use("lcd_bg");
  mgraphics.rectangle_rounded(0, 0, w, h, 4, 4);
  mgraphics.fill();
}

function dot(x, y, radius) {
  mgraphics.ellipse(x - radius, y - radius, 2 * radius, 2 * radius);
  mgraphics.fill();
}

function ring(x, y, radius, line_width) {
  mgraphics.set_line_width(line_width);
  mgraphics.ellipse(x - radius, y - radius, 2 * radius, 2 * radius);
  mgraphics.stroke();
}

function line(x0, y0, x1, y1, line_width) {
  mgraphics.set_line_width(line_width);
  mgraphics.move_to(x0, y0);
  mgraphics.line_to(x1, y1);
  mgraphics.stroke();
}

function font() {
  mgraphics.select_font_face(FONT);
  mgraphics.set_font_size(FONT_PX);
}

function text_width(text) {
  font();
  return mgraphics.text_measure(text)[0];
}

// The text, shortened with an ellipsis if it is wider than `width`.
function fitted(text, width) {
  text = String(text);
  if (text_width(text) <= width) return text;
  while (text.length > 1 && text_width(text + "\u2026") > width) text = text.slice(0, -1).replace(/[\ud800-\udbff]$/, ""); // no half of an emoji
  return text.replace(/\s+$/, "") + "\u2026";
}

// x is the left edge, the middle or the right edge for align 0, 0.5, 1; y is the baseline.
function text(words, x, y, align, width) {
  var shown = fitted(words, width);
  mgraphics.move_to(x - (align || 0) * text_width(shown), y);
  mgraphics.show_text(shown);
}

// A name beside a point, on a dark background, kept inside the picture.
function label(words, x, y, width, height) {
  var shown = fitted(words, width - 12);
  var w = text_width(shown) + 8, h = 13;
  var left = Math.min(Math.max(2, x - w / 2), width - w - 2);
  var top = y - 8 - h >= 2 ? y - 8 - h : Math.min(y + 8, height - h - 2);
  use("lcd_bg", 0.92);
  mgraphics.rectangle_rounded(left, top, w, h, 3, 3);
  mgraphics.fill();
  use("lcd_frame");
  mgraphics.set_line_width(1);
  mgraphics.rectangle_rounded(left + 0.5, top + 0.5, w - 1, h - 1, 3, 3);
  mgraphics.stroke();
  use("lcd_title");
  mgraphics.move_to(left + 4, top + 9.5);
  font();
  mgraphics.show_text(shown);
}

// A line of text in the middle of the picture, on the background colour.
function notice(words, width, height) {
  var shown = fitted(words, width - 16);
  var w = text_width(shown) + 12;
  use("lcd_bg", 0.92);
  mgraphics.rectangle_rounded(width / 2 - w / 2, height / 2 - 8, w, 16, 3, 3);
  mgraphics.fill();
  use("lcd_title");
  text(shown, width / 2, height / 2 + 3, 0.5, width);
}

exports.set_color = set_color;
exports.use = use;
exports.paint = paint;
exports.width = width;
exports.height = height;
exports.block = block;
exports.screen = screen;
exports.dot = dot;
exports.ring = ring;
exports.line = line;
exports.text = text;
exports.text_width = text_width;
exports.label = label;
exports.notice = notice;
