// Asks the server for rows of a list, one question at a time, for no answer says what was asked. For fsl_library to require.
"use strict";

var LOST_MS = 1500, MOST_TRIES = 3; // without the rest of the rows, they are asked for again

// `send` asks for rows from an index on; `come` is called when they are on the shelf, `fail` if they do not come.
function Asker(shelf, send, come, fail) {
  var self = this;
  this.shelf = shelf;
  this.send = send;
  this.come = come;
  this.fail = fail;
  this.waiting = false;
  this.next = -1; // index to ask for when the answer is here, or -1
  this.tries = 0;
  this.loser = new Task(function () { self.lose(); });
}

Asker.prototype.ask = function (first) {
  if (this.waiting) {
    this.next = first;
    return;
  }
  this.tries = 0;
  this.begin(first);
};

// The same, unless these rows are on their way.
Asker.prototype.want = function (first) {
  if (!this.waiting || this.shelf.from !== first) this.ask(first);
};

Asker.prototype.begin = function (first) {
  this.waiting = true;
  this.next = -1;
  this.shelf.expect(first);
  this.send(first);
  this.loser.schedule(LOST_MS);
};

Asker.prototype.hear = function (args) {
  if (!this.waiting || !this.shelf.add(args)) return;
  this.stop();
  if (this.next >= 0) this.ask(this.next);
  else this.come();
};

Asker.prototype.lose = function () {
  this.waiting = false;
  this.tries += 1;
  if (this.next >= 0) this.ask(this.next);
  else if (this.tries > MOST_TRIES) this.fail();
  else this.begin(this.shelf.coming.length ? this.shelf.from : 0); // none at all: the list has become shorter
};

Asker.prototype.stop = function () {
  this.waiting = false;
  this.loser.cancel();
};

exports.Asker = Asker;
