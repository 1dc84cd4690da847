"use strict";
// What holds on every view: Ctrl+Z, sounds and presets that are dropped anywhere, full screen, and the code for a phone.
(() => {
  const press = (name) => document.querySelector(`.bar-tools [data-act="${name}"]:not([disabled])`)?.click();
  window.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return; // there it undoes what was typed
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    press(key === "y" || event.shiftKey ? "redo" : "undo");
  });

  // Send a sound to be sketched; returns what to say about it.
  window.flow.sendSound = async (file) => {
    window.location.hash = "#sketch";
    const answer = await fetch("panel/sketch", { method: "POST", body: file }).catch(() => null);
    if (!answer) return "The panel does not answer.";
    return answer.ok ? "" : answer.text();
  };
  // Send one of Vital's presets to be adopted; what is wrong stands at the foot of the page.
  const sendPreset = (file) =>
    fetch("panel/vital?name=" + encodeURIComponent(file.name), { method: "POST", body: file }).catch(() => null);
  const files = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    document.body.classList.add("is-dropping");
  });
  window.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("is-dropping"));
  window.addEventListener("drop", (event) => {
    document.body.classList.remove("is-dropping");
    if (!files(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    /\.vital$/i.test(file.name) ? sendPreset(file) : window.flow.sendSound(file);
  });

  document.documentElement.classList.toggle("no-full-screen", !document.fullscreenEnabled); // iPhones have none
  window.flow.fullScreen = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  };
})();
