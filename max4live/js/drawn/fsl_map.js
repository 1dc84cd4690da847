// The preset map, or two macros as a pad. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var draw = require("fsl_draw");
var art = require("fsl_mapart");
var Points = require("fsl_points").Points;
var view_of = require("fsl_view");

autowatch = 0;
inlets = 1;
outlets = 3;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var SERVER = 0, LOADED = 1, TEXT = 2;
  var REACH = 9; // px around a point in which a click still hits it
  var OVERLAP = 3; // px: points so close together lie over each other, and clicks take turns
  var STEADY = 3; // px that the hand may shake in a click
  var FRAME_MS = 33; // 30 pictures and 30 messages a second
  var KEY = 13; // px, of the keys for zoom

  var points = new Points(), view = new view_of.View(), whole = new view_of.View(); // the pad is never magnified
  var is_pad = false, axes = [0, 1];
  var macros = [], macro_names = [];
  var online = false;
  var here = null; // {x, y, sure}: not sure while a dial turns, until the server sends the new place
  var wished = "", playing = ""; // the preset that was clicked last, and the one that plays
  var hover = [];
  var pressed = "", moved = false, from = null; // pressed: "map", "pad", "pan" or "key"
  var last_click = null, turn_taken = 0;
  var next = null; // messages that the throttle holds back

  var painter = new Task(repaint);
  var sender = new Task(flush);
  var painting = false, sending = false;

  var messages = {
    online: function (args) {
      online = true;
      points.clear();
      macros = [];
      macro_names = [];
      for (var k = 0; k < Number(args[1]); k++) {
        macros.push(0.5);
        macro_names.push("Macro " + (k + 1));
      }
      if (here) here.sure = false;
      hover = [];
      playing = "";
      soon();
    },
    offline: function () {
      online = false;
      soon();
    },
    preset: function (args) {
      var x = Number(args[2]), y = Number(args[3]);
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return;
      points.put(Number(args[0]), String(args[1]), x, y);
      recognise();
      soon();
    },
    kind: function (args) {
      var first = Number(args[1]), n = Number(args[2]);
      if (!args[0] || !(first >= 0 && n >= 1)) return;
      points.add_run(String(args[0]), first, n);
      soon();
    },
    only: function (args) {
      points.only = args.join(" ");
      hover = [];
      soon();
    },
    place: function (args) {
      var x = Number(args[0]), y = Number(args[1]);
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1) || pressed === "map") return; // the mouse is ahead of its echo
      go(x, y);
    },
    macros: function (args) {
      if (args.length !== macros.length || pressed) return;
      for (var k = 0; k < args.length; k++) if (args[k] >= 0) macros[k] = Number(args[k]);
      soon();
    },
    macro: function (args) {
      var k = Number(args[0]), value = Number(args[1]);
      if (!(k >= 0 && k < macros.length && value >= 0 && value <= 1)) return;
      macros[k] = value;
      if (here) here.sure = false;
      recognise();
      soon();
    },
    macroname: function (args) {
      if (Number(args[0]) >= 0 && Number(args[0]) < macro_names.length) macro_names[Number(args[0])] = args.slice(1).join(" ");
      soon();
    },
    view: function (args) {
      is_pad = Number(args[0]) === 1;
      hover = [];
      soon();
    },
    axes: function (args) {
      var across = Math.round(Number(args[0])), up = Math.round(Number(args[1]));
      if (!(across >= 0 && up >= 0)) return;
      axes = [across, up];
      soon();
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  // --- where we are

  function go(x, y) {
    here = { x: x, y: y, sure: true };
    if (!view.holds(x, y)) view.centre(x, y);
    recognise();
    soon();
  }

  // Whether we are at a preset; the menu of presets is told of each once.
  function recognise() {
    var k = here && here.sure ? points.at(here.x, here.y, wished) : -1;
    var name = k < 0 ? "" : points.list[k].name;
    if (name === playing) return;
    playing = name;
    if (name) outlet(LOADED, ["loaded", name]);
  }

  function title() {
    if (playing || !here) return playing;
    var k = points.nearest(here.x, here.y);
    return k < 0 ? "" : "Near " + points.list[k].name;
  }

  // --- the mouse

  function press(mouse_x, mouse_y, shift) {
    resize();
    moved = false;
    from = [mouse_x, mouse_y];
    pressed = is_pad ? "pad" : key_at(mouse_x, mouse_y) ? "key" : shift ? "pan" : "map";
    if (pressed === "key") magnify(key_at(mouse_x, mouse_y));
    if (pressed === "key" || pressed === "pan") return;
    if (!online) {
      say("server not running: start it with Flow Server or in a terminal");
      return;
    }
    if (is_pad) {
      turn(mouse_x, mouse_y);
      return;
    }
    var found = points.around(view, mouse_x, mouse_y, REACH);
    if (found.length) load(found[whose_turn(found, mouse_x, mouse_y)]);
    else morph(mouse_x, mouse_y);
  }

  function pull(mouse_x, mouse_y, button) {
    if (!pressed) return;
    if (!button) {
      release();
      return;
    }
    if (pressed === "pan") {
      view.move(mouse_x - from[0], mouse_y - from[1]);
      from = [mouse_x, mouse_y];
      soon();
      return;
    }
    if (!online || pressed === "key") return;
    if (pressed === "pad") {
      turn(mouse_x, mouse_y);
      return;
    }
    if (!moved && Math.abs(mouse_x - from[0]) < STEADY && Math.abs(mouse_y - from[1]) < STEADY) return;
    moved = true;
    morph(mouse_x, mouse_y);
  }

  function release() {
    pressed = "";
    sender.cancel();
    flush();
    soon();
  }

  // The nearest; of points that lie over each other, the next one with each click on the same spot.
  function whose_turn(found, mouse_x, mouse_y) {
    var again = last_click && Math.abs(mouse_x - last_click[0]) < STEADY && Math.abs(mouse_y - last_click[1]) < STEADY;
    var n = 1, top = points.list[found[0]];
    while (n < found.length && apart(top, points.list[found[n]]) <= OVERLAP) n += 1;
    last_click = [mouse_x, mouse_y];
    turn_taken = again ? (turn_taken + 1) % n : 0;
    return turn_taken;
  }

  function apart(a, b) {
    var dx = view.px(a.x) - view.px(b.x), dy = view.py(a.y) - view.py(b.y);
    return Math.sqrt(dx * dx + dy * dy);
  }

  function load(k) {
    wished = points.list[k].name;
    outlet(SERVER, [SEND.preset_load, wished]);
    go(points.list[k].x, points.list[k].y);
  }

  function morph(mouse_x, mouse_y) {
    if (!points.list.length) return; // without presets there is no map
    var at = view.place(mouse_x, mouse_y);
    throttle([[SEND.place, at.x, at.y]]);
    go(at.x, at.y);
  }

  function turn(mouse_x, mouse_y) {
    var at = whole.place(mouse_x, mouse_y);
    var out = [];
    if (axes[0] < macros.length) out.push(axes[0], at.x);
    if (axes[1] < macros.length && axes[1] !== axes[0]) out.push(axes[1], at.y);
    var list = [];
    for (var i = 0; i < out.length; i += 2) {
      macros[out[i]] = out[i + 1];
      list.push([SEND.macro, out[i], out[i + 1]]);
    }
    throttle(list);
    soon();
  }

  // The newest wins: the mouse reports more often than anyone can hear.
  function throttle(list) {
    next = list;
    if (!sending) flush();
  }

  function flush() {
    sending = false;
    if (!next) return;
    for (var i = 0; i < next.length; i++) outlet(SERVER, next[i]);
    next = null;
    sending = true;
    sender.schedule(FRAME_MS);
  }

  function over(mouse_x, mouse_y) {
    resize();
    var found = is_pad || key_at(mouse_x, mouse_y) ? [] : points.around(view, mouse_x, mouse_y, REACH);
    if (found.join() === hover.join()) return;
    hover = found;
    soon();
  }

  // --- zoom

  // "+", "-", or "" beside them; the keys are at the top right. A jsui has no mouse wheel.
  function key_at(mouse_x, mouse_y) {
    var column = Math.floor((mgraphics.size[0] - 2 - mouse_x) / KEY);
    if (mouse_y < 2 || mouse_y >= 2 + KEY) return "";
    return column === 0 ? "+" : column === 1 && view.zoom > 1 ? "-" : "";
  }

  function magnify(key) {
    var centre = here || { x: 0.5, y: 0.5 };
    view.magnify(key === "+" ? 2 : 0.5, centre.x, centre.y);
    soon();
  }

  function resize() {
    view.resize(mgraphics.size[0], mgraphics.size[1]);
    whole.resize(mgraphics.size[0], mgraphics.size[1]);
  }

  // --- the picture

  function soon() {
    if (painting) return;
    painting = true;
    painter.schedule(FRAME_MS);
  }

  function repaint() {
    painting = false;
    mgraphics.redraw();
  }

  function picture() {
    var w = mgraphics.size[0], h = mgraphics.size[1];
    resize();
    points.settle();
    draw.screen(w, h);
    if (is_pad) {
      art.pad(draw, whole, axes, macros, macro_names, online);
    } else {
      art.map(draw, view, points, here, hover, online);
      art.caption(draw, title());
      art.keys(draw, KEY, view.zoom, view_of.MOST);
    }
    if (!online) draw.notice("Server not running", w, h);
    else if (!is_pad && !points.list.length) draw.notice("No presets yet", w, h);
  }

  function say(text) {
    outlet(TEXT, ["info", text]);
  }

  return { messages: messages, picture: picture, press: press, pull: pull, over: over, soon: soon };
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script.messages, word)) script.messages[word](args);
}

function paint() {
  script.picture();
}

function onclick(x, y, button, cmd, shift) {
  script.press(x, y, Number(shift) === 1);
}

function ondrag(x, y, button) {
  script.pull(x, y, button);
}

function onidle(x, y) {
  script.over(x, y);
}

function onidleout() {
  script.over(-100, -100);
}

function onresize() {
  script.soon();
}
