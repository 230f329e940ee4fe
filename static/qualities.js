// The copies of a film, from full size to those for slow lines: changed while it plays, remembered by this browser.

const KEY = "goblin-quality";

/** Lets the links change the film in place; the choice of last time holds, unless the address says another. */
export function choose(links, video) {
  const all = [...links.querySelectorAll("a")];
  const asked = new URLSearchParams(location.search).has("quality");
  const before = !asked && all.find((link) => link.dataset.side === remembered(all));
  if (before && !before.hasAttribute("aria-current")) change(all, before, video);
  links.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    remember(link === all[0] ? "full" : link.dataset.side);
    change(all, link, video);
  });
}

/** The film goes on where it was. */
function change(all, chosen, video) {
  for (const link of all) link.toggleAttribute("aria-current", false);
  chosen.setAttribute("aria-current", "true");
  const { currentTime, paused } = video;
  const source = video.querySelector("source");
  source.src = chosen.dataset.source;
  source.type = chosen.dataset.type;
  video.load();
  video.addEventListener("loadedmetadata", () => (video.currentTime = currentTime), { once: true });
  if (!paused) video.play().catch(() => {});
}

/** The side chosen last time: of films that have no copy of that size, the next smaller one, else the smallest. */
function remembered(all) {
  const side = read();
  if (!side || side === "full") return side && all[0].dataset.side;
  return (all.find((link) => Number(link.dataset.side) <= Number(side)) || all.at(-1)).dataset.side;
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function remember(side) {
  try {
    localStorage.setItem(KEY, side);
  } catch {
    // then the next film begins as the server says
  }
}
