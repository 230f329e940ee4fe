// A file in the list of what is added: how it looks in each of its states.

import { preview } from "./preview.js";
import { Meter, say, size } from "./says.js";

const KINDS = ["image", "video", "audio"];
const LINGER = 1500; // ms for which a row says that it goes on where it stopped
const OVER = ["done", "have", "failed", "stopped"];

export class Row {
  #meter = new Meter();
  #lingers = 0;

  constructor(file, path) {
    Object.assign(this, { file, path, sent: 0, details: {}, upload: null });
    this.element = document.querySelector("#row").content.firstElementChild.cloneNode(true);
    const find = (selector) => this.element.querySelector(selector);
    [this.said, this.bar] = [find(".row-said"), find("progress")];
    [this.again, this.cancel] = [find('[data-do="again"]'), find('[data-do="cancel"]')];
    this.#name(find);
    preview(file, find(".preview"));
    this.ready();
  }

  #name(find) {
    const { name, type } = this.file;
    find(".row-name").textContent = name;
    find(".row-name").title = this.path || name;
    this.bar.setAttribute("aria-label", name);
    this.again.setAttribute("aria-label", say("again", { name }));
    this.cancel.setAttribute("aria-label", say("cancel", { name }));
    const kind = type.split("/")[0];
    const sign = find(".preview use");
    if (KINDS.includes(kind)) sign.setAttribute("href", sign.getAttribute("href").replace("#file", `#${kind}`));
  }

  /** Whether this is the same file as another one that was chosen. */
  isOf(file, path) {
    const mine = this.file;
    const same = mine.name === file.name && mine.size === file.size && mine.lastModified === file.lastModified;
    return same && this.path === path;
  }

  get state() {
    return this.element.dataset.state;
  }

  get isOver() {
    return OVER.includes(this.state);
  }

  get isUnderWay() {
    return ["queued", "going", "lost"].includes(this.state);
  }

  #show(state, ...said) {
    this.element.dataset.state = state;
    this.said.replaceChildren(...said);
    this.bar.hidden = !this.isUnderWay;
    this.again.hidden = !["lost", "failed", "stopped"].includes(state);
    this.cancel.hidden = ["done", "have", "stopped"].includes(state);
  }

  ready() {
    this.sent = 0;
    this.#show("ready", say("ready", { size: size(this.file.size) }));
  }

  queued() {
    this.#show("queued", say("waits"));
  }

  looking() {
    this.#meter.reset();
    this.#show("going", say("looking"));
  }

  progress(bytes) {
    this.sent = Math.min(bytes, this.file.size);
    this.bar.value = this.sent / this.file.size;
    this.#meter.note(bytes);
    if (performance.now() < this.#lingers) return;
    const speed = this.#meter.speed;
    const percent = Math.floor(this.bar.value * 100);
    this.#show("going", say(speed ? "going" : "begun", { percent, size: size(this.file.size), speed: size(speed) }));
  }

  resumed(bytes) {
    this.progress(bytes);
    this.#meter.reset();
    this.#lingers = performance.now() + LINGER;
    this.#show("going", say("resumed", { percent: Math.floor(this.bar.value * 100) }));
  }

  waiting(seconds, sentence) {
    this.#show("lost", sentence && `${sentence} `, say(sentence ? "later" : "lost", { seconds }));
  }

  done(medium, duplicate) {
    this.sent = this.file.size;
    const link = document.createElement("a");
    link.href = medium;
    link.textContent = say("look");
    this.#show(duplicate ? "have" : "done", `${say(duplicate ? "have" : "done")} `, link);
  }

  stopped() {
    this.#show("stopped", say("stopped"));
  }

  /** `final` when another try makes no sense. */
  failed(sentence, final) {
    this.#show("failed", sentence || say("failed"));
    this.again.hidden = final;
  }
}
