// The lightbox: a tile's medium over the grid, under the address of its page; going back is the way out.

import { fetchPage, fetchPicture } from "./ahead.js";
import { gestures } from "./gestures.js";
import { isElsewhere, showKeys } from "./keys.js";
import { enliven } from "./stage.js";

const PAUSE = 4000; // ms of a picture in the slideshow
const IDLE = 2500; // ms without a movement, after which the slideshow hides its buttons
const AHEAD = 6; // tiles before the end of the grid at which more are fetched
const KEPT = 12; // pages of media kept for going back and forth

/** Makes the tiles of a grid open in the lightbox; `more` fetches tiles that follow the last. */
export function lightbox(grid, more) {
  const template = document.querySelector("#lightbox");
  if (!template || !window.HTMLDialogElement) return;
  const box = new Lightbox(template.content.firstElementChild.cloneNode(true), grid, more);
  grid.addEventListener("click", (event) => {
    const tile = event.target.closest("a.tile");
    if (!tile || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState({ lightbox: true }, "", tile.href);
    box.open(tile);
  });
  addEventListener("popstate", () => box.follow());
}

class Lightbox {
  #pages = new Map(); // address -> promise of a page
  #at = null;
  #timer = 0;
  #idle = 0;
  #title = document.title;

  constructor(dialog, grid, more) {
    Object.assign(this, { dialog, grid, more });
    this.stage = this.#part("stage");
    document.body.append(dialog);
    this.#listen();
    const steps = { next: () => this.step(1), previous: () => this.step(-1), close: () => this.close() };
    this.zoom = gestures(this.stage, steps);
  }

  #part(name) {
    return this.dialog.querySelector(`.lightbox-${name}`);
  }

  #button(name) {
    return this.dialog.querySelector(`[data-do="${name}"]`);
  }

  #listen() {
    const does = {
      ...{ close: () => this.close(), next: () => this.step(1), previous: () => this.step(-1) },
      ...{ facts: () => this.facts(), screen: () => this.screen(), slideshow: () => this.slideshow() },
    };
    for (const [name, act] of Object.entries(does)) this.#button(name).addEventListener("click", act);
    for (const how of ["pointerdown", "wheel"]) this.dialog.addEventListener(how, (event) => this.#pause(event));
    this.dialog.addEventListener("keydown", (event) => this.#press(event));
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("close", () => this.#at && this.close()); // a browser that insists
    this.dialog.addEventListener("pointermove", () => this.#stir());
    document.addEventListener("fullscreenchange", () => this.#pressed("screen", document.fullscreenElement));
  }

  #press(event) {
    const keys = {
      ...{ ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), " ": () => this.slideshow() },
      ...{ i: () => this.facts(), f: () => this.screen(), z: () => this.zoom.toggle(), "?": showKeys },
      e: () => this.dialog.querySelector('[data-key="e"]')?.click(),
    };
    const pressesButton = event.key === " " && event.target.closest("button, a, summary");
    if (!keys[event.key] || pressesButton || isElsewhere(event)) return;
    event.preventDefault();
    this.#pause(event);
    this.#stir();
    keys[event.key]();
  }

  /** Who does something wants to look at this one: the slideshow stops, unless its own button is meant. */
  #pause({ key, target }) {
    const meant = key === " " || target.closest('[data-do="slideshow"], [data-do="screen"]') || key === "f";
    if (this.dialog.dataset.slideshow && !meant) this.slideshow(false);
  }

  #pressed(name, on) {
    this.#button(name).setAttribute("aria-pressed", Boolean(on));
  }

  // --- in and out

  open(tile) {
    this.dialog.showModal();
    this.dialog.focus();
    this.show(tile);
  }

  /** Way out by the way in: the entry that opening made is taken back, which lands in follow(). */
  close() {
    if (history.state?.lightbox) history.back();
    else this.#leave();
  }

  /** The address changed by going back or forth. */
  follow() {
    if (!history.state?.lightbox) return this.#leave();
    const tile = this.#tiles().find(({ href }) => href === location.href);
    if (!tile) return location.reload();
    if (this.#at) this.show(tile);
    else this.open(tile);
  }

  #leave() {
    const tile = this.#at;
    if (!tile) return;
    this.#at = null;
    this.slideshow(false);
    if (!this.#part("facts").hidden) this.facts();
    if (document.fullscreenElement) document.exitFullscreen();
    this.dialog.close();
    this.stage.replaceChildren();
    document.title = this.#title;
    tile.focus({ preventScroll: true });
    requestAnimationFrame(() => tile.scrollIntoView({ block: "nearest" }));
  }

  // --- from one to the next

  #tiles() {
    return [...this.grid.querySelectorAll("a.tile")];
  }

  async step(by) {
    const tiles = this.#tiles();
    const to = tiles.indexOf(this.#at) + by;
    if (to >= tiles.length && (await this.more())) return this.step(by);
    if (!tiles[to] || !this.#at) return this.slideshow(false);
    history.replaceState({ lightbox: true }, "", tiles[to].href);
    this.show(tiles[to]);
  }

  async show(tile) {
    this.#at = tile;
    this.zoom.reset();
    this.#caption(tile);
    this.#glance(tile);
    try {
      const page = await this.#load(tile.href);
      if (this.#at !== tile) return;
      await this.#place(page);
      if (this.#at === tile) this.#ahead(tile);
    } catch {
      if (this.#at === tile) this.#part("trouble").hidden = false;
    }
  }

  #caption(tile) {
    const tiles = this.#tiles();
    const at = tiles.indexOf(tile);
    const name = tile.querySelector(".name").textContent;
    this.#part("title").textContent = name;
    this.#part("place").textContent = this.#part("place").dataset.of
      .replace("{number}", at + 1)
      .replace("{count}", document.querySelector("[data-more]") ? `${tiles.length}+` : tiles.length);
    this.#button("previous").hidden = at === 0;
    this.#part("trouble").hidden = true;
    Object.assign(this.#part("trouble").querySelector("a"), { href: tile.href, textContent: name });
    document.title = name;
  }

  /** What the grid has of it already, until the rest is there. */
  #glance(tile) {
    const seen = tile.querySelector("img")?.cloneNode();
    if (seen) Object.assign(seen, { className: "preview", alt: "", sizes: "20rem", loading: "eager" });
    this.stage.replaceChildren(...(seen ? [seen] : []));
  }

  async #place(page) {
    const stage = document.importNode(page.querySelector(".stage"), true);
    const facts = [...page.querySelectorAll(".told, .side")].map((one) => document.importNode(one, true));
    this.#part("facts").replaceChildren(...facts);
    this.stage.append(stage);
    for (const script of stage.querySelectorAll("script[src]")) revive(script);
    enliven(stage, () => {
      this.#pages.delete(this.#at?.href);
      if (this.#at && stage.isConnected) this.show(this.#at);
    });
    await stage.querySelector("img.picture")?.decode().catch(() => {});
    this.stage.querySelector(":scope > .preview")?.remove();
    this.#wait(stage);
  }

  async #load(address) {
    if (!this.#pages.has(address)) {
      this.#pages.set(address, fetchPage(address));
      if (this.#pages.size > KEPT) this.#pages.delete(this.#pages.keys().next().value);
    }
    try {
      return await this.#pages.get(address);
    } catch (error) {
      this.#pages.delete(address);
      throw error;
    }
  }

  /** Neighbours are fetched before one asks for them. */
  async #ahead(tile) {
    const tiles = this.#tiles();
    const at = tiles.indexOf(tile);
    if (at >= tiles.length - AHEAD) this.more();
    for (const near of [tiles[at + 1], tiles[at - 1]]) {
      const page = near && (await this.#load(near.href).catch(() => null));
      if (page) fetchPicture(page);
    }
  }

  // --- what the buttons do

  facts() {
    const facts = this.#part("facts");
    facts.hidden = !facts.hidden;
    this.#pressed("facts", !facts.hidden);
  }

  screen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.dialog.requestFullscreen?.().catch(() => {});
  }

  slideshow(on = !this.dialog.dataset.slideshow) {
    clearTimeout(this.#timer);
    if (on) this.dialog.dataset.slideshow = "on";
    else delete this.dialog.dataset.slideshow;
    this.#pressed("slideshow", on);
    this.#stir();
    const stage = this.stage.querySelector(".stage");
    if (on && stage) this.#wait(stage);
  }

  /** In the slideshow a picture stays a while, sound and film until their end. */
  #wait(stage) {
    clearTimeout(this.#timer);
    if (!this.dialog.dataset.slideshow) return;
    const player = stage.querySelector("video:not([loop]), audio");
    const on = () => this.dialog.dataset.slideshow && stage.isConnected && this.step(1);
    if (!player) this.#timer = setTimeout(on, PAUSE);
    else {
      player.addEventListener("ended", on, { once: true });
      player.play().catch(() => (this.#timer = setTimeout(on, PAUSE)));
    }
  }

  #stir() {
    clearTimeout(this.#idle);
    delete this.dialog.dataset.idle;
    if (this.dialog.dataset.slideshow) this.#idle = setTimeout(() => (this.dialog.dataset.idle = "on"), IDLE);
  }
}

/** Scripts of a page that was only read do not run by themselves. */
function revive({ type, src }) {
  document.head.append(Object.assign(document.createElement("script"), { type, src }));
}
