// Level, time and progress of a sketch. See INTERFACES.md.
"use strict";

var draw = require("fsl_draw");

autowatch = 0;
inlets = 1;
outlets = 1;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var FRAME_MS = 33;
  var FLOOR_DB = -60;
  var SIDE = 8;
  var TITLES = {
    idle: "Ready to listen",
    recording: "Recording",
    writing: "Saving",
    hearing: "Listening",
    refining: "Refining",
    done: "Done",
    failed: "Not found"
  };

  var mode = "idle", seconds = 0, progress = 0, level_db = FLOOR_DB, peak_db = FLOOR_DB;
  var painting = false;
  var painter = new Task(repaint);

  var messages = {
    mode: function (args) {
      if (!Object.prototype.hasOwnProperty.call(TITLES, args[0])) return;
      if (args[0] === "recording" && mode !== "recording") {
        seconds = 0;
        peak_db = FLOOR_DB;
      }
      mode = String(args[0]);
      if (mode === "writing" || mode === "hearing") progress = 0;
      soon();
    },
    time: function (args) {
      seconds = Math.max(0, Number(args[0]) || 0);
      soon();
    },
    progress: function (args) {
      progress = Math.min(1, Math.max(0, Number(args[0]) || 0));
      soon();
    },
    level: function (args) {
      var peak = Number(args[0]);
      var db = peak > 0 ? Math.max(FLOOR_DB, 8.685889638 * Math.log(peak)) : FLOOR_DB;
      if (db === level_db) return;
      level_db = db;
      if (mode === "recording") peak_db = Math.max(peak_db, db);
      soon();
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  function soon() {
    if (painting) return;
    painting = true;
    painter.schedule(FRAME_MS);
  }

  function repaint() {
    painting = false;
    mgraphics.redraw();
  }

  function bar(y, share, color, w) {
    draw.use("lcd_frame");
    mgraphics.rectangle(SIDE, y, w - 2 * SIDE, 4);
    mgraphics.fill();
    if (!(share > 0)) return;
    draw.use(color);
    mgraphics.rectangle(SIDE, y, share * (w - 2 * SIDE), 4);
    mgraphics.fill();
  }

  function picture() {
    var w = mgraphics.size[0], h = mgraphics.size[1];
    var clipped = peak_db > -0.3;
    var busy = mode === "hearing" || mode === "refining" || mode === "writing";
    draw.screen(w, h);
    draw.use(mode === "idle" ? "lcd_title" : "lcd_control_fg");
    if (mode === "recording") draw.dot(SIDE + 3, 13, 3);
    var left = mode === "recording" ? SIDE + 11 : SIDE;
    var right = mode === "idle" ? SIDE : 50; // room for the time
    draw.text(clipped && mode !== "idle" ? "Too loud" : TITLES[mode], left, 16, 0, w - left - right);
    draw.use("lcd_title");
    if (mode !== "idle") draw.text(seconds.toFixed(1) + " s", w - SIDE, 16, 1, 44);
    bar(h - 18, (level_db - FLOOR_DB) / -FLOOR_DB, mode === "recording" ? "lcd_control_fg" : "lcd_title", w);
    bar(h - 10, busy || mode === "done" ? (mode === "done" ? 1 : progress) : 0, "lcd_control_fg", w);
  }

  return { messages: messages, picture: picture, soon: soon };
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script.messages, word)) script.messages[word](args);
}

function paint() {
  script.picture();
}

function onresize() {
  script.soon();
}
