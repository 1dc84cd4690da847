// A bar for every parameter, as it moves. Bars are moved outside Vue, and only while the page shows them.
export default {
  template: `
    <ul class="bars" aria-label="Values of the synth's parameters">
      <li v-for="(label, k) in labels" :key="k" class="bar-row"><span :title="label">{{ label }}</span>
        <div class="bar-track" aria-hidden="true"><i ref="bars"></i></div><b ref="texts" class="number"></b></li>
    </ul>`,
  data: () => ({ labels: [] }),
  mounted() {
    this.moved = [];
    this.leave = [
      window.flow.subscribe("labels", (labels) => (this.labels = labels)),
      window.flow.subscribe("params", (values) => this.move(values)),
      window.flow.subscribe("values", (texts) => this.write(texts)),
      window.flow.subscribe("view", () => {
        this.move(window.flow.last("params") || []);
        this.write(window.flow.last("values") || []);
      }),
    ];
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
  },
  methods: {
    write(texts) {
      if (document.body.dataset.view !== "understand") return;
      (this.$refs.texts || []).forEach((text, k) => {
        if (text.textContent !== texts[k]) text.textContent = texts[k] ?? "";
      });
    },
    move(values) {
      if (document.body.dataset.view !== "understand") return;
      const now = performance.now();
      (this.$refs.bars || []).forEach((bar, k) => {
        const value = values[k] ?? 0;
        if (Math.abs((this.moved[k] ?? -1) - value) < 0.002) return;
        this.moved[k] = value;
        bar.style.transform = `scaleX(${value})`;
        bar.classList.add("is-moving");
        clearTimeout(bar.rest);
        bar.rest = setTimeout(() => bar.classList.remove("is-moving"), 250);
      });
    },
  },
};
