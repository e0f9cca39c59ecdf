// Moves every figure that moves, in Chromium, and fails on what would mislead or shut out a reader: a
// number or a drawing that is not what this machine computes, a control without effect or out of the
// keyboard's reach, a state that its address does not keep, lines that move, a finding of axe, a page
// that does without such figures and still loads them.
//
//     node .ci/instruments.mjs book
//
// It tells how many bytes such a page loads more, and how long a frame takes with the processor slowed
// down four times; nothing fails for being slow.

import { spawnSync } from "node:child_process";
import { readFile, readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { BROWSER, countShifts, serve } from "./serve.mjs";

const RANDOM = 200; // states of each figure
const CLOSE = 1e-12;
const SHIFT = 0.02;

const book = resolve(process.argv[2] ?? "book");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { server, origin } = await serve(book);
const browser = await chromium.launch(BROWSER);
let [passed, failed] = [0, 0];

/** Counts what holds and tells what does not. */
function check(holds, what) {
  if (holds) passed += 1;
  else failed += 1;
  if (!holds) console.log(`FAIL ${what}`);
}

/** What this machine computes for lines `name number …`. */
function native(lines) {
  const command = ["run", "--quiet", "--locked", "--package", "instruments", "--bin", "native"];
  const { status, stdout, stderr } = spawnSync("cargo", command, {
    input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().split("\n").map((line) => {
    const [numbers, ...shown] = line.split("\t");
    return { numbers: numbers.split(" ").map(Number), shown: shown.map((part) => part.replaceAll("\u0001", "\n")) };
  });
}

const same = (a, b) => Object.is(a, b) || Math.abs(a - b) <= CLOSE * Math.max(Math.abs(a), Math.abs(b), 1e-300);

/** A page of its own, which collects what goes wrong. */
async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addInitScript((theme) => localStorage.setItem("mdbook-theme", theme), options.theme ?? "light");
  await context.addInitScript(countShifts);
  const page = await context.newPage();
  const wrong = [];
  const loaded = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => {
    // A page that is opened as a file may not load fonts: that is how browsers are.
    if (message.type() === "error" && !address.startsWith("file:")) wrong.push(message.text());
  });
  page.on("request", (request) => loaded.push(request.url()));
  await page.goto(address);
  return { page, wrong, loaded, context };
}

const ready = (page, name) =>
  page.waitForSelector(`form[data-figure="${name}"][data-ready]`, { state: "attached", timeout: 20000 });
const into = (page, name) =>
  page.evaluate((name) => document.getElementById(`fig-${name}`).scrollIntoView(), name);
const inside = (page, name) => page.evaluate((name) =>
  [...document.querySelectorAll(`#fig-${name} .drawing > svg`)].map((svg) => svg.innerHTML), name);
const said = (page, name) => page.evaluate((name) =>
  document.querySelector(`form[data-figure="${name}"] .words`).textContent, name);
/** Two frames later, what was asked for is drawn. */
const settle = (page) => page.evaluate(() =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
/** The page's own way of writing a drawing. */
const parsed = (page, drawing) => page.evaluate((drawing) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.innerHTML = drawing;
  return svg.innerHTML;
}, drawing);

const pages = new Map(); // page: the figures that move on it
for (const file of (await readdir(book)).filter((file) => file.endsWith(".html"))) {
  if (["print.html", "toc.html", "index.html"].includes(file)) continue;
  const html = await readFile(join(book, file), "utf8");
  pages.set(file, [...html.matchAll(/<form class="instrument" data-figure="(\w+)"/g)].map(([, name]) => name));
}

for (const [file, names] of pages) {
  if (names.length > 0) continue;
  const html = await readFile(join(book, file), "utf8");
  check(!html.includes("instruments/"), `${file} has no figure that moves, and names made/instruments`);
}

for (const [file, names] of pages) {
  for (const name of names) {
    const address = `${origin}/${file}`;
    const say = (what) => `${file}, ${name}: ${what}`;
    const { page, wrong, loaded, context } = await open(address);
    const of = (part) => loaded.filter((url) => url.includes(part)).length;
    check(of("figures.js") === 0, say("loads its code before it comes near the view"));
    const still = await inside(page, name);
    const place = () => page.evaluate((name) => {
      const { width, height } = document.querySelector(`#fig-${name} .drawing`).getBoundingClientRect();
      return `${width} x ${height}`;
    }, name);
    const before = await place();
    await page.waitForTimeout(300); // mdBook's table of contents moves by itself
    await page.evaluate(() => { shifts = 0; });
    await into(page, name);
    await ready(page, name);
    await settle(page);
    check(before === (await place()), say(`was ${before} and becomes ${await place()}`));
    check((await page.evaluate(() => shifts)) < SHIFT, say("lines move when it comes"));
    check(JSON.stringify(still) === JSON.stringify(await inside(page, name)), say("at rest it is not its still figure"));

    await page.waitForTimeout(1200);
    check(page.url() === address, say(`writes ${page.url()} before it is moved`));

    // The controls, and random states of them.
    const controls = await page.evaluate((name) =>
      [...document.querySelector(`form[data-figure="${name}"]`).querySelectorAll("input, select")].map((c) => ({
        id: c.id, key: c.name, value: c.value, kind: c.type, min: Number(c.min), max: Number(c.max),
        step: Number(c.step), choices: [...(c.options ?? [])].map(({ value }) => Number(value)),
      })), name);
    let seed = 1;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const states = Array.from({ length: RANDOM }, () => controls.map(({ min, max, step, choices }) => {
      if (choices.length > 0) return choices[Math.floor(random() * choices.length)];
      const steps = Math.floor(random() * ((max - min) / step + 1));
      return Number((min + steps * step).toFixed(6));
    }));
    const there = native(states.map((state) => [name, ...state].join(" ")));
    const here = await page.evaluate(([name, states]) => states.map((state) => ({
      numbers: [...wasm_bindgen.numbers(name, Float64Array.from(state))],
      shown: wasm_bindgen.drawn(name, Float64Array.from(state)),
    })), [name, states]);
    let worst = "";
    for (const [i, { numbers, shown }] of there.entries()) {
      const alike = numbers.length === here[i].numbers.length && numbers.every((v, k) => same(v, here[i].numbers[k]));
      if (!alike) worst = `numbers at ${states[i]}`;
      if (shown.length !== here[i].shown.length || shown.some((part, k) => part !== here[i].shown[k])) {
        worst ||= `drawing at ${states[i]}`;
      }
    }
    check(worst === "", say(`the browser does not give what this machine computes: ${worst}`));

    // Three states through the controls: the page shows what this machine computes.
    for (const [i, state] of states.slice(0, 3).entries()) {
      await page.evaluate(([name, state]) => {
        const form = document.querySelector(`form[data-figure="${name}"]`);
        [...form.querySelectorAll("input, select")].forEach((control, k) => { control.value = state[k]; });
        form.dispatchEvent(new Event("input"));
      }, [name, state]);
      await settle(page);
      check((await said(page, name)) === there[i].shown[0], say(`says “${await said(page, name)}” at ${state}`));
      const drawings = await Promise.all(there[i].shown.slice(1).map((drawing) => parsed(page, drawing)));
      check(JSON.stringify(drawings) === JSON.stringify(await inside(page, name)), say(`draws something else at ${state}`));
    }

    // By keyboard: every control changes the figure, and Reset brings back the still one.
    const reset = async () => {
      await page.locator(`form[data-figure="${name}"] button[type=reset]`).press("Enter");
      await settle(page);
      check(JSON.stringify(still) === JSON.stringify(await inside(page, name)), say("Reset does not bring the still figure back"));
    };
    for (const { id, kind } of controls) {
      await reset();
      await page.locator(`[id="${id}"]`).press(kind === "range" ? "ArrowRight" : "ArrowUp");
      await settle(page);
      check(JSON.stringify(still) !== JSON.stringify(await inside(page, name)), say(`${id} changes nothing by keyboard`));
      check(page.url().split("#")[0] === address, say(`${id}: an arrow key turns the page`));
    }
    await reset();

    // What can be dragged.
    const handle = page.locator(`#fig-${name} .handle`);
    if ((await handle.count()) > 0) {
      await handle.scrollIntoViewIfNeeded();
      const { x, y } = await handle.boundingBox();
      await page.mouse.move(x + 8, y + 8);
      await page.mouse.down();
      await page.mouse.move(x + 68, y + 20, { steps: 5 });
      await page.mouse.up();
      await settle(page);
      const now = await handle.boundingBox();
      check(Math.abs(now.x - x - 60) < 4 && Math.abs(now.y - y - 12) < 4, say("the ring does not follow the pointer"));
    }

    // The state in the address, after a while.
    await page.waitForTimeout(1200);
    const [moved, kept] = [await said(page, name), page.url()];
    const again = await open(kept);
    await ready(again.page, name);
    await settle(again.page);
    check(kept.includes(`#fig-${name}?`) && (await said(again.page, name)) === moved, say(`${kept} does not open as it was left`));
    check(again.wrong.length === 0, say(again.wrong.join("; ")));
    await again.context.close();

    // Readers who cannot see it, in light and dark.
    for (const theme of ["light", "navy"]) {
      const look = await open(kept, { theme });
      await ready(look.page, name);
      await look.page.evaluate(axe);
      const { violations } = await look.page.evaluate((name) =>
        globalThis.axe.run(`form[data-figure="${name}"]`, { resultTypes: ["violations"] }), name);
      for (const { id, help, nodes } of violations) check(false, say(`axe, ${theme}: ${help} (${id}) ${nodes[0].html}`));
      check(violations.length === 0, say(`axe has findings in ${theme}`));
      await look.context.close();
    }

    // Opened as a file; without scripts.
    const plain = await open(pathToFileURL(join(book, file)).href);
    await into(plain.page, name);
    await ready(plain.page, name).catch(() => {});
    check((await said(plain.page, name)) !== "", say("does not move on a page opened as a file"));
    check(plain.wrong.length === 0, say(`opened as a file: ${plain.wrong.join("; ")}`));
    await plain.context.close();
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const quiet = await bare.newPage();
    await quiet.goto(address);
    check(await quiet.locator(`#fig-${name} .drawing`).isVisible(), say("without scripts there is no figure"));
    check(!(await quiet.locator(`form[data-figure="${name}"]`).isVisible()), say("without scripts there are controls"));
    await bare.close();

    // How long it takes, with the processor slowed down four times.
    const slow = await open(address);
    const session = await slow.context.newCDPSession(slow.page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const start = Date.now();
    await into(slow.page, name);
    await ready(slow.page, name);
    const first = Date.now() - start;
    const frames = await slow.page.evaluate((name) => new Promise((done) => {
      const form = document.querySelector(`form[data-figure="${name}"]`);
      const slider = form.querySelector("input[type=range]");
      const times = [];
      let last = 0;
      let i = 0;
      const frame = (now) => {
        if (last) times.push(now - last);
        last = now;
        slider.value = Number(slider.min) + ((Number(slider.max) - Number(slider.min)) * (i % 60)) / 60;
        form.dispatchEvent(new Event("input"));
        i += 1;
        if (i < 122) requestAnimationFrame(frame);
        else done(times.sort((a, b) => a - b));
      };
      requestAnimationFrame(frame);
    }), name);
    await slow.context.close();
    let [raw, packed] = [0, 0];
    for (const script of ["instruments.css", "instruments.js", "neurons.js", "figures.js"]) {
      const path = join(book, "made/instruments", script);
      raw += (await stat(path)).size;
      packed += gzipSync(await readFile(path), { level: 9 }).length;
    }
    check(packed < 112 * 1024, say(`loads ${packed} bytes, compressed`));
    console.log(
      `${name}: ${raw} bytes, ${packed} compressed; slowed down four times: first frame after ${first} ms, ` +
      `then half of the frames within ${frames[60].toFixed(1)} ms, 95 % within ${frames[114].toFixed(1)} ms`,
    );
    check(wrong.length === 0, say(wrong.join("; ")));
    await context.close();
  }
}
// The book on one page brings the script more than once.
const whole = await open(`${origin}/print.html`);
for (const name of [...pages.values()].flat()) {
  await into(whole.page, name);
  await ready(whole.page, name).catch(() => check(false, `print.html: ${name} does not move`));
}
check(whole.wrong.length === 0, `print.html: ${whole.wrong.join("; ")}`);
await whole.context.close();
await browser.close();
server.close();
check(passed > 40, "hardly anything was checked");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
