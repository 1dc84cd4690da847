// Debug build only: asks Max and Live whether what our scripts and our fake Max assume about them is true.
// See INTERFACES.md.
"use strict";

autowatch = 0;
inlets = 1;
outlets = 4;

var script = (function () {
  var LINES = 0, SELF_TEST = 1, REMOTE = 2, BUFFER = 3;
  var ANSWER_MS = 1500;
  var PLUGINS = { PluginDevice: true, AuPluginDevice: true };

  var ready = false, folder = "", at = -1, failed = 0, passed = 0;
  var waiting = null; // for an answer from outside: {word, take}
  var patience = new Task(no_answer);
  var stepper = new Task(step);
  var device = null, parameter = 0, plugin_parameter = 0;

  var messages = {
    start: function () {
      ready = true;
    },
    folder: function (args) {
      folder = String(args[0]);
    },
    loop: function (args) {
      answer("loop", args);
    },
    written: function (args) {
      answer("written", args);
    },
    go: function () {
      if (at >= 0) return;
      outlet(LINES, "clear");
      failed = 0;
      passed = 0;
      at = 0;
      if (!ready) line("FAIL", "live.thisdevice has banged");
      stepper.schedule(1);
    }
  };

  var beliefs = [
    { says: "this_device has an id", test: function (done) {
      device = new LiveAPI(null, "this_device");
      done(Number(device.id) > 0, "id " + device.id + " is a " + typeof device.id);
    } },
    { says: "get gives an array", test: function (done) {
      var name = device.get("name");
      done(typeof name === "object" && name.length >= 1, String(name));
    } },
    { says: "parameters are a list id N id N", test: function (done) {
      var list = device.get("parameters");
      parameter = Number(list[3]);
      done(list[0] === "id" && Number(list[1]) > 0 && list.length % 2 === 0, list.length / 2 + " parameters");
    } },
    { says: "a parameter has automation_state, is_enabled and state", test: function (done) {
      if (!parameter) return done(false, "this device has no parameter");
      var api = new LiveAPI(null, "id " + parameter);
      var seen = [Number(api.get("automation_state")[0]), Number(api.get("is_enabled")[0]), Number(api.get("state")[0])];
      done(seen[0] === 0 && seen[1] === 1 && seen[2] === 0, seen.join(" "));
    } },
    { says: "a device says whether it can have chains", test: function (done) {
      done(Number(device.get("can_have_chains")[0]) === 0, String(device.get("can_have_chains")));
    } },
    { says: "canonical_parent leads to a Track", test: function (done) {
      var id = Number(device.id), kind = "";
      for (var i = 0; i < 24 && id > 0 && kind !== "Track"; i++) {
        var up = new LiveAPI(null, "id " + id);
        id = Number(up.get("canonical_parent")[1]);
        kind = id > 0 ? String(new LiveAPI(null, "id " + id).type) : "";
      }
      done(kind === "Track", kind);
    } },
    { says: "an observer reports PROPERTY VALUE", test: function (done) {
      wait("observed", function (args) {
        done(args[0] === "tempo" && Number(args[1]) > 0, args.join(" "));
      });
      var song = new LiveAPI(function (args) {
        if (args[0] === "tempo") answer("observed", args);
      }, "live_set");
      song.property = "tempo";
    } },
    { says: "a write inside a notification is refused", test: function (done) {
      if (!parameter) return done(false, "this device has no parameter");
      wait("refused", function (args) {
        done(args[0] === 1, String(args[1]));
      });
      var own = new LiveAPI(function (args) {
        if (args[0] !== "value") return;
        try {
          own.set("value", args[1]);
          answer("refused", [0, "it was taken"]);
        } catch (refused) {
          answer("refused", [1, refused]);
        }
      }, "id " + parameter);
      own.property = "value";
    } },
    { says: "require gives each caller an instance of its own", test: function (done) {
      done(require("fsl_match") !== require("fsl_match"), "");
    } },
    { says: "a Task comes back after its delay", test: function (done) {
      var began = new Date().getTime();
      wait("task", function () {
        var took = new Date().getTime() - began;
        done(took >= 80 && took < 400, took + " ms for 100");
      });
      new Task(function () { answer("task", []); }).schedule(100);
    } },
    { says: "udpsend reaches our own udpreceive", test: function (done) {
      var nonce = Math.floor(Math.random() * 1e9);
      wait("loop", function (args) {
        done(Number(args[0]) === nonce, String(args[0]));
      });
      outlet(SELF_TEST, ["/flow/loop", nonce]);
    } },
    { says: "a plug-in is on the track, its parameters from 0 to 1", test: function (done) {
      var found = first_plugin();
      if (!found) return done(false, "put a configured plug-in on this track");
      var list = found.get("parameters");
      plugin_parameter = Number(list[3]);
      if (!plugin_parameter) return done(false, "press Configure and touch one control");
      var api = new LiveAPI(null, "id " + plugin_parameter);
      done(Number(api.get("min")[0]) === 0 && Number(api.get("max")[0]) === 1, api.get("name") + ": " + api.get("min") + " to " + api.get("max"));
    } },
    { says: "live.remote~ moves it, and the API sees where it is", test: function (done) {
      if (!plugin_parameter) return done(false, "no parameter");
      var api = new LiveAPI(null, "id " + plugin_parameter);
      var before = Number(api.get("value")[0]);
      var to = before > 0.5 ? 0.25 : 0.75;
      outlet(REMOTE, ["id", plugin_parameter]);
      outlet(REMOTE, to);
      later(400, function () {
        var now = Number(api.get("value")[0]);
        outlet(REMOTE, ["id", 0]);
        done(Math.abs(now - to) < 0.02, "set " + to + ", seen " + now.toFixed(3) + " (before " + before.toFixed(3) + ")");
      });
    } },
    { says: "buffer~ bangs when its file is written", test: function (done) {
      if (!folder) return done(false, "start the server first: it names the folder");
      wait("written", function () {
        done(true, "");
      });
      outlet(BUFFER, ["writewave", folder + "/conform.wav"]);
    } }
  ];

  function first_plugin() {
    var track = new LiveAPI(null, "this_device canonical_parent");
    var list = track.get("devices");
    for (var i = 1; i < list.length; i += 2) {
      var api = new LiveAPI(null, "id " + list[i]);
      if (Object.prototype.hasOwnProperty.call(PLUGINS, String(api.get("class_name")))) return api;
    }
    return null;
  }

  function step() {
    if (at >= beliefs.length) {
      outlet(LINES, ["append", passed + " PASS, " + failed + " FAIL, Max " + max.version]);
      at = -1;
      return;
    }
    var belief = beliefs[at], open = true;
    function done(good, detail) {
      if (!open) return;
      open = false;
      patience.cancel();
      waiting = null;
      line(good ? "PASS" : "FAIL", belief.says + (detail ? ": " + detail : ""));
      at += 1;
      stepper.schedule(1);
    }
    patience.cancel();
    patience.arguments = [done];
    patience.schedule(ANSWER_MS);
    try {
      belief.test(done);
    } catch (fault) {
      done(false, String(fault));
    }
  }

  function no_answer(done) {
    done(false, "no answer");
  }

  function wait(word, take) {
    waiting = { word: word, take: take };
  }

  function answer(word, args) {
    if (waiting && waiting.word === word) waiting.take(args);
  }

  function later(ms, work) {
    new Task(work).schedule(ms);
  }

  function line(verdict, text) {
    if (verdict === "PASS") passed += 1;
    else failed += 1;
    outlet(LINES, ["append", verdict + "  " + text]);
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
