// The preset map on a canvas. Dots are drawn once into a layer of their own; what moves (the place, its trail, the
// pointer, the path) is drawn over it. The parts are in static/map.
import { Camera } from "/panel/static/map/camera.js";
import { DotLayer } from "/panel/static/map/dot_layer.js";
import { Gestures } from "/panel/static/map/gestures.js";
import { Trail, drawPath, drawPlace, drawRing } from "/panel/static/map/overlay.js";
import { NO_PRESETS, VITAL, countKinds, nearestPreset } from "/panel/static/map/presets.js";

const NEAR_PX = 14;
const MAX_PATH = 64; // points, as many as the server takes
const ZOOM_STEP = 1.5;

export default {
  template: `
    <div class="map-box"><div class="map-frame">
      <canvas ref="canvas" class="map-canvas" tabindex="0" role="application"
              aria-label="Map of sounds. Arrow keys move, Enter goes to the nearest preset."
              @pointerdown="gestures.down($event, pencil)" @pointermove="gestures.move($event)"
              @pointerup="gestures.up($event)" @pointercancel="gestures.up($event)" @pointerleave="leaveCanvas"
              @wheel.prevent="wheel" @keydown="key" @contextmenu.prevent></canvas>
      <div v-if="hover" class="map-name" :style="{ left: hover.left + 'px', top: hover.top + 'px' }">
        <b>{{ hover.name }}</b><span>{{ hover.kind }}</span></div>
      <div class="map-zoom">
        <button @click="zoomBy(1)" aria-label="Zoom in" title="Zoom in"><q-icon name="add" size="20px" /></button>
        <button @click="zoomBy(-1)" aria-label="Zoom out" title="Zoom out"><q-icon name="remove" size="20px" /></button>
        <button @click="whole" aria-label="Whole map" title="Whole map"><q-icon name="fit_screen" size="20px" /></button>
      </div>
      <div v-if="!presets.names.length" class="map-empty">No presets yet. Save one, or pick a model that brings a map.</div>
      </div>
      <div class="map-legend" role="group" aria-label="Kinds of sound">
        <button v-for="kind in kinds" :key="kind.name" :aria-pressed="!hidden[kind.name]" @click="toggle(kind.name)">
          <i :style="{ background: 'oklch(var(--dot) ' + kind.hue + ')' }"></i>{{ kind.name }}<small>{{ kind.count }}</small></button>
      </div>
    </div>`,
  props: { listen: Boolean },
  data: () => ({ hover: null, kinds: [], hidden: {}, presets: NO_PRESETS }),
  created() {
    // Not in data(): what is read ten thousand times a frame must not go through Vue's proxy.
    this.camera = new Camera();
    this.layer = new DotLayer();
    this.trail = new Trail();
    this.shown = [];
    this.place = null;
    this.path = [];
    this.pencil = false; // the next drag draws
    this.frameTimes = [];
  },
  mounted() {
    const { subscribe } = window.flow;
    this.context = this.$refs.canvas.getContext("2d");
    this.gestures = new Gestures(this.$refs.canvas, this.actions());
    this.$refs.canvas.frameTimes = this.frameTimes; // for the benchmark
    this.leave = [
      subscribe("preset-table", (presets) => this.load(presets)),
      subscribe("preset-shown", (shown) => this.show(shown)),
      subscribe("place", (place) => this.follow(place)),
      subscribe("path", (places) => this.followPath(places)),
      // Published within the page: a line drawn right after the button was pressed must not wait for the panel.
      subscribe("drawing", (on) => this.takePencil(on)),
      subscribe("theme", () => setTimeout(() => this.redraw(), 50)),
      subscribe("view", () => this.redraw()),
    ];
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.$refs.canvas);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => setTimeout(() => this.redraw(), 50);
    this.scheme.addEventListener("change", this.onScheme);
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
    this.observer.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
  },
  methods: {
    // -- what the feed brings
    load(presets) {
      this.presets = presets;
      this.kinds = countKinds(presets);
    },
    show(shown) {
      this.shown = shown;
      this.redraw();
    },
    toggle(kind) {
      this.hidden[kind] = !this.hidden[kind];
      window.flow.publish("kinds-hidden", { ...this.hidden });
    },
    follow(place) {
      if (place && this.place) this.trail.add(this.place);
      this.place = place;
      this.animate();
    },
    // Until a finger has drawn to its end, the path is what it drew.
    followPath(places) {
      if (!this.gestures.draws) this.path = places;
      this.animate();
    },
    takePencil(on) {
      this.pencil = on;
      this.$emit("pencil", on);
    },
    nearest(px, py, within) {
      return nearestPreset(this.presets, this.shown, this.camera, px, py, within);
    },
    // -- drawing
    resize() {
      const box = this.$refs.canvas.getBoundingClientRect();
      if (!box.width) return;
      this.ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.camera.width = box.width;
      this.camera.height = box.height;
      const size = [Math.round(box.width * this.ratio), Math.round(box.height * this.ratio)];
      [this.$refs.canvas.width, this.$refs.canvas.height] = size;
      this.layer.resize(...size, this.ratio);
      this.redraw();
    },
    redraw() {
      this.layer.stale = true;
      this.animate();
    },
    animate() {
      if (this.waiting || document.body.dataset.view !== "map") return; // it is redrawn when it is shown again
      this.waiting = requestAnimationFrame((now) => {
        this.waiting = 0;
        this.draw(now);
      });
    },
    draw(now) {
      if (!this.camera.width) return;
      const began = performance.now();
      const style = getComputedStyle(this.$refs.canvas);
      const color = (name) => style.getPropertyValue(name);
      if (this.layer.stale) this.layer.draw(this.camera, this.presets, this.kinds, this.shown, style);
      const { context: c, camera } = this;
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.clearRect(0, 0, c.canvas.width, c.canvas.height);
      c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.layer.copyTo(c, camera);
      drawPath(c, camera, this.path, color("--accent"));
      this.trail.draw(c, camera, color("--accent"), now);
      if (this.hover) drawRing(c, camera, this.presets.x[this.hover.k], this.presets.y[this.hover.k], color("--text"));
      if (this.place) drawPlace(c, camera, this.place, color("--accent"), color("--ground"));
      this.frameTimes.push(performance.now() - began);
      if (this.frameTimes.length > 600) this.frameTimes.shift();
      if (!this.trail.isEmpty) this.animate();
    },
    // -- hands
    actions() {
      return {
        hover: (px, py) => this.hoverAt(px, py),
        click: (px, py) => this.click(px, py),
        moved: () => (this.hover = null),
        drag: (px, py) => this.goTo(this.camera.toMap(px, py)),
        pan: (dx, dy) => this.moveCamera((camera) => camera.pan(dx, dy)),
        zoom: (px, py, by) => this.moveCamera((camera) => camera.zoomAt(px, py, by)),
        beginPath: () => {
          this.path = [];
          this.$emit("draw", { step: "begin" });
        },
        addToPath: (px, py) => this.addToPath(px, py),
        endPath: () => window.flow.publish("drawing", false),
      };
    },
    click(px, py) {
      const k = this.nearest(px, py, NEAR_PX);
      if (k >= 0) this.$emit(this.presets.kinds[k] === VITAL ? "adopt" : "preset", this.presets.names[k]);
      else this.goTo(this.camera.toMap(px, py));
    },
    hoverAt(px, py) {
      const k = this.nearest(px, py, NEAR_PX);
      if ((this.hover ? this.hover.k : -1) === k) return;
      clearTimeout(this.hearing);
      if (k < 0) {
        this.hover = null;
      } else {
        const [x, y] = this.camera.toScreen(this.presets.x[k], this.presets.y[k]);
        const left = Math.min(Math.max(x, 90), this.camera.width - 90);
        this.hover = { k, name: this.presets.names[k], kind: this.presets.kinds[k], left, top: y };
        const name = this.hover.name;
        if (this.listen && this.hover.kind !== VITAL) this.hearing = setTimeout(() => window.flow.publish("play-preset", name), 130);
      }
      this.animate();
    },
    leaveCanvas() {
      this.hover = null;
      clearTimeout(this.hearing);
      this.animate();
    },
    // Of several places in one frame, only the last is sent.
    goTo(place) {
      this.destination = place;
      if (this.going) return;
      this.going = requestAnimationFrame(() => {
        this.going = 0;
        this.$emit("place", { x: this.destination[0], y: this.destination[1] });
      });
    },
    addToPath(px, py) {
      const [x, y] = this.camera.toMap(px, py);
      const last = this.path[this.path.length - 1];
      if (last && Math.hypot(x - last[0], y - last[1]) < 0.025 * Math.max(1 / this.camera.zoom, 0.4)) return;
      if (this.path.length >= MAX_PATH) return;
      this.path.push([x, y]);
      this.$emit("draw", { step: "add", x, y });
      this.animate();
    },
    moveCamera(move) {
      move(this.camera);
      this.hover = null;
      this.animate(); // the layer is stretched now, and redrawn once the map rests
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.redraw(), 110);
    },
    zoomBy(steps) {
      const { width, height } = this.camera;
      this.moveCamera((camera) => camera.zoomAt(width / 2, height / 2, ZOOM_STEP ** steps));
    },
    whole() {
      this.camera.reset();
      this.redraw();
    },
    wheel(event) {
      const at = this.gestures.at(event);
      this.moveCamera((camera) => camera.zoomAt(...at, Math.exp(-event.deltaY * 0.0016)));
    },
    key(event) {
      const step = (event.shiftKey ? 0.003 : 0.015) / Math.sqrt(this.camera.zoom);
      const by = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
      if (by) {
        event.preventDefault();
        const [x, y] = this.place || [0.5, 0.5];
        const clip = (v) => Math.min(Math.max(v, 0), 1);
        this.goTo([clip(x + by[0] * step), clip(y + by[1] * step)]);
      } else if (event.key === "Enter" && this.place) {
        const k = this.nearest(...this.camera.toScreen(...this.place), 1e6);
        if (k >= 0) this.$emit(this.presets.kinds[k] === VITAL ? "adopt" : "preset", this.presets.names[k]);
      } else if (event.key === "+" || event.key === "-") {
        this.zoomBy(event.key === "+" ? 1 : -1);
      }
    },
  },
};
