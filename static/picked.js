// Files out of a choice, a drop or a paste, each with its path in the folder it came with.

const LEFT_BY_SYSTEMS = ["thumbs.db", "desktop.ini"];

/** Of an <input type="file">. */
export function chosen(input) {
  const found = Array.from(input.files, (file) => ({ file, path: file.webkitRelativePath || "" }));
  return found.filter(({ file, path }) => !path || wanted(file.name));
}

/** Of a drop; folders are walked through. */
export async function dropped(transfer) {
  // All at once: after the first pause the browser has emptied the list.
  const items = Array.from(transfer.items).filter((item) => item.kind === "file");
  const things = items.map((item) => item.webkitGetAsEntry?.() || item.getAsFile());
  const found = [];
  for (const thing of things) {
    if (thing instanceof File) found.push({ file: thing, path: "" });
    else if (thing) await walk(thing, found);
  }
  return found;
}

/** Of a paste; a picture without a name of its own gets one that says when. */
export function pasted(clipboard, word) {
  const when = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
  const stamp = when.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return Array.from(clipboard.files, (file, number) => {
    const named = /^image\.(\w+)$/.exec(file.name);
    if (!named) return { file, path: "" };
    const name = `${word} ${stamp}${number ? `-${number + 1}` : ""}.${named[1]}`;
    return { file: new File([file], name, { type: file.type, lastModified: file.lastModified }), path: "" };
  });
}

function wanted(name) {
  return !name.startsWith(".") && !LEFT_BY_SYSTEMS.includes(name.toLowerCase());
}

async function walk(entry, found, inside = false) {
  if (entry.isFile) {
    if (inside && !wanted(entry.name)) return;
    const file = await new Promise((done, fail) => entry.file(done, fail)).catch(() => null);
    if (file) found.push({ file, path: inside ? entry.fullPath.replace(/^\//, "") : "" });
    return;
  }
  const reader = entry.createReader();
  // A reader hands out a hundred at a time; an empty handful is the end.
  for (let some; (some = await new Promise((done) => reader.readEntries(done, () => done([])))).length; ) {
    for (const one of some) await walk(one, found, true);
  }
}
