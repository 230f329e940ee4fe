// One's own panel: rows follow what becomes of the media, without loading the page again.

import { say, time } from "./says.js";
import { watch } from "./waiting.js";

const panel = document.querySelector("[data-panel]");
const said = document.querySelector("#said");

/** Progress is written into its row; what changed its state is fetched as the server draws it. */
async function follow({ items, waiting }) {
  let stale = false;
  for (const item of items) {
    const row = panel.querySelector(`[data-id="${item.id}"]`);
    if (row?.dataset.state === item.state) advance(row, item);
    else stale = true;
  }
  if (stale) await redraw();
  said.textContent = waiting ? say(waiting === 1 ? "one" : "some", { count: waiting }) : say("none");
}

function advance(row, { progress, step, left }) {
  const bar = row.querySelector("progress");
  if (!bar) return;
  bar.value = progress || 0;
  const percent = progress ? say("percent", { percent: Math.floor(progress) }) : "";
  const rest = left ? say("left", { time: time(left) }) : "";
  row.querySelector(".row-said").textContent = [step || row.dataset.name, percent, rest].filter(Boolean).join(" · ");
}

/** Rows that are the same stay as they are, so that pictures do not flicker and the focus is kept. */
async function redraw() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = document.adoptNode(page.querySelector("[data-panel]"));
  const focused = document.activeElement.closest("[data-id]")?.dataset.id;
  for (const row of fresh.querySelectorAll("[data-id]")) {
    const old = panel.querySelector(`[data-id="${row.dataset.id}"]`);
    if (old?.outerHTML === row.outerHTML) row.replaceWith(old);
  }
  panel.replaceChildren(...fresh.childNodes);
  if (focused) panel.querySelector(`[data-id="${focused}"] .row-name`)?.focus();
}

await watch(panel.dataset.since, follow);
