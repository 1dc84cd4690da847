"use strict";
// News by topic inside one page: the feed publishes what the panel sends, knobs and map subscribe to it.
window.flow = (() => {
  const last = {};
  const subscribers = {};
  const views = ["play", "map", "understand", "sketch", "connect"];
  const view = () => {
    const name = window.location.hash.slice(1);
    return views.includes(name) ? name : "play";
  };
  const show = () => {
    const name = view();
    document.body.dataset.view = name;
    for (const link of document.querySelectorAll(".views a")) {
      const here = link.getAttribute("href") === "#" + name;
      here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    }
    window.scrollTo(0, 0);
    window.flow.publish("view", name);
  };
  const dark = (on) => {
    Quasar.Dark.set(on);
    localStorage.setItem("flow-dark", on ? "1" : "0");
    window.flow.publish("theme", on);
  };
  window.addEventListener("hashchange", show);
  document.documentElement.lang = "en";
  return {
    publish(topic, value) {
      last[topic] = value;
      (subscribers[topic] || []).forEach((act) => act(value));
    },
    // Call something with each value of a topic, and at once with the last one. Returns what ends it.
    subscribe(topic, act) {
      (subscribers[topic] ||= new Set()).add(act);
      if (topic in last) act(last[topic]);
      return () => subscribers[topic].delete(act);
    },
    last: (topic) => last[topic],
    started() {
      document.body.style.setProperty("--q-primary", "var(--accent)"); // Quasar's own widgets take our colour
      const kept = localStorage.getItem("flow-dark");
      if (kept !== null) dark(kept === "1");
      // The cookie has the token now; in the address bar others could read it.
      if (window.location.search) {
        history.replaceState(null, "", window.location.pathname + window.location.hash);
      }
      show();
    },
    turnDark: () => dark(!Quasar.Dark.isActive),
    typing: (event) =>
      event.ctrlKey || event.metaKey || event.altKey ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable,
  };
})();
