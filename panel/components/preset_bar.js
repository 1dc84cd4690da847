// The preset that plays, always in sight: its name, next and previous, favourite, save, and a menu for the rest.
import { NO_PRESETS, OWN } from "/panel/static/map/presets.js";

const UNDO_MS = 10_000;
const LISTED_MS = 10_000; // by then a sound that was saved is in the list, or was refused

export default {
  template: `
    <div class="preset-bar" role="group" aria-label="Preset">
      <button class="icon-only" :disabled="!presets.names.length" aria-label="Previous preset" title="Previous preset" @click="step(-1)"><q-icon name="chevron_left" size="26px" /></button>
      <a class="preset-now" href="#map" :title="title"><b>{{ loaded.name || "No preset" }}</b>
        <small>{{ loaded.name ? (loaded.changed ? "changed" : kind) : "the model's own sound" }}</small></a>
      <button class="icon-only" :disabled="!presets.names.length" aria-label="Next preset" title="Next preset" @click="step(1)"><q-icon name="chevron_right" size="26px" /></button>
      <button class="icon-only" :disabled="!loaded.name" :aria-pressed="isLiked" :class="{ 'is-on': isLiked }" aria-label="Favourite"
              title="Favourite" @click="$emit('like', { name: loaded.name, on: !isLiked })"><q-icon :name="isLiked ? 'star' : 'star_border'" size="22px" /></button>
      <button class="soft preset-save" @click="ask('save')">Save</button>
      <div class="preset-more">
        <button class="icon-only" aria-label="More about this preset" aria-haspopup="menu" :aria-expanded="open" title="Rename, delete, download"
                @click.stop="open = !open"><q-icon name="more_vert" size="22px" /></button>
        <div v-if="open" class="menu" role="menu" aria-label="Preset">
          <button role="menuitem" :disabled="!loaded.changed" @click="act('back')">Back to the preset</button>
          <button role="menuitem" :disabled="!isOwn" @click="act('rename')">Rename</button>
          <button role="menuitem" :disabled="!isOwn" @click="act('delete')">Delete</button>
          <a v-if="file.suffix" role="menuitem" :href="url" :download="fileName" draggable="true" @dragstart="drag" @click="open = false"
             title="Or drag this into a folder or your sampler">Download {{ file.suffix }}</a>
        </div>
      </div>
      <dialog ref="dialog" class="ask" aria-labelledby="ask-title" @close="asked = ''">
        <form @submit.prevent="confirm">
          <h2 id="ask-title">{{ asked === "rename" ? "Rename the preset" : "Save this sound" }}</h2>
          <input ref="name" v-model="name" class="field" maxlength="64" aria-label="Preset name" placeholder="Name" autocomplete="off" />
          <p class="quiet" role="status">{{ warning }}</p>
          <div class="line ask-buttons"><button type="button" class="soft" @click="$refs.dialog.close()">Cancel</button>
            <button type="submit" class="strong" :disabled="!wanted || refuses">{{ replaces ? "Replace" : asked === "rename" ? "Rename" : "Save" }}</button></div>
        </form>
      </dialog>
      <div v-if="deleted" class="undo-note" role="status"><span>'{{ deleted }}' is deleted.</span>
        <button class="soft" @click="restore">Bring it back</button></div>
    </div>`,
  data: () => ({ loaded: {}, liked: [], presets: NO_PRESETS, open: false, asked: "", name: "", confirmed: "", deleted: "", saved: [] }),
  props: { file: { type: Object, default: () => ({}) } },
  computed: {
    title() {
      return this.loaded.name ? this.loaded.name + (this.loaded.changed ? ", changed since" : "") : "No preset is loaded";
    },
    kind() {
      const k = this.presets.names.indexOf(this.loaded.name);
      return k < 0 ? "" : this.presets.kinds[k];
    },
    isOwn() {
      return this.kind === OWN;
    },
    isLiked() {
      return this.liked.includes(this.loaded.name);
    },
    wanted() {
      return this.name.normalize("NFC").trim();
    },
    exists() {
      return (this.presets.names.includes(this.wanted) || this.saved.includes(this.wanted)) && !(this.asked === "rename" && this.wanted === this.loaded.name);
    },
    refuses() {
      return this.asked === "rename" && (this.exists || this.wanted === this.loaded.name);
    },
    replaces() {
      return this.asked === "save" && this.exists && this.confirmed === this.wanted;
    },
    warning() {
      if (/[/\\:]/.test(this.wanted) || this.wanted.startsWith(".")) return "A name has no / \\ or :, and no dot first. Choose another.";
      if (this.asked === "rename" && this.exists) return "There is a preset of that name. Choose another.";
      if (this.replaces) return "There is a preset called '" + this.wanted + "'. Replace it?";
      return "";
    },
    fileName() {
      return (this.loaded.name || "Flow Synth").replace(/[^\p{L}\p{N} _-]/gu, "_") + this.file.suffix;
    },
    url() {
      return "panel/preset-file?name=" + encodeURIComponent(this.loaded.name || "Flow Synth");
    },
  },
  mounted() {
    const { subscribe } = window.flow;
    this.leave = [
      subscribe("loaded", (loaded) => (this.loaded = loaded)),
      subscribe("favourites", (names) => (this.liked = names)),
      subscribe("preset-table", (presets) => this.listed(presets)),
    ];
    this.onAway = (event) => event.target.closest?.(".preset-more") || (this.open = false);
    this.onKey = (event) => event.key === "Escape" && (this.open = false);
    window.addEventListener("pointerdown", this.onAway, true);
    window.addEventListener("keydown", this.onKey);
  },
  unmounted() {
    this.leave.forEach((leave) => leave());
    window.removeEventListener("pointerdown", this.onAway, true);
    window.removeEventListener("keydown", this.onKey);
  },
  methods: {
    listed(presets) {
      this.presets = presets;
      this.saved = this.saved.filter((name) => !presets.names.includes(name));
    },
    step(by) {
      window.flow.publish("preset-step", { by });
    },
    act(what) {
      this.open = false;
      if (what === "back") this.$emit("load", this.loaded.name);
      else if (what === "rename") this.ask("rename");
      else this.remove();
    },
    async ask(what) {
      this.asked = what;
      this.confirmed = "";
      this.name = what === "rename" || this.isOwn ? this.loaded.name : "";
      this.$refs.dialog.showModal();
      await this.$nextTick();
      this.$refs.name.focus();
      this.$refs.name.select();
    },
    confirm() {
      if (!this.wanted || this.refuses || (this.warning && !this.replaces)) return;
      if (this.asked === "save" && this.exists && !this.replaces) {
        this.confirmed = this.wanted; // the next press replaces it
        return;
      }
      if (this.asked === "rename") this.$emit("rename", { name: this.loaded.name, new: this.wanted });
      else this.save(this.wanted);
      this.$refs.dialog.close();
    },
    // Save the sound; until the list has its name, that counts as taken.
    save(name) {
      this.saved.push(name);
      setTimeout(() => (this.saved = this.saved.filter((one) => one !== name)), LISTED_MS);
      this.$emit("save", name);
    },
    remove() {
      this.deleted = this.loaded.name;
      this.$emit("delete", this.deleted);
      clearTimeout(this.forgetting);
      this.forgetting = setTimeout(() => (this.deleted = ""), UNDO_MS);
    },
    restore() {
      this.$emit("restore", this.deleted);
      this.deleted = "";
    },
    drag(event) {
      const address = new URL(this.url, window.location.href).href;
      event.dataTransfer.setData("DownloadURL", `application/octet-stream:${this.fileName}:${address}`);
    },
  },
};
