/**
 * The Live API as a script meets it, over a tree of plain objects.
 *
 * A node is `{id, type, props, lists}`: `props` by name (a value or an array), `lists` of child nodes by name. Each rule
 * below says where it was learned: R = the project's notes on Max for Live by section, M = Max's own reference.
 */

const CAMERA = "Changes cannot be triggered by notifications. You will need to defer your response.";

const VIEW = 900001; // the id of `live_set view`, of which every Set has one

/** What every object of a type has. */
const DEVICE = { can_have_chains: 0, is_active: 1 };
const USUAL = {
  "Song.View": { selected_track: ["id", 0] },
  Song: { can_redo: 0, tempo: 120, current_song_time: 0, is_playing: 0 },
  DeviceParameter: { automation_state: 0, is_enabled: 1, state: 0 },
  Device: DEVICE, MaxDevice: DEVICE, PluginDevice: DEVICE, AuPluginDevice: DEVICE, RackDevice: DEVICE,
};

/** Live's own object model, the part that our scripts look at. */
export class FakeLive {
  constructor(tree = null) {
    this.ready = false; // nothing works before live.thisdevice bangs (R 3.5, R 9.6)
    this.undo = []; // one entry per write of a parameter (R 3.2, 3.3)
    this.observers = [];
    this.console = []; // red lines of the Max window
    this.notifying = false;
    this.undoing = false;
    this.refusing = false; // a write may fail without an exception (the reference speaks of console errors)
    this.paths = new Set(); // path strings are interned for good (R 3.5)
    this.n_apis = 0;
    this.load(tree ?? set([node(9, "MaxDevice", { name: "Flow", class_name: "MxDeviceAudioEffect" }, { parameters: [] })], 9));
  }

  /** Take another tree: a reopened Set, a device that came or went. Ids may all be different. */
  load(tree) {
    const before = this.observers.map((api) => this.seen(api));
    this.tree = tree;
    tree.root.view ??= node(VIEW, "Song.View", {});
    this.know();
    this.observers.forEach((api, i) => {
      // What listens to an object that is gone hears nothing more.
      if (this.item(api._listens) && JSON.stringify(this.seen(api)) !== JSON.stringify(before[i])) this.notify(api);
    });
  }

  /**
   * Move a device or a track: it and all that is in it have new ids, and nobody is told except who observes the path
   * (Connection Kit: "live.remote~ will be reset", R 3.6). The patch's live.path sends `home`.
   */
  move(id, by = 50000) {
    const renew = (item) => {
      if (item.id === this.tree.this_device) this.tree.this_device = item.id + by;
      item.id += by;
      for (const children of Object.values(item.lists ?? {})) children.forEach(renew);
    };
    const selected = this.item(this.tree.root.view.props.selected_track?.[1]);
    renew(this.item(id));
    if (selected) this.tree.root.view.props.selected_track = ["id", selected.id];
    this.know();
  }

  know() {
    this.byId = new Map();
    this.walk(this.tree.root, null);
    this.walk(this.tree.root.view, this.tree.root);
  }

  /** Select a track, as a click on its title does; duplicating a track selects the copy. Selecting it again is no news. */
  select(id) {
    const { view } = this.tree.root;
    if (view.props.selected_track?.[1] !== id) this.change(view.id, "selected_track", ["id", id]);
  }

  walk(item, parent) {
    this.byId.set(item.id, { item, parent });
    for (const children of Object.values(item.lists ?? {})) for (const child of children) this.walk(child, item);
  }

  item(id) {
    return this.byId.get(Number(id))?.item ?? null;
  }

  parent(id) {
    return this.byId.get(Number(id))?.parent ?? null;
  }

  /** Find what a path leads to: `id 7`, `this_device canonical_parent`, `live_set tracks 0 devices 1`. */
  find(path) {
    const words = String(path).replace(/^"|"$/g, "").trim().split(/\s+/);
    if (words[0] === "id") return this.item(words[1]);
    let item = words[0] === "this_device" ? this.item(this.tree.this_device) : words[0] === "live_set" ? this.tree.root : null;
    for (let i = 1; item && i < words.length; i++) {
      if (words[i] === "canonical_parent") item = this.parent(item.id);
      else if (words[i] === "view" && item.view) item = item.view;
      else if (item.lists?.[words[i]]) item = item.lists[words[i]][Number(words[++i])] ?? null;
      else item = null;
    }
    return item;
  }

  /** What an observer sees now. */
  seen(api) {
    return api._observed ? this.value(this.item(api._listens), api._observed) : null;
  }

  value(item, name) {
    if (!item) return [];
    if (name === "canonical_parent") return ["id", this.parent(item.id)?.id ?? 0];
    if (item.lists && name in item.lists) return item.lists[name].flatMap((child) => ["id", child.id]);
    const props = { ...USUAL[item.type], ...item.props };
    if (name === "can_have_chains" && item.lists?.chains) return [1];
    if (!(name in props)) {
      this.console.push(`'${item.type}' object has no attribute '${name}'`); // as Live's _MxDCore writes it
      return [];
    }
    const value = props[name];
    // get returns an array, always; a name that looks like a number comes back as one (R 7.4, M jsliveapi)
    return (Array.isArray(value) ? value : [value]).map((v) => (typeof v === "string" && v.trim() !== "" && !isNaN(v) ? Number(v) : v));
  }

  notify(api) {
    if (!api._callback) return;
    const was = this.notifying;
    this.notifying = true;
    try {
      api._callback.call(api, [api._observed, ...this.seen(api)]);
    } finally {
      this.notifying = was;
    }
  }

  /** Change a property as Live would (another person's hand), and tell who observes it. */
  change(id, name, value) {
    const item = this.item(id);
    item.props[name] = value;
    for (const api of this.observers) if (Number(api._listens) === Number(id) && api._observed === name) this.notify(api);
  }

  /** The class that scripts know as LiveAPI. */
  api() {
    const live = this;
    return class LiveAPI {
      constructor(callback, path) {
        live.n_apis += 1;
        if (callback !== null && typeof callback !== "function" && path === undefined) path = callback;
        this._callback = typeof callback === "function" ? callback : null;
        this._dead = !live.ready; // made too early, it stays dead for ever (R 3.5, R 9.7)
        this._id = 0;
        this._observed = "";
        this._listens = 0; // the object that the observer is on: only setting the property moves it there (_MxDCore)
        this.mode = 0;
        if (path !== undefined) this.goto(path);
        if (this._callback && !this._dead) {
          const was = live.notifying;
          live.notifying = true; // the callback is called on creation, too (M jsliveapi)
          try {
            this._callback.call(this, ["id", this._id]);
          } finally {
            live.notifying = was;
          }
        }
      }
      goto(path) {
        if (this._dead) return;
        live.paths.add(String(path));
        this._id = live.find(path)?.id ?? 0; // an unknown path gives id 0 (R 7.4)
      }
      get id() {
        return String(this._id); // a string, whatever the types say
      }
      set id(value) {
        if (this._dead) return;
        this._id = live.item(value)?.id ?? 0;
      }
      get path() {
        return `"${this._id}"`;
      }
      set path(value) {
        this.goto(value);
      }
      get type() {
        return live.item(this._id)?.type ?? "";
      }
      get property() {
        return this._observed;
      }
      set property(name) {
        if (this._dead) return;
        this._observed = name;
        this._listens = this._id;
        const at = live.observers.indexOf(this);
        if (!name && at >= 0) live.observers.splice(at, 1);
        if (name && at < 0) live.observers.push(this);
        if (name) live.notify(this); // observing reports the present value at once (M jsliveapi)
      }
      get children() {
        return Object.keys(live.item(this._id)?.lists ?? {});
      }
      getcount(name) {
        return live.item(this._id)?.lists?.[name]?.length ?? 0;
      }
      get(name) {
        if (this._dead) return [];
        if (!live.item(this._id)) live.console.push(`get ${name}: no valid object set`);
        return live.value(live.item(this._id), name);
      }
      getstring(name) {
        return this.get(name).join(" ");
      }
      set(name, value) {
        if (this._dead) return;
        if (live.notifying) throw new Error(CAMERA); // (R 3.3, R 9.8)
        if (live.undoing) throw new Error("Changes cannot be made during undo or redo."); // (R 3.3)
        const item = live.item(this._id);
        if (!item || live.refusing) return;
        item.props[name] = value;
        if (item.type === "DeviceParameter" && name === "value") live.undo.push({ id: item.id, value });
        for (const api of [...live.observers]) if (api._listens === this._id && api._observed === name) live.notify(api);
      }
      call(name, ...values) {
        if (this._dead) return 0;
        if (live.notifying) throw new Error(CAMERA);
        return live.item(this._id)?.calls?.[name]?.(...values) ?? 0;
      }
    };
  }
}

/** A node of the tree. */
export function node(id, type, props = {}, lists = {}) {
  return { id, type, props, lists };
}

/** Parameters as Live shows a plug-in's: first Device On, then what was configured. */
export function plugin(id, name, shown, first = id * 1000, type = "PluginDevice") {
  const parameter = (label, i) =>
    node(first + i, "DeviceParameter", { name: label, original_name: label, value: 0.5, min: 0, max: 1, is_quantized: 0 });
  return node(id, type, { name, class_name: type, class_display_name: name }, { parameters: ["Device On", ...shown].map(parameter) });
}

/** A Set with one track of these devices; `ours` is the id of our own device. */
export function set(devices, ours, props = {}) {
  const song = { current_song_time: 0, is_playing: 0, tempo: 120, ...props };
  return { this_device: ours, root: node(1, "Song", song, { tracks: [node(2, "Track", { name: "1-Vital" }, { devices })] }) };
}
