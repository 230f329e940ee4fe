// A file in the list of what is added: how it looks in each of its states.

import { preview } from "./preview.js";
import { Meter, say, size } from "./says.js";

const KINDS = ["image", "video", "audio"];
// Of many files a browser does not know the type; the ending of the name tells enough for a sign.
const ENDINGS = {
  image: "heic heif hif avif jxl jpg jpeg png gif webp tif tiff dng cr2 cr3 nef arw rw2 orf raf pef srw",
  video: "mov mp4 m4v mkv webm avi mts m2ts 3gp mpg mpeg wmv flv ogv",
  audio: "mp3 m4a aac flac wav ogg oga opus aif aiff wma",
  svg: "svg svgz",
  pdf: "pdf",
  model: "stl obj gltf glb ply 3mf",
  office: "odt ods odp doc docx xls xlsx ppt pptx rtf",
  text: "txt nfo asc ans md log csv",
};
const LINGER = 1500; // ms for which a row says that it goes on where it stopped
const OVER = ["done", "have", "failed", "stopped"];

function kindOf(ending, type) {
  const named = Object.keys(ENDINGS).find((kind) => ENDINGS[kind].split(" ").includes(ending));
  return named || (KINDS.includes(type) ? type : "file");
}

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
    const ending = /\.(\w{1,5})$/.exec(name)?.[1].toLowerCase() || "";
    const sign = find(".preview use");
    sign.setAttribute("href", sign.getAttribute("href").replace("#file", `#${kindOf(ending, type.split("/")[0])}`));
    find(".preview small").textContent = ending.toUpperCase();
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
