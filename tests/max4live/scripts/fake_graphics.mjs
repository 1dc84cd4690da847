/** mgraphics as a jsui meets it; what is drawn comes out as SVG. A call that Max 8.5 does not have throws. */

const num = (v) => Math.round(v * 1000) / 1000;
const esc = (s) => String(s).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

export class FakeGraphics {
  constructor(width, height) {
    this.size = [width, height];
    this.clear();
  }

  resize(width, height) {
    this.size = [width, height];
  }

  clear() {
    this.shapes = [];
    this.d = "";
    this.at = [0, 0];
    this.state = { color: [0, 0, 0, 1], width: 1, dash: "", cap: "butt", font: "Arial", px: 12, bold: false, matrix: [1, 0, 0, 1, 0, 0] };
    this.saved = [];
  }

  svg() {
    const [w, h] = this.size;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${this.shapes.join("")}</svg>`;
  }

  point(x, y) {
    const [a, b, c, d, e, f] = this.state.matrix;
    return `${num(a * x + c * y + e)} ${num(b * x + d * y + f)}`;
  }

  paintOf() {
    const [r, g, b, a] = this.state.color;
    if (![r, g, b, a].every(Number.isFinite)) throw new Error(`a colour of ${this.state.color}`);
    return { rgb: `rgb(${[r, g, b].map((v) => Math.round(255 * Math.min(1, Math.max(0, v)))).join(",")})`, a: num(a) };
  }

  emit(kind, keep) {
    const { rgb, a } = this.paintOf();
    const { width, dash, cap } = this.state;
    if (this.d.includes("NaN")) throw new Error("NaN in a path");
    if (this.d && kind === "fill") this.shapes.push(`<path d="${this.d}" fill="${rgb}" fill-opacity="${a}"/>`);
    if (this.d && kind === "stroke") {
      const dashed = dash ? ` stroke-dasharray="${dash}"` : "";
      this.shapes.push(`<path d="${this.d}" fill="none" stroke="${rgb}" stroke-opacity="${a}" stroke-width="${num(width)}" stroke-linecap="${cap}" stroke-linejoin="round"${dashed}/>`);
    }
    if (!keep) this.d = "";
  }

  arcTo(x, y, r, from, to) {
    const n = Math.max(1, Math.ceil(Math.abs(to - from) / (Math.PI / 2)));
    const at = (t) => [x + r * Math.cos(t), y + r * Math.sin(t)];
    this.d += (this.d && !this.d.endsWith("Z") ? "L" : "M") + this.point(...at(from));
    for (let i = 1; i <= n; i++) {
      const s = from + ((to - from) * (i - 1)) / n, t = from + ((to - from) * i) / n, k = (4 / 3) * Math.tan((t - s) / 4);
      const [x0, y0] = at(s), [x1, y1] = at(t);
      this.d += `C${this.point(x0 - k * (y0 - y), y0 + k * (x0 - x))} ${this.point(x1 + k * (y1 - y), y1 - k * (x1 - x))} ${this.point(x1, y1)}`;
    }
    this.at = at(to);
  }

  api(redraw) {
    const g = this;
    const api = {
      get size() { return [...g.size]; },
      relative_coords: 0, autofill: 0, init() {}, redraw,
      move_to(x, y) { g.d += "M" + g.point(x, y); g.at = [x, y]; },
      line_to(x, y) { g.d += (g.d ? "L" : "M") + g.point(x, y); g.at = [x, y]; },
      curve_to(a, b, c, d, x, y) { g.d += `C${g.point(a, b)} ${g.point(c, d)} ${g.point(x, y)}`; g.at = [x, y]; },
      close_path() { g.d += "Z"; }, new_path() { g.d = ""; },
      rectangle(x, y, w, h) { g.d += `M${g.point(x, y)}L${g.point(x + w, y)}L${g.point(x + w, y + h)}L${g.point(x, y + h)}Z`; },
      rectangle_rounded(x, y, w, h, ow, oh) {
        const p = Math.min(ow / 2, w / 2), q = Math.min(oh / 2, h / 2);
        g.d += `M${g.point(x + p, y)}L${g.point(x + w - p, y)}Q${g.point(x + w, y)} ${g.point(x + w, y + q)}L${g.point(x + w, y + h - q)}` +
          `Q${g.point(x + w, y + h)} ${g.point(x + w - p, y + h)}L${g.point(x + p, y + h)}Q${g.point(x, y + h)} ${g.point(x, y + h - q)}` +
          `L${g.point(x, y + q)}Q${g.point(x, y)} ${g.point(x + p, y)}Z`;
      },
      ellipse(x, y, w, h) {
        const k = 0.5523, a = w / 2, b = h / 2, cx = x + a, cy = y + b;
        g.d += `M${g.point(cx + a, cy)}C${g.point(cx + a, cy + k * b)} ${g.point(cx + k * a, cy + b)} ${g.point(cx, cy + b)}` +
          `C${g.point(cx - k * a, cy + b)} ${g.point(cx - a, cy + k * b)} ${g.point(cx - a, cy)}C${g.point(cx - a, cy - k * b)} ${g.point(cx - k * a, cy - b)} ${g.point(cx, cy - b)}` +
          `C${g.point(cx + k * a, cy - b)} ${g.point(cx + a, cy - k * b)} ${g.point(cx + a, cy)}Z`;
      },
      arc(x, y, r, from, to) { g.arcTo(x, y, r, from, to < from ? to + 2 * Math.PI : to); },
      arc_negative(x, y, r, from, to) { g.arcTo(x, y, r, from, to > from ? to - 2 * Math.PI : to); },
      set_source_rgba(r, green, b, a = 1) { g.state.color = Array.isArray(r) ? [...r] : [r, green, b, a]; },
      set_source_rgb(r, green, b) { g.state.color = Array.isArray(r) ? [...r.slice(0, 3), 1] : [r, green, b, 1]; },
      set_line_width(w) { g.state.width = w; }, set_line_cap(c) { g.state.cap = c; }, set_line_join() {},
      set_dash(lengths) { g.state.dash = Array.isArray(lengths) ? lengths.join(" ") : ""; },
      fill() { g.emit("fill"); }, fill_preserve() { g.emit("fill", true); },
      stroke() { g.emit("stroke"); }, stroke_preserve() { g.emit("stroke", true); },
      paint() { const { rgb, a } = g.paintOf(); g.shapes.push(`<rect width="${g.size[0]}" height="${g.size[1]}" fill="${rgb}" fill-opacity="${a}"/>`); },
      select_font_face(name, slant, weight) { g.state.font = name; g.state.bold = weight === "bold"; },
      set_font_size(px) { g.state.px = px; },
      text_measure(text) { return [num(String(text).length * g.state.px * 0.52), num(g.state.px * 1.2)]; },
      font_extents() { return [g.state.px * 0.8, g.state.px * 0.2, g.state.px]; },
      show_text(text) {
        const { rgb, a } = g.paintOf(), [x, y] = g.point(...g.at).split(" ");
        g.shapes.push(`<text x="${x}" y="${y}" font-family="${esc(g.state.font)},DejaVu Sans Condensed,DejaVu Sans,sans-serif" font-size="${num(g.state.px)}"${g.state.bold ? ' font-weight="bold"' : ""} fill="${rgb}" fill-opacity="${a}">${esc(text)}</text>`);
      },
      translate(x, y) { const [a, b, c, d, e, f] = g.state.matrix; g.state.matrix = [a, b, c, d, a * x + c * y + e, b * x + d * y + f]; },
      identity_matrix() { g.state.matrix = [1, 0, 0, 1, 0, 0]; },
      save() { g.saved.push({ ...g.state, matrix: [...g.state.matrix] }); }, restore() { if (g.saved.length) g.state = g.saved.pop(); },
    };
    return new Proxy(api, {
      get(target, name) {
        if (name in target || typeof name === "symbol") return target[name];
        throw new Error(`mgraphics has no ${String(name)} that this fake knows`);
      },
    });
  }
}
