// Where the sound is, around each dial that is elsewhere: an arc from the dial's position, and a dot. It lies behind the
// dials. See INTERFACES.md.
"use strict";

var draw = require("fsl_draw");

autowatch = 0;
inlets = 1;
outlets = 1;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var N_COLUMNS = 4, COLUMN_PX = 58, ROW_PX = 63, DIAL_WIDTH = 56; // as in designs/synth/layout.py
  var MIDDLE_PX = 25, RADIUS = 12, DOT = 2; // of a live.dial, from its top; a little more than its own ring
  var START = 0.75 * Math.PI, SWEEP = 1.5 * Math.PI;
  var APART = 0.01;
  var FRAME_MS = 33;

  var marks = []; // [position of the dial, of the sound]
  var painter = new Task(repaint);
  var painting = false;

  var messages = {
    mark: function (args) {
      var k = Number(args[0]), dial = Number(args[1]), sound = Number(args[2]);
      if (!(k >= 0 && dial >= 0 && dial <= 1 && sound >= 0 && sound <= 1)) return;
      marks[k] = [dial, sound];
      soon();
    },
    clear: function () {
      marks = [];
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

  function picture() {
    for (var k = 0; k < marks.length; k++) {
      if (!marks[k] || Math.abs(marks[k][0] - marks[k][1]) < APART) continue;
      mark(COLUMN_PX * (k % N_COLUMNS) + DIAL_WIDTH / 2, ROW_PX * Math.floor(k / N_COLUMNS) + MIDDLE_PX, marks[k][0], marks[k][1]);
    }
  }

  function mark(x, y, dial, sound) {
    var from = START + SWEEP * Math.min(dial, sound), to = START + SWEEP * Math.max(dial, sound), at = START + SWEEP * sound;
    draw.use("lcd_bg", 0.5);
    mgraphics.set_line_width(1);
    mgraphics.arc(x, y, RADIUS, from, to);
    mgraphics.stroke();
    x += RADIUS * Math.cos(at);
    y += RADIUS * Math.sin(at);
    draw.use("lcd_bg");
    draw.dot(x, y, DOT + 1);
    draw.use("lcd_control_fg");
    draw.dot(x, y, DOT);
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
