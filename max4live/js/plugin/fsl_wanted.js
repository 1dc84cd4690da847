// The parameters of the loaded model, by name: from the server or, without one, from our own table. For others to require.
"use strict";

var controllers = require("fsl_controllers");

function Wanted(most) {
  this.most = most;
  this.synth = "";
  this.names = [];
  this.n_known = 0; // of the names; the others are empty until the server has sent them
}

// Each of these returns whether the names have changed.
Wanted.prototype.known = function (args) { // from fsl_state: what the Set was saved with
  var list = Object.prototype.hasOwnProperty.call(controllers, args[0]) ? controllers[args[0]] : [];
  if (this.n_known || list.length < Number(args[1])) return false;
  this.expect(args[0], Number(args[1]));
  for (var k = 0; k < this.names.length; k++) this.names[k] = list[k][0];
  this.n_known = this.names.length;
  return true;
};

Wanted.prototype.online = function (args) {
  var n = Math.min(this.most, Number(args[3]));
  if (args[5] === this.synth && n === this.names.length) return false;
  this.expect(args[5], n);
  return true;
};

Wanted.prototype.name = function (args) {
  var k = Number(args[0]);
  if (!(k >= 0 && k < this.names.length)) return false;
  var name = args.slice(1).join(" ");
  if (this.names[k] === name) return false;
  if (this.names[k] === "") this.n_known += 1;
  this.names[k] = name;
  return true;
};

Wanted.prototype.expect = function (synth, n) {
  this.synth = String(synth);
  this.names = [];
  this.n_known = 0;
  for (var k = 0; k < n; k++) this.names.push("");
};

// The synth's name as a title.
Wanted.prototype.title = function () {
  return this.synth ? this.synth.charAt(0).toUpperCase() + this.synth.slice(1) : "the synth";
};

exports.Wanted = Wanted;
