/**
 * A few lines at the bottom of a terminal, redrawn in place.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

const ERASE_BELOW = "\x1b[J";
const cursorUp = (lines: number) => lines > 0 ? `\x1b[${lines}A` : "";

/** A wrapped line would count twice on the way up: cut it instead. */
function fit(line: string, columns: number): string {
  const visible = stripVTControlCharacters(line);
  return visible.length <= columns ? line : visible.slice(0, columns);
}

/** Some pseudo-terminals report no size at all. */
function terminalSize(): { columns: number; rows: number } {
  const { columns, rows } = Deno.consoleSize();
  return columns > 0 && rows > 1
    ? { columns, rows }
    : { columns: 80, rows: 24 };
}

/** Draws over what it drew last; the cursor rests on the line below. */
export class StatusBlock {
  #height = 0;

  draw(lines: readonly string[]): void {
    const { columns, rows } = terminalSize();
    // The cursor cannot go up past the top of the screen.
    const shown = lines.slice(-(rows - 1)).map((line) => fit(line, columns));
    console.log(
      `\r${cursorUp(this.#height)}${ERASE_BELOW}${shown.join("\n")}`,
    );
    this.#height = shown.length;
  }
}
