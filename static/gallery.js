// A grid: more of it loads as one scrolls, arrow keys lead around, and a tile opens in the lightbox.

import { lightbox } from "./lightbox.js";
import { roam } from "./roam.js";

const AHEAD = "1600px 0px"; // how far below the screen the next tiles are fetched
const grid = document.querySelector("[data-grid]");
const link = document.querySelector("[data-more]");
let coming = null;

/** The next tiles; several who ask at once wait for the same ones. False when there are no more. */
function more() {
  if (!link?.isConnected) return Promise.resolve(false);
  coming ||= fetchMore().finally(() => (coming = null));
  return coming;
}

async function fetchMore() {
  grid.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    append(page.querySelectorAll("[data-grid] > *"));
    const next = page.querySelector("[data-more]");
    if (next) link.href = next.getAttribute("href");
    else link.parentElement.remove();
    return true;
  } catch {
    return false; // the link stays and can be pressed
  } finally {
    grid.removeAttribute("aria-busy");
  }
}

/** A day that goes on over the edge of two pages keeps its one heading. */
function append(found) {
  const last = [...grid.querySelectorAll(".day")].at(-1)?.textContent;
  const goesOn = found[1]?.matches(".day") && found[1].textContent === last;
  const fresh = [...found].slice(goesOn ? 2 : 0).map((one) => document.adoptNode(one));
  grid.append(...fresh);
}

if (grid) {
  lightbox(grid, more);
  roam(grid, more);
}

if (link) {
  const watch = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting || !(await more()) || !link.isConnected) return;
    watch.unobserve(link);
    watch.observe(link); // which tells again at once, should the link still be near
  }, { rootMargin: AHEAD });
  watch.observe(link);
  link.addEventListener("click", async (event) => {
    const before = grid.querySelectorAll("a.tile").length;
    event.preventDefault();
    if (await more()) grid.querySelectorAll("a.tile")[before]?.focus();
    else location.href = link.href;
  });
}
