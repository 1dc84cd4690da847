// How the preset map and the pad are drawn; `draw` is the caller's own fsl_draw, which knows the theme. For others to require.
"use strict";

var GRID = 4;
var NAME_PX = 10; // of the second macro's name, at the top of the pad

// Presets in the colours of their kinds, where we are in the accent, and the name of what a click would load.
function map(draw, view, points, here, hover, online) {
  var list = points.list, radius = view.zoom > 1 ? 2.4 : 1.8, alpha = online ? 0.95 : 0.3;
  var left = view.px(view.left), right = left + view.width, top = view.py(view.low + 1 / view.zoom), bottom = top + view.height;
  var i, x, y;
  draw.use("lcd_frame", 0.6);
  for (i = 0; i <= GRID; i++) {
    x = Math.round(view.px(i / GRID)) + 0.5;
    y = Math.round(view.py(i / GRID)) + 0.5;
    if (i > 0 && i < GRID && x >= left && x <= right) draw.line(x, top, x, bottom, 1);
    if (i > 0 && i < GRID && y >= top && y <= bottom) draw.line(left, y, right, y, 1);
  }
  for (i = 0; i < list.length; i++) {
    if (!view.holds(list[i].x, list[i].y)) continue;
    draw.paint(list[i].color, points.faint(i) ? 0.18 : alpha);
    draw.dot(view.px(list[i].x), view.py(list[i].y), radius);
  }
  if (here && view.holds(here.x, here.y)) {
    x = view.px(here.x);
    y = view.py(here.y);
    draw.use("lcd_bg", 0.8);
    draw.ring(x, y, 6, 4);
    draw.use(online ? "lcd_control_fg" : "lcd_control_fg_zombie", here.sure ? 1 : 0.55);
    draw.dot(x, y, 2.4);
    draw.ring(x, y, 6, here.sure ? 1.6 : 1);
  }
  if (!hover.length || !list[hover[0]]) return;
  var under = list[hover[0]];
  draw.use("lcd_title");
  draw.ring(view.px(under.x), view.py(under.y), radius + 2, 1);
  draw.label(under.name, view.px(under.x), view.py(under.y), draw.width(), draw.height() - 14);
}

// Two macros: the first from left to right, the second upwards.
function pad(draw, view, axes, macros, names, online) {
  var live = online ? "lcd_control_fg" : "lcd_control_fg_zombie", w = draw.width(), h = draw.height();
  var x = view.px(axes[0] < macros.length ? macros[axes[0]] : 0.5), y = view.py(axes[1] < macros.length ? macros[axes[1]] : 0.5);
  var left = view.px(0), right = view.px(1), top = view.py(1), bottom = view.py(0);
  draw.use("lcd_frame");
  draw.line(Math.round(view.px(0.5)) + 0.5, top + NAME_PX, Math.round(view.px(0.5)) + 0.5, bottom, 1);
  draw.line(left, Math.round(view.py(0.5)) + 0.5, right, Math.round(view.py(0.5)) + 0.5, 1);
  draw.use(live, 0.4);
  draw.line(x, top + NAME_PX, x, bottom, 1);
  draw.line(left, y, right, y, 1);
  draw.use(live);
  draw.dot(x, y, 4);
  if (!online) return;
  draw.use("lcd_title");
  draw.text(names[axes[0]] || "", w - 6, h - 6, 1, w - 12);
  draw.text(names[axes[1]] || "", 6, 14, 0, w - 12);
}

// The name of the sound below the map.
function caption(draw, words) {
  draw.use("lcd_title");
  draw.text(words, 6, draw.height() - 6, 0, draw.width() - 12);
}

// "+" and, if there is anything to go back from, "-", at the top right.
function keys(draw, size, zoom, most) {
  var x = draw.width() - 2 - size / 2, y = 2 + size / 2;
  draw.use("lcd_bg", 0.8);
  draw.block(x - size * (zoom > 1 ? 1.5 : 0.5), 2, size * (zoom > 1 ? 2 : 1), size);
  draw.use("lcd_title", zoom < most ? 0.9 : 0.3);
  draw.line(x - 3, y, x + 3, y, 1.2);
  draw.line(x, y - 3, x, y + 3, 1.2);
  if (!(zoom > 1)) return;
  draw.use("lcd_title", 0.9);
  draw.line(x - size - 3, y, x - size + 3, y, 1.2);
}

exports.map = map;
exports.pad = pad;
exports.caption = caption;
exports.keys = keys;
