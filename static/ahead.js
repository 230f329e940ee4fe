// Fetching ahead: the page of a medium and its picture, before one asks for them.

/** The page at an address, not shown anywhere; throws when there is no medium in it. */
export async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector(".stage")) throw new Error("no stage");
  return page;
}

/** Lets the browser fetch the picture of such a page, in the size it will show. */
export function fetchPicture(page) {
  const picture = page.querySelector(".stage img.picture");
  if (picture) Object.assign(new Image(), { sizes: picture.sizes, srcset: picture.srcset, src: picture.src });
}
