// The page on which media are added: files are chosen, dropped or pasted, listed, and sent two at a time.

import { fingerprint } from "./fingerprint.js";
import { chosen, dropped, pasted } from "./picked.js";
import { Row } from "./row.js";
import { Meter, say, size, time } from "./says.js";
import { Refused, Stopped, Unreadable, Upload } from "./tus.js";
import { count } from "./waiting.js";

const LANES = 2;
const FINAL = [413, 415, 422];
const HEARD_EVERY = 15_000; // ms between two sentences of a screen reader

const form = document.querySelector("#add");
const part = (name) => document.querySelector(`#${name}`);
const rows = [];
const sending = new Map(); // fingerprint -> the promise of its end, so that no file is sent by two lanes
const meter = new Meter();
let lanes = 0;
let heard = 0;

document.documentElement.classList.add("scripted");

// --- the list

function list(found) {
  for (const { file, path } of found) {
    const known = rows.find((row) => row.isOf(file, path));
    if (!known) enter(new Row(file, path));
    else if (["failed", "stopped"].includes(known.state)) known.ready();
  }
  if (rows.length) part("queue").hidden = false;
  tally();
  rows[0]?.element.scrollIntoView({ block: "nearest" });
}

function enter(row) {
  rows.push(row);
  part("rows").append(row.element);
  row.again.onclick = () => retry(row);
  row.cancel.onclick = () => leaveOut(row);
  const max = Number(form.dataset.max);
  if (!row.file.size) row.failed(say("empty"), true);
  else if (max && row.file.size > max) row.failed(say("big", { size: size(row.file.size), max: size(max) }), true);
}

function retry(row) {
  if (row.state === "lost") return row.upload.hurry();
  row.details = Object.keys(row.details).length ? row.details : settings();
  row.queued();
  row.cancel.focus();
  fill();
}

function leaveOut(row) {
  const { state } = row;
  if (state === "going" || state === "lost" || state === "queued") {
    row.stopped();
    row.again.focus();
    row.upload?.stop();
  } else {
    forget(row);
  }
  tally();
}

/** Takes a row out of the list; who was on it goes on with the next. */
function forget(row) {
  const near = row.element.nextElementSibling || row.element.previousElementSibling;
  const hadFocus = row.element.contains(document.activeElement);
  rows.splice(rows.indexOf(row), 1);
  row.element.remove();
  part("queue").hidden = !rows.length;
  if (hadFocus) (near || part("file")).focus();
}

part("clear").onclick = () => {
  for (const row of rows.filter((one) => one.isOver)) forget(row);
  tally();
  (part("start").hidden ? part("file") : part("start")).focus();
};

// With the arrows through the rows, of which one is on the way of the Tab key.
part("rows").onkeydown = (event) => {
  const row = event.target.closest(".row");
  const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
  if (event.key === "Delete") row?.querySelector('[data-do="cancel"]:not([hidden])')?.click();
  if (!next) return;
  event.preventDefault();
  next.focus();
};
part("rows").addEventListener("focusin", (event) => {
  for (const { element } of rows) element.tabIndex = element.contains(event.target) ? 0 : -1;
});

// --- sending

function settings() {
  const given = Object.fromEntries(new FormData(form));
  const names = ["visibility", "collection", "tags", "license"];
  return Object.fromEntries(names.map((name) => [name, (given[name] || "").trim()]));
}

function start() {
  const details = settings();
  for (const row of rows.filter((one) => one.state === "ready")) {
    row.details = details;
    row.queued();
  }
  meter.reset();
  fill();
  part("queue").scrollIntoView({ block: "start" });
}

function fill() {
  for (let row; lanes < LANES && (row = next()); ) {
    lanes += 1;
    carry(row).finally(() => {
      lanes -= 1;
      fill();
    });
  }
  stayAwake();
  tally();
}

/** Subtitles come after the films beside which they go. */
function next() {
  const queued = rows.filter((one) => one.state === "queued");
  return queued.find((one) => !/\.(srt|vtt)$/i.test(one.file.name)) || queued[0];
}

async function carry(row) {
  row.looking();
  try {
    const mark = await fingerprint(row.file).catch(() => Promise.reject(new Unreadable()));
    const before = sending.get(mark) || Promise.resolve();
    const mine = before.then(() => (row.state === "going" ? send(row, mark) : Promise.reject(new Stopped())));
    sending.set(mark, mine.catch(() => {}));
    const { medium, duplicate } = await mine;
    row.done(medium, duplicate);
    count();
  } catch (error) {
    fail(row, error);
  }
  row.upload = null;
}

function send(row, mark) {
  const { name, type } = row.file;
  const details = { filename: name, filetype: type, relative_path: row.path, ...row.details, fingerprint: mark };
  const told = (what) => (...values) => {
    if (row.state === "stopped") return;
    row[what](...values);
    tallySoon();
  };
  const on = { progress: told("progress"), waiting: told("waiting"), resumed: (bytes) => {
    told("resumed")(bytes);
    meter.reset();
  } };
  row.upload = new Upload(row.file, form.dataset.upload, details, on);
  return row.upload.run();
}

function fail(row, error) {
  if (error instanceof Stopped) return row.state === "queued" || row.stopped();
  if (error instanceof Unreadable) return row.failed(say("gone"), true);
  if (!(error instanceof Refused)) throw error;
  row.failed(error.status === 401 ? say("login") : error.message, FINAL.includes(error.status));
}

// --- all of them together

function tally() {
  const taken = rows.filter((row) => row.isUnderWay || (row.isOver && row.state !== "stopped"));
  const sum = (some, value) => some.reduce((total, row) => total + value(row), 0);
  const ready = rows.filter((row) => row.state === "ready").length;
  const going = rows.some((row) => row.isUnderWay);
  const resting = !going && ready > 0; // some were chosen, nothing is under way: there is nothing to tell yet
  const done = taken.filter((row) => ["done", "have"].includes(row.state)).length;
  const live = taken.filter((row) => row.state !== "failed");
  const [all, sent] = [sum(live, (row) => row.file.size), sum(live, (row) => row.sent)];
  if (going) meter.note(sent);
  part("whole").value = all ? sent / all : 0;
  part("whole").hidden = part("said").hidden = resting || !taken.length;
  part("start").hidden = !ready;
  part("start").textContent = say(ready === 1 ? "startOne" : "start", { count: ready });
  part("clear").hidden = going || resting || !rows.some((row) => row.isOver);
  part("see").hidden = going || resting || !done;
  tell(resting ? "" : sentence(going, done, taken.length, all - sent), going);
}

function sentence(going, done, all, left) {
  if (!all) return "";
  const speed = meter.speed;
  if (going && speed && left) return say("whole", { done, count: all, size: size(left), time: time(left / speed) });
  if (going) return say("wholeSoon", { done, count: all });
  if (done < all) return say("partly", { done, count: all });
  return say(all === 1 ? "finishedOne" : "finished", { count: all });
}

/** Shown always; read aloud now and then, and at the end. */
function tell(text, going) {
  if (part("said").textContent !== text) part("said").textContent = text;
  if (going && performance.now() - heard < HEARD_EVERY) return;
  heard = performance.now();
  if (part("heard").textContent !== text) part("heard").textContent = text;
}

let soon = 0;

/** At most four times a second. */
function tallySoon() {
  soon ||= setTimeout(() => {
    soon = 0;
    tally();
  }, 250);
}

// --- the screen and the tab

let awake = null;

/** A phone that falls asleep sends nothing. */
async function stayAwake() {
  const wanted = lanes > 0;
  if (wanted === Boolean(awake)) return;
  if (!wanted) {
    awake.then((lock) => lock?.release());
    awake = null;
  } else if (navigator.wakeLock && document.visibilityState === "visible") {
    awake = navigator.wakeLock.request("screen").catch(() => null);
  }
}

addEventListener("beforeunload", (event) => {
  if (rows.some((row) => row.isUnderWay)) event.preventDefault();
});

// --- where files come from

for (const name of ["file", "folder", "camera"]) {
  part(name).onchange = ({ target }) => {
    const found = chosen(target);
    list(found);
    propose(found);
    target.value = "";
  };
}

/** A folder is one occasion most often: its name stands there as the collection, to be changed or taken away. */
function propose(found) {
  const folders = new Set(found.map(({ path }) => path.includes("/") ? path.split("/")[0] : ""));
  const field = form.elements.collection;
  if (folders.size === 1 && !field.value) [field.value] = folders;
}

form.onsubmit = (event) => {
  event.preventDefault();
  start();
};
part("start").onclick = start;

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const dropping = (yes) => document.documentElement.classList.toggle("dropping", yes);

addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  dropping(true);
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) dropping(false);
});
addEventListener("drop", async (event) => {
  dropping(false);
  if (!hasFiles(event)) return;
  event.preventDefault();
  const found = await dropped(event.dataTransfer);
  list(found);
  propose(found);
});
addEventListener("paste", (event) => {
  if (!event.clipboardData?.files.length) return;
  event.preventDefault();
  list(pasted(event.clipboardData, say("pasted")));
});
