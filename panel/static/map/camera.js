// The part of the map that the canvas shows: converts places, 0 to 1 with y upwards, to pixels and back.
const PAD = 26; // pixels around the whole map
const MAX_ZOOM = 40;

const clip = (value, low = 0, high = 1) => Math.min(Math.max(value, low), high);

export class Camera {
  constructor() {
    this.width = 0; // of the canvas, in CSS pixels
    this.height = 0;
    this.reset();
  }

  reset() {
    [this.x, this.y, this.zoom] = [0.5, 0.5, 1];
  }

  copy() {
    return Object.assign(new Camera(), this);
  }

  toScreen(x, y) {
    return [
      this.width / 2 + (x - this.x) * (this.width - 2 * PAD) * this.zoom,
      this.height / 2 - (y - this.y) * (this.height - 2 * PAD) * this.zoom,
    ];
  }

  toMap(px, py) {
    return [
      clip(this.x + (px - this.width / 2) / ((this.width - 2 * PAD) * this.zoom)),
      clip(this.y - (py - this.height / 2) / ((this.height - 2 * PAD) * this.zoom)),
    ];
  }

  pan(dx, dy) {
    this.x -= dx / ((this.width - 2 * PAD) * this.zoom);
    this.y += dy / ((this.height - 2 * PAD) * this.zoom);
    this.stayInside();
  }

  // Zoom by a factor; what is under the pixel stays there.
  zoomAt(px, py, by) {
    const zoom = clip(this.zoom * by, 1, MAX_ZOOM);
    const fx = (px - this.width / 2) / (this.width - 2 * PAD);
    const fy = (py - this.height / 2) / (this.height - 2 * PAD);
    this.x += fx / this.zoom - fx / zoom;
    this.y -= fy / this.zoom - fy / zoom;
    this.zoom = zoom;
    this.stayInside();
  }

  stayInside() {
    const half = 0.5 / this.zoom;
    this.x = clip(this.x, half, 1 - half);
    this.y = clip(this.y, half, 1 - half);
  }
}
