// Opens every page of the built book that has figures in Chromium, on a phone and on a wide screen, and
// fails on what a reader could not see: a panel wider than its place, words under 11 pixels, words that
// stand on each other or are cut off at the edge of their panel.
//
//     node .ci/figures.mjs book [FOLDER]
//
// With a FOLDER it keeps a picture of every figure, in both sizes, light and dark, to be looked at.

import { mkdir, readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const SIZES = [360, 1440];
const LEAST = 11; // pixels
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

const book = resolve(process.argv[2] ?? "book");
const pictures = process.argv[3];

/** In the page: what is wrong with its figures, and how many there are. */
function judge(least) {
  const wrong = [];
  const figures = [...document.querySelectorAll("main figure")];
  for (const figure of figures) {
    const say = (what) => wrong.push(`${figure.id}: ${what}`);
    const drawing = figure.querySelector(".drawing");
    const panels = [...drawing.querySelectorAll("svg")];
    if (panels.length === 0) say("has no panel");
    if (drawing.scrollWidth > drawing.clientWidth) {
      say(`is ${drawing.scrollWidth} px wide and shows ${drawing.clientWidth}`);
    }
    const place = drawing.getBoundingClientRect();
    for (const panel of panels) {
      const edge = panel.getBoundingClientRect();
      if (edge.left < place.left - 1 || edge.right > place.right + 1) say("a panel leaves its place");
      const scale = edge.width / panel.viewBox.baseVal.width;
      const words = [...panel.querySelectorAll("text")].map((text) => ({
        text: text.textContent,
        size: parseFloat(getComputedStyle(text).fontSize) * scale,
        turned: text.hasAttribute("transform"),
        box: text.getBoundingClientRect(),
      }));
      for (const { text, size, box } of words) {
        if (size < least) say(`“${text}” is ${size.toFixed(1)} px high`);
        const over = Math.max(
          edge.left - box.left, box.right - edge.right, edge.top - box.top, box.bottom - edge.bottom,
        );
        // The box of a line of words has room for accents, which none of these has.
        if (over > 0.2 * size) say(`“${text}” is cut off by ${over.toFixed(1)} px`);
      }
      for (const [i, a] of words.entries()) {
        for (const b of words.slice(i + 1)) {
          if (a.turned || b.turned) continue;
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (across > 1 && down > 0.25 * a.size) say(`“${a.text}” stands on “${b.text}”`);
        }
      }
    }
  }
  return [wrong, figures.map(({ id }) => id)];
}

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
let [count, failed] = [0, 0];
const files = (await readdir(book)).filter((file) => file.endsWith(".html")).sort();
if (pictures) await mkdir(pictures, { recursive: true });
for (const file of files) {
  if (["print.html", "toc.html", "index.html"].includes(file)) continue;
  if (!(await readFile(join(book, file), "utf8")).includes("class=\"drawing\"")) continue;
  for (const width of SIZES) {
    for (const theme of pictures ? ["light", "navy"] : ["light"]) {
      const isMobile = width === SIZES[0]; // whose scroll bars take no room
      const context = await browser.newContext({ viewport: { width, height: 900 }, isMobile });
      await context.addInitScript((name) => localStorage.setItem("mdbook-theme", name), theme);
      const page = await context.newPage();
      await page.goto(pathToFileURL(join(book, file)).href);
      await page.evaluate(async () => {
        for (const box of document.querySelectorAll("details")) box.open = true;
        await document.fonts.ready;
      });
      await page.addStyleTag({ content: "#mdbook-menu-bar { display: none !important }" }); // it would cover pictures
      const [wrong, figures] = await page.evaluate(judge, LEAST);
      for (const what of wrong) console.log(`FAIL ${file} at ${width} px: ${what}`);
      failed += wrong.length;
      if (width === SIZES[0] && theme === "light") count += figures.length;
      if (pictures) {
        for (const id of figures) {
          const picture = join(pictures, `${id.replace("fig-", "")}-${width}-${theme}.png`);
          await page.locator(`#${id}`).screenshot({ path: picture });
        }
      }
      await context.close();
    }
  }
}
await browser.close();
if (count === 0) {
  console.log(`FAIL ${book} has no figure`);
  failed += 1;
}
console.log(`${count} figures, ${failed} faults`);
process.exitCode = failed === 0 ? 0 : 1;
