// Opens every page of the built book in Chromium, in a light and a dark theme and one of high contrast
// (light and dark in turn), on wide and narrow screens, and fails on what would bother a reader: a
// finding of axe, a message in the console, a request that fails or leaves the machine, a page that
// scrolls sideways, lines that move while a page loads.
//
//     node .ci/pages.mjs book [PAGE]…

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { BROWSER, countShifts, serve } from "./serve.mjs";

const THEMES = ["light", "navy"];
const CONTRAST = ["rust", "coal"]; // as theme/head.hbs names them: high contrast, light and dark
const SIZES = [[1440, 900], [360, 740]];
const LOOKS = [
  ...THEMES.flatMap((theme) => SIZES.map((size) => ({ theme, size, search: "" }))),
  { theme: "light", size: [768, 1024], search: "" },
];
const MORE = CONTRAST.map((theme) => ({ theme, size: SIZES[0], search: "" }));
// Without scripts, on a dark system: mdBook then shows a theme that no class names.
const PLAIN = { theme: "no scripts", size: SIZES[0], search: "?no-scripts" };
// What is wrong with mdBook's own pages and cannot be mended without a copy of its template.
const EXEMPT = [
  {
    rule: "aria-allowed-role",
    target: /^#mdbook-sidebar-toggle$/,
    why: "a <label> that is a button: mdBook sets aria-expanded on it, which only a button may have, so theme/head.hbs says that it is one",
  },
];

// How much of the screen may move while a page loads, as browsers measure it (cumulative layout shift):
// what they call good. A page at rest has up to 0.03, from mdBook's table of contents.
const SHIFT = 0.1;

// Boxes that may be wider than they show: the reader scrolls them, with the keyboard too.
const SCROLLS = "pre > code, .formula, .table-wrapper";

const [folder = "book", ...only] = process.argv.slice(2);
const book = resolve(folder);

/** The page without its scripts, where the address asks for that. */
function change(body, search) {
  if (search !== PLAIN.search) return body;
  return body.toString().replace(/<script[^]*?<\/script>|<\/?noscript>/g, "");
}

/** Every chapter in its looks, the first also without scripts; what is no chapter in one look. */
async function visits() {
  const toc = await readFile(join(book, "toc.html"), "utf8");
  const chapters = [...new Set([...toc.matchAll(/href="([^"#:]+\.html)"/g)].map(([, page]) => page))];
  if (chapters.length === 0) throw new Error(`${book}/toc.html names no page`);
  // toc.html is a frame for readers without scripts. The longest page first: the whole book to print.
  const others = (await readdir(book, { recursive: true })).filter(
    (file) => file.endsWith(".html") && file !== "toc.html" && !chapters.includes(file),
  );
  others.sort((a, b) => (b === "print.html") - (a === "print.html"));
  return [
    ...others.map((page) => ({ page, looks: [LOOKS[1]] })),
    ...chapters.map((page, i) => ({
      page,
      looks: [...LOOKS, MORE[i % MORE.length], ...(i === 0 ? [PLAIN] : [])],
    })),
  ];
}

/** In the page: what is cut off or scrolls sideways and should not. */
function tooWide(scrolls) {
  const name = ({ localName, id, classList }) =>
    [localName, id && `#${id}`, ...[...classList].map((word) => `.${word}`)].join("");
  const wrong = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} px wide, the screen ${innerWidth}`);
  // mdBook's <body> and .content would hide what sticks out, or scroll it in a box of their own.
  for (const element of document.querySelectorAll("body, #mdbook-content, #mdbook-content *")) {
    if (element.scrollWidth <= element.clientWidth + 1) continue;
    if (getComputedStyle(element).overflowX === "visible") continue;
    if (element.matches(scrolls) || element.closest(".katex")) continue;
    wrong.push(`${name(element)} is ${element.scrollWidth} px wide and shows ${element.clientWidth}`);
  }
  return wrong;
}

/** A tab that shows pages in one look, and says what is wrong with each. */
async function tab(browser, look) {
  const { theme, size: [width, height], search } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: look === PLAIN ? "dark" : "light",
    reducedMotion: "reduce",
  });
  await context.addInitScript((name) => localStorage.setItem("mdbook-theme", name), theme);
  let wrong = [];
  await context.route("**", (route) => {
    const url = new URL(route.request().url());
    if (url.origin === origin || url.protocol === "data:") return route.continue();
    wrong.push(`request to another machine: ${url}`);
    return route.abort();
  });
  await context.addInitScript(countShifts);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => {
    wrong.push(`request failed: ${request.url()}, ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`request: ${response.status()} ${response.url()}`);
  });

  return async (file) => {
    wrong = [];
    try {
      await page.goto(`${origin}/${file}${search}`);
      const moved = await page.evaluate(async () => {
        await document.fonts.ready;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
        return shifts;
      });
      if (moved > SHIFT) wrong.push(`${moved.toFixed(2)} of the screen moves while the page loads`);
      await page.evaluate(async () => {
        for (const box of document.querySelectorAll("details")) {
          box.removeAttribute("name"); // of those with one name only one would be open
          box.open = true;
        }
        await document.fonts.ready;
      });
      // Boxes that have become wider than their place are marked in the next frames.
      const patience = file === "print.html" ? 2000 : 50;
      await page.evaluate(
        (wait) => new Promise((done) => requestAnimationFrame(() => setTimeout(done, wait))),
        patience,
      );
      const shown = await page.evaluate(() => [...document.documentElement.classList]);
      if (!shown.includes(look === PLAIN ? "light" : theme)) wrong.push(`the theme is not ${theme}`);
      wrong.push(...(await page.evaluate(tooWide, SCROLLS)));
      await page.evaluate(axe);
      // Contrast takes longest, and no width changes a colour. Without scripts mdBook's frame of a page
      // is as it is; theme/head.hbs mends it for the rest.
      const { violations } = await page.evaluate(([within, contrast, enhanced]) => {
        const rules = {
          "color-contrast": { enabled: contrast },
          "color-contrast-enhanced": { enabled: enhanced },
        };
        return globalThis.axe.run(within, { resultTypes: ["violations"], rules, iframes: false });
      }, [look === PLAIN ? "#mdbook-content" : "html", look.size === SIZES[0], MORE.includes(look)]);
      for (const { id, impact, help, nodes } of violations) {
        for (const { target, html, any, all, none } of nodes) {
          const place = target.flat().join(" ");
          const known = EXEMPT.find(({ rule, target }) => rule === id && target.test(place));
          if (known) {
            known.seen = true;
            continue;
          }
          const why = [...any, ...all, ...none].map(({ message }) => `\n        ${message}`);
          wrong.push(`axe, ${impact}: ${help} (${id})\n        ${place}  ${html.slice(0, 120)}${why.join("")}`);
        }
      }
    } catch (error) {
      wrong.push(`${error}`);
    }
    return wrong;
  };
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { server, origin } = await serve(book, change);
const queue = (await visits()).filter(({ page }) => only.length === 0 || only.includes(page));
const browser = await chromium.launch(BROWSER);
let [passed, failed] = [0, 0];

/** Takes pages until none is left. */
async function work() {
  const tabs = new Map(); // look: its tab
  for (let visit = queue.shift(); visit; visit = queue.shift()) {
    const found = new Map(); // what is wrong: in which looks
    for (const look of visit.looks) {
      if (!tabs.has(look)) tabs.set(look, await tab(browser, look));
      for (const wrong of await tabs.get(look)(visit.page)) {
        found.set(wrong, [...(found.get(wrong) ?? []), `${look.theme} ${look.size.join("x")}`]);
      }
    }
    console.log(`${found.size === 0 ? "ok  " : "FAIL"} ${visit.page}`);
    for (const [wrong, looks] of found) console.log(`    ${wrong}\n        in ${looks.join(", ")}`);
    if (found.size === 0) passed += 1;
    else failed += 1;
  }
}

await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
await browser.close();
server.close();
for (const { rule, target, seen } of EXEMPT) {
  if (seen) continue;
  console.log(`FAIL the exemption from ${rule} at ${target} is not needed any more`);
  failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
