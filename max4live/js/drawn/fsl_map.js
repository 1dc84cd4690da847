// The preset map, or two macros as a pad. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var draw = require("fsl_draw");

autowatch = 0;
inlets = 1;
outlets = 3;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var SERVER = 0, DIALS = 1, TEXT = 2;
  var MARGIN = 8; // px
  var REACH = 9; // px around a point in which a click still hits it
  var FRAME_MS = 33; // 30 pictures and 30 messages a second

  var presets = []; // {name, x, y}
  var by_name = {};
  var axes = [-1, -1];
  var macros = [], macro_names = [];
  var online = false;
  var here = null; // {x, y, sure}: not sure while a dial turns, until the server sends the new place
  var hover = -1;
  var pressed = false, moved = false, from = null;
  var next = null; // messages that the throttle holds back
  var held = {}; // values of macros in a gesture on the pad

  var painter = new Task(repaint);
  var sender = new Task(flush);
  var painting = false, sending = false;

  var messages = {
    online: function (args) {
      online = true;
      presets = [];
      by_name = {};
      macros = [];
      macro_names = [];
      for (var k = 0; k < Number(args[1]); k++) {
        macros.push(0.5);
        macro_names.push("Macro " + (k + 1));
      }
      if (here) here.sure = false;
      hover = -1;
      soon();
    },
    offline: function () {
      online = false;
      soon();
    },
    preset: function (args) {
      var name = String(args[1]), x = Number(args[2]), y = Number(args[3]);
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return;
      var key = "_" + name;
      if (!Object.prototype.hasOwnProperty.call(by_name, key)) {
        by_name[key] = presets.length;
        presets.push(null);
      }
      presets[by_name[key]] = { name: name, x: x, y: y }; // saved again, perhaps at another place
      soon();
    },
    place: function (args) {
      var x = Number(args[0]), y = Number(args[1]);
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1) || pressed && !is_pad()) return; // the mouse is ahead of its echo
      here = { x: x, y: y, sure: true };
      soon();
    },
    macros: function (args) {
      if (args.length !== macros.length || pressed) return;
      for (var k = 0; k < args.length; k++) macros[k] = Number(args[k]);
      soon();
    },
    macro: function (args) {
      var k = Number(args[0]), value = Number(args[1]);
      if (!(k >= 0 && k < macros.length && value >= 0 && value <= 1)) return;
      macros[k] = value;
      if (here) here.sure = false;
      soon();
    },
    macroname: function (args) {
      if (Number(args[0]) >= 0 && Number(args[0]) < macro_names.length) macro_names[Number(args[0])] = args.slice(1).join(" ");
      soon();
    },
    axes: function (args) {
      axes = [Math.round(Number(args[0])), Math.round(Number(args[1]))];
      hover = -1;
      soon();
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  // --- from places to pixels and back

  function is_pad() {
    return axes[0] >= 0 && axes[1] >= 0;
  }

  function box() {
    return { w: mgraphics.size[0] - 2 * MARGIN, h: mgraphics.size[1] - 2 * MARGIN };
  }

  function px(x) {
    return MARGIN + x * box().w;
  }

  function py(y) { // up is more, as on a dial
    return MARGIN + (1 - y) * box().h;
  }

  function place(mouse_x, mouse_y) {
    var b = box();
    return { x: clip((mouse_x - MARGIN) / b.w), y: clip(1 - (mouse_y - MARGIN) / b.h) };
  }

  function clip(v) {
    return v > 0 ? (v < 1 ? v : 1) : 0;
  }

  function hit(mouse_x, mouse_y) {
    var best = -1, least = REACH * REACH;
    for (var i = 0; i < presets.length; i++) {
      var dx = px(presets[i].x) - mouse_x, dy = py(presets[i].y) - mouse_y;
      if (dx * dx + dy * dy <= least) {
        least = dx * dx + dy * dy;
        best = i;
      }
    }
    return best;
  }

  // --- the mouse

  function press(mouse_x, mouse_y) {
    pressed = true;
    moved = false;
    from = [mouse_x, mouse_y];
    held = {};
    if (!online) {
      say("server not running: start it with python run_server.py");
      return;
    }
    if (is_pad()) {
      turn(mouse_x, mouse_y);
      return;
    }
    var k = hit(mouse_x, mouse_y);
    if (k >= 0) load(k);
    else morph(mouse_x, mouse_y);
  }

  function pull(mouse_x, mouse_y, button) {
    if (!pressed) return;
    if (!button) {
      release();
      return;
    }
    if (!online) return;
    if (is_pad()) {
      turn(mouse_x, mouse_y);
      return;
    }
    if (!moved && Math.abs(mouse_x - from[0]) < 3 && Math.abs(mouse_y - from[1]) < 3) return; // a shaky click
    moved = true;
    morph(mouse_x, mouse_y);
  }

  function release() {
    pressed = false;
    sender.cancel();
    flush();
    for (var k in held) if (Object.prototype.hasOwnProperty.call(held, k)) outlet(DIALS, ["macro", Number(k), held[k]]);
    held = {};
    outlet(DIALS, "up");
    soon();
  }

  function load(k) {
    here = { x: presets[k].x, y: presets[k].y, sure: true };
    outlet(SERVER, [SEND.preset_load, presets[k].name]);
    outlet(DIALS, ["loaded", presets[k].name]);
    soon();
  }

  function morph(mouse_x, mouse_y) {
    if (!presets.length) return; // without presets there is no map
    var at = place(mouse_x, mouse_y);
    here = { x: at.x, y: at.y, sure: true };
    throttle([[SEND.place, at.x, at.y]]);
    soon();
  }

  function turn(mouse_x, mouse_y) {
    var at = place(mouse_x, mouse_y);
    var out = [];
    if (axes[0] < macros.length) out.push(axes[0], at.x);
    if (axes[1] < macros.length && axes[1] !== axes[0]) out.push(axes[1], at.y);
    var list = [];
    for (var i = 0; i < out.length; i += 2) {
      macros[out[i]] = held[out[i]] = out[i + 1];
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
    var k = is_pad() ? -1 : hit(mouse_x, mouse_y);
    if (k === hover) return;
    hover = k;
    soon();
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
    draw.screen(w, h);
    if (is_pad()) pad(w, h);
    else map(w, h);
    if (!online) draw.notice("Server not running", w, h);
    else if (!is_pad() && !presets.length) draw.notice("No presets yet", w, h);
  }

  function map(w, h) {
    var live = online ? "lcd_control_fg" : "lcd_control_fg_zombie";
    draw.use("lcd_frame", 0.6);
    for (var i = 1; i < 4; i++) {
      draw.line(Math.round(px(i / 4)) + 0.5, MARGIN, Math.round(px(i / 4)) + 0.5, h - MARGIN, 1);
      draw.line(MARGIN, Math.round(py(i / 4)) + 0.5, w - MARGIN, Math.round(py(i / 4)) + 0.5, 1);
    }
    for (var k = 0; k < presets.length; k++) {
      draw.use("lcd_title", online ? 0.6 : 0.25);
      draw.dot(px(presets[k].x), py(presets[k].y), 1.7);
    }
    if (here) {
      draw.use(live, here.sure ? 1 : 0.55);
      draw.dot(px(here.x), py(here.y), 2.4);
      draw.ring(px(here.x), py(here.y), 6, here.sure ? 1.6 : 1);
    }
    if (hover >= 0 && hover < presets.length) {
      draw.use("lcd_title");
      draw.ring(px(presets[hover].x), py(presets[hover].y), 3.6, 1);
      draw.label(presets[hover].name, px(presets[hover].x), py(presets[hover].y), w, h);
    }
  }

  function pad(w, h) {
    var live = online ? "lcd_control_fg" : "lcd_control_fg_zombie";
    var x = px(axes[0] < macros.length ? macros[axes[0]] : 0.5), y = py(axes[1] < macros.length ? macros[axes[1]] : 0.5);
    draw.use("lcd_frame");
    draw.line(Math.round(px(0.5)) + 0.5, MARGIN, Math.round(px(0.5)) + 0.5, h - MARGIN, 1);
    draw.line(MARGIN, Math.round(py(0.5)) + 0.5, w - MARGIN, Math.round(py(0.5)) + 0.5, 1);
    draw.use(live, 0.4);
    draw.line(x, MARGIN, x, h - MARGIN, 1);
    draw.line(MARGIN, y, w - MARGIN, y, 1);
    draw.use(live);
    draw.dot(x, y, 4);
    draw.use("lcd_title");
    if (online) {
      draw.text(macro_names[axes[0]] || "", w - 6, h - 5, 1, w * 0.6);
      draw.text(macro_names[axes[1]] || "", 6, 12, 0, w * 0.6);
    }
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

function onclick(x, y) {
  script.press(x, y);
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
