// What every page has: the menu, the colours, keys, copying, messages, and the number of media in preparation.

import "./keys.js";
import { count } from "./waiting.js";

const root = document.documentElement;
root.classList.add("scripted");

// --- menus: one opens at a time, and closes when one goes elsewhere

const menus = "details.menu, details.share";

function closeMenus(except) {
  for (const menu of document.querySelectorAll(menus)) if (menu !== except) menu.open = false;
}

document.addEventListener("click", ({ target }) => closeMenus(target.closest(menus)));
document.addEventListener("focusin", ({ target }) => closeMenus(target.closest(menus)));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details:is(.menu, .share)[open]");
  if (!menu) return;
  event.stopImmediatePropagation();
  menu.open = false;
  menu.querySelector("summary").focus();
}, true);

// --- colours

document.querySelector(".themes")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { currentTarget: form, submitter } = event;
  const body = new URLSearchParams({ theme: submitter.value });
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  if (submitter.value) root.dataset.theme = submitter.value;
  else delete root.dataset.theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", button === submitter);
});

// --- copying an address: browsers allow it on https and on this machine only, else it is selected

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  if (!navigator.clipboard && !document.execCommand("copy")) return;
  await navigator.clipboard?.writeText(field.value);
  button.textContent = button.dataset.done;
});

// --- what was said can be put away

for (const button of document.querySelectorAll("[data-dismiss]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.closest(".message").remove();
    document.querySelector("main").focus();
  });
}

if (document.querySelector("[data-waiting]:not([hidden])")) count();
