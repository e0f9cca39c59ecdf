// Asks the built book what a reader would ask, in its own field and in Chromium: the place must be
// among the first three results, a formula stands in the index once and without TeX, the answers of
// folded boxes are not given away, and a result's address leads somewhere.
//
//     node .ci/search.mjs book

import { resolve } from "node:path";
import { chromium } from "playwright-core";
import { BROWSER, serve } from "./serve.mjs";

// What is typed, and where it must lead: a page, or a place on it.
const ASKED = {
  "sigmoid derivative": ["sigmoid.html#its-slope"],
  "learning rate": ["gradient_descent.html#too-short-too-long"],
  "step size": ["gradient_descent.html#too-short-too-long"],
  "13002": ["layer.html"],
  "13,002": ["layer.html"],
  "how many parameters": ["layer.html#how-many-knobs"],
  "why transpose": ["backprop.html#2-one-layer-back"],
  xor: ["neuron.html#what-no-line-can-do"],
  vanishing: ["sigmoid.html#saturation"],
  "softmax overflow": ["softmax.html#softmax"],
  "softmax derivative": ["softmax.html#its-derivative"],
  momentum: ["gradient_descent.html#momentum"],
  "chain rule": ["chain_rule.html#the-chain-rule"],
  "mini-batch": ["gradient_descent.html#a-few-examples-at-a-time"],
  "cross entropy": ["cross_entropy.html"],
  "central difference": ["gradient.html#two-quotients-and-their-errors"],
  "numerical gradient": ["gradient.html#two-quotients-and-their-errors"],
  "gradient check": ["backprop.html#check-it-against-nudges"],
  η: ["gradient_descent.html#too-short-too-long"],
  eta: ["gradient_descent.html#too-short-too-long"],
  δ: ["backprop.html"],
  σ: ["sigmoid.html#the-sigmoid"],
  bias: ["neuron.html#the-formula"],
  "dead pixel": ["pixels.html#pixels-that-say-nothing", "perceptron.html#each-factor-can-say-no"],
  baseline: ["pixels.html#five-machines-that-do-not-learn"],
  "perceptron rule": ["neuron.html#weights-that-find-themselves"],
  backpropagation: ["backprop.html#backpropagation-with-symbols"],
  adversarial: ["doubt.html#a-nudge-in-the-wrong-direction"],
  calibration: ["doubt.html#is-09-right-nine-times-in-ten", "doubt.html#one-number-that-mends-it"],
  "edge detector": ["inspect.html#how-much-of-it-is-a-stroke"],
  "relu at 0": ["gradient.html#where-not-to-test"],
  "one half": ["cost.html#three-conventions"],
  "why ½": ["cost.html#three-conventions"],
  overfitting: ["mnist.html#by-heart"],
  "confusion matrix": ["mnist.html#looking-at-what-is-wrong"],
  "mean squared error": ["cost.html#squared-error"],
  autograd: ["autograd.html"],
  sigmoid_prime: ["sigmoid.html#its-slope"],
};
const FIRST = 3;
const TEX = ["cdot", "mathsf", "underset", "tfrac", "htmlClass"]; // words that no reader sees

const book = resolve(process.argv[2] ?? "book");
const { server, origin } = await serve(book);
const browser = await chromium.launch(BROWSER);
const page = await browser.newPage();
let failed = 0;
const expect = (holds, what) => {
  if (holds) return;
  failed += 1;
  console.log(`FAIL ${what}`);
};

await page.goto(`${origin}/index.html`);
await page.keyboard.press("s");
const field = page.locator("#mdbook-searchbar");
const header = page.locator("#mdbook-searchresults-header");
const ask = async (words) => {
  await field.fill(words);
  await field.press("Shift"); // mdBook looks when a key is let go
  await header.filter({ hasText: `'${words}'` }).waitFor();
  return page.evaluate(() =>
    [...document.querySelectorAll("#mdbook-searchresults > li")].map((result) => {
      const link = result.querySelector("a");
      const { pathname, hash } = new URL(link.href);
      return { place: pathname.slice(1) + hash, text: result.textContent, address: link.href };
    }),
  );
};

for (const [words, places] of Object.entries(ASKED)) {
  const results = (await ask(words)).slice(0, FIRST).map(({ place }) => place);
  const found = results.some((result) =>
    places.some((place) => result === place || result.startsWith(`${place}#`)),
  );
  expect(found, `"${words}" leads to ${results.join(", ") || "nothing"}, not to ${places.join(" or ")}`);
}
for (const words of TEX) {
  const results = await ask(words);
  expect(results.length === 0, `"${words}" is TeX, and leads to ${results[0]?.place}`);
}

// What the index says of each section, beside what the page shows of it.
const sections = await page.evaluate(() =>
  window.search.doc_urls.map((url, id) => {
    const { title, body, code } = window.search.sections[id];
    return { url, title, body, code };
  }),
);
const grouped = (all, key) => {
  const groups = new Map();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
};
const pages = grouped(sections, ({ url }) => url.split("#")[0]);
/** In the page: the text of each section, with every formula as its MathML alone. */
function shown() {
  const main = document.querySelector("main");
  const aside = ".katex-html, annotation, details > :not(summary), .ways, .turn, svg, mark";
  for (const element of main.querySelectorAll(aside)) element.remove();
  // What a figure shows, in words, is part of the text.
  for (const figure of main.querySelectorAll("[role=img][aria-label]")) figure.append(figure.ariaLabel);
  const sections = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_ALL);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (/^H[1-6]$/.test(node.nodeName)) sections.push({ id: node.id, text: "" });
    else if (node.nodeName === "#text" && sections.length > 0) sections.at(-1).text += node.data;
  }
  return sections;
}
/** How often each letter and digit is in a text. */
const letters = (text) => {
  const counts = new Map();
  for (const letter of text.match(/[\p{L}\p{N}]/gu) ?? []) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
};
for (const [file, indexed] of pages) {
  await page.goto(`${origin}/${file}`);
  const texts = await page.evaluate(shown);
  for (const { url, body, code } of indexed) {
    expect(!body.includes("\\"), `${url} has TeX in the index: ${body.match(/.{0,30}\\.{0,30}/)}`);
    const section = texts.find(({ id }) => url === `${file}#${id}`);
    expect(section, `the index names ${url}, which is not there`);
    if (!section) continue;
    // A formula that is there twice, or the answer of a box, has letters that the page does not show.
    const there = letters(section.text);
    const often = [...letters(`${body} ${code}`)].filter(([letter, count]) => count > (there.get(letter) ?? 0));
    expect(often.length === 0, `${url}: "${often[0]?.[0]}" is more often in the index than on the page`);
  }
}

// A word that a section has in a folded box only opens the box; one that stands beside it does not.
const folded = await page.evaluate(async (files) => {
  const words = (element) => new Set(element.textContent.toLowerCase().match(/[a-z]{6,}/g));
  for (const file of files) {
    const html = await (await fetch(file)).text();
    const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    const boxes = [...main.querySelectorAll("details")];
    const inside = boxes.flatMap((box) => [...words(box)]);
    const beside = main.cloneNode(true);
    for (const part of beside.querySelectorAll("details > :not(summary)")) part.remove();
    const open = words(beside);
    const hidden = inside.find((word) => ![...open].some((other) => other.includes(word)));
    const seen = inside.find((word) => open.has(word));
    if (hidden && seen) return { file, hidden, seen };
  }
}, [...pages.keys()].filter((file) => file !== "index.html"));
const opened = async (word) => {
  await page.goto(`${origin}/${folded.file}?highlight=${word}`);
  return page.locator("main details[open]").count();
};
expect((await opened(folded.hidden)) > 0, `"${folded.hidden}" stays hidden in a box of ${folded.file}`);
expect((await opened(folded.seen)) === 0, `"${folded.seen}" opens a box of ${folded.file} without need`);

// What is copied has a formula once.
await page.goto(`${origin}/sigmoid.html`);
const copied = await page.evaluate(() => {
  const selection = getSelection();
  selection.selectAllChildren(document.querySelector("main p:has(> .katex)"));
  const data = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, cancelable: true }));
  return data.getData("text/plain");
});
const of = await page.evaluate(() => {
  const paragraph = document.querySelector("main p:has(> .katex)").cloneNode(true);
  for (const element of paragraph.querySelectorAll(".katex-mathml")) element.remove();
  return paragraph.textContent;
});
expect(copied.length > 0 && copied.length < 1.5 * of.length, `copied twice: ${copied}`);

await browser.close();
server.close();
console.log(`${Object.keys(ASKED).length} questions, ${sections.length} sections, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
