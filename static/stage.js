// Life on a stage: a waveform to seek in, and media that are still being prepared.

import { choose } from "./qualities.js";
import { looked } from "./waiting.js";

const EVERY = 2000; // ms

/** Brings a stage to life; `ready` is called when what it waited for has come. */
export function enliven(stage, ready) {
  const wave = stage.querySelector("[data-seek]");
  if (wave) seek(wave, stage.querySelector("audio"));
  const qualities = stage.querySelector("[data-qualities]");
  if (qualities) choose(qualities, stage.querySelector("video"));
  if (stage.querySelector(".cues")) import("./cues.js").then(({ follow }) => follow(stage));
  if (stage.dataset.poll) wait(stage, ready);
}

/** The picture of the sound shows where it is, and a press on it goes there. */
function seek(wave, audio) {
  const head = wave.querySelector(".head");
  if (!head || !audio) return;
  audio.addEventListener("timeupdate", () => {
    head.hidden = !audio.currentTime;
    head.style.left = `${(audio.currentTime / audio.duration) * 100}%`;
  });
  wave.addEventListener("click", ({ clientX }) => {
    const { left, width } = wave.getBoundingClientRect();
    if (audio.duration) audio.currentTime = ((clientX - left) / width) * audio.duration;
    audio.play();
  });
}

/** Follows the preparation; its address answers JSON with state, progress. */
async function wait(stage, ready) {
  while (stage.isConnected) {
    await new Promise((done) => setTimeout(done, EVERY));
    await looked();
    const answer = await fetch(stage.dataset.poll, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) continue;
    const { state, progress } = await answer.json();
    if (state === "processed" || state === "failed") return ready();
    stage.querySelector("progress").value = progress || 0;
  }
}
