/// <reference lib="deno.unstable" />
/** So that `instanceof Deno.Kv` holds for a store on Redis, and likewise for what it makes. */

/** Classes of the runtime that a caller may hold a store against. */
type PosedClass = "Kv" | "AtomicOperation" | "KvListIterator";

/**
 * Puts the prototype of Deno's class behind that of the own one, where the runtime has it. Its
 * constructor never runs, so that the own class must define every method: what it inherited would
 * read private fields that are not there.
 */
export function posesAs(own: { prototype: object }, name: PosedClass): void {
  const known = (Deno as Partial<Record<PosedClass, { prototype: object }>>)[name];
  if (known) Object.setPrototypeOf(own.prototype, known.prototype);
}
