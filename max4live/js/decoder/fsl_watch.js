// Whether the server answers what it is sent. See INTERFACES.md.
"use strict";

var LATE_MS = 130; // a frame that takes longer is not waited for
var EARLY_MS = 10; // a frame may be heard before the message that it answers: scripts wait, wires do not

// Args: called when something was not answered.
function Watch(late) {
  var self = this;
  this.late = late;
  this.waits = false;
  this.came_ms = 0;
  this.after_ms = 0; // when the first message after that was sent, and the newest
  this.last_ms = 0;
  this.alarm = new Task(function () { self.look(); });
}

Watch.prototype.sent = function () {
  this.last_ms = now_ms();
  if (this.after_ms <= this.came_ms) this.after_ms = this.last_ms;
  if (this.waits) return;
  this.waits = true;
  this.alarm.schedule(LATE_MS);
};

Watch.prototype.came = function () {
  this.came_ms = now_ms();
};

Watch.prototype.stop = function () {
  this.waits = false;
  this.alarm.cancel();
};

Watch.prototype.look = function () {
  this.waits = false;
  if (this.came_ms >= this.last_ms - EARLY_MS) return;
  var left_ms = LATE_MS - (now_ms() - this.after_ms);
  this.waits = left_ms > 0; // a later one may still be answered
  if (this.waits) this.alarm.schedule(left_ms);
  else this.late();
};

function now_ms() {
  return new Date().getTime();
}

exports.Watch = Watch;
