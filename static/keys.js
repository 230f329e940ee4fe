// Keys: whatever carries data-key="x" is pressed by x; ? shows them all.

const typing = "input, textarea, select, [contenteditable], audio, video";
const overlay = document.querySelector("#keys");

/** Whether somebody types, or means the browser rather than us. */
export function isElsewhere(event) {
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(typing);
}

export function showKeys() {
  overlay.showModal();
}

for (const opener of document.querySelectorAll("[data-keys]")) {
  opener.hidden = false;
  opener.addEventListener("click", showKeys);
}

overlay.addEventListener("click", ({ target }) => target === overlay && overlay.close());

document.addEventListener("keydown", (event) => {
  if (isElsewhere(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") return showKeys();
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});
