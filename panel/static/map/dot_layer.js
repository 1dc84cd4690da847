// The presets as dots, with grid and names, on a canvas of their own. They are drawn once and then only copied, stretched
// while the map is zoomed or moved. They are redrawn once it rests, or when presets, search or theme change.
import { VITAL } from "/panel/static/map/presets.js";

const GRID = 8;
const MAX_NAMES = 80;

export class DotLayer {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.ratio = 1;
    this.stale = true;
  }

  resize(width, height, ratio) {
    this.ratio = ratio;
    this.canvas.width = width;
    this.canvas.height = height;
    this.stale = true;
  }

  // Copy the layer, drawn for an older camera, to where it is now.
  copyTo(c, camera) {
    const by = camera.zoom / this.camera.zoom;
    const [x, y] = camera.toScreen(this.camera.x, this.camera.y);
    const [w, h] = [camera.width * by, camera.height * by];
    c.drawImage(this.canvas, x - w / 2, y - h / 2, w, h);
  }

  draw(camera, presets, kinds, shown, style) {
    this.stale = false;
    this.camera = camera.copy();
    const c = this.canvas.getContext("2d");
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.clearRect(0, 0, camera.width, camera.height);
    this.drawGrid(c, camera, style.getPropertyValue("--line"));
    this.drawDots(c, camera, presets, kinds, shown, style);
    if (camera.zoom >= 3 || presets.names.length <= 24) this.drawNames(c, camera, presets, shown, style);
  }

  drawGrid(c, camera, color) {
    c.strokeStyle = color;
    c.lineWidth = 1;
    const [left, bottom] = camera.toScreen(0, 0);
    const [right, top] = camera.toScreen(1, 1);
    for (let k = 0; k <= GRID; k++) {
      const [x, y] = camera.toScreen(k / GRID, k / GRID);
      c.beginPath();
      c.moveTo(x, bottom);
      c.lineTo(x, top);
      c.moveTo(left, y);
      c.lineTo(right, y);
      c.stroke();
    }
  }

  drawDots(c, camera, presets, kinds, shown, style) {
    const n = presets.names.length;
    const radius = Math.min(Math.max((n > 3000 ? 2.2 : n > 600 ? 3.2 : 5) * Math.sqrt(camera.zoom), 2), 9);
    // A dot is drawn once for each kind and then only copied: ten thousand arcs would cost ten times as much.
    const lightness = style.getPropertyValue("--dot");
    const dots = {};
    for (const kind of kinds) {
      dots[kind.name] = this.drawDot(radius, `oklch(${lightness} ${kind.hue})`, kind.name === VITAL);
    }
    const faint = this.drawDot(radius * 0.6, style.getPropertyValue("--faint"));
    const { x: xs, y: ys, kinds: kindOf } = presets;
    const { width, height } = camera;
    const [x0, y0] = camera.toScreen(0, 0);
    const [x1, y1] = camera.toScreen(1, 1);
    const [ax, ay] = [x1 - x0, y1 - y0];
    for (const front of [false, true]) { // shown ones on top
      for (let k = 0; k < n; k++) {
        if (shown[k] !== front) continue;
        const x = x0 + ax * xs[k];
        const y = y0 + ay * ys[k];
        if (x < -10 || y < -10 || x > width + 10 || y > height + 10) continue;
        const dot = front ? dots[kindOf[k]] : faint;
        c.drawImage(dot, x - dot.size / 2, y - dot.size / 2, dot.size, dot.size);
      }
    }
  }

  // People's own presets are diamonds.
  drawDot(radius, color, isDiamond = false) {
    const size = 2 * radius + 2;
    const dot = document.createElement("canvas");
    dot.width = dot.height = Math.ceil(size * this.ratio);
    const c = dot.getContext("2d");
    c.scale(this.ratio, this.ratio);
    c.beginPath();
    if (isDiamond) {
      const [middle, far] = [size / 2, radius + 1];
      for (const [dx, dy] of [[far, 0], [0, far], [-far, 0], [0, -far]]) c.lineTo(middle + dx, middle + dy);
      c.closePath();
    } else {
      c.arc(size / 2, size / 2, radius, 0, 7);
    }
    c.fillStyle = color;
    c.globalAlpha = 0.9;
    c.fill();
    dot.size = size;
    return dot;
  }

  drawNames(c, camera, presets, shown, style) {
    c.font = "11px " + style.fontFamily;
    c.fillStyle = style.getPropertyValue("--muted");
    let drawn = 0;
    for (let k = 0; k < presets.names.length && drawn < MAX_NAMES; k++) {
      const [x, y] = camera.toScreen(presets.x[k], presets.y[k]);
      if (!shown[k] || x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
      c.fillText(presets.names[k], x + 9, y + 4);
      drawn++;
    }
  }
}
