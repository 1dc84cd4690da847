// The list of presets beside the map: searched, by kind, favourites first in reach. It fetches the presets for the whole page, and
// only builds the rows that are seen, so ten thousand cost what thirty do.
import { NO_PRESETS, OWN, VITAL, countKinds, fetchPresets, shownPresets } from "/panel/static/map/presets.js";

const ROW_PX = 40;
const SPARE = 6; // rows above and below what is seen

export default {
  template: `
    <div class="preset-list">
      <div class="preset-find">
        <input v-model="text" type="search" class="field" placeholder="Find by name, kind or author" aria-label="Find presets"
               @keydown.enter="first" @keydown.down.prevent="focusRow(0)" />
        <button class="icon-only" :aria-pressed="onlyLiked" :class="{ 'is-on': onlyLiked }" aria-label="Only favourites"
                title="Only favourites" @click="onlyLiked = !onlyLiked"><q-icon name="star" size="22px" /></button>
      </div>
      <p class="quiet preset-count" role="status">{{ order.length }} of {{ presets.names.length }} presets</p>
      <p v-if="hearing" class="quiet preset-count">{{ hearing }}</p>
      <div v-if="alike" class="line preset-alike"><span>Like <b>{{ alike.of }}</b></span>
        <button class="soft" @click="forgetAlike">All presets</button></div>
      <div ref="scroller" class="preset-scroll" @scroll.passive="scrolled" tabindex="-1">
        <ul class="preset-rows" :style="{ height: order.length * row + 'px' }" aria-label="Presets">
          <li v-for="one in seen" :key="one.k" class="preset-row" :style="{ top: one.top + 'px' }"
              :class="{ 'is-loaded': one.name === loaded.name }">
            <button class="preset-name" :data-at="one.at" :aria-current="one.name === loaded.name ? 'true' : null"
                    @click="loadRow(one.k)" @keydown="rowKey($event, one.at)"><i aria-hidden="true"
                    :style="{ background: 'oklch(var(--dot) ' + one.hue + ')' }"></i><span>{{ one.name }}</span>
              <small>{{ one.note }}</small></button>
            <button v-if="one.vital" class="icon-only" :aria-label="'More like ' + one.name" title="More like this"
                    @click="askAlike(one.name)"><q-icon name="graphic_eq" size="20px" /></button>
            <button class="icon-only preset-like" :aria-pressed="liked.has(one.name)" :class="{ 'is-on': liked.has(one.name) }"
                    :aria-label="'Favourite ' + one.name" @click="like(one.name)"><q-icon
                    :name="liked.has(one.name) ? 'star' : 'star_border'" size="20px" /></button>
          </li>
        </ul>
        <p v-if="!order.length" class="quiet preset-none">{{ presets.names.length ? "Nothing is called so. Search for less, or show all kinds." : "No presets yet. Save one." }}</p>
      </div>
    </div>`,
  data: () => ({ presets: NO_PRESETS, text: "", onlyLiked: false, liked: new Set(), loaded: {}, hidden: {}, order: [],
    top: 0, height: 600, row: ROW_PX, library: {}, alike: null }),
  computed: {
    hues() {
      return Object.fromEntries(countKinds(this.presets).map(({ name, hue }) => [name, hue]));
    },
    seen() {
      const from = Math.max(Math.floor(this.top / ROW_PX) - SPARE, 0);
      const to = Math.ceil((this.top + this.height) / ROW_PX) + SPARE;
      return this.order.slice(from, to).map((k, j) => ({ k, at: from + j, top: (from + j) * ROW_PX,
        name: this.presets.names[k], note: this.noteOf(k), vital: this.presets.kinds[k] === VITAL, hue: this.hues[this.presets.kinds[k]] }));
    },
    hearing() {
      const { state, n_done, n_total, n_left_out } = this.library;
      const out = n_left_out ? `, ${n_left_out} left out` : "";
      if (state === "hearing" && n_total) return `Hearing your Vital presets: ${n_done} of ${n_total}${out}`;
      return state === "failed" ? "Your Vital presets could not all be heard. The terminal says why." : "";
    },
    distances() {
      return Object.fromEntries(this.alike ? this.alike.near : []);
    },
  },
  watch: {
    text() {
      this.choose();
    },
    onlyLiked() {
      this.choose();
    },
  },
  mounted() {
    const { subscribe } = window.flow;
    this.leave = [
      subscribe("presets", (revision) => this.fetch(revision)),
      subscribe("favourites", (names) => {
        this.liked = new Set(names);
        this.choose();
      }),
      subscribe("kinds-hidden", (hidden) => {
        this.hidden = hidden;
        this.choose();
      }),
      subscribe("library_state", (library) => (this.library = library)),
      subscribe("alike", (alike) => {
        if (!alike.of || alike.of !== this.asked) return; // another page asked
        this.alike = alike;
        this.choose();
      }),
      subscribe("loaded", (loaded) => this.follow(loaded)),
      subscribe("preset-step", (by) => by && this.step(by.by)),
      subscribe("preset-load", (asked) => asked && this.$emit("load", asked.name)),
      subscribe("view", () => this.reveal()),
    ];
    this.observer = new ResizeObserver(() => (this.height = this.$refs.scroller.clientHeight || 600));
    this.observer.observe(this.$refs.scroller);
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
    this.observer.disconnect();
  },
  methods: {
    fetch(revision) {
      this.revision = revision;
      clearTimeout(this.fetching);
      this.fetching = setTimeout(async () => {
        const presets = await fetchPresets(revision);
        if (!presets || revision !== this.revision) return;
        this.presets = presets;
        window.flow.publish("preset-table", presets);
        this.choose();
      }, 120);
    },
    // What is searched for holds for the map as well, and for next and previous.
    choose() {
      const liked = this.onlyLiked ? this.liked : null;
      const found = shownPresets(this.presets, { hidden: this.hidden, text: this.text, liked });
      const all = found.map((on, k) => (on ? k : -1)).filter((k) => k >= 0);
      const own = (k) => (this.presets.kinds[k] === OWN ? 0 : this.presets.kinds[k] === VITAL ? 1 : 2);
      this.order = all.sort((a, b) => own(a) - own(b) || a - b); // the player's own come first
      if (this.alike) {
        const near = [this.alike.of, ...this.alike.near.map(([name]) => name)];
        const at = Object.fromEntries(near.map((name, j) => [name, j]));
        this.order = all.filter((k) => this.presets.kinds[k] === VITAL && this.presets.names[k] in at);
        this.order.sort((a, b) => at[this.presets.names[a]] - at[this.presets.names[b]]);
        const seen = new Set(this.order);
        window.flow.publish("preset-shown", found.map((on, k) => seen.has(k)));
        return;
      }
      window.flow.publish("preset-shown", found);
    },
    noteOf(k) {
      const name = this.presets.names[k];
      if (this.presets.kinds[k] !== VITAL) return this.presets.kinds[k];
      return name in this.distances ? this.distances[name].toFixed(1) + " dB away" : this.presets.notes[k];
    },
    askAlike(name) {
      this.asked = name;
      this.$emit("alike", name);
    },
    forgetAlike() {
      this.asked = "";
      this.alike = null;
      this.choose();
    },
    follow(loaded) {
      const another = loaded.name !== this.loaded.name;
      this.loaded = loaded;
      if (another) this.reveal();
    },
    async reveal() {
      await this.$nextTick();
      const at = this.order.findIndex((k) => this.presets.names[k] === this.loaded.name);
      const box = this.$refs.scroller;
      if (at < 0 || !box?.clientHeight) return;
      const top = at * ROW_PX;
      if (top < box.scrollTop || top + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
    },
    scrolled() {
      this.top = this.$refs.scroller.scrollTop;
    },
    loadRow(k) {
      this.$emit(this.presets.kinds[k] === VITAL ? "adopt" : "load", this.presets.names[k]);
    },
    first() {
      if (this.order.length) this.loadRow(this.order[0]);
    },
    step(by) {
      const order = this.order.filter((k) => this.presets.kinds[k] !== VITAL); // to adopt one takes a while
      const n = order.length;
      if (!n) return;
      const at = order.findIndex((k) => this.presets.names[k] === this.loaded.name);
      const to = at < 0 ? (by > 0 ? 0 : n - 1) : (at + by + n) % n;
      this.loadRow(order[to]);
    },
    async focusRow(at) {
      const box = this.$refs.scroller;
      at = Math.min(Math.max(at, 0), this.order.length - 1);
      const top = at * ROW_PX;
      if (top < box.scrollTop) box.scrollTop = top;
      if (top + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_PX - box.clientHeight;
      this.scrolled();
      await this.$nextTick();
      this.$el.querySelector(`[data-at="${at}"]`)?.focus();
    },
    rowKey(event, at) {
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e9, End: 1e9 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.focusRow(at + by);
    },
    like(name) {
      this.$emit("like", { name, on: !this.liked.has(name) });
    },
  },
};
