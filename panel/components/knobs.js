// A bank of knobs: drag up and down, wheel, arrow keys; Shift is fine. While a hand is on a knob, nothing else moves it.
// Each knob is drawn on a canvas: as SVG in Vue the same took five times as much of the processor.
import { drawFace, drawKnob, knobColors } from "/panel/static/knob_face.js";

const HELD_MS = 300;
const ARIA_MS = 250; // what is read aloud need not follow every frame
const UNSEEN = 0.0015; // of the sweep: less than half a pixel

export default {
  template: `
    <div class="knobs" role="group" aria-label="Macros">
      <div v-for="(name, k) in names" :key="k" class="knob" :class="{ 'is-frozen': frozen.includes(k) }">
        <canvas ref="dials" tabindex="0" role="slider" :aria-label="name" aria-valuemin="0" aria-valuemax="100"
             :data-k="k"
             @pointerdown="grab($event, k)" @pointermove="drag($event, k)" @pointerup="drop($event)"
             @pointercancel="drop($event)" @wheel.prevent="wheel($event, k)" @keydown="key($event, k)"></canvas>
        <div class="knob-foot">
          <span class="knob-name" :title="name">{{ name }}</span>
          <button class="knob-freeze" :aria-pressed="frozen.includes(k)" @click="freeze(k)"
                  :title="(frozen.includes(k) ? 'Free ' : 'Freeze ') + name"
                  :aria-label="'Freeze ' + name"><q-icon name="ac_unit" size="18px" /></button>
        </div>
      </div>
      <div v-if="!names.length" class="quiet">Waiting for the server's macros.</div>
    </div>`,
  data: () => ({ names: [], frozen: [] }),
  created() {
    this.values = [];
    this.drawn = []; // what each canvas shows
    this.marks = {};
    this.held = -1;
    this.quietUntil = {};
    this.due = {};
  },
  mounted() {
    const { subscribe } = window.flow;
    this.observer = new ResizeObserver(() => this.refresh());
    this.leave = [
      subscribe("names", (names) => this.name(names)),
      subscribe("frozen", (frozen) => this.freezeAll(frozen)),
      subscribe("macros", (values) => this.follow(values)),
      subscribe("bindings", (bindings) => this.mark(bindings)),
      subscribe("theme", () => setTimeout(() => this.refresh(), 50)),
      subscribe("view", () => this.draw()),
    ];
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => setTimeout(() => this.refresh(), 50);
    this.scheme.addEventListener("change", this.onScheme);
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
    this.observer.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
  },
  methods: {
    // -- what the feed brings
    async name(names) {
      this.names = names;
      await this.$nextTick();
      this.observer.disconnect();
      if (this.$refs.dials?.length) this.observer.observe(this.$refs.dials[0]);
      this.refresh();
    },
    freezeAll(frozen) {
      this.frozen = frozen;
      this.refresh();
    },
    follow(values) {
      const now = performance.now();
      this.values = values.map((v, k) =>
        this.held === k || (this.quietUntil[k] || 0) > now ? this.values[k] : v);
      this.draw();
      this.updateAria();
    },
    // Where a controller's knob stands: hollow until it has caught its macro.
    mark(bindings) {
      const before = this.marks;
      this.marks = {};
      for (const { macro: k, control_value: value, engaged } of bindings) {
        if (value >= 0 && !this.marks[k]?.engaged) this.marks[k] = { value, engaged };
      }
      this.values.forEach((_, k) => {
        if (JSON.stringify(before[k]) !== JSON.stringify(this.marks[k])) this.redraw(k);
      });
    },
    // -- drawing
    refresh() {
      this.face = null; // theme, size or number of knobs may have changed
      this.drawn = [];
      this.draw();
    },
    draw() {
      this.drawing ||= requestAnimationFrame(() => {
        this.drawing = 0;
        this.drawNow();
      });
    },
    drawNow() {
      const dials = this.$refs.dials || [];
      if (document.body.dataset.view !== "play" || !dials.length || !dials[0].clientWidth) return;
      if (!this.face) {
        this.ratio = Math.min(window.devicePixelRatio || 1, 2);
        this.colors = knobColors(dials[0]);
        this.face = drawFace(dials[0].clientWidth * this.ratio, this.colors);
      }
      dials.forEach((dial, k) => {
        const value = Math.min(Math.max(this.values[k] || 0, 0), 1);
        if (Math.abs((this.drawn[k] ?? -1) - value) < UNSEEN) return;
        this.drawn[k] = value;
        const look = { held: this.held === k, frozen: this.frozen.includes(k), mark: this.marks[k] };
        drawKnob(dial, this.face, this.colors, value, look);
      });
    },
    redraw(k) {
      this.drawn[k] = -1;
      this.draw();
    },
    updateAria(atOnce) {
      const update = () => {
        clearTimeout(this.ariaTimer);
        this.ariaTimer = 0;
        (this.$refs.dials || []).forEach((dial, k) => {
          const now = String(Math.round((this.values[k] || 0) * 100));
          if (dial.getAttribute("aria-valuenow") !== now) dial.setAttribute("aria-valuenow", now);
        });
      };
      if (atOnce) update();
      else this.ariaTimer ||= setTimeout(update, ARIA_MS);
    },
    // -- hands
    grab(event, k) {
      if (event.button > 0) return;
      event.preventDefault();
      event.currentTarget.focus();
      event.currentTarget.setPointerCapture(event.pointerId);
      this.held = k;
      this.from = { y: event.clientY, x: event.clientX, value: this.values[k] || 0, fine: event.shiftKey };
      this.redraw(k);
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
      if (this.held < 0) return;
      this.quietUntil[this.held] = performance.now() + HELD_MS;
      this.redraw(this.held);
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
      this.draw();
      this.updateAria(true);
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
