// Small pictures of files before they are sent: drawn when their row is seen, one at a time.

const SIDE = 112; // pixels, twice what is shown

let turn = Promise.resolve();
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      seen.unobserve(target);
      turn = turn.then(() => draw(target)).catch(() => {}); // the sign of its kind stays
    }
  }
});
const files = new WeakMap();

/** Shows a picture's file in an element, once that is on the screen. */
export function preview(file, element) {
  if (!file.type.startsWith("image/")) return;
  files.set(element, file);
  seen.observe(element);
}

/** A canvas of a few KB, where the picture itself would hold its 50 MB of pixels for as long as the row stands. */
async function draw(element) {
  if (!element.isConnected) return;
  const address = URL.createObjectURL(files.get(element));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    const scale = SIDE / Math.min(picture.naturalWidth, picture.naturalHeight);
    const [width, height] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
    canvas.width = canvas.height = SIDE;
    canvas.getContext("2d").drawImage(picture, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    element.replaceChildren(canvas);
  } finally {
    URL.revokeObjectURL(address);
  }
}
