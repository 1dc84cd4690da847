// A picture of a sound: time to the right, pitch upwards, louder is brighter.
export default {
  template: `
    <figure class="picture"><canvas ref="canvas" :aria-label="name" role="img"></canvas>
      <figcaption><span>{{ name }}</span><span class="quiet">{{ said }}</span></figcaption></figure>`,
  props: { name: String },
  data: () => ({ said: "" }),
  mounted() {
    this.leave = window.flow.subscribe("theme", () => setTimeout(() => this.paint(), 50));
  },
  unmounted() {
    this.leave();
  },
  methods: {
    async show(url) {
      const number = (this.number = (this.number || 0) + 1);
      this.said = "drawing";
      const answer = await fetch(url).catch(() => null);
      if (number !== this.number) return;
      if (answer?.status !== 200) {
        this.said = answer?.status === 204 ? "nothing yet" : answer ? await answer.text() : "The panel does not answer.";
        this.data = null;
        this.paint();
        return;
      }
      this.size = [Number(answer.headers.get("x-width")), Number(answer.headers.get("x-height"))];
      this.data = new Uint8Array(await answer.arrayBuffer());
      this.said = "";
      this.paint();
    },
    paint() {
      const canvas = this.$refs.canvas;
      const c = canvas.getContext("2d");
      if (!this.data) {
        c.clearRect(0, 0, canvas.width, canvas.height);
        return;
      }
      [canvas.width, canvas.height] = this.size;
      const picture = c.createImageData(...this.size);
      const style = getComputedStyle(canvas);
      const colors = ["--picture-0", "--picture-1", "--picture-2", "--picture-3"].map((name) =>
        style.getPropertyValue(name).trim().match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16)));
      for (let k = 0; k < this.data.length; k++) {
        const at = (this.data[k] / 255) * 3;
        const low = Math.min(Math.floor(at), 2);
        for (let j = 0; j < 3; j++) {
          picture.data[4 * k + j] = colors[low][j] + (at - low) * (colors[low + 1][j] - colors[low][j]);
        }
        picture.data[4 * k + 3] = 255;
      }
      c.putImageData(picture, 0, 0);
    },
  },
};
