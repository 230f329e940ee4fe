// A photo that moves: while its sign is pressed on, pointed at, or a finger rests on the photo.
// Without script the sign leads to the film.

const REST = 350; // ms that a finger lies still on the photo
const FAR = 10; // pixels; a finger that goes further means something else
const calm = matchMedia("(prefers-reduced-motion: reduce)");

customElements.define("goblin-motion", class extends HTMLElement {
  #video = null;
  #timer = 0;

  connectedCallback() {
    this.mover = this.#button();
    this.mover.addEventListener("click", () => this.move(this.mover.ariaPressed !== "true"));
    this.mover.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse" && !calm.matches) this.#play();
    });
    this.mover.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && this.mover.ariaPressed !== "true") this.#hold();
    });
    this.#fingers(this.querySelector("img"));
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#video?.pause();
  }

  /** The link becomes a button that keys and readers know as one. */
  #button() {
    const link = this.querySelector(".mover");
    if (link.matches("button")) return link;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "mover" });
    button.append(...link.childNodes);
    button.title = this.dataset.play;
    button.ariaPressed = "false";
    link.replaceWith(button);
    return button;
  }

  #fingers(photo) {
    let from = null;
    photo.addEventListener("contextmenu", (event) => from && event.preventDefault());
    photo.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" || !event.isPrimary) return;
      from = event;
      this.#timer = setTimeout(() => this.#play(), REST);
    });
    const end = () => {
      if (from && this.mover.ariaPressed !== "true") this.#hold();
      from = null;
    };
    for (const name of ["pointerup", "pointercancel"]) photo.addEventListener(name, end);
    photo.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (from && Math.hypot(clientX - from.clientX, clientY - from.clientY) > FAR) end();
    });
  }

  /** Moves until the end of the film, or until it is called off. */
  move(on) {
    this.mover.ariaPressed = String(on);
    this.mover.title = on ? this.dataset.stop : this.dataset.play;
    if (on) this.#play();
    else this.#hold();
  }

  async #play() {
    const video = (this.#video ||= this.#load());
    video.currentTime = 0;
    // With its sound if the browser lets it; one that was only pointed at stays silent.
    video.muted = this.mover.ariaPressed !== "true";
    await video.play().catch(() => ((video.muted = true), video.play().catch(() => {})));
    this.classList.toggle("moving", !video.paused);
  }

  #hold() {
    clearTimeout(this.#timer);
    this.classList.remove("moving");
    this.#video?.pause();
  }

  #load() {
    const video = Object.assign(document.createElement("video"), { src: this.dataset.film, playsInline: true });
    video.disableRemotePlayback = true;
    video.ariaHidden = "true";
    video.addEventListener("ended", () => this.move(false));
    this.querySelector("img").after(video);
    return video;
  }
});
