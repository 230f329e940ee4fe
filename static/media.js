// The page of a medium: its stage, and a swipe to the neighbours, which are fetched ahead.

import { fetchPage, fetchPicture } from "./ahead.js";
import { isElsewhere } from "./keys.js";
import { enliven } from "./stage.js";

const FAR = 60; // pixels that make a swipe
const wall = document.querySelector(".wall");
let start = null;

enliven(wall.querySelector(".stage"), () => location.reload());

// A page that was loaded again under the lightbox's address stands for the grid below it too.
const here = location.pathname;
addEventListener("popstate", () => location.pathname !== here && location.reload());

document.addEventListener("keydown", (event) => {
  if (isElsewhere(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "i") document.querySelector(".side").scrollIntoView({ block: "start" });
  if (event.key !== "f") return;
  if (document.fullscreenElement) document.exitFullscreen();
  else wall.requestFullscreen?.().catch(() => {});
});

// Closer is what the browser does by itself here; a second finger is its business.
wall.addEventListener("touchstart", ({ touches, target }) => {
  const alone = touches.length === 1 && !target.closest("audio, video, .sound") && !(visualViewport?.scale > 1);
  start = alone ? touches[0] : null;
}, { passive: true });

wall.addEventListener("touchend", ({ changedTouches: [end] }) => {
  if (!start) return;
  const [dx, dy] = [end.clientX - start.clientX, end.clientY - start.clientY];
  start = null;
  if (Math.abs(dx) < FAR || Math.abs(dx) < 2 * Math.abs(dy)) return;
  wall.querySelector(dx < 0 ? "a.step.on" : "a.step.back")?.click();
}, { passive: true });

async function ahead() {
  for (const near of wall.querySelectorAll("a[rel=next], a[rel=prev]")) {
    const page = await fetchPage(near.href).catch(() => null);
    if (page) fetchPicture(page);
  }
}

if (!navigator.connection?.saveData) {
  if (document.readyState === "complete") ahead();
  else addEventListener("load", ahead);
}
