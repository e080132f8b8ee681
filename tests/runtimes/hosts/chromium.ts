import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";
import { startPage } from "../../../examples/browser/serve.ts";
import { DIST, ROOT_PATH } from "../../npm/layout.ts";
import { bundleForPage, servePage } from "../browser_page.ts";
import {
  ENVIRONMENT,
  type Environment,
  type ServerAddress,
} from "../cases/support/control.ts";
import { exists } from "../exists.ts";
import { type Absence, asCase, type CaseResult } from "../result.ts";
import type { Package } from "../workshop.ts";
import type { Host } from "./host.ts";

/** Where the example's screenshot goes. */
const SCREENSHOT = `${DIST}/browser-example.png`;

/** A page that takes longer hangs. */
const LIMIT = 120_000;

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
];

/** The path of a Chromium on this machine. */
async function findChromium(): Promise<string | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  for (const name of NAMES) {
    for (const folder of folders) {
      if (await exists(`${folder}/${name}`)) return `${folder}/${name}`;
    }
  }
}

function launch(executablePath: string): Promise<Browser> {
  // The sandbox needs rights that containers do not give; the pages are ours.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Opens a page for as long as `use` takes, or until something in it breaks. */
async function withPage<Result>(
  browser: Browser,
  url: string,
  use: (page: Page) => Promise<Result>,
): Promise<Result> {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  const { promise: broken, reject } = Promise.withResolvers<never>();
  // Unhandled rejections among them, and modules that are not there.
  page.on("pageerror", reject);
  page.on("requestfailed", (request) => {
    const { errorText } = request.failure() ?? {};
    reject(new Error(`${request.url()} failed: ${errorText}`));
  });
  try {
    await page.goto(url);
    return await Promise.race([use(page), broken]);
  } finally {
    broken.catch(() => {});
    await page.close();
  }
}

async function runCases(
  path: string,
  version: string,
  library: Package,
  server: ServerAddress,
): Promise<readonly CaseResult[]> {
  await using served = servePage(await bundleForPage(library));
  const [major = ""] = version.split(".");
  const environment: Environment = {
    runtime: "chromium",
    version: major,
    server,
    command: [],
  };
  const query = new URLSearchParams({
    [ENVIRONMENT]: JSON.stringify(environment),
  });
  await using browser = await launch(path);
  return await withPage(browser, `${served.url}?${query}`, async (page) => {
    await page.waitForFunction(() => Reflect.has(globalThis, "results"));
    return await page.evaluate((): Promise<CaseResult[]> =>
      Reflect.get(globalThis, "results")
    );
  });
}

/** The text of each cell of the example's table, without its head. */
function cellsOf(page: Page): Promise<string[][]> {
  return page.locator("#streams tbody tr").evaluateAll((rows) =>
    rows.map((row) =>
      Array.from(row.querySelectorAll("td"), (cell) => cell.textContent ?? "")
    )
  );
}

async function runExample(path: string, library: Package): Promise<void> {
  await using site = startPage({ library: `${library.folder}/mod.js` });
  await using browser = await launch(path);
  await withPage(browser, site.url, async (page) => {
    await page.waitForFunction(() => {
      const cells = document.querySelectorAll("#streams td:last-child");
      return cells.length === 3 &&
        Array.from(cells).every(({ textContent }) => Number(textContent) >= 3);
    });
    const pool = page.locator("#pool");
    await pool.filter({ hasText: "3 active" }).waitFor();
    const rows = await cellsOf(page);
    await page.screenshot({ path: SCREENSHOT });
    assertEquals(rows.map(([symbol]) => symbol), [
      "btcusdt",
      "ethusdt",
      "solusdt",
    ]);
    for (const [, price = "", trades] of rows) {
      assertMatch(price, /^\d+\.\d\d$/);
      assert(Number(trades) >= 3, trades);
    }
    assertMatch(
      await pool.textContent() ?? "",
      /^3 active, 0 idle, 0 connecting, 0 closing, 0 waiting, \d+ messages, open$/,
    );
    await page.locator("#close").click();
    await pool.filter({
      hasText: /^0 active, 0 idle, 0 connecting, 0 closing, .* closed$/,
    }).waitFor();
  });
}

/** Chromium, with the npm package, headless. */
export async function openChromium(
  library: Package,
): Promise<(Host | Absence)[]> {
  const title = "Chromium, npm package";
  const path = await findChromium();
  if (path === undefined) {
    const reason = `none of ${NAMES.join(", ")} is installed`;
    return [{ title, reason }];
  }
  await using browser = await launch(path);
  const version = browser.version();
  return [{
    title,
    version,
    runCases: (server) => runCases(path, version, library, server),
    runExamples: async () => [
      await asCase(
        `examples/browser (${SCREENSHOT.slice(ROOT_PATH.length)})`,
        () => runExample(path, library),
      ),
    ],
  }];
}
