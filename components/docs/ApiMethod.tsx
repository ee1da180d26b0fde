/** The method of an operation in its colour; the word carries the meaning. */
export function ApiMethod({ method, small = false }: { method: string; small?: boolean }) {
  return (
    <span class={small ? "method small" : "method"} data-method={method.toLowerCase()}>
      {small && method === "DELETE" ? "DEL" : method}
    </span>
  );
}
