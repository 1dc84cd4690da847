// The map of presets on a canvas. Points are drawn once into a layer of their own, again only when they, the zoom or
// the theme change; what moves (the place, its trail, the pointer, the path) is drawn over it.
const NEAR_PX = 14;
const PAD = 26;

export default {
  template: `
    <div class="map-box"><div class="map-frame">
      <canvas ref="canvas" class="map-canvas" tabindex="0" role="application"
              aria-label="Map of sounds. Arrow keys move, Enter goes to the nearest preset."
              @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up" @pointerleave="leaveCanvas"
              @wheel.prevent="wheel" @keydown="key" @contextmenu.prevent></canvas>
      <div v-if="hover" class="map-name" :style="{ left: hover.left + 'px', top: hover.top + 'px' }">
        <b>{{ hover.name }}</b><span>{{ hover.kind }}</span></div>
      <div class="map-zoom">
        <button @click="zoomBy(1.5)" aria-label="Nearer"><q-icon name="add" size="20px" /></button>
        <button @click="zoomBy(1 / 1.5)" aria-label="Further"><q-icon name="remove" size="20px" /></button>
        <button @click="whole" aria-label="Whole map"><q-icon name="fit_screen" size="20px" /></button>
      </div>
      <div v-if="!points.names.length" class="map-empty">No presets yet. Save one, or pick a model that brings a map.</div>
      </div>
      <div class="map-legend" role="group" aria-label="Kinds of sound">
        <button v-for="kind in kinds" :key="kind.name" :aria-pressed="!hidden[kind.name]" @click="toggle(kind.name)">
          <i :style="{ background: 'oklch(var(--dot) ' + kind.hue + ')' }"></i>{{ kind.name }}<small>{{ kind.count }}</small></button>
      </div>
    </div>`,
  props: { listen: Boolean, wanted: String },
  data: () => ({ hover: null, kinds: [], hidden: {}, points: { names: [], kinds: [], x: [], y: [] } }),
  created() {
    this.view = { x: 0.5, y: 0.5, zoom: 1 };
    this.layerView = this.view;
    this.place = null;
    this.drawing = false;
    this.trail = [];
    this.path = [];
    this.pointers = new Map();
    this.layer = document.createElement("canvas");
    this.stale = true;
    this.frameTimes = [];
  },
  mounted() {
    const { hear } = window.flow;
    this.context = this.$refs.canvas.getContext("2d");
    this.$refs.canvas.frameTimes = this.frameTimes; // for the benchmark
    this.leave = [
      hear("map", (revision) => this.load(revision)),
      hear("place", (place) => this.goTo(place)),
      hear("path", (path) => this.pathIs(path)),
      // Within the page: a line drawn right after the button was pressed must not wait for the panel.
      hear("drawing", (on) => this.pencil(on)),
      hear("theme", () => setTimeout(() => this.redraw(), 50)),
      hear("view", () => this.redraw()),
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
  watch: {
    wanted() {
      this.redraw();
    },
  },
  methods: {
    // -- what there is
    load(revision) {
      this.revision = revision;
      clearTimeout(this.loading);
      this.loading = setTimeout(async () => {
        const answer = await fetch("panel/points.json?revision=" + revision);
        if (!answer.ok || revision !== this.revision) return;
        const points = await answer.json();
        points.low = points.names.map((name) => name.toLowerCase());
        this.points = Object.freeze(points);
        const counts = {};
        for (const kind of points.kinds) counts[kind] = (counts[kind] || 0) + 1;
        const names = Object.keys(counts).sort();
        this.kinds = names.map((name, k) => ({ name, count: counts[name], hue: this.hue(k, names.length) }));
        this.redraw();
      }, 120);
    },
    hue(k, n) {
      return Math.round((360 * k) / Math.max(n, 1) + 20) % 360;
    },
    toggle(kind) {
      this.hidden[kind] = !this.hidden[kind];
      this.redraw();
    },
    isShown(k) {
      return !this.hidden[this.points.kinds[k]] && (!this.wanted || this.points.low[k].includes(this.wanted.toLowerCase()));
    },
    goTo(place) {
      if (place && this.place) this.trail.push({ x: this.place[0], y: this.place[1], at: performance.now() });
      if (this.trail.length > 60) this.trail.shift();
      this.place = place;
      this.animate();
    },
    pathIs(path) {
      if (path.points === 0 && !this.drawingNow) this.path = [];
      this.position = path.position;
      this.animate();
    },
    pencil(on) {
      this.drawing = on;
      this.$emit("pencil", on);
    },
    // -- drawing
    resize() {
      const box = this.$refs.canvas.getBoundingClientRect();
      if (!box.width) return;
      this.ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.width = box.width;
      this.height = box.height;
      for (const canvas of [this.$refs.canvas, this.layer]) {
        canvas.width = Math.round(box.width * this.ratio);
        canvas.height = Math.round(box.height * this.ratio);
      }
      this.redraw();
    },
    redraw() {
      this.stale = true;
      this.animate();
    },
    animate() {
      if (this.waiting || document.body.dataset.view !== "map") return; // shown again, it is drawn anew
      this.waiting = requestAnimationFrame((now) => {
        this.waiting = 0;
        this.draw(now);
      });
    },
    toScreen(x, y) {
      const { zoom } = this.view;
      return [
        this.width / 2 + (x - this.view.x) * (this.width - 2 * PAD) * zoom,
        this.height / 2 - (y - this.view.y) * (this.height - 2 * PAD) * zoom,
      ];
    },
    toMap(px, py) {
      const { zoom } = this.view;
      const clip = (v) => Math.min(Math.max(v, 0), 1);
      return [
        clip(this.view.x + (px - this.width / 2) / ((this.width - 2 * PAD) * zoom)),
        clip(this.view.y - (py - this.height / 2) / ((this.height - 2 * PAD) * zoom)),
      ];
    },
    draw(now) {
      if (!this.width) return;
      const began = performance.now();
      if (this.stale) this.drawPoints();
      const c = this.context;
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.clearRect(0, 0, c.canvas.width, c.canvas.height);
      c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.drawLayer(c);
      const style = getComputedStyle(this.$refs.canvas);
      const accent = style.getPropertyValue("--accent");
      this.drawPath(c, accent);
      this.drawTrail(c, accent, now);
      if (this.hover) {
        const [x, y] = this.toScreen(this.points.x[this.hover.k], this.points.y[this.hover.k]);
        c.beginPath();
        c.arc(x, y, 9, 0, 7);
        c.strokeStyle = style.getPropertyValue("--text");
        c.lineWidth = 1.5;
        c.stroke();
      }
      if (this.place) {
        const [x, y] = this.toScreen(...this.place);
        c.beginPath();
        c.arc(x, y, 18, 0, 7);
        c.fillStyle = accent;
        c.globalAlpha = 0.18;
        c.fill();
        c.globalAlpha = 1;
        c.beginPath();
        c.arc(x, y, 8, 0, 7);
        c.fill();
        c.lineWidth = 2.5;
        c.strokeStyle = style.getPropertyValue("--ground");
        c.stroke();
      }
      this.frameTimes.push(performance.now() - began);
      if (this.frameTimes.length > 600) this.frameTimes.shift();
      if (this.trail.length) this.animate();
    },
    drawLayer(c) {
      // While the map is being zoomed or moved, the layer is only stretched; once it rests it is drawn anew.
      const by = this.view.zoom / this.layerView.zoom;
      const [x, y] = this.toScreen(this.layerView.x, this.layerView.y);
      const [w, h] = [this.width * by, this.height * by];
      c.drawImage(this.layer, x - w / 2, y - h / 2, w, h);
    },
    drawPoints() {
      this.stale = false;
      this.layerView = { ...this.view };
      const c = this.layer.getContext("2d");
      c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      c.clearRect(0, 0, this.width, this.height);
      const style = getComputedStyle(this.$refs.canvas);
      c.strokeStyle = style.getPropertyValue("--line");
      c.lineWidth = 1;
      for (let k = 0; k <= 8; k++) {
        const [x] = this.toScreen(k / 8, 0);
        const [, y] = this.toScreen(0, k / 8);
        const [left, bottom] = this.toScreen(0, 0);
        const [right, top] = this.toScreen(1, 1);
        c.beginPath();
        c.moveTo(x, bottom);
        c.lineTo(x, top);
        c.moveTo(left, y);
        c.lineTo(right, y);
        c.stroke();
      }
      const n = this.points.names.length;
      const radius = Math.min(Math.max((n > 3000 ? 2.2 : n > 600 ? 3.2 : 5) * Math.sqrt(this.view.zoom), 2), 9);
      // A disc is drawn once for each kind and then only copied: ten thousand arcs would cost ten times as much.
      const discs = {};
      const dot = style.getPropertyValue("--dot");
      for (const kind of this.kinds) discs[kind.name] = this.disc(radius, `oklch(${dot} ${kind.hue})`);
      const faint = this.disc(radius * 0.6, style.getPropertyValue("--faint"));
      // All in plain variables: ten thousand times through the component's proxy would be felt.
      const { x: xs, y: ys, kinds } = this.points;
      const { width, height } = this;
      const [x0, y0] = this.toScreen(0, 0);
      const [x1, y1] = this.toScreen(1, 1);
      const [ax, ay] = [x1 - x0, y1 - y0];
      const isShown = this.points.names.map((_, k) => this.isShown(k));
      for (const shown of [false, true]) {
        for (let k = 0; k < n; k++) {
          if (isShown[k] !== shown) continue;
          const x = x0 + ax * xs[k];
          const y = y0 + ay * ys[k];
          if (x < -10 || y < -10 || x > width + 10 || y > height + 10) continue;
          const disc = shown ? discs[kinds[k]] : faint;
          c.drawImage(disc, x - disc.size / 2, y - disc.size / 2, disc.size, disc.size);
        }
      }
      if (this.view.zoom >= 3 || n <= 24) this.drawNames(c, style);
    },
    drawNames(c, style) {
      c.font = "11px " + style.fontFamily;
      c.fillStyle = style.getPropertyValue("--muted");
      let drawn = 0;
      for (let k = 0; k < this.points.names.length && drawn < 80; k++) {
        const [x, y] = this.toScreen(this.points.x[k], this.points.y[k]);
        if (!this.isShown(k) || x < 0 || y < 0 || x > this.width || y > this.height) continue;
        c.fillText(this.points.names[k], x + 9, y + 4);
        drawn++;
      }
    },
    disc(radius, color) {
      const size = 2 * radius + 2;
      const disc = document.createElement("canvas");
      disc.width = disc.height = Math.ceil(size * this.ratio);
      const c = disc.getContext("2d");
      c.scale(this.ratio, this.ratio);
      c.beginPath();
      c.arc(size / 2, size / 2, radius, 0, 7);
      c.fillStyle = color;
      c.globalAlpha = 0.9;
      c.fill();
      disc.size = size;
      return disc;
    },
    drawTrail(c, accent, now) {
      this.trail = this.trail.filter((point) => now - point.at < 1200);
      c.fillStyle = accent;
      for (const point of this.trail) {
        const [x, y] = this.toScreen(point.x, point.y);
        c.globalAlpha = Math.max(0, 0.5 * (1 - (now - point.at) / 1200));
        c.beginPath();
        c.arc(x, y, 4, 0, 7);
        c.fill();
      }
      c.globalAlpha = 1;
    },
    drawPath(c, accent) {
      if (!this.path.length) return;
      c.beginPath();
      this.path.forEach(([mx, my], k) => {
        const [x, y] = this.toScreen(mx, my);
        k ? c.lineTo(x, y) : c.moveTo(x, y);
      });
      c.strokeStyle = accent;
      c.globalAlpha = 0.7;
      c.lineWidth = 3;
      c.lineJoin = c.lineCap = "round";
      c.stroke();
      c.globalAlpha = 1;
    },
    // -- hands
    nearest(px, py, within) {
      let best = -1;
      let least = within * within;
      const { x: xs, y: ys } = this.points;
      const [x0, y0] = this.toScreen(0, 0);
      const [x1, y1] = this.toScreen(1, 1);
      for (let k = 0; k < xs.length; k++) {
        const far = (x0 + (x1 - x0) * xs[k] - px) ** 2 + (y0 + (y1 - y0) * ys[k] - py) ** 2;
        if (far < least && this.isShown(k)) {
          best = k;
          least = far;
        }
      }
      return best;
    },
    at(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    },
    down(event) {
      event.preventDefault();
      this.$refs.canvas.focus({ preventScroll: true });
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, this.at(event));
      this.pressed = { at: this.at(event), pan: event.button > 0 || event.shiftKey, moved: false };
      if (this.pointers.size === 2) this.pinch = this.fingers();
      else if (this.drawing && !this.pressed.pan) {
        this.path = [];
        this.drawingNow = true;
        this.$emit("draw", { step: "begin" });
        this.addToPath(this.at(event));
      }
    },
    move(event) {
      const [px, py] = this.at(event);
      if (!this.pointers.has(event.pointerId)) {
        this.hovered(px, py);
        return;
      }
      const before = this.pointers.get(event.pointerId);
      this.pointers.set(event.pointerId, [px, py]);
      if (this.pointers.size === 2) {
        this.pinched();
        return;
      }
      if (!this.pressed) return;
      if (Math.hypot(px - this.pressed.at[0], py - this.pressed.at[1]) > 5) this.pressed.moved = true;
      if (!this.pressed.moved) return;
      this.hover = null;
      if (this.pressed.pan) {
        this.pan(px - before[0], py - before[1]);
      } else if (this.drawingNow) {
        this.addToPath([px, py]);
      } else {
        this.wish(this.toMap(px, py));
      }
    },
    up(event) {
      const pressed = this.pressed;
      this.pointers.delete(event.pointerId);
      this.pinch = null;
      this.pressed = null;
      if (this.drawingNow) {
        this.drawingNow = false;
        window.flow.tell("drawing", false);
      } else if (pressed && !pressed.moved && !pressed.pan && event.type === "pointerup" && !this.pointers.size) {
        this.click(...this.at(event));
      }
    },
    leaveCanvas() {
      this.hover = null;
      clearTimeout(this.hearing);
      this.animate();
    },
    click(px, py) {
      const k = this.nearest(px, py, NEAR_PX);
      if (k >= 0) this.$emit("preset", this.points.names[k]);
      else this.wish(this.toMap(px, py));
    },
    hovered(px, py) {
      const k = this.nearest(px, py, NEAR_PX);
      if ((this.hover ? this.hover.k : -1) === k) return;
      clearTimeout(this.hearing);
      if (k < 0) {
        this.hover = null;
      } else {
        const [x, y] = this.toScreen(this.points.x[k], this.points.y[k]);
        const left = Math.min(Math.max(x, 90), this.width - 90);
        this.hover = { k, name: this.points.names[k], kind: this.points.kinds[k], left, top: y };
        const name = this.hover.name;
        if (this.listen) this.hearing = setTimeout(() => window.flow.tell("hear-preset", name), 130);
      }
      this.animate();
    },
    wish(place) {
      this.wished = place;
      if (this.wishing) return;
      this.wishing = requestAnimationFrame(() => {
        this.wishing = 0;
        this.$emit("place", { x: this.wished[0], y: this.wished[1] });
      });
    },
    addToPath([px, py]) {
      const [x, y] = this.toMap(px, py);
      const last = this.path[this.path.length - 1];
      if (last && Math.hypot(x - last[0], y - last[1]) < 0.025 * Math.max(1 / this.view.zoom, 0.4)) return;
      if (this.path.length >= 64) return;
      this.path.push([x, y]);
      this.$emit("draw", { step: "add", x, y });
      this.animate();
    },
    fingers() {
      const [a, b] = [...this.pointers.values()];
      return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, far: Math.hypot(a[0] - b[0], a[1] - b[1]) };
    },
    pinched() {
      const now = this.fingers();
      if (this.pinch) {
        this.pan(now.x - this.pinch.x, now.y - this.pinch.y);
        this.zoomAt(now.x, now.y, now.far / Math.max(this.pinch.far, 1));
      }
      this.pinch = now;
      if (this.pressed) this.pressed.moved = true;
    },
    pan(dx, dy) {
      this.view.x -= dx / ((this.width - 2 * PAD) * this.view.zoom);
      this.view.y += dy / ((this.height - 2 * PAD) * this.view.zoom);
      this.hold();
    },
    zoomAt(px, py, by) {
      const zoom = Math.min(Math.max(this.view.zoom * by, 1), 40);
      const fx = (px - this.width / 2) / (this.width - 2 * PAD);
      const fy = (py - this.height / 2) / (this.height - 2 * PAD);
      this.view.x += fx / this.view.zoom - fx / zoom;
      this.view.y -= fy / this.view.zoom - fy / zoom;
      this.view.zoom = zoom;
      this.hold();
    },
    hold() {
      const half = 0.5 / this.view.zoom;
      this.view.x = Math.min(Math.max(this.view.x, half), 1 - half);
      this.view.y = Math.min(Math.max(this.view.y, half), 1 - half);
      this.hover = null;
      this.animate();
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.redraw(), 110);
    },
    zoomBy(by) {
      this.zoomAt(this.width / 2, this.height / 2, by);
    },
    whole() {
      this.view = { x: 0.5, y: 0.5, zoom: 1 };
      this.redraw();
    },
    wheel(event) {
      this.zoomAt(...this.at(event), Math.exp(-event.deltaY * 0.0016));
    },
    key(event) {
      const step = (event.shiftKey ? 0.003 : 0.015) / Math.sqrt(this.view.zoom);
      const by = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
      if (by) {
        event.preventDefault();
        const [x, y] = this.place || [0.5, 0.5];
        const clip = (v) => Math.min(Math.max(v, 0), 1);
        this.wish([clip(x + by[0] * step), clip(y + by[1] * step)]);
      } else if (event.key === "Enter" && this.place) {
        const k = this.nearest(...this.toScreen(...this.place), 1e6);
        if (k >= 0) this.$emit("preset", this.points.names[k]);
      } else if (event.key === "+" || event.key === "-") {
        this.zoomBy(event.key === "+" ? 1.5 : 1 / 1.5);
      }
    },
  },
};
