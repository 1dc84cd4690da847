// The macros that a model knows, as the server lists them, and which are on the dials. For scripts to require.
"use strict";

var OWN = "-"; // in place of the model's name: Max might lose an empty symbol

function Vocabulary() {
  this.rows = []; // of the list that is coming in
  this.macros = []; // {name, dial, key}: dial -1 for none, key the model's name, OWN for a macro of the player's own
}

// Args: index, how many there are, name, dial, model's name. Returns whether the list is whole.
Vocabulary.prototype.add = function (args) {
  var j = Number(args[0]), n = Number(args[1]), key = args.length > 4 ? String(args[4]) : "";
  if (args.length < 4 || !(j >= 0 && j < n)) return false;
  if (j === 0) this.rows = [];
  this.rows[j] = { name: String(args[2]), dial: Number(args[3]), key: key || OWN };
  if (j !== n - 1) return false;
  for (var i = 0; i < n; i++) if (!this.rows[i]) return false;
  this.macros = this.rows;
  return true;
};

// KEY NAME of each dial in turn, one list: as the Set holds it.
Vocabulary.prototype.on_dials = function () {
  var list = [];
  for (var j = 0; j < this.macros.length; j++) {
    var macro = this.macros[j], k = macro.dial;
    if (k >= 0) {
      list[2 * k] = macro.key;
      list[2 * k + 1] = macro.name;
    }
  }
  for (var i = 0; i < list.length; i++) if (list[i] === undefined) return [];
  return list;
};

exports.OWN = OWN;
exports.Vocabulary = Vocabulary;
