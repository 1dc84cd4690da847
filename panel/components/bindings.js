// The controls that move each macro: where each is beside its macro, and how it takes hold of it.
const NEAR = 1.5 / 127; // closer than this, the next move takes hold; as in the server
const SEEN = 0.004;

export default {
  template: `
    <div class="learn-rows">
      <div v-for="(name, k) in names" :key="k" class="learn-row" :class="{ 'is-learning': learning === k }">
        <span class="learn-name" :title="name">{{ name }}</span>
        <div class="learn-bound">
          <div v-for="one in of(k)" :key="one.j" class="binding" :class="{ 'is-engaged': one.engaged }">
            <span class="binding-control" :title="one.control">{{ one.control }}</span>
            <span class="quiet binding-words">{{ one.instrument ? "only here, " : "" }}{{ words(one) }}</span>
            <div v-if="one.takeover !== 'steps'" class="catch" aria-hidden="true"><i :data-macro="k"></i>
              <b v-if="one.control_value >= 0" :style="{ transform: 'translateX(' + 100 * one.control_value + '%)' }"></b></div>
          </div>
          <span v-if="learning === k" class="binding-words">Move a knob or fader from end to end.</span>
        </div>
        <button class="chip-button" :disabled="!!unable" :title="unable" :aria-pressed="learning === k" @click="$emit('learn', k)">Learn</button>
        <button class="icon-only" :disabled="!of(k).length" :title="'Unbind ' + name" :aria-label="'Unbind'"
                @click="$emit('unlearn', k)"><q-icon name="link_off" size="20px" /></button>
      </div>
    </div>`,
  data: () => ({ names: [], bindings: [], learning: -1, unable: "", sides: {} }), // sides: of each control, below its macro, at it, or above
  created() {
    this.macros = [];
    this.drawn = [];
  },
  mounted() {
    const { subscribe } = window.flow;
    this.leave = [
      subscribe("names", (names) => (this.names = names)),
      subscribe("bindings", (bindings) => {
        this.bindings = bindings.map((one, j) => ({ ...one, j }));
        this.$nextTick(() => this.move(true));
      }),
      subscribe("learning", (k) => (this.learning = k)),
      subscribe("unable", ({ learn = "" }) => (this.unable = learn)),
      subscribe("macros", (macros) => {
        this.macros = macros;
        this.move(false);
      }),
      subscribe("view", () => this.move(true)),
    ];
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
  },
  methods: {
    of(k) {
      return this.bindings.filter((one) => one.macro === k);
    },
    // Macros move all the time: their marks are moved outside Vue, and words change only when a side does.
    move(anew) {
      if (document.body.dataset.view !== "connect") return;
      for (const mark of this.$el.querySelectorAll("i[data-macro]")) {
        const k = Number(mark.dataset.macro);
        const value = this.macros[k] ?? 0;
        if (anew || Math.abs((this.drawn[k] ?? -1) - value) > SEEN) mark.style.transform = `translateX(${100 * value}%)`;
      }
      this.bindings.forEach(({ macro, control_value: value, j }) => {
        const far = value - (this.macros[macro] ?? 0);
        const side = Math.abs(far) <= NEAR ? 0 : Math.sign(far);
        if (this.sides[j] !== side) this.sides[j] = side;
      });
      this.drawn = this.macros;
    },
    words({ engaged, takeover, control_value: value, j }) {
      if (takeover === "steps") return "moves it step by step";
      if (takeover === "jump") return "the macro jumps to it";
      if (engaged) return "has hold of it";
      if (value < 0) return "not moved yet";
      if (!this.sides[j]) return "has reached it";
      const way = this.sides[j] < 0 ? "up" : "down";
      return takeover === "scale" ? `stands ${way === "up" ? "below" : "above"}; it closes in as you move it`
        : `move ${way} to catch it`;
    },
  },
};
