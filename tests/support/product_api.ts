/** A running product's API and its plain connections, as a test asks them from outside. */

/** An answer with its envelope. */
export interface ProductAnswer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests read what they expect and fail when it is absent
  body: any;
}

/** Sends one request to `/api/v1`; a body makes it JSON. */
export async function ask(
  url: string,
  path: string,
  { method, token, body }: { method?: string; token?: string; body?: unknown } = {},
): Promise<ProductAnswer> {
  const res = await fetch(`${url}/api/v1${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: res.status, headers: res.headers, body: await res.json() };
}

/** The status of a path, its body thrown away; undefined when nobody listens. */
export async function statusOf(url: string): Promise<number | undefined> {
  const res = await fetch(url, { redirect: "manual" }).catch(() => undefined);
  await res?.body?.cancel();
  return res?.status;
}

/** A token of somebody with a password. Fails with the answer. */
export async function logIn(
  url: string,
  person: { email: string; password: string },
): Promise<string> {
  const { status, body } = await ask(url, "/auth/login", { body: person });
  if (status !== 200) throw new Error(`Cannot log in: ${JSON.stringify(body)}`);
  return body.data.accessToken;
}

/** The answer's data. Fails unless the status is one of success. */
export function dataOf({ status, body }: ProductAnswer) {
  if (status >= 300) throw new Error(`Answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}

/** A published competition of direct scores, under way; gives id and slug. */
export async function makeCompetition(
  url: string,
  token: string,
  fields: Record<string, unknown> = {},
): Promise<{ id: string; slug: string }> {
  const body = {
    name: "Sprint League",
    startsAt: new Date(Date.now() - 3_600_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    visibility: "public",
    scoring: { kind: "direct", operator: "set", direction: "higher" },
    ...fields,
  };
  const made = dataOf(await ask(url, "/competitions", { token, body }));
  dataOf(await ask(url, `/competitions/${made.id}/publish`, { token, body: {} }));
  return made;
}

/** Somebody new in a competition; gives the user's id. */
export async function makeParticipant(
  url: string,
  competitionId: string,
  name: string,
): Promise<string> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  const body = { email, name, password: "quiet-lantern-42-harbour" };
  const { accessToken: token, user } = dataOf(await ask(url, "/auth/register", { body }));
  dataOf(await ask(url, `/competitions/${competitionId}/join`, { token, body: {} }));
  return user.id;
}

/** A connection on which bytes are sent as they are. */
export interface RawConnection extends Disposable {
  send(text: string | Uint8Array): Promise<void>;
  /** What the server says next. */
  receive(): Promise<string>;
  /** Everything the server says until it ends the connection. */
  answer(): Promise<string>;
}

/** Opens a plain connection. */
export async function connectRaw(port: number): Promise<RawConnection> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  const receive = async () => {
    // A server that refuses a body may reset the connection after its answer.
    const read = await conn.read(buffer).catch(() => null);
    return read === null ? "" : decoder.decode(buffer.subarray(0, read), { stream: true });
  };
  return {
    async send(text) {
      let left = typeof text === "string" ? new TextEncoder().encode(text) : text;
      while (left.length > 0) left = left.subarray(await conn.write(left));
    },
    receive,
    async answer() {
      let text = "";
      for (;;) {
        const part = await receive();
        if (part === "") return text;
        text += part;
      }
    },
    [Symbol.dispose]: () => conn.close(),
  };
}
