// A model that can be turned: draws the gallery's own copy of its triangles, and nothing else, with WebGL 2.
// Without script, without WebGL, or when loading fails, the four pictures stay.

const SIDES = { perspective: [35, 26], front: [0, 0], side: [90, 0], top: [0, 90] }; // degrees: around, above
const FAR = 4.5; // of the eye from the middle; the longest side of the model goes from -1 to 1
const FILL = 0.88; // of the room that the model takes at first
const NEAREST = 40, FARTHEST = 0.3; // times its first size
const STEP = 7.5, NEARER = 1.25; // of a key
const HEADER = 16, COLOURS = 1;
const PLAIN = [0x93 / 255, 0xb2 / 255, 0x80 / 255, 1];

// The light is that of the pictures (see goblin/media/mesh/draw.py), so that nothing jumps when we begin.
const VERTEX = `#version 300 es
layout(location = 0) in vec3 place;
layout(location = 1) in vec4 tint;
uniform mat3 camera;
uniform vec2 scale, middle;
out vec3 seen;
flat out vec3 colour;
void main() {
  seen = camera * place;
  colour = tint.rgb;
  float away = ${FAR} - seen.z; // from 2.5 to 6.5, whichever way it is turned
  gl_Position = vec4(scale * (seen.xy - middle * away), 2.25 * away - 8.125, away);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec3 seen;
flat in vec3 colour;
uniform vec3 sky;
out vec4 pixel;
void main() {
  vec3 across = dFdx(seen), up = dFdy(seen), face = cross(across, up);
  face = length(face) > 0.0 ? normalize(face) : vec3(0, 0, 1);
  if (dot(face, vec3(0, 0, ${FAR}) - seen) < 0.0) face = -face;
  float light = 0.30 + 0.05 * (dot(face, sky) + 1.0) + 0.52 * max(0.0, dot(face, vec3(-0.45, 0.62, 0.64)))
    + 0.24 * max(0.0, dot(face, vec3(0.80, 0.10, 0.59)));
  pixel = vec4(min((colour + 0.063) * light, 1.0), 1.0);
}`;

// The copy as it was written by goblin/media/mesh/packed.py; null if it is not one.
function unpack(buffer) {
  const head = new DataView(buffer);
  if (buffer.byteLength < HEADER || head.getUint32(0) !== 0x474f4233 || head.getUint16(4, true) !== 1) return null;
  const count = head.getUint32(8, true), coloured = head.getUint16(6, true) & COLOURS;
  const end = HEADER + Math.ceil((count * 18) / 4) * 4;
  if (buffer.byteLength !== end + (coloured ? count * 4 : 0)) return null;
  const places = new Int16Array(buffer, HEADER, count * 9);
  if (!coloured) return { count, places, tints: null };
  const one = new Uint32Array(buffer, end, count), tints = new Uint32Array(count * 3);
  for (let i = 0; i < count; i++) tints[3 * i] = tints[3 * i + 1] = tints[3 * i + 2] = one[i];
  return { count, places, tints };
}

// The directions right, up and toward the eye, seen from so many degrees around and above.
function axes(around, above) {
  const a = (around * Math.PI) / 180, b = (above * Math.PI) / 180;
  const sine = Math.sin(a), cosine = Math.cos(a), high = Math.sin(b), flat = Math.cos(b);
  return [cosine, sine, 0, -sine * high, cosine * high, flat, sine * flat, -cosine * flat, high];
}

class Model extends HTMLElement {
  async connectedCallback() {
    this.room = this.querySelector(".room");
    if (!this.dataset.mesh || this.canvas) return;
    if (!this.begin()) return this.fail();
    try {
      const answer = await fetch(this.dataset.mesh);
      this.mesh = answer.ok ? unpack(await answer.arrayBuffer()) : null;
    } catch {
      this.mesh = null;
    }
    if (!this.isConnected) return this.end();
    if (!this.mesh?.count || !this.load()) return this.fail();
    this.furnish();
    this.look("perspective", false);
    this.classList.add("turning");
  }

  disconnectedCallback() {
    this.end();
  }

  begin() {
    this.canvas = document.createElement("canvas");
    this.gl = this.canvas.getContext("webgl2", { antialias: true, powerPreference: "low-power" });
    if (!this.gl) this.canvas = null;
    return Boolean(this.gl);
  }

  // Back to the pictures, with a word about it where something failed.
  fail() {
    this.end();
    const said = Object.assign(document.createElement("p"), { className: "cannot", textContent: this.dataset.cannot });
    said.setAttribute("role", "status");
    this.room.append(said);
  }

  // Nothing but the pictures.
  end() {
    this.watch?.disconnect();
    this.canvas?.remove();
    this.tools?.forEach((tool) => tool.remove());
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
    this.classList.remove("turning");
    this.canvas = this.gl = this.mesh = null;
  }

  // False where this machine does not take the program that draws.
  load() {
    const gl = this.gl, program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return false;
    gl.useProgram(program);
    this.fill(0, this.mesh.places, 3, gl.SHORT, true);
    if (this.mesh.tints) this.fill(1, this.mesh.tints, 4, gl.UNSIGNED_BYTE, true);
    else gl.vertexAttrib4fv(1, PLAIN);
    this.place = Object.fromEntries(["camera", "scale", "middle", "sky"].map((name) => [name, gl.getUniformLocation(program, name)]));
    gl.enable(gl.DEPTH_TEST);
    return true;
  }

  fill(number, data, parts, kind, whole) {
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(number);
    gl.vertexAttribPointer(number, parts, kind, whole, 0, 0);
  }

  // The canvas and its buttons, for the mouse, for fingers, for keys and for those who listen.
  furnish() {
    const { canvas } = this, added = this.querySelector("template").content.cloneNode(true);
    this.tools = [...added.children];
    this.tools[0].id = `model-help-${Model.count = (Model.count ?? 0) + 1}`;
    for (const [name, value] of Object.entries({
      tabindex: 0, role: "application", "aria-label": this.dataset.name,
      "aria-roledescription": this.dataset.role, "aria-describedby": this.tools[0].id,
    })) canvas.setAttribute(name, value);
    this.room.append(canvas, added);
    this.room.addEventListener("click", (event) => this.press(event));
    this.querySelectorAll("[data-side]").forEach((link) => link.setAttribute("role", "button"));
    this.querySelector(".sides").addEventListener("click", (event) => this.press(event));
    this.querySelector(".sides").addEventListener("keydown", (event) => event.key === " " && this.press(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("webglcontextlost", () => this.canvas === canvas && this.fail());
    // A finger here turns; it does not swipe to the neighbours.
    for (const name of ["touchstart", "touchend"]) canvas.addEventListener(name, (event) => event.stopPropagation(), { passive: true });
    this.fingers = new Map();
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"])
      canvas.addEventListener(name, (event) => this.point(event));
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(canvas);
  }

  press(event) {
    const side = event.target.closest("[data-side]")?.dataset.side, does = event.target.closest("[data-do]")?.dataset.do;
    if ((!side && !does) || !this.mesh || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (side) this.look(side);
    else if (does === "again") this.look("perspective");
    else this.zoom(does === "nearer" ? NEARER : 1 / NEARER);
  }

  key(event) {
    this.canvas.classList.remove("held");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const turns = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    const zooms = { "+": NEARER, "=": NEARER, "-": 1 / NEARER, "−": 1 / NEARER, _: 1 / NEARER };
    if (turns[event.key]) this.turn(...turns[event.key]);
    else if (zooms[event.key]) this.zoom(zooms[event.key]);
    else if (event.key === "0" || event.key === "Home") this.look("perspective");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The wheel belongs to the page until somebody has taken hold of the model.
  wheel(event) {
    if (document.activeElement !== this.canvas && !event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.zoom(Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) / 400), this.at(event));
  }

  // One finger or the mouse turns; two come nearer and move it.
  point(event) {
    event.stopPropagation();
    const before = this.spread();
    if (event.type === "pointerdown") {
      this.canvas.classList.add("held"); // a frame around it is for those who came by keys
      this.canvas.focus({ preventScroll: true });
      this.canvas.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
    } else if (event.type !== "pointermove") this.fingers.delete(event.pointerId);
    else if (this.fingers.has(event.pointerId)) {
      const old = this.fingers.get(event.pointerId);
      this.fingers.set(event.pointerId, event);
      const now = this.spread();
      if (this.fingers.size === 1) this.turn((old.clientX - event.clientX) / 2.5, (event.clientY - old.clientY) / 2.5);
      else if (before && now) this.pinch(before, now);
    }
  }

  pinch(before, now) {
    this.middle = this.middle.map((part, i) => part - (now.at[i] - before.at[i]) / this.scale()[i]);
    this.zoom(now.wide / Math.max(before.wide, 1), now.at);
  }

  // Where two fingers are, and how far from each other.
  spread() {
    const [one, two] = this.fingers?.values() ?? [];
    if (!two) return null;
    const [a, b] = [this.at(one), this.at(two)];
    return { at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], wide: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) };
  }

  // A place in the room, from -1 to 1.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2];
  }

  turn(around, above) {
    this.around = (this.around + around) % 360;
    this.above = Math.max(-90, Math.min(90, this.above + above));
    this.mark("");
    this.draw();
  }

  // Come nearer, to the middle or to a place that then stays where it is.
  zoom(times, place = [0, 0]) {
    const before = this.scale();
    this.near = Math.max(FARTHEST, Math.min(NEAREST, this.near * times));
    const after = this.scale();
    this.middle = this.middle.map((part, i) => part + place[i] / before[i] - place[i] / after[i]);
    this.draw();
  }

  // From one of the four sides, the whole of it.
  look(side, slowly = !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const [around, above] = SIDES[side], { middle, size } = this.bounds(axes(around, above));
    const goal = { around, above, near: 1, size, middle };
    this.mark(side);
    cancelAnimationFrame(this.moving);
    if (!slowly) return Object.assign(this, goal), this.draw();
    const from = { around: this.around, above: this.above, near: this.near, size: this.size, middle: this.middle };
    from.around += 360 * Math.round((around - from.around) / 360);
    const start = performance.now(), mix = (a, b, part) => a + (b - a) * part;
    const go = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / 180)), ease = part * (2 - part);
      for (const name of ["around", "above", "near", "size"]) this[name] = mix(from[name], goal[name], ease);
      this.middle = goal.middle.map((end, i) => mix(from.middle[i], end, ease));
      this.draw();
      if (part < 1 && this.gl) this.moving = requestAnimationFrame(go);
    };
    this.moving = requestAnimationFrame(go);
  }

  mark(side) {
    this.querySelectorAll("[data-side]").forEach((link) => link.setAttribute("aria-pressed", String(link.dataset.side === side)));
  }

  // What the eye sees of the model from there: its middle and its longer side.
  bounds(m) {
    const { places } = this.mesh, low = [Infinity, Infinity], high = [-Infinity, -Infinity];
    for (let i = 0; i < places.length; i += 3) {
      const x = places[i] / 32767, y = places[i + 1] / 32767, z = places[i + 2] / 32767;
      const away = FAR - (m[6] * x + m[7] * y + m[8] * z);
      for (let k = 0; k < 2; k++) {
        const value = (m[3 * k] * x + m[3 * k + 1] * y + m[3 * k + 2] * z) / away;
        if (value < low[k]) low[k] = value;
        if (value > high[k]) high[k] = value;
      }
    }
    return { middle: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2], size: Math.max(high[0] - low[0], high[1] - low[1], 1e-6) };
  }

  // How much a thing grows from what the eye sees to the room, across and up.
  scale() {
    const { clientWidth: width, clientHeight: height } = this.canvas, short = Math.min(width, height) || 1;
    const grown = ((2 * FILL) / this.size) * this.near;
    return [(grown * short) / (width || 1), (grown * short) / (height || 1)];
  }

  draw() {
    const { gl, canvas, place } = this;
    if (!gl) return;
    const sharp = Math.min(devicePixelRatio || 1, 2), m = axes(this.around, this.above);
    const wide = Math.round(canvas.clientWidth * sharp), high = Math.round(canvas.clientHeight * sharp);
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    gl.viewport(0, 0, wide, high);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix3fv(place.camera, true, m);
    gl.uniform2fv(place.scale, this.scale());
    gl.uniform2fv(place.middle, this.middle);
    gl.uniform3f(place.sky, m[2], m[5], m[8]);
    gl.drawArrays(gl.TRIANGLES, 0, this.mesh.count * 3);
  }
}

if (!customElements.get("goblin-model")) customElements.define("goblin-model", Model);
