// The list of people's own presets: searched by the server, played by a click, and by ear. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var draw = require("fsl_draw");
var art = require("fsl_listart");
var Asker = require("fsl_asker").Asker;
var Opening = require("fsl_opening").Opening;
var shelves = require("fsl_shelf");

autowatch = 0;
inlets = 1;
outlets = 4;

mgraphics.init();
mgraphics.relative_coords = 0;
mgraphics.autofill = 0;

var script = (function () {
  var SERVER = 0, TEXT = 1, STYLES = 2, FIELD = 3;
  var VIEW = 2; // of the tabs above, the one that shows the list
  var ANY = " "; // in place of an empty text, which Max might lose; to the server it is the same
  var INVITATION = "Find"; // in the field at first
  var LONGEST_STYLE = 20, LONGEST_WORDS = 60;
  var AGAIN_MS = 5000; // between two looks at the list while presets are being heard
  var STEP_MS = 300; // previous and next play when the hand rests: each one is read, and its macros made
  var HINT_MS = 500; // after what the server says itself
  var FRAME_MS = 33;
  var CROSS = 16; // px

  var shelf = new shelves.Shelf(), styles = new shelves.Styles(), opening = new Opening(soon);
  var asker = new Asker(shelf, send, come, function () { is_owed = false; });
  var online = false, run = 0, model = "", is_shown = false;
  var words = "", style = ANY; // what is searched for
  var stale = true; // whether the server may know more than it has told
  var hearing = ["off", 0, 0];
  var top = 0, top_found = 0, at = -1; // first row that is seen, now and in the search; the row that was chosen last
  var owed_step = 0, is_owed = false; // a step, or a row to be played, that waits for rows
  var hover = -1, grabbed = -1; // grabbed: px from the top of the thumb

  var looker = new Task(look), loader = new Task(load), hinter = new Task(hint);
  var painter = new Task(repaint), looking = false, painting = false;

  var messages = {
    online: function (args) {
      var was = run, before = model;
      run = Number(args[0]) || 0;
      if (!run) return messages.offline(); // the device plays by itself
      online = true;
      model = String(args[4]);
      if (run !== was) {
        forget();
      } else if (model !== before && opening.arrive()) {
        hinter.schedule(HINT_MS);
      }
      if (is_shown && stale) asker.ask(shelf.first);
      soon();
    },
    offline: function () {
      online = false;
      run = 0;
      asker.stop();
      loader.cancel();
      soon();
    },
    view: function (args) {
      is_shown = Number(args[0]) === VIEW;
      stale = stale || is_shown; // some may have been saved meanwhile
      if (is_shown && online) asker.ask(shelf.first);
    },
    state: function (args) { // of the hearing; it comes with each answer as well
      var now = [String(args[0]), Number(args[1]) || 0, Number(args[2]) || 0];
      if (args.length < 3 || now.join() === hearing.join()) return;
      hearing = now;
      soon();
      if (asker.waiting) return;
      stale = true;
      if (!is_shown || !online || looking) return;
      looking = true;
      looker.schedule(AGAIN_MS);
    },
    preset: function (args) {
      asker.hear(args);
    },
    like: function (args) {
      var was_found = !shelf.of;
      if (!shelf.add_like(args)) return;
      if (was_found) top_found = top;
      top = at = 0;
      soon();
    },
    style: function (args) {
      if (styles.add(args)) list_styles();
    },
    progress: function (args) {
      var text = opening.progress(args);
      if (text) say(shelves.plain(args[0]) + text);
      soon();
    },
    error: function (args) { // its text is in the status line
      if (String(args[0]) === SEND.own) opening.refused();
      soon();
    },
    find: function (args) { // the words of the field
      var typed = shelves.cut(args.join(" ").replace(/\s+/g, " ").replace(/^ | $/g, ""), LONGEST_WORDS);
      words = typed === INVITATION ? "" : typed;
      search();
    },
    pick: function (args) { // an item of the menu of styles
      var k = Math.round(Number(args[0]));
      if (!(k >= 0 && k <= styles.list.length)) return;
      style = k ? styles.list[k - 1] : ANY;
      search();
    },
    step: function (args) {
      var by = Number(args[0]) < 0 ? -1 : 1;
      if (!online) {
        no_server();
      } else if (!shelf.of && shelf.n < 0) { // the list has not been shown yet
        owed_step = by;
        asker.ask(0);
      } else {
        step(by);
      }
    },
    alike: function () {
      var row = shelf.row(at), name = opening.name() || (row ? row.name : "");
      if (!online) {
        no_server();
      } else if (!name) {
        say("pick one of your presets first: this lists those that sound like it");
      } else {
        shelf.expect_like(name);
        outlet(SERVER, [SEND.library_like, name]);
      }
    },
    color: function (args) {
      if (draw.set_color(args)) soon();
    }
  };

  // --- what the server is asked

  function forget() {
    shelf.clear();
    asker.stop();
    stale = true;
    at = -1;
    top = 0;
    opening.forget();
  }

  function search() {
    shelf.of = "";
    top = 0;
    at = -1;
    if (online) asker.ask(0);
    else no_server();
    soon();
  }

  function send(first) {
    if (stale) outlet(SERVER, [SEND.library_styles]);
    stale = false;
    outlet(SERVER, [SEND.library, words || ANY, style, ANY, first]);
  }

  function come() {
    var known = shelf.index_of(opening.name());
    if (known >= 0 && !is_owed && !loader.running) at = known;
    if (owed_step) step(owed_step);
    else if (is_owed) load();
    scroll(top);
  }

  function look() {
    looking = false;
    if (is_shown && online && stale) asker.ask(shelf.first);
  }

  function list_styles() {
    outlet(STYLES, "clear");
    outlet(STYLES, ["append", "All styles"]);
    for (var i = 0; i < styles.list.length; i++) outlet(STYLES, ["append", shelves.cut(shelves.plain(styles.list[i]), LONGEST_STYLE)]);
    outlet(STYLES, ["set", styles.list.indexOf(style) + 1]);
  }

  // --- what plays

  function step(by) {
    var n = shelf.length();
    owed_step = 0;
    if (!n) return;
    at = at < 0 || at >= n ? (by > 0 ? 0 : n - 1) : (at + by + n) % n;
    if (at < top || at >= top + visible()) scroll(at - Math.floor(visible() / 2));
    loader.cancel();
    loader.schedule(STEP_MS);
    soon();
  }

  function load() {
    var row = shelf.row(at);
    is_owed = row === null && asker.waiting; // then it is on its way
    if (!row || !online) return;
    opening.ask(row.name);
    outlet(SERVER, [SEND.own, row.name]);
    soon();
  }

  function hint() {
    say("open " + shelves.plain(opening.playing) + " in Vital as well: this turns its controls only");
  }

  // --- the mouse

  function press(x, y) {
    var w = mgraphics.size[0], thumb = art.thumb(mgraphics.size[1], shelf.length(), top);
    grabbed = -1;
    if (!online) {
      no_server();
    } else if (y < art.HEAD) {
      if (x >= w - CROSS && is_narrowed()) widen();
    } else if (thumb && x >= w - art.BAR) {
      if (y < thumb.y) scroll(top - visible());
      else if (y > thumb.y + thumb.height) scroll(top + visible());
      else grabbed = y - thumb.y;
    } else if (shelf.row(row_at(y))) {
      at = row_at(y);
      loader.cancel();
      load();
    }
  }

  function pull(x, y, button) {
    var n = shelf.length(), thumb = art.thumb(mgraphics.size[1], n, top);
    if (!button) grabbed = -1;
    if (grabbed < 0 || !thumb || !(thumb.track > thumb.height)) return;
    scroll((n - visible()) * (y - grabbed - art.HEAD - 2) / (thumb.track - thumb.height));
  }

  function over(x, y) {
    var found = online && y >= art.HEAD && x >= 0 && x < mgraphics.size[0] - art.BAR ? row_at(y) : -1;
    if (!shelf.row(found)) found = -1;
    if (found === hover) return;
    hover = found;
    soon();
  }

  function row_at(y) {
    var j = Math.floor((y - art.HEAD) / art.ROW);
    return j >= 0 && j < visible() ? top + j : -1;
  }

  function visible() {
    return art.seen(mgraphics.size[1]);
  }

  function scroll(to) {
    top = Math.max(0, Math.min(Math.round(to) || 0, shelf.length() - visible()));
    var first = shelf.lacks(top, visible());
    if (first >= 0 && online) asker.want(first);
    hover = -1;
    soon();
  }

  function is_narrowed() {
    return shelf.of !== "" || words !== "" || style !== ANY;
  }

  // Back to what was searched for; from that, back to all.
  function widen() {
    if (shelf.of) {
      shelf.of = "";
      at = shelf.index_of(opening.name());
      scroll(top_found);
      return;
    }
    words = "";
    style = ANY;
    outlet(FIELD, ["set", INVITATION]);
    outlet(STYLES, ["set", 0]);
    search();
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
    if (!online) return draw.notice("Server not running", w, h);
    art.head(draw, art.title(shelf, shelf.row(hover), is_narrowed(), hearing), is_narrowed());
    art.rows(draw, shelf, top, opening, hover, at);
    art.bar(draw, shelf.length(), top);
    if (!shelf.of && shelf.n === 0) art.empty(draw, is_narrowed() ? ["None found"] : ["No presets of your own yet:", "save some in Vital"]);
  }

  function no_server() {
    say("server not running: start it to play presets of your own");
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
  script.over(-1, -1);
}

function onresize() {
  script.soon();
}
