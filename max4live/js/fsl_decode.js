// Plays while no server answers: what would go to the server is carried out here, and what it would send is sent from
// here, so that the rest of the device need not know which of the two it is. See INTERFACES.md.
"use strict";

var SEND = require("fsl_addresses").TO_SERVER;
var players = require("fsl_player");
var voices = require("fsl_voice");
var Walk = require("fsl_walk").Walk;
var Watch = require("fsl_watch").Watch;
var Vocabulary = require("fsl_vocabulary").Vocabulary;

autowatch = 0;
inlets = 1;
outlets = 5;

var script = (function () {
  var EVENTS = 0, VALUES = 1, GATES = 2, SERVER = 3, TEXT = 4;
  var STAYED = players.STAYED, JUMPED = players.JUMPED;
  var AUTO = 0, ONLY_SERVER = 1, ONLY_DEVICE = 2; // of the switch
  // Who plays. BOTH: the server hears everything, and is believed again as soon as its frames are what sounds here.
  var NOBODY = 0, THE_SERVER = 1, BOTH = 2, DEVICE = 3;
  var NO_SERVER = 2, LOST = 4, AUDIO_OFF = 5; // of `connection`
  var START_MS = 900, GREETING_MS = 300; // a server is given so long after the start, or after the first hello
  var AGREE_MS = 400;
  var READ_AFTER_MS = 2000; // the weights, once a Set has opened where there is a server
  var SAME = 0.01, SLIGHT = 0.002; // of a parameter
  var MOST_UNHEARD = 100;
  var PREFIX = SEND.macro.slice(0, SEND.macro.lastIndexOf("/") + 1); // of every address

  var mode = AUTO, who = NOBODY, started = false, connection = 0;
  var player = null, voice = null, walk = null, broken = false;
  var linked = false, sound = ""; // the name of the model that the sound was made with
  var ours = false; // whether that is the model in this device
  var frame = null, latent = null, z_then = null; // what the server said last, and our point then
  var unheard = []; // what was sent since
  var vocabulary = new Vocabulary(), dials = [], dials_are_servers = false; // what is on the dials; else they are the Set's
  var aligned = true, moved = false; // whether the point goes on from the server's; whether it is the player's at all
  var acted_ms = 0, told_again = false;

  var starter = new Task(stand_in), agreer = new Task(agree);
  var watch = new Watch(take_over);

  var messages = {
    start: function () {
      if (started) return; // live.thisdevice bangs again when a preset of the device is loaded
      started = true;
      if (mode === ONLY_DEVICE) stand_in();
      else starter.schedule(START_MS);
    },
    decode: function (args) {
      mode = Math.round(Number(args[0]));
      if (started) change_mode();
    },
    sound: function (args) { // from fsl_state: the model of the point in the Set
      sound = String(args[0]);
    },
    dials: function (args) { // from fsl_state: KEY NAME of each
      if (!dials_are_servers) choose(args);
    },
    vocabulary: function (args) { // from the server
      if (!linked || !vocabulary.add(args) || !ours) return;
      dials_are_servers = true;
      choose(vocabulary.on_dials());
    },
    frozen: function (args) { // by whomever
      if (player) player.apply("freeze", args);
    },
    bound: function (args) { // the synth's parameters have just been bound, and have heard nothing
      if (Number(args[0]) > 0 && plays_here()) voice.again();
    },
    connection: function (args) {
      if (!(Number(args[0]) >= 0)) return;
      connection = Number(args[0]);
      tell(["connection", connection]);
      if (connection === NO_SERVER && who === NOBODY && started) {
        starter.cancel();
        starter.schedule(GREETING_MS);
      }
      if (connection === AUDIO_OFF && started) stand_in(); // a Task would not come
      say();
    },
    online: function (args) {
      linked = true;
      sound = String(args[4]);
      starter.cancel();
      if (voice) voice.lister.cancel(); // the server lists its own
      if (mode !== ONLY_SERVER) load();
      ours = player !== null && sound === player.model.name && String(args[5]) === player.model.synth &&
        Number(args[1]) === player.n_macros && Number(args[2]) === player.n_latent;
      if (ours && plays_here() && (moved || frame)) hand_over();
      else if (ours && mode === ONLY_DEVICE) play_in(DEVICE);
      else believe();
      tell(["online"].concat(args));
      say();
    },
    offline: function () {
      linked = false;
      watch.stop();
      if (ours && mode !== ONLY_SERVER) {
        play_in(DEVICE);
      } else {
        who = NOBODY;
        gates(0, 0);
        tell(["offline"]);
      }
      say();
    },
    params: function (args) { // a frame, behind a qlim
      if (!linked) return; // a late one
      frame = players.are_numbers(args.slice(1)) ? args.slice(1) : null;
      watch.came();
      agree();
      if (who !== THE_SERVER) return;
      z_then = player ? player.z : null;
      unheard = [];
    },
    latent: function (args) { // from the server
      if (!linked || !ours) return;
      latent = args.slice();
      if (who === THE_SERVER) {
        player.apply("latent", latent);
        z_then = player.z; // it follows its frame
      } else if (who === DEVICE && now_ms() - acted_ms > AGREE_MS) { // a sketch, the panel
        carry_out("latent", latent);
      }
    }
  };

  // --- whose turn it is

  function plays_here() {
    return who === BOTH || who === DEVICE;
  }

  // Be the server for the rest of the device, from the first second of a Set.
  function stand_in() {
    if (who !== NOBODY || linked || mode === ONLY_SERVER) return;
    load();
    ours = player !== null && (!sound || sound === player.model.name);
    if (ours) {
      var model = player.model;
      sound = model.name;
      who = DEVICE;
      gates(0, 0);
      tell(["online", 0, player.n_macros, player.n_latent, model.labels.length, model.name, model.synth]);
      voice.introduce();
      voice.read_soon();
    }
    say();
  }

  function choose(chosen) {
    dials = chosen;
    if (player && player.choose(dials) && who === DEVICE && !linked) voice.tell_dials(true);
  }

  function believe() {
    if (ours && plays_here()) voice.tell_dials(false);
    who = THE_SERVER;
    gates(1, 1);
    z_then = player ? player.z : null;
    unheard = [];
    watch.stop();
    if (!voice) return;
    voice.stop();
    if (ours) voice.read_soon(READ_AFTER_MS);
  }

  // Play here, from the point at which the server stopped.
  function play_in(next_who) {
    if (who === THE_SERVER) aligned = false;
    who = next_who;
    latent = null;
    gates(linked ? 1 : 0, 0);
    if (!linked) voice.tell_dials(true);
    voice.read_soon();
  }

  // A server has come: our point goes to it, and it is believed when it plays what sounds here. It knows no path of ours.
  function hand_over() {
    align();
    play_in(mode === ONLY_DEVICE ? DEVICE : BOTH);
    voice.recent.push(player.current());
    told_again = true;
    acted_ms = now_ms();
    var points = player.latents.points;
    if (points.length) outlet(SERVER, [SEND.path_clear]);
    for (var k = 0; k < points.length; k++) {
      outlet(SERVER, [SEND.latent].concat(points[k]));
      outlet(SERVER, [SEND.path_add]);
    }
    tell(["here"].concat(player.z)); // fsl_state sends it
  }

  // Nothing came back for what was sent: whatever has become of the server, a turn is heard.
  function take_over() {
    if (who !== THE_SERVER || mode === ONLY_SERVER) return;
    told_again = false;
    acted_ms = now_ms();
    play_in(BOTH);
    voice.play(false);
  }

  // Whether the server has caught up with what was done here meanwhile.
  function agree() {
    if (who !== BOTH || !frame) return;
    if (voice.played(frame, SAME)) {
      believe();
    } else if (now_ms() - acted_ms <= AGREE_MS) {
      agreer.schedule(AGREE_MS); // no frame may come any more
    } else if (!told_again) { // perhaps it never heard
      told_again = true;
      acted_ms = now_ms();
      send_point();
    } else { // somebody else moves it
      if (latent) player.apply("latent", latent);
      believe();
      outlet(VALUES, frame);
    }
    say();
  }

  function change_mode() {
    if (mode === ONLY_SERVER) {
      if (linked) {
        if (plays_here()) send_point();
        believe();
      } else if (who !== NOBODY) {
        who = NOBODY;
        tell(["offline"]);
      }
    } else if (!linked) {
      stand_in();
    } else {
      load();
      ours = player !== null && sound === player.model.name;
      if (ours && latent && who === THE_SERVER) player.apply("latent", latent);
      if (ours && mode === ONLY_DEVICE) {
        play_in(DEVICE);
      } else if (who === DEVICE) {
        hand_over();
        send_point();
      }
    }
    if (voice) voice.hurries = mode === ONLY_DEVICE;
    say();
  }

  // --- the sound

  // What would go to the server, and does if it is there.
  function hear(address, args) {
    var word = address.slice(PREFIX.length).replace(/\//g, "_");
    if (who === NOBODY || !ours) return;
    if (plays_here() && aligned) {
      carry_out(word, args);
      return;
    }
    // Where it goes by chance, and presets of the player's own: the server will say.
    var did = word === "vary" ? JUMPED : player.apply(word, args);
    if (did === STAYED || did === null || typeof did === "string" && word !== "preset_load") return;
    if (unheard.length < MOST_UNHEARD) unheard.push([word, args]);
    if (plays_here()) voice.play(false);
    else if (mode !== ONLY_SERVER) watch.sent();
  }

  function carry_out(word, args) {
    var did = player.apply(word, args);
    if (did === null || typeof did === "string") {
      if (linked && !(who === DEVICE && word === "macro")) return; // the server answers
      if (word === "curves") walk.begin(args[0], args[1]);
      if (did) outlet(TEXT, ["info", did]);
    } else if (did !== STAYED) {
      moved = true;
      acted_ms = now_ms();
      voice.play(did === JUMPED);
    }
  }

  // Go on from the server's last frame, and do what it did not answer.
  function align() {
    if (aligned) return;
    aligned = true;
    var z = player.z, missed = unheard, from_frame = false;
    unheard = [];
    if (frame && frame.length === player.n_latent) {
      player.go(z_then || z);
      from_frame = voices.difference(frame, player.current()) > SLIGHT;
      if (from_frame) player.go_to_patch(frame);
      else player.go(z); // everything but chance is in it
    }
    for (var k = 0; k < missed.length; k++) {
      if (!from_frame && missed[k][0] !== "vary") continue;
      if (player.apply(missed[k][0], missed[k][1]) === JUMPED) voice.jumped = true;
    }
  }

  function send_point() { outlet(SERVER, [SEND.latent].concat(player.z)); }

  function load() {
    if (player || broken) return;
    try {
      player = new players.Player(require("fsl_model"));
    } catch (missing) { // then the device is what it was without it
      broken = true;
      return;
    }
    voice = new voices.Voice(player, align, function (patch) { outlet(VALUES, patch); }, tell);
    voice.hurries = mode === ONLY_DEVICE;
    walk = new Walk(player, tell);
    if (dials.length) player.choose(dials);
  }

  // --- words

  function say() {
    if (who === DEVICE && !linked && connection !== AUDIO_OFF) {
      outlet(TEXT, ["alone", 1, "playing without the server, which adds sketches and your own presets"]);
    } else if (connection === LOST && ours && mode !== ONLY_SERVER) {
      outlet(TEXT, ["alone", 1, "the server does not answer: playing without it"]);
    } else if (who === NOBODY && connection === NO_SERVER && sound && !ours && mode !== ONLY_SERVER) {
      outlet(TEXT, ["alone", 2, "server not running: only it can play the model " + sound.slice(0, 24)]);
    } else {
      outlet(TEXT, ["alone", 0]);
    }
  }

  function tell(event) { outlet(EVENTS, event); }

  function gates(to_server, from_server) {
    outlet(GATES, ["server", to_server]);
    outlet(GATES, ["frames", from_server]);
  }

  function now_ms() {
    return new Date().getTime();
  }

  return function (word, args) {
    if (Object.prototype.hasOwnProperty.call(messages, word)) messages[word](args);
    else if (word.indexOf(PREFIX) === 0) hear(word, args);
    else tell([word].concat(args)); // another event of the link
  };
})();

function anything() {
  var args = arrayfromargs(arguments);
  var word = messagename === "flow" ? String(args.shift()) : messagename;
  script(word, args);
}
