// A bank of knobs: drag up and down, wheel, arrow keys; Shift is fine. A double click resets, digits type a value, and a right
// click or a long press opens a menu. While a hand is on a knob, nothing else moves it; each finger has a knob of its own.
// Each knob is drawn on a canvas: as SVG in Vue the same took five times as much of the processor.
import { drawFace, drawKnob, knobColors } from "/panel/static/knob_face.js";

const HELD_MS = 300;
const ARIA_MS = 250; // what is read aloud need not follow every frame
const UNSEEN = 0.0015; // of the sweep: less than half a pixel
const TWICE_MS = 350;
const LONG_PRESS_MS = 550;
const STILL_PX = 4;

export default {
  template: `
    <div class="knobs" role="group" aria-label="Macros">
      <div v-for="(name, k) in names" :key="k" class="knob" :class="{ 'is-frozen': frozen.includes(k) }">
        <canvas ref="dials" tabindex="0" role="slider" :aria-label="name" aria-valuemin="0" aria-valuemax="100"
             aria-valuenow="0" :data-k="k" :title="name + '. Drag, or type a number. Double-click resets; right-click or a long press shows more.'"
             @pointerdown="grab($event, k)" @pointermove="drag($event)" @pointerup="drop($event)"
             @pointercancel="drop($event)" @lostpointercapture="drop($event)" @wheel.prevent="wheel($event, k)"
             @keydown="key($event, k)" @contextmenu.prevent="openMenu(k)"></canvas>
        <input v-if="typing === k" ref="typed" class="knob-typed" inputmode="decimal" :value="typedText"
               :aria-label="name + ', 0 to 100'" @keydown.stop="typedKey($event, k)" @blur="typing = -1" />
        <div class="knob-foot">
          <span class="knob-name" :title="name">{{ name }}</span>
          <button class="knob-freeze" :aria-pressed="frozen.includes(k)" @click="freeze(k)"
                  :title="(frozen.includes(k) ? 'Free ' : 'Freeze ') + name"
                  :aria-label="'Freeze ' + name"><q-icon name="ac_unit" size="18px" /></button>
        </div>
        <div v-if="menu === k" ref="menu" class="menu" role="menu" :aria-label="name" @keydown="menuKey">
          <button role="menuitem" @click="choose(k, 'type')">Type a value</button>
          <button role="menuitem" @click="choose(k, 'reset')">Reset</button>
          <button role="menuitem" @click="choose(k, 'freeze')">{{ frozen.includes(k) ? 'Free' : 'Freeze' }}</button>
          <button role="menuitem" :disabled="!!unable" @click="choose(k, 'learn')">Learn a controller<small v-if="unable">{{ unable }}</small></button>
        </div>
      </div>
      <div v-if="!names.length" class="quiet">Waiting for the server's macros.</div>
    </div>`,
  data: () => ({ names: [], frozen: [], unable: "", menu: -1, typing: -1, typedText: "" }),
  created() {
    this.values = [];
    this.drawn = []; // what each canvas shows
    this.marks = {};
    this.hands = new Map(); // pointer: its knob, and where it took hold
    this.base = []; // where a reset goes
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
      subscribe("base", (base) => (this.base = base)),
      subscribe("bindings", (bindings) => this.mark(bindings)),
      subscribe("unable", ({ learn = "" }) => (this.unable = learn)),
      subscribe("theme", () => setTimeout(() => this.refresh(), 50)),
      subscribe("view", () => this.draw()),
    ];
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => setTimeout(() => this.refresh(), 50);
    this.scheme.addEventListener("change", this.onScheme);
    this.onAway = (event) => event.target.closest?.(".menu") || (this.menu = -1);
    window.addEventListener("pointerdown", this.onAway, true);
  },
  unmounted() {
    clearTimeout(this.later);
    window.removeEventListener("pointerdown", this.onAway, true);
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
        this.isHeld(k) || (this.quietUntil[k] || 0) > now ? this.values[k] : v);
      // What came while a knob was kept still is shown afterwards: nothing may follow it.
      clearTimeout(this.later);
      if (values.some((v, k) => v !== this.values[k])) this.later = setTimeout(() => this.follow(values), HELD_MS);
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
        const look = { held: this.isHeld(k), frozen: this.frozen.includes(k), mark: this.marks[k] };
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
          const text = now + " percent" + (this.frozen.includes(k) ? ", frozen" : "");
          if (dial.getAttribute("aria-valuenow") !== now) dial.setAttribute("aria-valuenow", now);
          if (dial.getAttribute("aria-valuetext") !== text) dial.setAttribute("aria-valuetext", text);
        });
      };
      if (atOnce) update();
      else this.ariaTimer ||= setTimeout(update, ARIA_MS);
    },
    // -- hands
    isHeld(k) {
      return [...this.hands.values()].some((hand) => hand.k === k);
    },
    grab(event, k) {
      if (event.button > 0 || this.isHeld(k)) return;
      event.preventDefault();
      event.currentTarget.focus();
      event.currentTarget.setPointerCapture(event.pointerId);
      const twice = this.touched?.k === k && event.timeStamp - this.touched.at < TWICE_MS;
      this.touched = { k, at: twice ? 0 : event.timeStamp };
      if (twice) this.reset(k);
      const hand = { k, twice, ...this.holdAt(event, k), pressed: [event.clientX, event.clientY] };
      hand.long = setTimeout(() => {
        this.release(event.pointerId);
        this.openMenu(k);
      }, LONG_PRESS_MS);
      if (event.pointerType === "mouse") clearTimeout(hand.long);
      this.hands.set(event.pointerId, hand);
      this.redraw(k);
    },
    holdAt(event, k) {
      return { y: event.clientY, x: event.clientX, value: this.values[k] || 0, fine: event.shiftKey };
    },
    drag(event) {
      const hand = this.hands.get(event.pointerId);
      if (!hand) return;
      const far = Math.hypot(event.clientX - hand.pressed[0], event.clientY - hand.pressed[1]);
      if (!hand.moved && far < STILL_PX) return;
      if (!hand.moved) {
        hand.moved = true;
        this.touched = null;
        clearTimeout(hand.long);
      }
      if (event.shiftKey !== hand.fine) Object.assign(hand, this.holdAt(event, hand.k));
      const moved = hand.y - event.clientY + 0.5 * (event.clientX - hand.x);
      this.turn(hand.k, hand.value + moved / (hand.fine ? 1200 : 220));
    },
    drop(event) {
      this.release(event.pointerId);
    },
    release(pointer) {
      const hand = this.hands.get(pointer);
      if (!hand) return;
      clearTimeout(hand.long);
      this.hands.delete(pointer);
      this.quietUntil[hand.k] = performance.now() + HELD_MS;
      this.redraw(hand.k);
    },
    reset(k) {
      if (this.base[k] !== undefined) this.turn(k, this.base[k]);
    },
    // -- menu and typed values
    async openMenu(k) {
      this.menu = k;
      await this.$nextTick();
      this.$refs.menu?.[0]?.querySelector("button").focus();
    },
    menuKey(event) {
      const items = [...event.currentTarget.querySelectorAll("button:enabled")];
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) {
        event.preventDefault();
        items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus();
      } else if (event.key === "Escape" || event.key === "Tab") {
        this.$refs.dials[this.menu].focus();
        this.menu = -1;
      }
    },
    choose(k, what) {
      this.menu = -1;
      if (what === "type") this.type(k, String(Math.round(100 * this.values[k])));
      else this.$refs.dials[k].focus();
      if (what === "reset") this.reset(k);
      else if (what === "freeze") this.freeze(k);
      else if (what === "learn") this.$emit("learn", k);
    },
    async type(k, text) {
      this.typing = k;
      this.typedText = text;
      await this.$nextTick();
      const field = this.$refs.typed?.[0];
      field?.focus();
      if (text.length > 1) field?.select();
    },
    typedKey(event, k) {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      const text = event.target.value.trim().replace(",", ".").replace(/\s*%$/, "");
      const value = text === "" ? NaN : Number(text);
      if (event.key === "Enter" && Number.isFinite(value)) this.turn(k, value / 100);
      this.$refs.dials[k].focus(); // which closes it
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
      } else if (event.key === "Backspace") {
        this.reset(k);
      } else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
        event.preventDefault();
        this.openMenu(k);
      } else if (/^[0-9]$/.test(event.key) && !window.flow.typing(event)) {
        event.preventDefault();
        this.type(k, event.key);
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
