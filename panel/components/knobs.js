// A bank of knobs: drag up and down, wheel, arrow keys; Shift is fine. While a hand is on a knob nothing else moves it.
const SWEEP = 270;
const START = 135;
const HELD_MS = 300;

const at = (value, radius) => {
  const angle = ((START + SWEEP * value) * Math.PI) / 180;
  return [60 + radius * Math.cos(angle), 60 + radius * Math.sin(angle)];
};

export default {
  template: `
    <div class="knobs" role="group" aria-label="Macros">
      <div v-for="(name, k) in names" :key="k" class="knob"
           :class="{ 'is-held': held === k, 'is-frozen': frozen.includes(k) }">
        <svg viewBox="2 2 116 104" tabindex="0" role="slider" :aria-label="name" aria-valuemin="0" aria-valuemax="100"
             :aria-valuenow="shown(k)" :data-k="k"
             @pointerdown="grab($event, k)" @pointermove="drag($event, k)" @pointerup="drop($event)"
             @pointercancel="drop($event)" @wheel.prevent="wheel($event, k)" @keydown="key($event, k)">
          <path class="knob-track" :d="arc(1)" />
          <path class="knob-fill" :d="arc(values[k])" v-show="values[k] > 0.002" />
          <circle class="knob-cap" cx="60" cy="60" r="37" />
          <line class="knob-hand" :x1="hand(k, 27)[0]" :y1="hand(k, 27)[1]" :x2="hand(k, 34)[0]" :y2="hand(k, 34)[1]" />
          <text class="knob-value" x="60" y="68" text-anchor="middle">{{ shown(k) }}</text>
        </svg>
        <div class="knob-foot">
          <span class="knob-name" :title="name">{{ name }}</span>
          <button class="knob-freeze" :aria-pressed="frozen.includes(k)" @click="freeze(k)"
                  :title="(frozen.includes(k) ? 'Free ' : 'Freeze ') + name"
                  :aria-label="'Freeze ' + name"><q-icon name="ac_unit" size="18px" /></button>
        </div>
      </div>
      <div v-if="!names.length" class="quiet">Waiting for the server's macros.</div>
    </div>`,
  data: () => ({ names: [], values: [], frozen: [], held: -1 }),
  created() {
    this.quietUntil = {};
    this.due = {};
  },
  mounted() {
    const { hear } = window.flow;
    this.leave = [
      hear("names", (names) => (this.names = names)),
      hear("frozen", (frozen) => (this.frozen = frozen)),
      hear("macros", (values) => this.follow(values)),
    ];
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
  },
  methods: {
    follow(values) {
      const now = performance.now();
      this.values = values.map((v, k) =>
        this.held === k || (this.quietUntil[k] || 0) > now ? this.values[k] : v);
    },
    shown(k) {
      return Math.round((this.values[k] || 0) * 100);
    },
    arc(value) {
      const v = Math.min(Math.max(value || 0, 0), 1);
      const [x0, y0] = at(0, 52);
      const [x1, y1] = at(v, 52);
      return `M ${x0} ${y0} A 52 52 0 ${v * SWEEP > 180 ? 1 : 0} 1 ${x1} ${y1}`;
    },
    hand(k, radius) {
      return at(this.values[k] || 0, radius);
    },
    grab(event, k) {
      if (event.button > 0) return;
      event.preventDefault();
      event.currentTarget.focus();
      event.currentTarget.setPointerCapture(event.pointerId);
      this.held = k;
      this.from = { y: event.clientY, x: event.clientX, value: this.values[k] || 0, fine: event.shiftKey };
    },
    drag(event, k) {
      if (this.held !== k) return;
      if (event.shiftKey !== this.from.fine) {
        this.from = { y: event.clientY, x: event.clientX, value: this.values[k], fine: event.shiftKey };
      }
      const moved = this.from.y - event.clientY + 0.5 * (event.clientX - this.from.x);
      this.turn(k, this.from.value + moved / (this.from.fine ? 1200 : 220));
    },
    drop() {
      if (this.held >= 0) this.quietUntil[this.held] = performance.now() + HELD_MS;
      this.held = -1;
    },
    wheel(event, k) {
      const step = (event.deltaY || event.deltaX) < 0 ? 1 : -1;
      this.turn(k, this.values[k] + step * (event.shiftKey ? 0.002 : 0.02));
    },
    key(event, k) {
      const step = event.shiftKey ? 0.002 : 0.02;
      const to = {
        ArrowUp: this.values[k] + step, ArrowRight: this.values[k] + step,
        ArrowDown: this.values[k] - step, ArrowLeft: this.values[k] - step,
        PageUp: this.values[k] + 0.1, PageDown: this.values[k] - 0.1, Home: 0, End: 1,
      }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        this.turn(k, to);
      } else if (event.key === "Enter" || event.key === "Delete") {
        this.freeze(k);
      }
    },
    turn(k, value) {
      value = Math.min(Math.max(value, 0), 1);
      this.values[k] = value;
      this.quietUntil[k] = performance.now() + HELD_MS;
      const waits = Object.keys(this.due).length > 0;
      this.due[k] = value;
      if (!waits) {
        requestAnimationFrame(() => {
          for (const [j, v] of Object.entries(this.due)) this.$emit("turn", { k: Number(j), value: v });
          this.due = {};
        });
      }
    },
    freeze(k) {
      this.$emit("freeze", { k, on: !this.frozen.includes(k) });
    },
  },
};
