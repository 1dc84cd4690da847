"use strict";
// One sound at a time; a second press stops it. Works from disk: no request but for the sound itself.
const player = new Audio();
let playing = null;

function stop() {
  player.pause();
  if (playing) playing.classList.remove("playing");
  playing = null;
}

function toggle(button) {
  const again = button === playing;
  stop();
  if (again) return;
  playing = button;
  button.classList.add("playing");
  player.src = button.dataset.sound;
  player.play().catch(stop);
}

player.addEventListener("ended", stop);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sound]");
  if (button) toggle(button);
});
document.addEventListener("keydown", (event) => {
  const point = event.target.closest(".point[data-sound]");
  if (point && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    toggle(point);
  }
  if (event.key === "Escape") stop();
});
