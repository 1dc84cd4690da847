// Sends the panel a sound to find: a file, or what this browser's microphone hears, as WAV. Browsers only allow the microphone on
// pages from this computer or over https; where they do not, a phone's own recorder is offered instead.
const LONGEST_MS = 30_000;
const MISSING = "The browser finds no microphone. Plug one in, or drop a sound file.";

export default {
  template: `
    <div class="sound-input">
      <label class="drop-zone"><q-icon name="audio_file" size="24px" /> Drop a sound file here, or choose one
        <input type="file" :accept="kinds" class="out-of-sight" @change="sendFile" /></label>
      <button v-if="allowed" class="soft" :aria-pressed="String(recording)" :disabled="!heard && !recording"
              :title="heard ? '' : MISSING" @click="recording ? stop() : record()">
        <q-icon :name="recording ? 'stop' : 'mic'" size="20px" /> {{ recording ? "Stop" : "Record in this browser" }}</button>
      <label v-else class="soft"><q-icon name="mic" size="20px" /> Record with this device
        <input type="file" accept="audio/*" capture class="out-of-sight" @change="sendFile" /></label>
      <span class="quiet" role="status">{{ said }}</span>
    </div>`,
  props: { kinds: String },
  data: () => ({ MISSING, heard: true, recording: false, said: "", allowed: window.isSecureContext && !!navigator.mediaDevices }),
  mounted() {
    this.onDevices = () => this.look();
    navigator.mediaDevices?.addEventListener("devicechange", this.onDevices);
    this.look();
  },
  unmounted() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.onDevices);
    this.stop();
  },
  methods: {
    // Browsers list microphones by their kind alone before they have been allowed one.
    async look() {
      const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => null);
      this.heard = !devices || devices.some((device) => device.kind === "audioinput");
    },
    async record() {
      let stream;
      try {
        // What cleans speech would change the sound.
        const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
        stream = await navigator.mediaDevices.getUserMedia({ audio });
      } catch (error) {
        this.said = error.name === "NotAllowedError" ? "The browser does not allow its microphone. Allow it beside the address."
          : MISSING;
        return;
      }
      const parts = [];
      this.recorder = new MediaRecorder(stream);
      this.recorder.ondataavailable = (event) => parts.push(event.data);
      this.recorder.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        this.recording = false;
        this.send(new Blob(parts));
      };
      this.recorder.start();
      this.recording = true;
      this.said = "Recording.";
      this.ending = setTimeout(() => this.stop(), LONGEST_MS);
    },
    stop() {
      clearTimeout(this.ending);
      if (this.recorder?.state === "recording") this.recorder.stop();
    },
    async send(blob) {
      try {
        const context = new OfflineAudioContext(1, 1, 44100);
        this.said = await window.flow.sendSound(toWav(await context.decodeAudioData(await blob.arrayBuffer())));
      } catch {
        this.said = "Nothing was recorded. Try again.";
      }
    },
    async sendFile(event) {
      const [file] = event.target.files;
      event.target.value = "";
      if (file) this.said = await window.flow.sendSound(file);
    },
  },
};

// Mono, 16 bits.
function toWav(buffer) {
  const n = buffer.length;
  const bytes = new DataView(new ArrayBuffer(44 + 2 * n));
  const text = (at, letters) => [...letters].forEach((letter, k) => bytes.setUint8(at + k, letter.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * n, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, buffer.sampleRate, true);
  bytes.setUint32(28, 2 * buffer.sampleRate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * n, true);
  const channels = [...Array(buffer.numberOfChannels).keys()].map((k) => buffer.getChannelData(k));
  for (let k = 0; k < n; k++) {
    const value = channels.reduce((sum, channel) => sum + channel[k], 0) / channels.length;
    bytes.setInt16(44 + 2 * k, 32767 * Math.min(Math.max(value, -1), 1), true);
  }
  return new Blob([bytes], { type: "audio/wav" });
}
