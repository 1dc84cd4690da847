// The presets, as columns: which of them are shown, in which order, which is nearest, and how many there are of each kind.
export const NO_PRESETS = Object.freeze({ names: [], kinds: [], notes: [], x: [], y: [], lower: [] });
export const OWN = "Yours"; // the kind of presets that a player saved
export const VITAL = "From Vital"; // people's own .vital files: they are adopted, not loaded

// Fetch the presets; null on failure.
export async function fetchPresets(revision) {
  const answer = await fetch("panel/presets.json?revision=" + revision).catch(() => null); // the panel may have stopped
  if (!answer?.ok) return null;
  const presets = await answer.json();
  presets.lower = presets.names.map((name, k) => [name, presets.kinds[k], presets.notes[k]].join(" ").toLowerCase());
  return Object.freeze(presets); // Vue makes no proxies of frozen objects
}

export function countKinds(presets) {
  const counts = {};
  for (const kind of presets.kinds) counts[kind] = (counts[kind] || 0) + 1;
  const names = Object.keys(counts).sort();
  return names.map((name, k) => ({ name, count: counts[name], hue: Math.round((360 * k) / names.length + 20) % 360 }));
}

// Whether each preset is of a kind that is not hidden, is liked if only those are wanted, and has all words in name and kind.
export function shownPresets(presets, { hidden, text, liked }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return presets.kinds.map((kind, k) =>
    !hidden[kind] && (!liked || liked.has(presets.names[k])) && words.every((word) => presets.lower[k].includes(word)));
}

// Index of the shown preset nearest to a pixel, or -1 if none is within that many pixels.
export function nearestPreset(presets, shown, camera, px, py, within) {
  let best = -1;
  let least = within * within;
  const { x: xs, y: ys } = presets;
  const [x0, y0] = camera.toScreen(0, 0);
  const [x1, y1] = camera.toScreen(1, 1);
  for (let k = 0; k < xs.length; k++) {
    const far = (x0 + (x1 - x0) * xs[k] - px) ** 2 + (y0 + (y1 - y0) * ys[k] - py) ** 2;
    if (far < least && shown[k]) {
      best = k;
      least = far;
    }
  }
  return best;
}
