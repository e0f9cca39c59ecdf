// Opens every page of the built book in Chromium, in a light and a dark theme, on a wide and a narrow
// screen, and fails on what would bother a reader: a finding of axe, a message in the console, a
// request that fails or leaves the machine, a page that scrolls sideways.
//
//     node .ci/pages.mjs book

import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { extname, join, normalize, resolve, sep } from "node:path";
import { chromium } from "playwright-core";

const THEMES = ["light", "navy"];
const SIZES = [[1440, 900], [360, 740]];
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// What mdBook's own pages get wrong and a theme cannot mend without a copy of its template.
const EXEMPT = [];

// Boxes that may be wider than they show: the reader scrolls them, with the keyboard too.
const SCROLLS = "pre > code, .formula, .table-wrapper, mdbook-sidebar-scrollbox";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const book = resolve(process.argv[2] ?? "book");

function serve() {
  const server = createServer(async ({ url }, answer) => {
    const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
    try {
      const file = join(book, path.endsWith(sep) ? `${path}index.html` : path);
      const body = await readFile(file);
      answer.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      answer.end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

/** Every page at every theme and size; what is no chapter (the whole book to print, 404) once. */
async function visits() {
  const toc = await readFile(join(book, "toc.html"), "utf8");
  const chapters = [...new Set([...toc.matchAll(/href="([^"#:]+\.html)"/g)].map(([, page]) => page))];
  if (chapters.length === 0) throw new Error(`${book}/toc.html names no page`);
  const files = (await readdir(book)).filter((file) => file.endsWith(".html"));
  const others = files.filter((file) => !chapters.includes(file) && file !== "toc.html");
  return [
    ...others.map((page) => ({ page, looks: [["light", [360, 740]]] })),
    ...chapters.map((page) => ({
      page,
      looks: THEMES.flatMap((theme) => SIZES.map((size) => [theme, size])),
    })),
  ];
}

/** In the page: what is cut off or scrolls sideways and should not. */
function tooWide(scrolls) {
  const name = (element) =>
    element.localName +
    (element.id ? `#${element.id}` : "") +
    [...element.classList].map((word) => `.${word}`).join("");
  const wrong = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} px wide`);
  // mdBook's body and .content would hide what sticks out, or scroll it in a box of their own.
  for (const element of document.querySelectorAll("body, #mdbook-content, #mdbook-content *")) {
    if (element.scrollWidth <= element.clientWidth + 1) continue;
    const { overflowX } = getComputedStyle(element);
    if (overflowX === "visible" || element.matches(scrolls) || element.closest(".katex")) continue;
    wrong.push(`${name(element)} is ${element.scrollWidth} px wide and shows ${element.clientWidth}`);
  }
  return wrong;
}

async function look(browser, origin, page, theme, [width, height]) {
  const wrong = [];
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  try {
    await context.addInitScript((name) => localStorage.setItem("mdbook-theme", name), theme);
    await context.addInitScript({ content: axe });
    const tab = await context.newPage();
    tab.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
    });
    tab.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
    tab.on("requestfailed", (request) =>
      wrong.push(`request failed: ${request.url()} (${request.failure()?.errorText})`),
    );
    tab.on("response", (response) => {
      if (response.status() >= 400) wrong.push(`request: ${response.status()} ${response.url()}`);
    });
    await context.route("**", (route) => {
      const { protocol, origin: to } = new URL(route.request().url());
      if (to === origin || protocol === "data:") return route.continue();
      wrong.push(`request to another machine: ${route.request().url()}`);
      return route.abort();
    });
    await tab.goto(`${origin}/${page}`, { waitUntil: "networkidle" });
    await tab.evaluate(() => {
      for (const box of document.querySelectorAll("details")) box.open = true;
      return document.fonts.ready;
    });
    const shown = await tab.evaluate(() => document.documentElement.className.split(" "));
    if (!shown.includes(theme)) wrong.push(`the page does not show the theme ${theme}`);
    wrong.push(...(await tab.evaluate(tooWide, SCROLLS)));
    const { violations } = await tab.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    for (const { id, impact, help, nodes } of violations) {
      for (const node of nodes) {
        const target = node.target.flat().join(" ");
        const exempt = EXEMPT.find((known) => known.rule === id && known.target.test(target));
        if (exempt) exempt.seen = true;
        else wrong.push(`axe ${id} (${impact}): ${help}\n      ${target}\n      ${node.html.slice(0, 160)}\n ${node.failureSummary}`);
      }
    }
  } catch (error) {
    wrong.push(`${error}`);
  } finally {
    await context.close();
  }
  return wrong;
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
const queue = await visits();
let [passed, failed] = [0, 0];

async function work() {
  for (let visit = queue.shift(); visit; visit = queue.shift()) {
    const found = new Map(); // what is wrong: where
    const start = performance.now();
    for (const [theme, size] of visit.looks) {
      for (const wrong of await look(browser, origin, visit.page, theme, size)) {
        found.set(wrong, [...(found.get(wrong) ?? []), `${theme} ${size.join("x")}`]);
      }
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${found.size === 0 ? "ok  " : "FAIL"} ${visit.page} (${visit.looks.length} looks, ${seconds} s)`);
    for (const [wrong, where] of found) console.log(`    ${wrong}\n      in ${where.join(", ")}`);
    found.size === 0 ? passed++ : failed++;
  }
}

await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
await browser.close();
server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
