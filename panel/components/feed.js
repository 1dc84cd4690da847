// Takes what the panel sends, tells it to the page, and says when it has been drawn: only then does more come.
export default {
  template: "<div hidden></div>",
  mounted() {
    window.flow.started();
    this.leave = window.flow.hear("view", (name) => this.$emit("view", name));
  },
  unmounted() {
    this.leave();
  },
  methods: {
    take(message) {
      const { serial, ...topics } = message;
      for (const [topic, value] of Object.entries(topics)) window.flow.tell(topic, value);
      const drawn = () => this.$emit("drawn", serial);
      // A page in the background draws nothing; it is told more all the same, at the pace of its timers.
      document.hidden ? setTimeout(drawn, 500) : requestAnimationFrame(drawn);
    },
  },
};
