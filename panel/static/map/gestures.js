// Tells gestures on the map apart: hover, click, drag, pan (Shift or another button), pinch, and drawing.
const CLICK_PX = 5; // further, and it is a drag

export class Gestures {
  // on: a function for each gesture, called with pixels of the canvas: hover, click, drag, pan, zoom, beginPath,
  // addToPath, endPath; and moved, called before anything that is dragged.
  constructor(canvas, on) {
    this.canvas = canvas;
    this.on = on;
    this.pointers = new Map();
    this.pressed = null;
    this.pinch = null;
    this.draws = false; // a path is being drawn
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event, pencil) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size > 1) { // two fingers pinch, and a third changes nothing
      if (this.pointers.size === 2) this.pinch = this.fingers();
      if (this.pressed) this.pressed.moved = true;
      return;
    }
    this.pressed = { at, pans: event.button > 0 || event.shiftKey, moved: false };
    if (pencil && !this.pressed.pans) {
      this.draws = true;
      this.on.beginPath();
      this.on.addToPath(...at);
    }
  }

  move(event) {
    const [px, py] = this.at(event);
    if (!this.pointers.has(event.pointerId)) {
      this.on.hover(px, py);
      return;
    }
    const before = this.pointers.get(event.pointerId);
    this.pointers.set(event.pointerId, [px, py]);
    if (this.pointers.size > 1) {
      this.pinched();
      return;
    }
    if (!this.pressed) return;
    if (Math.hypot(px - this.pressed.at[0], py - this.pressed.at[1]) > CLICK_PX) this.pressed.moved = true;
    if (!this.pressed.moved) return;
    this.on.moved();
    if (this.pressed.pans) this.on.pan(px - before[0], py - before[1]);
    else if (this.draws) this.on.addToPath(px, py);
    else this.on.drag(px, py);
  }

  up(event) {
    const pressed = this.pressed;
    this.pointers.delete(event.pointerId);
    this.pinch = this.pointers.size > 1 ? this.fingers() : null;
    this.pressed = null;
    if (this.draws) {
      this.draws = false;
      this.on.endPath();
    } else if (pressed && !pressed.moved && !pressed.pans && event.type === "pointerup" && !this.pointers.size) {
      this.on.click(...this.at(event));
    }
  }

  fingers() {
    const [a, b] = [...this.pointers.values()];
    return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, far: Math.hypot(a[0] - b[0], a[1] - b[1]) };
  }

  pinched() {
    const now = this.fingers();
    if (this.pinch) {
      this.on.pan(now.x - this.pinch.x, now.y - this.pinch.y);
      this.on.zoom(now.x, now.y, now.far / Math.max(this.pinch.far, 1));
    }
    this.pinch = now;
    if (this.pressed) this.pressed.moved = true;
  }
}
