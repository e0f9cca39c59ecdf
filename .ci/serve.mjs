// A server for the built book, on this machine alone.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

/** Where Chromium is, and how it is started: it asks no other machine for anything. */
export const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** In a page, before it loads: counts by `shifts` how much of the screen moves by itself. */
export function countShifts() {
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts += value;
  }).observe({ type: "layout-shift", buffered: true });
}

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Serves the files of a folder; `change` may alter what is sent. Gives the server and its address. */
export async function serve(folder, change = (body) => body) {
  const server = createServer(async ({ url }, answer) => {
    const { pathname, search } = new URL(url, "http://localhost");
    const path = normalize(decodeURIComponent(pathname));
    try {
      const file = join(folder, path.endsWith(sep) ? `${path}index.html` : path);
      const body = change(await readFile(file), search);
      answer.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      answer.end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}
