// The words of a page, with numbers put in; sizes and times as people say them.

const words = document.querySelector("#words").dataset;
const language = document.documentElement.lang || "en";
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

export function size(bytes) {
  const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** step;
  const unitDisplay = step ? "short" : "long";
  const form = { style: "unit", unit: UNITS[step], unitDisplay, maximumFractionDigits: value < 100 && step ? 1 : 0 };
  return new Intl.NumberFormat(language, form).format(value);
}

export function time(seconds) {
  if (seconds < 60) return say("seconds", { count: Math.max(5, Math.ceil(seconds / 5) * 5) });
  const minutes = Math.ceil(seconds / 60), hours = Math.floor(minutes / 60);
  return hours ? say("hours", { hours, minutes: minutes % 60 }) : say("minutes", { count: minutes });
}

/** How fast something grows, over the last seconds. */
export class Meter {
  #seen = [];

  /** Bytes that are there now. */
  note(bytes) {
    const now = performance.now();
    this.#seen.push([now, bytes]);
    while (this.#seen.length > 2 && now - this.#seen[0][0] > 6000) this.#seen.shift();
  }

  /** Starts anew, so that what was there before does not count. */
  reset() {
    this.#seen = [];
  }

  /** Bytes per second; 0 while it cannot be told. */
  get speed() {
    if (this.#seen.length < 2) return 0;
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    const seconds = (last[0] - first[0]) / 1000;
    return seconds > 0.3 ? Math.max(0, (last[1] - first[1]) / seconds) : 0;
  }
}
