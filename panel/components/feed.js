// Takes what the panel sends, tells it to the page, and says when it has been drawn: only then does more come.
const AGAIN_MS = 1000;

export default {
  template: "<div hidden></div>",
  mounted() {
    window.flow.started();
    this.open();
    this.leave = window.flow.subscribe("view", (name) => {
      this.$emit("view", name);
      this.say({ view: name });
    });
  },
  unmounted() {
    this.leave();
    this.socket.onclose = null;
    this.socket.close();
  },
  methods: {
    open() {
      const { protocol, host } = window.location;
      this.socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/panel/feed`);
      this.socket.onopen = () => this.say({ view: window.flow.last("view") });
      this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
      this.socket.onclose = () => setTimeout(() => this.open(), AGAIN_MS);
    },
    say(what) {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(what));
    },
    take({ serial, ...topics }) {
      for (const [topic, value] of Object.entries(topics)) window.flow.publish(topic, value);
      const drawn = () => this.say({ drawn: serial });
      // A page in the background draws nothing; it is told more all the same, at the pace of its timers.
      document.hidden ? setTimeout(drawn, 500) : requestAnimationFrame(drawn);
    },
  },
};
