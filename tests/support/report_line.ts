/** Figures of slow tests, which tell more than that they passed. */

/** Prints a line among the results. */
export function reportLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
