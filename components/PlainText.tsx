/** Pieces of a text: words, `code`, and addresses of our own documents. */
const PIECES = /(`[^`]+`|\/docs\/[a-z]+(?:-[a-z]+)*|\/(?:open|async)api\.json)/;

/** A line of text of the API document, with its code and links marked up. */
export function PlainText({ text }: { text: string }) {
  return (
    <>
      {text.split(PIECES).map((piece, index) => {
        if (index % 2 === 0) return piece;
        if (piece.startsWith("/")) return <a key={index} href={piece}>{piece}</a>;
        return <code key={index}>{piece.slice(1, -1)}</code>;
      })}
    </>
  );
}
