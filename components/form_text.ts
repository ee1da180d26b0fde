/** Fields of a form as text, on the server and in the browser. */

/** The text of a field, trimmed, with plain line ends; empty when absent or a file. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.replaceAll("\r\n", "\n").trim() : "";
}

/** The chosen values of a group of checkboxes or selects, without empty ones. */
export function chosenOf(form: FormData, name: string): string[] {
  return form.getAll(name).filter((value) => typeof value === "string" && value !== "") as string[];
}
