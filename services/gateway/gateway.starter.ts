/**
 * Runs inside a page that has its first view already: fetches the application's scripts once the largest picture and the
 * first paint are through, so that on a slow line they do not take turns with what the shopper waits for. The timer is
 * for tabs in the background, which do not paint, and for pictures that hang. The page's policy names its hash.
 */
export const starter = `{
const { main, also } = document.currentScript.dataset;
let begun = false;
const begin = () => {
  if (begun) return;
  begun = true;
  for (const href of also.split(" ").filter(Boolean))
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", crossOrigin: "", href }));
  document.head.append(Object.assign(document.createElement("script"), { type: "module", crossOrigin: "", src: main }));
};
const painted = () => requestAnimationFrame(() => setTimeout(begin));
const picture = document.querySelector("#app img[fetchpriority=high]");
if (picture && !picture.complete) for (const end of ["load", "error"]) picture.addEventListener(end, painted);
else painted();
setTimeout(begin, 1500);
}`;
