// Sound on or off in this browser, how loud, and everything silent at once.
export default {
  template: `
    <div class="sound-line">
      <button class="soft sound-switch" :class="{ 'is-on': here.on }" :aria-pressed="String(!!here.on)" @click="turn"
              :aria-label="here.on ? 'Sound in this browser: on' : 'Sound in this browser: off'">
        <q-icon :name="here.on ? 'volume_up' : 'volume_off'" size="20px" /> {{ here.on ? "Sound on" : "Sound off" }}
      </button>
      <button class="soft sound-midi" :class="{ 'is-on': midi.on, 'is-missing': !midi.can }" :disabled="!midi.can" :aria-pressed="String(!!midi.on)"
              :title="midi.can ? 'A MIDI keyboard at this computer plays' : midi.why" @click="turnMidi">
        <q-icon name="piano" size="20px" /> MIDI keyboard</button>
      <input type="range" min="0" max="1" step="0.01" :value="volume" aria-label="Volume" class="sound-volume"
             :disabled="!sounds" :title="sounds ? '' : silent" @input="setVolume" />
      <span class="sound-level" title="Level in this browser" aria-hidden="true"><i ref="level"></i></span>
      <label class="sound-audition" :class="{ 'is-off': !sounds }" :title="sounds ? '' : silent">
        <input type="checkbox" :checked="audition" :disabled="!sounds" @change="setAudition" />
        Hear each change</label>
      <button class="soft sound-panic" :disabled="!sounds" :title="sounds ? '' : silent" @click="panic">All notes off</button>
      <span class="quiet sound-said" role="status">{{ said }}</span>
    </div>`,
  data: () => ({ here: {}, midi: {}, state: {}, volume: 0.8, audition: true, silent: "Nothing sounds here: switch the sound on." }),
  computed: {
    sounds() {
      return this.state.state === "on" || this.state.state === "starting";
    },
    said() {
      return [this.saidOfSound, this.midi.said].filter(Boolean).join(" ");
    },
    saidOfSound() {
      if (this.state.text) return this.state.text;
      if (this.here.said) return this.here.said;
      if (this.state.state === "starting") return "The sound is starting.";
      if (this.state.state === "off" && !this.here.on) return this.silent;
      const gaps = (this.here.gaps || 0) + (this.state.gaps || 0);
      return gaps ? gaps + (gaps === 1 ? " gap" : " gaps") : "";
    },
  },
  mounted() {
    this.measuring = setInterval(() => this.showLevel(), 50);
    this.leave = [
      window.flow.subscribe("sound-here", (here) => (this.here = { ...here })),
      window.flow.subscribe("midi-here", (midi) => (this.midi = midi)),
      window.flow.subscribe("sound", (state) => {
        this.state = state;
        this.volume = state.volume;
        this.audition = state.audition;
      }),
    ];
  },
  unmounted() {
    clearInterval(this.measuring);
    this.leave.forEach((leave) => leave());
  },
  methods: {
    showLevel() {
      if (document.hidden || document.body.dataset.view !== "play") return;
      const db = 20 * Math.log10(Math.max(window.flow.sound.peak(), 1e-4));
      const level = Math.max(1 + db / 60, 0);
      this.level = Math.max(level, (this.level || 0) - 0.03); // it falls slowly, so that a short sound is seen
      if (Math.abs(this.level - (this.shownLevel ?? -1)) < 0.004) return;
      this.shownLevel = this.level;
      this.$refs.level.style.transform = `scaleX(${this.level})`;
      this.$refs.level.classList.toggle("is-hot", this.level > 0.985);
    },
    turn() {
      window.flow.sound.turn(!this.here.on);
    },
    turnMidi() {
      window.flow.midi.turn(!this.midi.on);
    },
    setVolume(event) {
      window.flow.sound.volume(Number(event.target.value));
    },
    setAudition(event) {
      window.flow.sound.audition(event.target.checked);
    },
    panic() {
      window.flow.publish("panic", Date.now());
      window.flow.sound.panic();
    },
  },
};
