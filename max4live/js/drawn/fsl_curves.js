// What a macro does along its dial: the parameters that it moves most, or what you hear. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var draw = require("fsl_draw");

autowatch = 0;
inlets = 1;
outlets = 1;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var SERVER = 0;
  var MOST = 16;
  var FRAME_MS = 33;
  var ANSWER_MS = 60; // the messages of one answer follow each other closely
  var TOP = 16, SIDE = 6, BOTTOM = 6; // px around the curves
  var NAMES = 0.47, NAME_PX = 10; // the names are to the right of the curves: share of the width, height of each
  var REACH = 14; // px
  var REST_MS = 400; // another point has other curves: ask for them when it rests

  var kinds = ["parameter", "descriptor"];
  var curves = { parameter: [], descriptor: [] }; // [{name, values}]
  var which = 0, n = 8, macro = 0;
  var macros = [], macro_names = [];
  var online = false, fresh = true, hover = -1, painting = false;

  var painter = new Task(repaint);
  var gate = new Task(open);
  var asker = new Task(ask);

  var messages = {
    online: function (args) {
      online = true;
      macros = [];
      macro_names = [];
      for (var k = 0; k < Number(args[1]); k++) {
        macros.push(0.5);
        macro_names.push("Macro " + (k + 1));
      }
      macro = Math.min(macro, macros.length - 1);
      ask();
    },
    offline: function () {
      online = false;
      soon();
    },
    show: function (args) {
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && (!macros.length || k < macros.length))) return;
      macro = k;
      ask();
    },
    which: function (args) {
      which = Number(args[0]) ? 1 : 0;
      hover = -1;
      soon();
    },
    n: function (args) {
      var many = Math.round(Number(args[0]));
      if (!(many >= 1)) return;
      n = Math.min(MOST, many);
      ask();
    },
    curve: function (args) {
      var kind = String(args[0]);
      if (!Object.prototype.hasOwnProperty.call(curves, kind) || args.length < 4) return;
      if (fresh) { // the first message of a new answer
        curves = { parameter: [], descriptor: [] };
        fresh = false;
        hover = -1;
      }
      gate.cancel();
      gate.schedule(ANSWER_MS);
      if (curves[kind].length < MOST) curves[kind].push({ name: String(args[1]), values: args.slice(2) });
      soon();
    },
    macro: function (args) {
      var k = Number(args[0]), value = Number(args[1]);
      if (!(k >= 0 && k < macros.length && value >= 0 && value <= 1)) return;
      macros[k] = value;
      if (k === macro) soon();
    },
    macros: function (args) {
      for (var k = 0; k < macros.length && k < args.length; k++) if (args[k] >= 0) macros[k] = Number(args[k]);
      soon();
    },
    latent: function () {
      asker.cancel();
      asker.schedule(REST_MS);
    },
    macroname: function (args) {
      if (Number(args[0]) >= 0 && Number(args[0]) < macro_names.length) macro_names[Number(args[0])] = args.slice(1).join(" ");
      soon();
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  function open() {
    fresh = true;
  }

  function ask() {
    fresh = true;
    if (online) outlet(SERVER, [SEND.curves, macro, n]);
    soon();
  }

  function shown() {
    return curves[kinds[which]];
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

  function end_x() {
    return Math.round(mgraphics.size[0] * (1 - NAMES));
  }

  function x_of(i, count) {
    return SIDE + (i / (count - 1)) * (end_x() - SIDE);
  }

  function y_of(v) {
    return mgraphics.size[1] - BOTTOM - v * (mgraphics.size[1] - TOP - BOTTOM);
  }

  // Parameters share one scale, 0 to 1. Each descriptor has its own unit, so it fills the height.
  function scale(values) {
    if (which === 0) return { low: 0, span: 1 };
    var low = values[0], high = values[0];
    for (var i = 1; i < values.length; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    return high - low > 1e-9 ? { low: low, span: high - low } : { low: low - 0.5, span: 1 };
  }

  function trace(values) {
    var s = scale(values);
    for (var i = 0; i < values.length; i++) {
      var y = y_of((values[i] - s.low) / s.span);
      if (i) mgraphics.line_to(x_of(i, values.length), y);
      else mgraphics.move_to(x_of(0, values.length), y);
    }
    mgraphics.stroke();
  }

  function end_y(values) {
    var s = scale(values);
    return y_of((values[values.length - 1] - s.low) / s.span);
  }

  // Where the names go, [{i, y}] from the top: beside the ends of their curves, pushed apart; the strongest that fit.
  function names_at() {
    var list = shown(), low = mgraphics.size[1] - 4, top = TOP + 2;
    var places = [], k;
    for (k = 0; k < Math.min(list.length, Math.floor((low - top) / NAME_PX) + 1); k++) places.push({ i: k, y: end_y(list[k].values) + 3 });
    places.sort(function (a, b) { return a.y - b.y || a.i - b.i; });
    for (k = 0; k < places.length; k++) places[k].y = Math.max(places[k].y, k ? places[k - 1].y + NAME_PX : top);
    for (k = places.length - 1; k >= 0; k--) places[k].y = Math.min(places[k].y, k < places.length - 1 ? places[k + 1].y - NAME_PX : low);
    return places;
  }

  function name(place, color, alpha) {
    var x = end_x(), w = mgraphics.size[0], curve = shown()[place.i];
    draw.use(color, alpha * 0.6);
    draw.line(x + 1, end_y(curve.values), x + 7, place.y - 3, 1);
    draw.use(color, alpha);
    draw.text(curve.name, x + 10, place.y, 0, w - x - 14);
  }

  function picture() {
    var w = mgraphics.size[0], h = mgraphics.size[1];
    var list = shown(), top = hover >= 0 && hover < list.length ? hover : 0;
    draw.screen(w, h);
    draw.use("lcd_frame");
    draw.line(SIDE, y_of(0) + 0.5, end_x(), y_of(0) + 0.5, 1);
    if (!online || !list.length) {
      draw.notice(online ? "Choose a macro" : "Server not running", w, h);
      return;
    }
    for (var i = list.length - 1; i >= 0; i--) {
      if (i === top) continue;
      mgraphics.set_line_width(1);
      draw.use("lcd_title", 0.55 - (0.35 * i) / list.length);
      trace(list[i].values);
    }
    mgraphics.set_line_width(2);
    draw.use("lcd_control_fg");
    trace(list[top].values);
    if (macro < macros.length) {
      var x = x_of(macros[macro], 2);
      draw.use("lcd_title", 0.5);
      draw.line(x, TOP, x, h - BOTTOM, 1);
    }
    draw.use("lcd_title", 0.75);
    draw.text(macro_names[macro] || "", SIDE, 11, 0, end_x() - SIDE);
    var places = names_at();
    for (var k = 0; k < places.length; k++) name(places[k], places[k].i === top ? "lcd_control_fg" : "lcd_title", places[k].i === top ? 1 : 0.7);
  }

  function over(mouse_x, mouse_y) {
    var list = shown(), best = -1, least = REACH;
    var at = (mouse_x - SIDE) / Math.max(1, end_x() - SIDE);
    var places = at > 1 && mouse_x < mgraphics.size[0] ? names_at() : [];
    for (var p = 0; p < places.length; p++) {
      if (Math.abs(places[p].y - 3 - mouse_y) >= least) continue;
      least = Math.abs(places[p].y - 3 - mouse_y);
      best = places[p].i;
    }
    for (var k = 0; k < list.length && at >= 0 && at <= 1; k++) {
      var values = list[k].values, s = scale(values);
      var y = y_of((values[Math.round(at * (values.length - 1))] - s.low) / s.span);
      if (Math.abs(y - mouse_y) < least) {
        least = Math.abs(y - mouse_y);
        best = k;
      }
    }
    if (best === hover) return;
    hover = best;
    soon();
  }

  return { messages: messages, picture: picture, over: over, soon: soon };
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
  script.over(x, y);
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
