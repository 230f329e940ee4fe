// Arrow keys lead from tile to tile, as one sees them.

import { isElsewhere } from "./keys.js";

/** Makes the arrow keys move the focus in a grid; `more` fetches tiles that follow the last. */
export function roam(grid, more) {
  document.addEventListener("keydown", async (event) => {
    if (isElsewhere(event) || event.shiftKey || document.querySelector("dialog[open]")) return;
    const find = WAYS[event.key];
    const here = document.activeElement.closest("a.tile");
    const [tiles, sideways] = [tilesOf(grid), event.key === "ArrowRight" || event.key === "ArrowLeft"];
    if (!find || !(here ? grid.contains(here) : sideways && document.activeElement === document.body)) return;
    event.preventDefault();
    if (!here) return firstSeen(tiles)?.focus();
    const there = find(tiles, here) || ((await more()) ? find(tilesOf(grid), here) : null);
    there?.focus();
  });
}

const WAYS = {
  ArrowRight: (tiles, here) => tiles[tiles.indexOf(here) + 1],
  ArrowLeft: (tiles, here) => tiles[tiles.indexOf(here) - 1],
  ArrowDown: (tiles, here) => nearest(tiles, here, 1),
  ArrowUp: (tiles, here) => nearest(tiles, here, -1),
};

function tilesOf(grid) {
  return [...grid.querySelectorAll("a.tile")];
}

function firstSeen(tiles) {
  return tiles.find((tile) => tile.getBoundingClientRect().top >= 0);
}

/** The tile of the next row (`way` 1) or the one before (-1) whose middle is closest. */
function nearest(tiles, here, way) {
  const from = here.getBoundingClientRect();
  const middle = ({ left, width }) => left + width / 2;
  let best = null;
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect();
    const down = way * (box.top - from.top);
    if (down < 4) continue;
    const aside = Math.abs(middle(box) - middle(from));
    const closer = !best || down < best.down - 4 || (down < best.down + 4 && aside < best.aside);
    if (closer) best = { tile, down, aside };
  }
  return best?.tile;
}
