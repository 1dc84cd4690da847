// A knob on a canvas: what never moves is drawn once and copied, what moves is drawn over it.
const SIDE = 116; // units across, whatever the size on screen
const [CX, CY] = [58, 58];
const RADIUS = 52;
const START = 0.75 * Math.PI;
const SWEEP = 1.5 * Math.PI;

const angle = (value) => START + SWEEP * value;

export const HEIGHT = 104 / SIDE; // of a knob's width

export function knobColors(element) {
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    card: of("--card"), track: of("--track"), fill: of("--accent"), frozen: of("--muted"), cap: of("--raised"), good: of("--good"), line: of("--line"),
    hand: of("--text"), font: "600 24px " + style.fontFamily,
  };
}

function arc(c, from, to, color) {
  c.beginPath();
  c.arc(CX, CY, RADIUS, angle(from), angle(to));
  c.strokeStyle = color;
  c.lineWidth = 7;
  c.lineCap = "round";
  c.stroke();
}

export function drawFace(width, colors) {
  const face = document.createElement("canvas");
  face.width = Math.round(width);
  face.height = Math.round(width * HEIGHT);
  const c = face.getContext("2d", { alpha: false });
  c.fillStyle = colors.card;
  c.fillRect(0, 0, face.width, face.height);
  c.scale(width / SIDE, width / SIDE);
  arc(c, 0, 1, colors.track);
  c.beginPath();
  c.arc(CX, CY, 37, 0, 7);
  c.fillStyle = colors.cap;
  c.fill();
  c.strokeStyle = colors.line;
  c.lineWidth = 1;
  c.stroke();
  return face;
}

function drawMark(c, colors, { value, engaged }) {
  c.beginPath();
  c.arc(CX + 43 * Math.cos(angle(value)), CY + 43 * Math.sin(angle(value)), 3, 0, 7);
  c.strokeStyle = c.fillStyle = engaged ? colors.good : colors.hand;
  c.lineWidth = 1.6;
  engaged ? c.fill() : c.stroke();
}

export function drawKnob(canvas, face, colors, value, look) {
  if (canvas.width !== face.width || canvas.height !== face.height) {
    [canvas.width, canvas.height] = [face.width, face.height];
  }
  const c = canvas.getContext("2d", { alpha: false }); // opaque: nothing beneath has to be redrawn
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.drawImage(face, 0, 0);
  c.scale(face.width / SIDE, face.width / SIDE);
  const color = look.frozen ? colors.frozen : colors.fill;
  if (value > 0.002) {
    if (look.held) {
      c.shadowColor = color;
      c.shadowBlur = 8;
    }
    arc(c, 0, value, color);
    c.shadowBlur = 0;
  }
  const [x, y] = [Math.cos(angle(value)), Math.sin(angle(value))];
  c.beginPath();
  c.moveTo(CX + 27 * x, CY + 27 * y);
  c.lineTo(CX + 34 * x, CY + 34 * y);
  c.strokeStyle = colors.hand;
  c.lineWidth = 4;
  c.stroke();
  if (look.mark) drawMark(c, colors, look.mark);
  c.font = colors.font;
  c.textAlign = "center";
  c.fillStyle = colors.hand;
  c.fillText(String(Math.round(value * 100)), CX, CY + 8);
}
