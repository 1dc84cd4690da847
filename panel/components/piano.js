// A keyboard for fingers, mouse and the computer's keys A to L; Z and X change the octave. A note sounds as long as something
// holds it, and louder the lower its key is touched. Sounds that are only to be compared are fetched and played here, too.
const LETTERS = "awsedftgyhujkolp;";
const BLACK = [1, 3, 6, 8, 10];
const NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const HOW = "Play with the keys A to L; Z and X change the octave.";
const FADE_S = 0.12;

export default {
  template: `
    <div class="piano-box">
      <div class="piano" role="group" aria-label="Keyboard" @pointerdown="down" @pointermove="move" @pointerup="up"
           @pointercancel="up" @lostpointercapture="up">
        <button v-for="key in keys" :key="key.note" :data-note="key.note" tabindex="-1" :style="key.style"
                :class="[key.black ? 'black' : 'white', { 'is-down': pressed.includes(key.note) }]"
                :aria-label="key.name"><span v-if="key.letter">{{ key.letter }}</span></button>
      </div>
      <div class="piano-foot">
        <button @click="shift(-1)" aria-label="Octave down"><q-icon name="chevron_left" size="20px" /></button>
        <span>{{ first }}</span>
        <button @click="shift(1)" aria-label="Octave up"><q-icon name="chevron_right" size="20px" /></button>
        <span class="quiet piano-said" role="status" :class="{ 'piano-said-keys': said === HOW }">{{ said }}</span>
      </div>
    </div>`,
  data: () => ({ base: 48, nWhite: 15, pressed: [], said: HOW, HOW }),
  created() {
    this.narrow = matchMedia("(max-width: 640px)");
    this.holders = new Map(); // what holds which note: pointers by their number, keys by their letter
    this.kept = new Map();
  },
  computed: {
    first() {
      return NAMES[this.base % 12] + (Math.floor(this.base / 12) - 1);
    },
    keys() {
      const keys = [];
      const n = this.nWhite;
      let white = -1;
      for (let note = this.base; white < n - 1; note++) {
        const black = BLACK.includes(note % 12);
        if (black && white === n - 1) break;
        if (!black) white++;
        const left = black ? (white + 0.68) / n : white / n;
        const letter = LETTERS[note - this.base];
        const width = (black ? 0.64 : 1) / n;
        const name = NAMES[note % 12] + (Math.floor(note / 12) - 1);
        keys.push({ note, black, name, letter: letter && letter.toUpperCase(),
          style: { left: 100 * left + "%", width: 100 * width + "%" } });
      }
      return keys;
    },
  },
  mounted() {
    this.onDown = (event) => this.keyDown(event);
    this.onUp = (event) => this.keyUp(event);
    this.onBlur = () => this.handsUp();
    this.onHide = () => document.hidden && this.handsUp();
    this.onNarrow = () => (this.nWhite = this.narrow.matches ? 8 : 15); // a finger needs 40 pixels
    this.onNarrow();
    this.narrow.addEventListener("change", this.onNarrow);
    window.addEventListener("keydown", this.onDown);
    window.addEventListener("keyup", this.onUp);
    window.addEventListener("blur", this.onBlur);
    document.addEventListener("visibilitychange", this.onHide);
    this.leave = [
      window.flow.subscribe("presets", (revision) => (this.presets = revision)), // a preset may have been saved again under its name
      window.flow.subscribe("play-preset", (name) =>
        name && this.alone(`panel/preset.wav?name=${encodeURIComponent(name)}&presets=${this.presets}`)),
      window.flow.subscribe("play-url", (url) => url && this.alone(url)),
      window.flow.subscribe("panic", () => this.allUp()),
      window.flow.subscribe("midi-key", ({ holder, note, velocity }) => {
        this.letGo(holder);
        if (velocity > 0) this.hold(holder, note, velocity);
      }),
    ];
  },
  unmounted() {
    this.narrow.removeEventListener("change", this.onNarrow);
    window.removeEventListener("keydown", this.onDown);
    window.removeEventListener("keyup", this.onUp);
    window.removeEventListener("blur", this.onBlur);
    document.removeEventListener("visibilitychange", this.onHide);
    this.allUp();
    this.leave.forEach((leave) => leave());
  },
  methods: {
    shift(by) {
      this.base = Math.min(Math.max(this.base + 12 * by, 12), 96);
    },
    keyAt(event) {
      return document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-note]");
    },
    down(event) {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      this.touch(event);
    },
    move(event) {
      if (this.holders.has(event.pointerId)) this.touch(event);
    },
    up(event) {
      this.letGo(event.pointerId);
    },
    touch(event) {
      const key = this.keyAt(event);
      if (!key) return;
      const box = key.getBoundingClientRect();
      const depth = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1);
      this.hold(event.pointerId, Number(key.dataset.note), Math.round(56 + 71 * depth));
    },
    keyDown(event) {
      if (event.repeat || window.flow.typing(event)) return;
      const letter = event.key.toLowerCase();
      if (letter === "z" || letter === "x") this.shift(letter === "z" ? -1 : 1);
      const k = letter.length === 1 ? LETTERS.indexOf(letter) : -1;
      if (k >= 0) this.hold(letter, this.base + k, 100);
    },
    keyUp(event) {
      this.letGo(event.key.toLowerCase());
    },
    // Of a page that is left; a MIDI keyboard goes on playing it.
    handsUp() {
      [...this.holders.keys()].forEach((holder) => String(holder).startsWith("midi ") || this.letGo(holder));
    },
    allUp() {
      [...this.holders.keys()].forEach((holder) => this.letGo(holder));
    },
    hold(holder, note, velocity) {
      if (this.holders.get(holder) === note) return;
      this.letGo(holder);
      this.holders.set(holder, note);
      if (!this.pressed.includes(note)) {
        this.pressed.push(note);
        window.flow.sound.note(note, velocity);
      }
    },
    letGo(holder) {
      const note = this.holders.get(holder);
      if (note === undefined) return;
      this.holders.delete(holder);
      if ([...this.holders.values()].includes(note)) return;
      this.pressed = this.pressed.filter((other) => other !== note);
      window.flow.sound.note(note, 0);
    },
    fade(voice) {
      const now = this.audio.currentTime;
      voice.gain.gain.setTargetAtTime(0, now, FADE_S);
      voice.source.stop(now + 8 * FADE_S);
    },
    async alone(url) {
      const number = (this.aloneNumber = (this.aloneNumber || 0) + 1);
      const voice = await this.sound(url, number);
      if (!voice) return;
      if (this.single) this.fade(this.single);
      this.single = voice;
    },
    async sound(url, number) {
      this.audio ||= new AudioContext();
      if (this.audio.state === "suspended") this.audio.resume();
      let buffer = this.kept.get(url);
      if (!buffer) {
        const answer = await fetch(url).catch(() => null);
        if (!answer?.ok) {
          this.said = answer ? await answer.text() : "The panel does not answer.";
          return null;
        }
        buffer = await this.audio.decodeAudioData(await answer.arrayBuffer());
        this.kept.set(url, buffer);
        if (this.kept.size > 40) this.kept.delete(this.kept.keys().next().value);
      }
      if (number !== undefined && number !== this.aloneNumber) return null; // a newer sound was asked for
      const gain = this.audio.createGain();
      gain.connect(this.audio.destination);
      const source = this.audio.createBufferSource();
      source.buffer = buffer;
      source.connect(gain);
      source.start();
      this.nPlayed = (this.nPlayed || 0) + 1;
      this.$el.dataset.played = this.nPlayed;
      return { source, gain };
    },
  },
};
