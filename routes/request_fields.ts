/** The header fields of a request, read one by one. */

/** What is asked of them; `Headers` are such fields. */
export type RequestFields = Pick<Headers, "get">;

/** What stands behind a request of `Deno.serve`; no interface promises it. */
interface ServedRequest {
  header(name: string): string | null;
}

class ServedFields implements RequestFields {
  readonly #served: ServedRequest;

  constructor(served: ServedRequest) {
    this.#served = served;
  }

  get(name: string): string | null {
    return this.#served.header(name);
  }
}

/** As the runtime describes the place where a request keeps what stands behind it. */
const PLACE = "request";

/** The same for all requests; null where there is none. */
let place: symbol | null | undefined;

/**
 * The fields of a request without a look at its `headers`: once somebody had one, the runtime takes
 * all fields over before it sends the answer, and sends it a turn later by way of three promises.
 * That is 2 µs of the 14 that it needs for a 304. Where a request keeps its fields in another way,
 * they are those `headers`.
 */
export function fieldsOf(req: Request): RequestFields {
  const served = servedBehind(req);
  return served ? new ServedFields(served) : req.headers;
}

function servedBehind(req: Request): ServedRequest | undefined {
  if (place === undefined) {
    place = Object.getOwnPropertySymbols(req).find((symbol) => symbol.description === PLACE) ??
      null;
  }
  if (place === null) return undefined;
  const behind: Partial<ServedRequest> | undefined = Reflect.get(req, place);
  return typeof behind?.header === "function" ? behind as ServedRequest : undefined;
}
