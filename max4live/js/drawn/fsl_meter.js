// The sound of a sketch as a waveform, its time, and the progress of the answer. See INTERFACES.md.
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
  var FLOOR_DB = -54, CLIP_DB = -0.3;
  var SIDE = 8, TOP = 24, BOTTOM = 18; // px around the waveform
  var COLUMN = 2; // px for each peak
  var MOST = 1000; // peaks: 30 s, one in 33 ms
  var TITLES = {
    idle: "Ready to listen",
    recording: "Recording",
    writing: "Saving",
    hearing: "Listening",
    refining: "Refining",
    done: "Done",
    failed: "Not found"
  };

  var mode = "idle", seconds = 0, progress = 0, mic = false;
  var heard = [], take = []; // heights, 0 to 1: of the last seconds, and of the take
  var peak_db = FLOOR_DB;
  var painting = false;
  var painter = new Task(repaint);

  var messages = {
    mode: function (args) {
      if (!Object.prototype.hasOwnProperty.call(TITLES, args[0])) return;
      if (args[0] === "recording" && mode !== "recording") {
        seconds = 0;
        take = [];
        peak_db = FLOOR_DB;
      }
      mode = String(args[0]);
      if (mode === "writing" || mode === "hearing") progress = 0;
      if (mode === "idle") heard = [];
      soon();
    },
    mic: function (args) {
      mic = Number(args[0]) !== 0;
      heard = [];
      soon();
    },
    time: function (args) {
      seconds = Math.max(0, Number(args[0]) || 0);
      soon();
    },
    progress: function (args) { // while the server records, it is the level of its microphone
      var share = Math.min(1, Math.max(0, Number(args[0]) || 0));
      if (mode === "recording") add(60 * share - 60);
      else progress = share;
      soon();
    },
    level: function (args) { // of the track, one peak in 33 ms
      var peak = Number(args[0]);
      if (!mic) add(peak > 0 ? 8.685889638 * Math.log(peak) : FLOOR_DB);
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  function add(db) {
    var height = Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
    if (mode === "recording") {
      peak_db = Math.max(peak_db, db);
      if (take.length < MOST) take.push(height);
    } else if (mode === "idle") {
      if (!height && !heard.some(Boolean)) return; // silence after silence looks the same
      heard.push(height);
      if (heard.length > columns()) heard = heard.slice(-columns());
    } else {
      return;
    }
    soon();
  }

  function columns() {
    return Math.max(1, Math.floor((mgraphics.size[0] - 2 * SIDE) / COLUMN));
  }

  function soon() {
    if (painting) return;
    painting = true;
    painter.schedule(FRAME_MS);
  }

  function repaint() {
    painting = false;
    mgraphics.redraw();
  }

  // Around the middle, from the left; a take that is longer than the picture is squeezed.
  function waveform(heights, w, h) {
    var n = columns(), middle = (TOP + h - BOTTOM) / 2, reach = Math.max(1, (h - TOP - BOTTOM) / 2);
    var each = Math.max(1, heights.length / n);
    draw.use("lcd_frame");
    draw.line(SIDE, middle, w - SIDE, middle, 1);
    draw.use(mode === "idle" ? "lcd_title" : "lcd_control_fg", mode === "failed" ? 0.4 : 0.9);
    for (var x = 0; x < n && x * each < heights.length; x++) {
      var height = 0;
      for (var i = Math.floor(x * each); i < Math.min(heights.length, Math.floor((x + 1) * each)); i++) height = Math.max(height, heights[i]);
      if (height > 0) draw.block(SIDE + COLUMN * x, middle - height * reach, COLUMN - 0.5, 2 * height * reach);
    }
  }

  function bar(y, share, w) {
    draw.use("lcd_frame");
    draw.block(SIDE, y, w - 2 * SIDE, 3);
    if (!(share > 0)) return;
    draw.use("lcd_control_fg");
    draw.block(SIDE, y, share * (w - 2 * SIDE), 3);
  }

  function picture() {
    var w = mgraphics.size[0], h = mgraphics.size[1];
    var answering = mode === "hearing" || mode === "refining" || mode === "writing";
    draw.screen(w, h);
    waveform(mode === "idle" ? heard : take, w, h);
    draw.use(mode === "idle" ? "lcd_title" : "lcd_control_fg");
    if (mode === "recording") draw.dot(SIDE + 3, 13, 3);
    var left = mode === "recording" ? SIDE + 11 : SIDE;
    var right = mode === "idle" ? SIDE : 42; // room for the time
    draw.text(peak_db > CLIP_DB && mode !== "idle" ? "Too loud" : TITLES[mode], left, 16, 0, w - left - right);
    draw.use("lcd_title");
    if (mode !== "idle") draw.text(seconds.toFixed(1) + " s", w - SIDE, 16, 1, 40);
    if (answering) bar(h - 10, progress, w);
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
