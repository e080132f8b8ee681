import { runtimes } from "../case.ts";
import { type CaseResult, isLibrary, type Results } from "../results.ts";
import { mediansOf, spreadOf } from "../statistics.ts";
import { parseHTML, Plot } from "./packages.ts";

/** Of a grey that can be read on white and on black. */
const INK = "#777";

/** Told apart on white and on black, and without red and green beside each other. */
const COLOURS: Readonly<Record<string, string>> = {
  "pool": "#d55e00",
  "ideal": "#0081c9",
  "generic-pool": "#009e73",
  "lightning-pool": "#b8860b",
  "tarn": "#cc79a7",
  "async-sema": "#777",
  "JetSocket": "#8660c9",
};

const FONT = "13px system-ui, sans-serif";

/** What is drawn of one contestant's figures. */
interface Point {
  readonly runtime: string;
  readonly contestant: string;
  readonly x: number;
  readonly y: number;
}

/** File names and what is in them. */
export function drawPlots(results: Results): Map<string, string> {
  const drawn = new Map<string, string>();
  const handOffs = handOffPoints(results);
  if (handOffs.length > 0) drawn.set("hand_off.svg", drawHandOffs(handOffs));
  const rates = receivePoints(results);
  if (rates.length > 0) drawn.set("receive.svg", drawRates(rates));
  return drawn;
}

function handOffPoints({ cases }: Results): Point[] {
  return cases.flatMap(({ runtime, case: name, figures }) => {
    const [family, waiters] = name.split("/");
    if (family !== "handoff") return [];
    return Object.entries(figures).filter(isShown).map(
      ([contestant, values]): Point => ({
        runtime,
        contestant,
        x: Number(waiters),
        y: spreadOf(mediansOf(values)).median,
      }),
    );
  });
}

function receivePoints({ cases }: Results): Point[] {
  const isReceive = ({ case: name }: CaseResult) => name === "receive/text";
  return cases.filter(isReceive).flatMap(({ runtime, figures }) =>
    Object.entries(figures).filter(isShown).map(
      ([contestant, values]): Point => ({
        runtime,
        contestant,
        x: 1e3 / spreadOf(mediansOf(values)).median,
        y: 0,
      }),
    )
  );
}

/** Controls and twins are for the tables. */
function isShown([contestant]: readonly [string, unknown]): boolean {
  return !contestant.includes(" (");
}

function inOrder(points: readonly Point[]): string[] {
  const present = new Set(points.map(({ runtime }) => runtime));
  return runtimes.filter((runtime) => present.has(runtime));
}

function drawHandOffs(points: readonly Point[]): string {
  const present = inOrder(points);
  return render({
    // Wide enough for the names at least.
    width: Math.max(720, 300 * present.length + 60),
    height: 360,
    marginLeft: 70,
    marginTop: 70,
    marginBottom: 45,
    x: {
      type: "log",
      label: "waiters",
      tickFormat: "~s",
      ticks: [100, 1_000, 10_000, 100_000],
    },
    y: {
      type: "log",
      label: "ns for each hand-off",
      tickFormat: "~s",
      domain: powersAround(points.map(({ y }) => y)),
      ticks: 4,
    },
    fx: { label: null, domain: present, padding: 0.15 },
    color: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
    marks: [
      Plot.gridY({ stroke: INK, strokeOpacity: 0.3 }),
      Plot.line(points, {
        x: "x",
        y: "y",
        fx: "runtime",
        stroke: "contestant",
        strokeWidth: (point: Point) => isLibrary(point.contestant) ? 3 : 1.5,
      }),
      Plot.dot(points, {
        x: "x",
        y: "y",
        fx: "runtime",
        fill: "contestant",
        r: 3,
      }),
      ...legend(points, present[0]),
    ],
  });
}

function powersAround(values: readonly number[]): [number, number] {
  return [
    10 ** Math.floor(Math.log10(Math.min(...values))),
    10 ** Math.ceil(Math.log10(Math.max(...values))),
  ];
}

/** The names in their colours, side by side above the first facet. */
function legend(
  points: readonly Point[],
  facet: string | undefined,
): Plot.Markish[] {
  const present = new Set(points.map(({ contestant }) => contestant));
  let dx = 0;
  return Object.entries(COLOURS).filter(([name]) => present.has(name)).map(
    ([name, fill]) => {
      const mark = Plot.text([{ name, facet }], {
        text: "name",
        fx: "facet",
        frameAnchor: "top-left",
        fill,
        fontWeight: isLibrary(name) ? "bold" : "normal",
        dx,
        dy: -50,
      });
      // The font is the reader's: wide enough for most.
      dx += 8 * name.length + 20;
      return mark;
    },
  );
}

function drawRates(points: readonly Point[]): string {
  const present = inOrder(points);
  const names = [...new Set(points.map(({ contestant }) => contestant))];
  return render({
    width: Math.max(520, 260 * present.length + 170),
    height: 30 * names.length + 80,
    marginLeft: 170,
    marginTop: 40,
    marginBottom: 45,
    x: {
      label: "million messages a second",
      // Room for the figures behind the bars.
      domain: [0, 1.25 * Math.max(...points.map(({ x }) => x))],
    },
    y: { label: null, domain: names },
    fx: { label: null, domain: present, padding: 0.15 },
    marks: [
      Plot.gridX({ stroke: INK, strokeOpacity: 0.3 }),
      Plot.barX(points, {
        x: "x",
        y: "contestant",
        fx: "runtime",
        fill: (point: Point) =>
          isLibrary(point.contestant) ? COLOURS["pool"] : COLOURS["ideal"],
      }),
      Plot.text(points, {
        x: "x",
        y: "contestant",
        fx: "runtime",
        text: (point: Point) => point.x.toFixed(2),
        textAnchor: "start",
        dx: 4,
        fill: INK,
      }),
      Plot.ruleX([0], { stroke: INK }),
    ],
  });
}

function render(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    ...options,
    document,
    marginRight: 50,
    style: { color: INK, font: FONT, background: "none" },
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML + "\n";
}
