// What moves over the dots, drawn anew in every frame: the path, the trail, the place, and a ring around a preset.
const TRAIL_MS = 1200;
const MAX_TRAIL = 60;

export function drawPath(c, camera, path, color) {
  if (!path.length) return;
  c.beginPath();
  path.forEach(([mapX, mapY], k) => {
    const [x, y] = camera.toScreen(mapX, mapY);
    k ? c.lineTo(x, y) : c.moveTo(x, y);
  });
  c.strokeStyle = color;
  c.globalAlpha = 0.7;
  c.lineWidth = 3;
  c.lineJoin = c.lineCap = "round";
  c.stroke();
  c.globalAlpha = 1;
}

export function drawRing(c, camera, x, y, color) {
  c.beginPath();
  c.arc(...camera.toScreen(x, y), 9, 0, 7);
  c.strokeStyle = color;
  c.lineWidth = 1.5;
  c.stroke();
}

export function drawPlace(c, camera, place, color, ground) {
  const [x, y] = camera.toScreen(...place);
  c.beginPath();
  c.arc(x, y, 18, 0, 7);
  c.fillStyle = color;
  c.globalAlpha = 0.18;
  c.fill();
  c.globalAlpha = 1;
  c.beginPath();
  c.arc(x, y, 8, 0, 7);
  c.fill();
  c.lineWidth = 2.5;
  c.strokeStyle = ground;
  c.stroke();
}

// Where the place was in the last second.
export class Trail {
  constructor() {
    this.places = [];
  }

  get isEmpty() {
    return !this.places.length;
  }

  add([x, y]) {
    this.places.push({ x, y, at: performance.now() });
    if (this.places.length > MAX_TRAIL) this.places.shift();
  }

  draw(c, camera, color, now) {
    this.places = this.places.filter(({ at }) => now - at < TRAIL_MS);
    c.fillStyle = color;
    for (const { x, y, at } of this.places) {
      c.globalAlpha = Math.max(0, 0.5 * (1 - (now - at) / TRAIL_MS));
      c.beginPath();
      c.arc(...camera.toScreen(x, y), 4, 0, 7);
      c.fill();
    }
    c.globalAlpha = 1;
  }
}
