// Which text the status line shows. See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 2;

var script = (function () {
  var TEXT = 0, LEVEL = 1;
  var OK = 0, DEGRADED = 1, BROKEN = 2;
  var ERROR_MS = 8000, NOTE_MS = 5000;
  var FONT_PX = 9.5, FRAME_PX = 6;
  var NARROW = "iljtfrI.,:;'|!()[] ", WIDE = "mwMW%@"; // a little wider than in Live's own font

  var width = jsarguments.length > 1 ? Number(jsarguments[1]) - FRAME_PX : 320; // px of a line
  var n_lines = jsarguments.length > 2 ? Number(jsarguments[2]) : 1;

  var link = { text: "Starting", level: BROKEN };
  var alone = null; // {text, level} instead of the link's, while the device plays without the server
  var missing = "", absent = ""; // parameters, and the instrument that we are linked to
  var passing = null; // an error or a note: {text, level}
  var shown = null;
  var clock = new Task(over);

  var messages = {
    link: function (args) { link.text = join(args); show(); },
    bind: function (args) { missing = join(args); show(); },
    instrument: function (args) { absent = join(args); show(); },
    info: function (args) { pass(join(args), OK, NOTE_MS); },
    status: function (args) { pass(join(args), OK, NOTE_MS); },
    error: function (args) { pass(join(args.slice(1)), DEGRADED, ERROR_MS); },
    alone: function (args) {
      alone = args.length > 1 && Number(args[0]) >= 0 ? { text: join(args.slice(1)), level: Number(args[0]) } : null;
      show();
    },
    connection: function (args) {
      var number = Number(args[0]);
      link.level = number === 3 ? OK : number === 4 ? DEGRADED : BROKEN;
      show();
    }
  };

  function pass(text, level, ms) {
    if (!text || (passing && passing.level > level)) return; // an error is not hidden by a note
    passing = { text: text, level: level };
    clock.cancel();
    clock.schedule(ms);
    show();
  }

  function over() {
    passing = null;
    show();
  }

  function show() {
    var now = passing, there = alone || link;
    if (!now && there.level === BROKEN) now = there;
    if (!now && (absent || missing)) now = { text: absent || missing, level: DEGRADED };
    if (!now) now = there;
    var level = Math.max(now.level, there.level);
    if (shown && shown.text === now.text && shown.level === level) return;
    if (!shown || shown.level !== level) outlet(LEVEL, ["level", level]);
    if (!shown || shown.text !== now.text) {
      var whole = now.text.charAt(0).toUpperCase() + now.text.slice(1);
      outlet(TEXT, ["set", fitted(whole)]);
      outlet(TEXT, ["sendbox", "annotation", whole]); // for the Info View, if it was shortened
    }
    shown = { text: now.text, level: level };
  }

  // The text, shortened if it has more words than the lines of the box hold.
  function fitted(text) {
    var words = text.split(" "), line = "", above = [];
    for (var i = 0; i < words.length; i++) {
      var longer = line ? line + " " + words[i] : words[i];
      if (px(longer) <= width) {
        line = longer;
      } else if (line && above.length + 1 < n_lines && px(words[i]) <= width) {
        above.push(line);
        line = words[i];
      } else {
        return above.concat(cut(longer)).join(" ");
      }
    }
    return text;
  }

  function cut(text) {
    var end = text.length;
    while (end > 1 && px(text.slice(0, end) + "\u2026") > width) end -= 1;
    var space = text.slice(0, end + 1).lastIndexOf(" ");
    return text.slice(0, space > end / 2 ? space : end).replace(/[\s,:;]+$/, "") + "\u2026";
  }

  function px(text) {
    return FONT_PX * ems(text);
  }

  function ems(text) {
    var sum = 0;
    for (var i = 0; i < text.length; i++) {
      var c = text.charAt(i);
      sum += NARROW.indexOf(c) >= 0 ? 0.29 : WIDE.indexOf(c) >= 0 ? 0.86 : c !== c.toLowerCase() ? 0.66 : 0.56;
    }
    return sum;
  }

  function join(args) {
    return args.join(" ");
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
