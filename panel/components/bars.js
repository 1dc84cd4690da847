// A bar for every parameter, as it moves. Bars are moved outside Vue, and only while the page shows them.
export default {
  template: `
    <div class="bars" role="img" aria-label="Values of the synth's parameters">
      <div v-for="(label, k) in labels" :key="k" class="bar-row"><span :title="label">{{ label }}</span>
        <div class="bar-track"><i ref="bars"></i></div></div>
    </div>`,
  data: () => ({ labels: [] }),
  mounted() {
    this.moved = [];
    this.leave = [
      window.flow.subscribe("labels", (labels) => (this.labels = labels)),
      window.flow.subscribe("params", (values) => this.move(values)),
      window.flow.subscribe("view", () => this.move(window.flow.last("params") || [])),
    ];
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
  },
  methods: {
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
