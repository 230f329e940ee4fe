// How many of one's media are still being prepared: asks while somebody looks, and keeps the menu's count right.

const EVERY = 2000; // ms
const SELDOM = 30_000; // ms, when the server does not answer

/** Asks what became of one's media since a moment until nothing waits; `tell` gets each answer. */
export async function watch(since, tell = () => {}) {
  const badge = document.querySelector("[data-waiting]");
  for (let pause = EVERY; ; await new Promise((done) => setTimeout(done, pause))) {
    await looked();
    const answer = await ask(`${badge.dataset.waiting}?since=${encodeURIComponent(since)}`);
    if (answer === null) return;
    pause = answer ? EVERY : Math.min(pause * 2, SELDOM);
    if (!answer) continue;
    since = answer.stamp;
    show(answer.waiting);
    await tell(answer);
    if (!answer.waiting) return;
  }
}

let counting = false;

/** Keeps the count right from now on. */
export async function count() {
  if (counting) return;
  counting = true;
  await watch(new Date().toISOString()).finally(() => (counting = false));
}

/** undefined where no answer came, null where there will be none. */
async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (answer.ok) return await answer.json();
    return answer.status < 500 ? null : undefined;
  } catch {
    return undefined;
  }
}

function show(waiting) {
  for (const badge of document.querySelectorAll("[data-waiting], .menu li .count")) {
    badge.textContent = waiting;
    badge.hidden = !waiting;
  }
}

/** When the tab is in front. */
export function looked() {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", function seen() {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", seen);
      done();
    });
  });
}
