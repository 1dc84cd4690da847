// Which text the status line shows. See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 2;

var script = (function () {
  var TEXT = 0, LEVEL = 1;
  var OK = 0, DEGRADED = 1, BROKEN = 2;
  var ERROR_MS = 8000, NOTE_MS = 5000;

  var link = { text: "starting", level: BROKEN };
  var missing = "";
  var passing = null; // an error or a note: {text, level}
  var shown = null;
  var clock = new Task(over);

  var messages = {
    link: function (args) { link.text = join(args); show(); },
    bind: function (args) { missing = join(args); show(); },
    info: function (args) { pass(join(args), OK, NOTE_MS); },
    status: function (args) { pass(join(args), OK, NOTE_MS); },
    error: function (args) { pass(join(args.slice(1)), DEGRADED, ERROR_MS); },
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
    var now = passing;
    if (!now && link.level === BROKEN) now = link;
    if (!now && missing) now = { text: missing, level: DEGRADED };
    if (!now) now = link;
    var level = Math.max(now.level, link.level);
    if (shown && shown.text === now.text && shown.level === level) return;
    if (!shown || shown.level !== level) outlet(LEVEL, ["level", level]);
    if (!shown || shown.text !== now.text) outlet(TEXT, ["set", now.text]);
    shown = { text: now.text, level: level };
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
