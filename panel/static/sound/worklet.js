"use strict";
// Plays a stream: asks for as much as it is short of, keeps a little ahead, and more of it once it has run dry.
const CAPACITY = 1 << 15; // frames
const FIRST_AHEAD = 2304; // 52 ms at 44.1 kHz
const MOST_AHEAD = 8192;
const MORE = 512;
const PORTION = 256; // asked for at once, at least
const FADE = 64; // frames, into and out of a gap
const LOST_AFTER = 44100; // frames without an answer: it will not come any more

class StreamPlayer extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = [new Float32Array(CAPACITY), new Float32Array(CAPACITY)];
    this.read = this.filled = this.asked = this.waited = this.gaps = 0;
    this.ahead = FIRST_AHEAD;
    this.playing = false;
    this.level = 0; // fades what begins after a gap
    this.last = [0, 0];
    this.port.onmessage = ({ data }) => {
      this.link = data;
      this.link.onmessage = (event) => this.receive(new Int16Array(event.data));
    };
  }
  receive(samples) {
    const n = Math.min(samples.length / 2, CAPACITY - this.filled);
    for (const channel of [0, 1]) {
      const ring = this.ring[channel];
      for (let k = 0; k < n; k++) ring[(this.read + this.filled + k) % CAPACITY] = samples[2 * k + channel] / 32767;
    }
    this.filled += n;
    this.asked = Math.max(this.asked - samples.length / 2, 0);
    this.waited = 0;
  }
  process(_, [out]) {
    const n = out[0].length;
    if (!this.playing && this.filled >= this.ahead) this.playing = true;
    if (this.playing && this.filled < n) {
      this.playing = false;
      this.ahead = Math.min(this.ahead + MORE, MOST_AHEAD);
      this.port.postMessage(++this.gaps);
    }
    this.playing ? this.play(out, n) : this.rest(out, n);
    this.ask(n);
    return true;
  }
  play(out, n) {
    for (const channel of [0, 1]) {
      const ring = this.ring[channel];
      for (let k = 0; k < n; k++) {
        out[channel][k] = ring[(this.read + k) % CAPACITY] * Math.min(this.level + k / FADE, 1);
      }
      this.last[channel] = out[channel][n - 1];
    }
    this.level = Math.min(this.level + n / FADE, 1);
    this.read = (this.read + n) % CAPACITY;
    this.filled -= n;
  }
  rest(out, n) {
    for (const channel of [0, 1]) {
      for (let k = 0; k < n; k++) out[channel][k] = this.last[channel] * Math.max(1 - k / FADE, 0);
      this.last[channel] = 0;
    }
    this.level = 0;
  }
  ask(n) {
    if (!this.link) return;
    this.waited += n;
    if (this.waited > LOST_AFTER) this.asked = this.waited = 0;
    const missing = this.ahead - this.filled - this.asked;
    if (missing < PORTION) return;
    this.asked += missing;
    this.link.postMessage(missing);
  }
}
registerProcessor("stream-player", StreamPlayer);
