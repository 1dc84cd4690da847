// The connection to the server: a port of our own, whether the server is there, its run number, how fast it answers.
// js fsl_link.js KIND    KIND: synth, sketch or cc. See INTERFACES.md.
"use strict";

var addresses = require("fsl_addresses");
var SEND = addresses.TO_SERVER;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var SERVER = 0, RECEIVER = 1, SELF_TEST = 2, EVENTS = 3, TEXT = 4;
  var STARTING = 0, LOOKING_FOR_PORT = 1, NO_SERVER = 2, CONNECTED = 3, LOST = 4, AUDIO_OFF = 5;

  var FIRST_PORT = 9201, N_PORTS = 64;
  var PATCH_PORT = 9265; // every udpreceive begins here, outside the devices' own ports
  var BIND_MS = 50; // udpreceive needs a moment to take a port
  var SELF_TEST_MS = 250;
  var BEAT_MS = 1000;
  var MISSED_BEATS = 3;
  var FIRST_RETRY_MS = 1000, LAST_RETRY_MS = 8000;
  var PORTS_RETRY_MS = 8000;
  var HEALTH_EVERY = 5, HELLO_EVERY = 10; // beats
  var NONE = "-"; // where an identity is due: Max might lose an empty symbol
  var GAP_MS = 3 * BEAT_MS; // real time got this far ahead of the scheduler: audio was off, or the computer slept

  var kind = jsarguments.length > 1 ? String(jsarguments[1]) : "synth";
  var hello_kind = kind === "synth" ? "fresh" : kind;
  var state = STARTING;
  var started = false, audio = true;
  var server_port = 9130; // as in the patch's udpsend
  var nonce = 0, run = null, model = null, counts = "";
  var called = "Flow " + kind; // the name of our track, once it is known
  // What we ask for: our own instrument, another's instead. Flow CC hears nothing until it is clear what it plays.
  var own = NONE, link = kind === "cc" ? "none" : NONE;
  var played = ""; // what the server says that we play
  var sound = ""; // the name of an instrument that is not our own
  var port = FIRST_PORT, tried = 0, probe = 0, port_is_ours = false;
  var retry_ms = FIRST_RETRY_MS;
  var beat = 0, unanswered = 0, last_beat_at = 0;
  var latency = "";

  var binder = new Task(send_probe);
  var prober = new Task(next_port);
  var greeter = new Task(greet);
  var heart = new Task(heartbeat);

  var messages = {
    start: function () {
      if (started) return; // live.thisdevice bangs again when a preset of the device is loaded
      started = true;
      stop_all();
      nonce = random_int();
      run = null;
      model = null;
      played = "";
      tried = 0;
      port = FIRST_PORT + (nonce % N_PORTS);
      if (audio) look_for_port();
      else go(AUDIO_OFF);
    },
    stop: function () {
      if (state === CONNECTED || state === LOST) outlet(SERVER, [SEND.bye, nonce]);
      stop_all();
      state = STARTING;
      started = false;
      port_is_ours = false;
    },
    port: function (args) {
      var number = Math.round(Number(args[0]));
      if (!(number >= 1024 && number <= 65535) || (number >= FIRST_PORT && number <= PATCH_PORT)) {
        say("port " + args[0] + " cannot be the server's: choose 1024 to 65535, but not 9201 to 9265 (those are the devices' own)");
        return;
      }
      if (number === server_port) return;
      server_port = number;
      outlet(SERVER, ["port", number]);
      if (port_is_ours) lose(NO_SERVER);
    },
    dsp: function (args) {
      audio = Number(args[0]) !== 0;
      if (!started) return;
      if (!audio) {
        if (state === LOOKING_FOR_PORT) stop_all(); // the self-test would wait for a clock that stands still
        go(AUDIO_OFF);
      } else if (state === AUDIO_OFF) {
        if (port_is_ours) lose(NO_SERVER);
        else look_for_port();
      }
    },
    kind: function (args) {
      if (kind === "synth") hello_kind = args[0] === "device" ? "device" : "fresh";
    },
    identity: function (args) {
      own = String(args[0]);
    },
    link: function (args) { // to the instrument of another, or to none
      ask_again(link !== String(args[0]), function () { link = String(args[0]); });
    },
    called: function (args) {
      var name = args.join(" ");
      ask_again(name !== "" && name !== called, function () { called = name; });
    },
    sound: function (args) {
      sound = args.join(" ");
      if (state === CONNECTED) go(CONNECTED);
    },
    loop: function (args) {
      if (state !== LOOKING_FOR_PORT || Number(args[0]) !== probe) return; // another device's test
      prober.cancel();
      binder.cancel();
      port_is_ours = true;
      lose(NO_SERVER);
    },
    welcome: function (args) {
      if (!port_is_ours || Number(args[0]) !== nonce || args.length < (kind === "synth" ? 11 : 10)) return; // another client's
      if (Number(args[2]) !== addresses.PROTOCOL) {
        greeter.cancel();
        say("the server speaks protocol " + args[2] + ", this device " + addresses.PROTOCOL + ": update the older of the two");
        return;
      }
      connected(args);
    },
    pong: function (args) {
      if (state !== CONNECTED && state !== LOST) return;
      if (Number(args[1]) !== run) {
        lose(NO_SERVER); // the server restarted and does not know us any more
        return;
      }
      unanswered = 0;
      if (state === LOST) go(CONNECTED);
    },
    health: function (args) {
      if (state !== CONNECTED || !(Number(args[2]) > 0)) return;
      latency = in_words(Number(args[0]), Number(args[1]));
      go(CONNECTED);
    }
  };

  // --- a port of our own: only one program can own a UDP port, and Max reports a failed bind only in its console

  function look_for_port() {
    state = LOOKING_FOR_PORT;
    port_is_ours = false;
    probe = random_int();
    outlet(EVENTS, ["connection", state]);
    outlet(RECEIVER, ["port", port]);
    outlet(SELF_TEST, ["port", port]);
    binder.schedule(BIND_MS);
    prober.schedule(BIND_MS + SELF_TEST_MS);
  }

  function send_probe() {
    outlet(SELF_TEST, ["/flow/loop", probe]);
  }

  function next_port() {
    tried += 1;
    if (tried % N_PORTS === 0) {
      say("no free UDP port from " + FIRST_PORT + " to " + (FIRST_PORT + N_PORTS - 1) + ": close programs that use them");
      port = FIRST_PORT;
      prober.schedule(PORTS_RETRY_MS);
      tried += 1;
      return;
    }
    port = FIRST_PORT + ((port - FIRST_PORT + 1) % N_PORTS);
    look_for_port();
  }

  // --- hello, until it is answered

  function lose(next) {
    heart.cancel();
    if (state === CONNECTED || state === LOST) outlet(EVENTS, ["offline"]);
    retry_ms = FIRST_RETRY_MS;
    latency = "";
    go(next);
    greeter.cancel();
    greet();
  }

  function say_hello() {
    outlet(SERVER, [SEND.hello, nonce, port, addresses.PROTOCOL, hello_kind, called, own, link]);
  }

  function ask_again(differs, change) {
    if (!differs) return;
    change();
    if (state === CONNECTED || state === LOST) say_hello();
  }

  function greet() {
    say_hello();
    greeter.schedule(retry_ms);
    retry_ms = Math.min(2 * retry_ms, LAST_RETRY_MS);
  }

  function connected(args) {
    var is_new_run = Number(args[1]) !== run;
    var are_counts = args.slice(6, 9).join(" ");
    var is_new_model = String(args[4]) !== model || are_counts !== counts; // a preset of the player's own gets its macros
    var was = state;
    greeter.cancel();
    if (was === LOST && is_new_run) outlet(EVENTS, ["offline"]);
    var begins = (was !== CONNECTED && was !== LOST) || is_new_run;
    if (begins) played = "";
    run = Number(args[1]);
    model = String(args[4]);
    counts = are_counts;
    unanswered = 0;
    go(CONNECTED);
    if (begins) {
      beat = 0;
      heart.cancel();
      last_beat_at = wall_ms();
      heart.interval = BEAT_MS;
      heart.schedule(BEAT_MS);
    } else if (!is_new_model) {
      tell_played(args);
      return;
    }
    if (is_new_run) outlet(EVENTS, ["reset"]);
    outlet(EVENTS, ["folder", String(args[9])]);
    tell_played(args);
    outlet(EVENTS, ["online", run, Number(args[6]), Number(args[7]), Number(args[8]), model, String(args[5])]);
    outlet(EVENTS, ["count", Number(args[8]) + 1]);
    if (kind !== "sketch") outlet(SERVER, [SEND.names]);
    if (kind === "synth") {
      outlet(SERVER, [SEND.macro_vocabulary]);
      outlet(SERVER, [SEND.presets]);
      outlet(SERVER, [SEND.kinds]);
      outlet(SERVER, [SEND.models]);
    }
    outlet(SERVER, [SEND.health]);
  }

  // Our own identity, another one if the track was duplicated; and the identity that we share, if the server has linked us.
  function tell_played(args) {
    var now_own = kind === "synth" ? String(args[10]) : NONE;
    var shared = args.length > (kind === "synth" ? 11 : 10) ? String(args[args.length - 1]) : "";
    if (shared === "") shared = NONE;
    if (now_own + " " + shared === played) return;
    played = now_own + " " + shared;
    own = now_own;
    outlet(EVENTS, ["plays", own, shared]);
  }

  function heartbeat() {
    var now = wall_ms();
    var gap = now - last_beat_at - BEAT_MS;
    last_beat_at = now;
    if (gap > GAP_MS) {
      lose(NO_SERVER); // the scheduler stood still, and the server may have forgotten us meanwhile
      return;
    }
    unanswered += 1;
    if (unanswered > MISSED_BEATS) {
      if (state === CONNECTED) {
        go(LOST);
      } else if (unanswered > 2 * MISSED_BEATS) {
        lose(NO_SERVER);
        return;
      }
    }
    beat = (beat + 1) % 1000000;
    outlet(SERVER, [SEND.ping, beat]);
    // A restarted server does not know us by our pings; and a datagram may be lost.
    if (state === LOST || beat % HELLO_EVERY === 0) say_hello();
    if (beat % HEALTH_EVERY === 0) outlet(SERVER, [SEND.health]);
    heart.schedule(BEAT_MS);
  }

  function stop_all() {
    binder.cancel();
    prober.cancel();
    greeter.cancel();
    heart.cancel();
  }

  // --- words

  function go(next) {
    if (next !== state) outlet(EVENTS, ["connection", next]);
    state = next;
    if (state === NO_SERVER) say("server not running: start it with Flow Server or in a terminal");
    else if (state === CONNECTED) say("connected to " + model + (sound ? ", plays " + sound : "") + (latency ? ", " + latency : ""));
    else if (state === LOST) say("the server does not answer; the sound stays as it is");
    else if (state === AUDIO_OFF) say("audio is off: switch it on in Live's settings");
  }

  // At most two digits, so that there are only a few hundred different texts: Max keeps each of them for good.
  function in_words(p50_ms, p99_ms) {
    return "answers in " + digits(p50_ms) + " ms" + (p99_ms > 2 * p50_ms && p99_ms >= 1 ? " (at worst " + digits(p99_ms) + ")" : "");
  }

  function digits(ms) {
    if (ms < 0.1) return "0.1";
    return ms < 10 ? ms.toFixed(1) : String(Math.min(999, Math.round(ms)));
  }

  function say(text) {
    outlet(TEXT, ["link", text]);
  }

  function wall_ms() {
    return new Date().getTime();
  }

  function random_int() {
    return Math.floor(Math.random() * 2147483646) + 1;
  }

  return messages;
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  if (Object.prototype.hasOwnProperty.call(script, word)) script[word](args);
}
