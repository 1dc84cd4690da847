"use strict";
// The instrument as this browser plays and hears it. A worker keeps the socket, because the page is busy drawing; what
// comes through it is played by a worklet or, where the page is not from this computer and browsers allow none, as one
// short buffer after the other.
window.flow.sound = (() => {
  const KEPT = "flow-sound";
  const AHEAD_S = 0.09; // of the short buffers: the page may be late by as much
  const worker = new Worker("panel/static/sound/worker.js");
  let context = null;
  let node = null;
  let meter = null;
  const samples = new Float32Array(2048);
  let chosen = localStorage.getItem(KEPT);
  let server = {}; // what it says of the instrument
  let devices = 0;
  const counts = { gaps: 0, said: "" };

  // Who plays in Live hears it there, and whoever has started the server with speakers hears those.
  const wanted = () => (chosen === null ? !server.speakers && devices === 0 : chosen === "1");
  const publish = () =>
    window.flow.publish("sound-here", { on: wanted(), playing: context !== null, ...counts });

  worker.onmessage = ({ data }) => {
    if (data.rate && context === null && wanted()) listen(data.rate);
    if (data.text !== undefined) counts.said = data.text;
    publish();
  };
  const address = new URL("panel/sound", window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = address.hash = "";
  worker.postMessage({ address: address.href });

  async function listen(rate) {
    const opened = (context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" }));
    const worklet = await has_worklet(opened);
    if (context !== opened) return; // turned off meanwhile
    const channel = new MessageChannel();
    if (worklet) {
      node = new AudioWorkletNode(context, "stream-player", { numberOfInputs: 0, outputChannelCount: [2] });
      node.port.postMessage(channel.port1, [channel.port1]);
      node.port.onmessage = ({ data }) => ran_dry(data);
    } else {
      node = context.createGain();
      schedule(channel.port1);
    }
    meter = context.createAnalyser();
    meter.fftSize = 2048;
    node.connect(meter);
    node.connect(context.destination);
    worker.postMessage({ player: channel.port2 }, [channel.port2]);
    wake();
  }
  // A page over plain HTTP has none; and its file cannot be had while the panel is away, or the page is left.
  async function has_worklet(opened) {
    if (!opened.audioWorklet) return false;
    try {
      await opened.audioWorklet.addModule("panel/static/sound/worklet.js");
      return true;
    } catch {
      return false;
    }
  }
  function ran_dry(gaps) {
    counts.gaps = gaps;
    publish();
  }
  // Without a worklet: ask for what is missing, and append each answer to the one before.
  function schedule(port) {
    let end = 0;
    let asked = 0;
    port.onmessage = ({ data }) => {
      const samples = new Int16Array(data);
      const n = samples.length / 2;
      asked -= n;
      const buffer = context.createBuffer(2, n, context.sampleRate);
      for (const channel of [0, 1]) {
        const out = buffer.getChannelData(channel);
        for (let k = 0; k < n; k++) out[k] = samples[2 * k + channel] / 32767;
      }
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(node);
      if (end < context.currentTime) {
        if (end > 0) ran_dry(counts.gaps + 1);
        end = context.currentTime + AHEAD_S;
      }
      source.start(end);
      end += n / context.sampleRate;
    };
    setInterval(() => {
      if (context === null || context.state !== "running") return;
      const ahead = Math.max(end - context.currentTime, 0) + asked / context.sampleRate;
      const missing = Math.round((AHEAD_S - ahead) * context.sampleRate);
      if (missing < 256) return;
      asked += missing;
      port.postMessage(missing);
    }, 8);
  }
  function wake() {
    if (context && context.state === "suspended") context.resume();
  }
  // A browser lets nothing sound before somebody has touched the page.
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, wake, true);

  function follow() {
    if (wanted()) worker.postMessage({ say: { listen: true } });
    else if (context !== null) {
      worker.postMessage({ player: null });
      context.close();
      context = node = meter = null;
    }
    publish();
  }
  window.flow.subscribe("sound", (state) => {
    server = state;
    devices = state.devices;
    follow();
  });
  const say = (message) => worker.postMessage({ say: message });
  return {
    note: (note, velocity) => (wake(), say({ note, velocity })),
    pedal: (on) => say({ pedal: on ? 1 : 0 }),
    bend: (semitones) => say({ bend: semitones }),
    volume: (position) => say({ volume: position }),
    audition: (on) => say({ audition: on ? 1 : 0 }),
    panic: () => say({ panic: 1 }),
    turn(on) {
      chosen = on ? "1" : "0";
      localStorage.setItem(KEPT, chosen);
      follow();
      wake();
    },
    // The highest sample of the last 2,048.
    peak() {
      if (meter === null) return 0;
      meter.getFloatTimeDomainData(samples);
      let peak = 0;
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
      return peak;
    },
    get context() {
      return context;
    },
    get node() {
      return node;
    },
  };
})();
