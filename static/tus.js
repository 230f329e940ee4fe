// One file, sent in parts that may be cut anywhere: tus 1.0.0 (tus.io/protocols/resumable-upload).

const PART = 4 << 20; // bytes of one PATCH
const LEAST = 256 << 10; // the same behind a proxy that takes small bodies only
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds, after one failure after the other
const MOMENT = 1; // seconds, where the server is only busy with the last part
const SILENCE = 90_000; // ms without a sign of life, after which a request is given up
const PATIENCE = 8; // how often the server may say that something is wrong on its side
const NOT_NOW = [408, 409, 423, 425, 429];
const FULL = 507;

/** The server will not take it; the message is its own sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** The person left it out. */
export class Stopped extends Error {}

/** The file is gone, or was changed since it was chosen. */
export class Unreadable extends Error {}

/** It did not work this time. */
class Lost extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

export class Upload {
  /** `on` has progress(bytes there), resumed(bytes there), waiting(seconds, the server's sentence or ""). */
  constructor(file, address, details, on) {
    Object.assign(this, { file, address, details, on });
    this.place = ""; // its own address, once it has one
    this.there = 0; // bytes the server has
    this.sure = false; // whether `there` is what the server said last
    this.part = PART;
    this.failures = 0;
    this.medium = "";
    this.duplicate = false;
    this.stopped = false;
  }

  /** Sends what is missing, however often the line breaks. Throws Refused, Stopped, Unreadable. */
  async run() {
    while (!this.medium) {
      try {
        await this.#step();
      } catch (error) {
        if (!(error instanceof Lost) || this.stopped) throw this.stopped ? new Stopped() : error;
        await this.#recover(error);
      }
    }
    return { medium: this.medium, duplicate: this.duplicate };
  }

  /** Tries again at once, where it waits. */
  hurry() {
    this.wake?.();
  }

  /** Leaves it out; what arrived is thrown away. */
  async stop() {
    this.stopped = true;
    this.request?.abort();
    this.hurry();
    for (let tries = 0; this.place && tries < 5; tries++) {
      const { status } = await this.#ask("DELETE", this.place);
      if (status && status !== 423) return;
      await new Promise((done) => setTimeout(done, MOMENT * 1000));
    }
  }

  #step() {
    if (!this.place) return this.#begin();
    return this.sure ? this.#send() : this.#look();
  }

  async #begin() {
    const answer = await this.#ask("POST", this.address, null, {
      "Upload-Length": this.file.size,
      "Upload-Metadata": encode(this.details),
    });
    this.#judge(answer);
    this.place = answer.header("Location");
    if (this.there && !this.medium) this.on.resumed(this.there);
  }

  async #look() {
    this.#judge(await this.#ask("HEAD", this.place));
    this.on.resumed(this.there);
  }

  async #send() {
    const part = this.file.slice(this.there, this.there + this.part);
    const headers = { "Upload-Offset": this.there, "Content-Type": "application/offset+octet-stream" };
    this.#judge(await this.#ask("PATCH", this.place, part, headers));
    this.on.progress(this.there);
  }

  /** Takes in what the server said. Throws Lost for what may work later, Refused for what will not. */
  #judge(answer) {
    const { status, sentence } = answer;
    const there = answer.header("Upload-Offset");
    if (status >= 200 && status < 300) return this.#note(answer, Number(there));
    if (status === 409 && there && Number(there) !== this.there) return this.#note(answer, Number(there));
    if (status === 413 && !sentence && this.part > LEAST) {
      this.part /= 4; // not goblin's word: a proxy takes smaller bodies only
      throw new Lost(423, "");
    }
    if (this.place && (status === 404 || status === 410)) {
      Object.assign(this, { place: "", there: 0 });
      throw new Lost(status, sentence);
    }
    const later = status === 0 || NOT_NOW.includes(status) || (status >= 500 && status !== FULL);
    throw later ? new Lost(status, sentence) : new Refused(status, sentence);
  }

  #note(answer, there) {
    if (there > this.there) this.failures = 0;
    this.there = there;
    this.sure = true;
    this.medium = answer.header("Goblin-Medium");
    this.duplicate = answer.header("Goblin-Duplicate") === "1";
  }

  /** Waits longer after each failure, but no longer than until the line is back. */
  async #recover({ status, message }) {
    this.sure = false;
    await this.#requireReadable();
    if (status === 423) return this.#pause(MOMENT);
    this.failures += 1;
    if (status && this.failures > PATIENCE) throw new Refused(status, message);
    const seconds = PAUSES[Math.min(this.failures, PAUSES.length) - 1];
    let hurried = false;
    for (let left = seconds; left > 0 && !hurried; left--) {
      this.on.waiting(left, message);
      hurried = await this.#pause(1);
    }
  }

  /** True when somebody hurried. */
  async #pause(seconds) {
    const hurried = await new Promise((done) => {
      setTimeout(done, seconds * 1000, false);
      this.wake = () => done(true);
      addEventListener("online", this.wake, { once: true });
    });
    removeEventListener("online", this.wake);
    this.wake = null;
    if (this.stopped) throw new Stopped();
    return hurried;
  }

  async #requireReadable() {
    try {
      await this.file.slice(this.there, this.there + 1).arrayBuffer();
    } catch {
      throw new Unreadable();
    }
  }

  /** The answer; status 0 where none came. Not fetch, which does not tell how much was sent. */
  #ask(method, address, body = null, headers = {}) {
    return new Promise((resolve) => {
      const request = (this.request = new XMLHttpRequest());
      let watch;
      const heard = () => {
        clearTimeout(watch);
        watch = setTimeout(() => request.abort(), SILENCE);
      };
      request.open(method, address);
      for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", ...headers })) {
        request.setRequestHeader(name, value);
      }
      if (body) {
        request.upload.onprogress = ({ loaded }) => {
          heard();
          this.on.progress(this.there + loaded);
        };
      }
      request.onloadend = () => {
        clearTimeout(watch);
        resolve(answerOf(request));
      };
      heard();
      request.send(body);
    });
  }
}

function answerOf(request) {
  let sentence = "";
  try {
    sentence = JSON.parse(request.responseText).error || "";
  } catch {
    // Not goblin's answer, or an empty one.
  }
  return { status: request.status, sentence, header: (name) => request.getResponseHeader(name) || "" };
}

/** Upload-Metadata: pairs of a key and base64 of UTF-8. */
function encode(details) {
  return Object.entries(details)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${btoa(String.fromCodePoint(...new TextEncoder().encode(value)))}`)
    .join(",");
}
