// The plug-ins on our device's track, also in racks, and a call when something there changes. For fsl_bind to require.
"use strict";

var PLUGINS = { PluginDevice: true, AuPluginDevice: true };
var DEEPEST = 12; // racks in racks
var DISABLED = 2; // of a parameter's `state`: it cannot be changed

// A watched list of the Live API. It calls `changed` only if the list differs from what was last read, because Live also calls
// back when an observer is set up. Watches are pointed elsewhere and never removed, because that leaks symbols.
function Watch(changed) {
  var self = this;
  self.seen = "";
  self.api = new LiveAPI(function (args) {
    if (!self.property || args[0] !== self.property) return;
    var now = Array.prototype.slice.call(args, 1).join(" ");
    if (now === self.seen) return;
    self.seen = now;
    changed();
  });
  self.property = "";
}

Watch.prototype.point = function (id, property) {
  this.property = ""; // ignore calls while it is moved
  this.api.id = Number(id);
  this.api.property = property; // also if it is the same: setting an id does not move the observer, this does
  this.seen = this.api.get(property).join(" ");
  this.property = property;
};

Watch.prototype.rest = function () {
  this.property = "";
};

// The ids in an answer such as ["id", 7, "id", 8].
function ids(answer) {
  var out = [];
  for (var i = 0; answer && i + 1 < answer.length; i += 2) if (answer[i] === "id" && Number(answer[i + 1]) > 0) out.push(Number(answer[i + 1]));
  return out;
}

// `changed` is called inside Live's notification: it must only schedule what it does.
function Track(changed) {
  this.reader = new LiveAPI(null, "this_device");
  this.device = 0;
  this.watches = [];
  this.n_watched = 0;
  this.changed = changed;
}

// Read the id of our own device again: a move gives it another one. The same path each time, because Max keeps each for good.
Track.prototype.find = function () {
  this.reader.path = "this_device";
  this.device = Number(this.reader.id);
  return this.device;
};

Track.prototype.watch = function (id, property) {
  if (this.n_watched === this.watches.length) this.watches.push(new Watch(this.changed));
  this.watches[this.n_watched].point(id, property);
  this.n_watched += 1;
};

Track.prototype.at = function (id) {
  this.reader.id = Number(id);
  return this.reader;
};

Track.prototype.text = function (id, property) {
  var answer = this.at(id).get(property);
  return answer && answer.length ? answer.join(" ") : "";
};

// The object at a path, which has to be one of a few, because Max keeps each for good.
Track.prototype.id_at = function (path) {
  this.reader.path = path;
  return Number(this.reader.id);
};

// The track of our device, also from inside racks.
Track.prototype.root = function () {
  var id = this.find();
  for (var depth = 0; id && depth < 2 * DEEPEST; depth++) {
    var parent = ids(this.at(id).get("canonical_parent"))[0];
    if (!parent) return id === this.device ? 0 : id;
    id = parent;
    if (String(this.at(id).type) === "Track") return id;
  }
  return 0;
};

// Return [{id, name}] of every plug-in on the track, in signal order, and watch each list that was read.
Track.prototype.plugins = function () {
  var found = [];
  this.n_watched = 0;
  var root = this.root();
  this.watch(this.id_at("live_set"), "tracks"); // live.remote~ is reset when our track changes places
  if (root) this.walk(root, found, 0);
  for (var i = this.n_watched; i < this.watches.length; i++) this.watches[i].rest();
  return found;
};

Track.prototype.walk = function (container, found, depth) {
  if (depth > DEEPEST) return;
  this.watch(container, "devices");
  var devices = ids(this.at(container).get("devices"));
  for (var i = 0; i < devices.length; i++) {
    if (devices[i] === this.device) continue;
    var name = this.text(devices[i], "class_name");
    if (Object.prototype.hasOwnProperty.call(PLUGINS, name)) {
      found.push({ id: devices[i], name: this.text(devices[i], "name") });
      this.watch(devices[i], "parameters"); // changes when Configure is used
      continue;
    }
    // Ask first: a device without chains answers with a red line in the Max window.
    if (!Number(this.at(devices[i]).get("can_have_chains")[0])) continue;
    this.watch(devices[i], "chains");
    var chains = ids(this.at(devices[i]).get("chains"));
    for (var c = 0; c < chains.length; c++) this.walk(chains[c], found, depth + 1);
  }
};

// Whether ours is the first device of its name on the track.
Track.prototype.is_first = function () {
  var root = this.root();
  return root > 0 && this.first_named(root, this.text(this.device, "name"), 0) === this.device;
};

Track.prototype.first_named = function (container, name, depth) {
  if (depth > DEEPEST) return 0;
  var devices = ids(this.at(container).get("devices"));
  for (var i = 0; i < devices.length; i++) {
    if (this.text(devices[i], "name") === name) return devices[i];
    if (!Number(this.at(devices[i]).get("can_have_chains")[0])) continue;
    var chains = ids(this.at(devices[i]).get("chains"));
    for (var c = 0; c < chains.length; c++) {
      var found = this.first_named(chains[c], name, depth + 1);
      if (found) return found;
    }
  }
  return 0;
};

// Return [{id, name, low, span}] of a plug-in's parameters, without Live's own "Device On".
Track.prototype.parameters = function (plugin) {
  var list = ids(this.at(plugin).get("parameters")).slice(1);
  var found = [];
  for (var i = 0; i < list.length; i++) {
    var low = Number(this.at(list[i]).get("min")[0]);
    var high = Number(this.reader.get("max")[0]);
    if (!(high > low)) {
      low = 0;
      high = 1;
    }
    found.push({ id: list[i], name: this.text(list[i], "name"), low: low, span: high - low });
  }
  return found;
};

// Whether something else moves a parameter: a macro of a rack, an LFO, another Flow Synth.
Track.prototype.is_taken = function (parameter) {
  var enabled = Number(this.at(parameter).get("is_enabled")[0]);
  return enabled === 0 || Number(this.reader.get("state")[0]) === DISABLED;
};

Track.prototype.value = function (parameter) {
  return Number(this.at(parameter).get("value")[0]);
};

Track.prototype.write = function (parameter, value) {
  this.at(parameter).set("value", value);
};

exports.Track = Track;
exports.Watch = Watch;
exports.ids = ids;
