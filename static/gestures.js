// Fingers, mouse and wheel on a stage: swipe to the neighbours, down to leave, closer by pinch or double tap.

const FAR = 60; // pixels that make a swipe
const CLOSER = 2.5; // how much a tap brings it closer, but for panoramas
const CLOSEST = 8; // and pinch and wheel
const DOUBLE = 300; // ms between the taps of a double one
const CONTROLS = 90; // pixels at the foot of a film that belong to its controls

/** Watches a stage; `does` has next, previous, close. Answers with reset and toggle of being closer. */
export function gestures(stage, does) {
  const fingers = new Map();
  let view = { scale: 1, x: 0, y: 0 };
  let start = null; // of a swipe: where it began, and the view then
  let tapped = 0;

  const picture = () => stage.querySelector("img.picture");

  /** How much closer a picture fills the stage: a panorama is a thin strip before. */
  function filling() {
    const { naturalWidth, naturalHeight } = picture();
    const [across, down] = [stage.clientWidth / naturalWidth, stage.clientHeight / naturalHeight];
    return Math.max(across, down) / Math.min(across, down) || 1;
  }

  const within = (scale) => Math.min(Math.max(scale, 1), Math.max(CLOSEST, filling()));

  function draw(scale, x, y) {
    const target = picture();
    if (!target) return;
    const { clientWidth: width, clientHeight: height } = stage;
    scale = within(scale);
    x = Math.min(0, Math.max(x, width * (1 - scale)));
    y = Math.min(0, Math.max(y, height * (1 - scale)));
    view = { scale, x, y };
    target.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    target.sizes = `${Math.round(width * scale)}px`; // lets the browser take a larger copy
    stage.classList.toggle("closer", scale > 1);
  }

  /** Keeps what is under a point where it is. */
  function zoom(scale, clientX, clientY) {
    const { left, top } = stage.getBoundingClientRect();
    const [px, py] = [clientX - left, clientY - top];
    const by = within(scale) / view.scale;
    draw(view.scale * by, px - (px - view.x) * by, py - (py - view.y) * by);
  }

  function toggle(clientX, clientY) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const closer = filling() > CLOSEST ? filling() : CLOSER;
    zoom(view.scale > 1 ? 1 : closer, clientX ?? left + width / 2, clientY ?? top + height / 2);
  }

  function isControl({ target, clientY }) {
    if (target.closest("audio, a, button, progress, .sound")) return true;
    return target.matches("video") && clientY > target.getBoundingClientRect().bottom - CONTROLS;
  }

  function pinch() {
    const [a, b] = [...fingers.values()];
    return { far: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  stage.addEventListener("pointerdown", (event) => {
    const selects = event.pointerType === "mouse" && !picture(); // text, where a mouse means that
    if (isControl(event) || event.button || selects) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (picture()) stage.setPointerCapture(event.pointerId);
    const both = fingers.size === 2 && pinch();
    start = { x: event.clientX, y: event.clientY, view, pinch: both, moved: both || start?.pinch };
  });

  stage.addEventListener("pointermove", (event) => {
    if (!start || !fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2 && start.pinch) {
      const now = pinch();
      draw(view.scale, view.x + now.x - start.pinch.x, view.y + now.y - start.pinch.y);
      zoom((view.scale * now.far) / start.pinch.far, now.x, now.y);
      start.pinch = now;
    } else if (fingers.size === 1) {
      drag(event);
    }
  });

  function drag({ clientX, clientY }) {
    const [dx, dy] = [clientX - start.x, clientY - start.y];
    start.moved ||= Math.hypot(dx, dy) > 8;
    if (view.scale > 1) return draw(view.scale, start.view.x + dx, start.view.y + dy);
    const target = picture();
    if (target && start.moved && !start.pinch) target.style.transform = `translate(${dx}px, ${Math.max(0, dy)}px)`;
  }

  function lift(event) {
    if (!fingers.delete(event.pointerId) || !start || fingers.size) return;
    const { x, y, moved, pinch: pinched } = start;
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    start = null;
    if (event.type === "pointercancel") return draw(view.scale, view.x, view.y);
    if (!moved) return tap(event);
    if (view.scale > 1 || pinched) return;
    draw(1, 0, 0);
    if (Math.abs(dx) > FAR && Math.abs(dx) > Math.abs(dy)) does[dx < 0 ? "next" : "previous"]();
    else if (dy > FAR * 1.5) does.close();
  }
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);

  function tap(event) {
    if (!picture()) return;
    if (!isOnPicture(event)) return event.pointerType === "mouse" && does.close();
    const twice = event.timeStamp - tapped < DOUBLE;
    tapped = twice ? 0 : event.timeStamp;
    if (event.pointerType === "mouse" || twice) toggle(event.clientX, event.clientY);
  }

  /** The picture itself is smaller than its box where the shapes differ. */
  function isOnPicture({ clientX, clientY }) {
    const target = picture();
    const box = target.getBoundingClientRect();
    const fit = Math.min(box.width / target.naturalWidth, box.height / target.naturalHeight, view.scale);
    const [dx, dy] = [clientX - (box.left + box.width / 2), clientY - (box.top + box.height / 2)];
    return Math.abs(dx) * 2 <= target.naturalWidth * fit && Math.abs(dy) * 2 <= target.naturalHeight * fit;
  }

  stage.addEventListener("wheel", (event) => {
    if (!picture()) return;
    event.preventDefault();
    zoom(view.scale * Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });

  function reset() {
    view = { scale: 1, x: 0, y: 0 };
    stage.classList.remove("closer");
  }

  return { reset, toggle: () => toggle() };
}
