/**
 * What must agree before a version is published.
 *
 * @module
 */

/** The facts of a release, as they stand in the repository. */
export interface Release {
  /** The version of `deno.json`. */
  readonly version: string;
  /** The text of `CHANGELOG.md`. */
  readonly changelog: string;
}

/**
 * Says what speaks against publishing a tag.
 *
 * @param tag The name of the tag, such as `v1.2.3`
 * @param release What the repository says
 * @returns The objections; none if all agrees
 */
export function objections(tag: string, release: Release): string[] {
  const { version } = release;
  const said: string[] = [];
  if (tag !== `v${version}`) {
    said.push(`The tag is ${tag}, and deno.json has version ${version}.`);
  }
  const section = sectionOf(release);
  if (section === undefined) {
    said.push(`CHANGELOG.md has no section for ${version}.`);
  } else if (!/^\d{4}-\d{2}-\d{2}$/.test(section.date)) {
    said.push(
      `CHANGELOG.md dates ${version} "${section.date}": it must be YYYY-MM-DD.`,
    );
  } else if (section.notes === "") {
    said.push(`CHANGELOG.md says nothing of ${version}.`);
  }
  return said;
}

/** What `CHANGELOG.md` says of the version; undefined if it does not name it. */
export function sectionOf(
  { version, changelog }: Release,
): { readonly date: string; readonly notes: string } | undefined {
  const [, ...sections] = changelog.split(/^## /m);
  for (const section of sections) {
    const [heading = "", ...lines] = section.split("\n");
    const [name, date = ""] = heading.split(" - ");
    if (name === `[${version}]`) {
      return { date: date.trim(), notes: lines.join("\n").trim() };
    }
  }
  return undefined;
}
