// Publishes what the panel sends on the page's bus, and acknowledges it once it is drawn: only then is more sent.
const RECONNECT_MS = 1000;

export default {
  template: "<div hidden></div>",
  mounted() {
    window.flow.started();
    this.open();
    this.leave = window.flow.subscribe("view", (name) => {
      this.$emit("view", name);
      this.send({ view: name });
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
      this.socket.onopen = () => {
        document.body.classList.remove("panel-lost");
        this.send({ view: window.flow.last("view") });
      };
      this.socket.onmessage = (event) => this.receive(JSON.parse(event.data));
      this.socket.onclose = () => {
        document.body.classList.add("panel-lost"); // what the page shows is old from here on
        setTimeout(() => this.open(), RECONNECT_MS);
      };
    },
    send(message) {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    },
    receive({ serial, ...topics }) {
      for (const [topic, value] of Object.entries(topics)) window.flow.publish(topic, value);
      const drawn = () => this.send({ drawn: serial });
      // A page in the background draws nothing; it goes on receiving at the pace of its timers.
      document.hidden ? setTimeout(drawn, 500) : requestAnimationFrame(drawn);
    },
  },
};
