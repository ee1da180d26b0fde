/** Requests of the fuzzer, made from the API document: good ones, damaged ones, and mad ones. */

import fc from "fast-check";
import type {
  ApiDocument,
  MethodName,
  OperationObject,
  ParameterObject,
} from "@/components/docs/api_document.ts";
import { METHODS } from "@/components/docs/api_document.ts";
import { fittingValue, junkValue, mutated, type ValueContext } from "./fuzz_values.ts";

/** Who sends a request. */
export const ACTORS = ["anonymous", "member", "organiser", "admin"] as const;
export type ActorName = (typeof ACTORS)[number];

/** One operation of the document. */
export interface Target {
  path: string;
  method: MethodName;
  operation: OperationObject;
}

/** A request before somebody sends it. */
export interface FuzzRequest {
  target: Target;
  actor: ActorName;
  /** Mostly the target's own. */
  method: string;
  /** Path and query, encoded. */
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | FormData | null;
}

/** All operations of a document. */
export function targetsOf(document: ApiDocument): Target[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method, operation }] : [];
    })
  );
}

/** Requests for one target. */
export function requestFor(context: ValueContext, target: Target): fc.Arbitrary<FuzzRequest> {
  const { operation, method } = target;
  return fc.record({
    actor: fc.constantFrom(...ACTORS),
    method: rarely(method.toUpperCase(), fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE")),
    url: urlOf(context, target),
    headers: headersOf(context, operation),
    content: contentOf(context, operation),
  }).map(({ actor, method, url, headers, content }) => {
    const takesBody = method !== "GET";
    const body = takesBody ? content.body : null;
    const type = body === null || content.type === null ? {} : { "content-type": content.type };
    return { target, actor, method, url, headers: { ...headers, ...type }, body };
  });
}

/** Mostly the one, now and then the other. */
function rarely<T>(usual: T, other: fc.Arbitrary<T>, weight = 15): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}

/** Path segments that are none, end early, leave the folder or are no UTF-8. */
const ODD_SEGMENTS = ["", ".", "..", "%2e%2e", "%2F", "%00", "%ff%c0%ae", "%", "a/b", "%0d%0aX: y"];

function urlOf(context: ValueContext, target: Target): fc.Arbitrary<string> {
  const parameters = target.operation.parameters ?? [];
  const segments = parameters.filter((one) => one.in === "path").map((one) => {
    const odd = fc.oneof(fc.constantFrom(...ODD_SEGMENTS), junkText.map(encode));
    const fitting = fittingText(context, one).map(encode);
    const value = fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: odd });
    return value.map((text) => [one.name, text] as const);
  });
  const query = fc.tuple(
    ...parameters.filter((one) => one.in === "query").map((one) => {
      const value = fc.oneof(
        { weight: 3, arbitrary: fittingText(context, one) },
        { weight: 2, arbitrary: oddNumber },
        { weight: 1, arbitrary: junkText },
      );
      return fc.option(value, { freq: 2, nil: undefined }).map((text) => [one.name, text] as const);
    }),
  );
  return fc.tuple(fc.tuple(...segments), query, rarely("", extraQuery)).map(
    ([filled, asked, extra]) => {
      const values = Object.fromEntries(filled);
      const path = target.path.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
      const given = asked.flatMap(([name, text]) => {
        return text === undefined ? [] : [`${name}=${encode(text)}`];
      });
      const search = [...given, ...(extra ? [extra] : [])].join("&");
      return search ? `${path}?${search}` : path;
    },
  );
}

const oddNumber = fc.constantFrom(
  ...[
    "0",
    "-1",
    "1.5",
    "1e9",
    "100001",
    "101",
    "99999999999999999999",
    "NaN",
    "",
    " 1",
    "0x1",
    "١",
  ],
);
const extraQuery = fc.constantFrom(
  "page=1&page=2",
  "unknown=1",
  "&&==&",
  "page[]=1",
  "a=%ff",
  "%00=1",
);
const junkText = junkValue.map(textOf);

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function fittingText(context: ValueContext, parameter: ParameterObject): fc.Arbitrary<string> {
  return fittingValue(context, parameter.schema ?? {}, parameter.name).map(textOf);
}

/** Lone surrogates become the replacement character, as in a browser. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Bytes that a header can carry. */
const headerText = fc.oneof(
  fc.string({ maxLength: 80 }).map((text) => text.replace(/[^\x20-\x7e]/g, "?")),
  fc.constantFrom("x".repeat(4000), "é", ",,,", "*", 'W/"x", *', '"', "=?utf-8?q?x?="),
);

const ODD_HEADERS = [
  ...["x-request-id", "traceparent", "if-none-match", "if-match", "accept", "accept-encoding"],
  ...["accept-language", "origin", "referer", "cookie", "x-csrf-token", "x-forwarded-for", "range"],
  ...[
    "idempotency-key",
    "authorization",
    "sec-fetch-site",
    "content-encoding",
    "x-http-method-override",
  ],
];

const ODD_CREDENTIALS: Record<string, string>[] = [
  { authorization: "Bearer " },
  { authorization: "Bearer a.b.c" },
  { authorization: `Bearer ${"x".repeat(3000)}` },
  { authorization: "Basic YTpi" },
  { cookie: "paceboard_session=x" },
  { cookie: "paceboard_session=%00; paceboard_session=; =;;" },
];

function headersOf(
  context: ValueContext,
  operation: OperationObject,
): fc.Arbitrary<Record<string, string>> {
  const own = (operation.parameters ?? []).filter((one) => one.in === "header").map((one) => {
    const text = fc.oneof(fittingText(context, one), headerText);
    return fc.option(text.map((value) => ({ [one.name]: value.replace(/[^\x20-\x7e]/g, "?") })));
  });
  const odd = fc.tuple(fc.constantFrom(...ODD_HEADERS), headerText).map(([name, value]) => {
    return { [name]: value };
  });
  const none: Record<string, string> = {};
  return fc.tuple(
    fc.tuple(...own),
    rarely(none, odd, 5),
    rarely(none, fc.constantFrom(...ODD_CREDENTIALS), 15),
  ).map(([given, extra, credentials]) => Object.assign({}, ...given, extra, credentials));
}

interface FuzzContent {
  type: string | null;
  body: FuzzRequest["body"];
}

const JSON_TYPE = "application/json";

/** Bodies that are no JSON, or JSON with a snare. */
const ODD_BODIES: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  ...["", " ", "{", "}", "[", "null", "true", "1", '"text"', "{}x", "{'a':1}", "\ufeff{}", "NaN"],
  ...['{"a":1,"a":2}', '{"score":1e999}', '{"score":9007199254740993}', '{"name":"\\ud800"}'],
  ...['{"name":"\\u0000"}', '{"__proto__":{"role":"admin"}}', "[".repeat(10_000), "{".repeat(40)],
  ...[`{"a":"${"x".repeat(70_000)}"}`, `[${"1,".repeat(20_000)}1]`],
  new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]),
  new Uint8Array([0x7b, 0x22, 0xc0, 0xae, 0x22, 0x3a, 0x31, 0x7d]),
];

const ODD_TYPES = [
  ...["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"],
  ...[
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/xml",
    "json",
    ";",
    "*/*",
  ],
];

function contentOf(context: ValueContext, operation: OperationObject): fc.Arbitrary<FuzzContent> {
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const odd = fc.record({
    type: fc.option(fc.constantFrom(JSON_TYPE, JSON_TYPE, ...ODD_TYPES)),
    body: fc.constantFrom(...ODD_BODIES),
  });
  if (type === undefined) {
    return fc.oneof({ weight: 4, arbitrary: fc.constant({ type: null, body: null }) }, odd);
  }
  if (type !== JSON_TYPE) return fc.oneof({ weight: 4, arbitrary: formContent(context) }, odd);
  const fitting = fittingValue(context, media?.schema ?? {});
  const asJson = (value: fc.Arbitrary<unknown>) =>
    value.map((one): FuzzContent => ({ type: JSON_TYPE, body: JSON.stringify(one) ?? "" }));
  return fc.oneof(
    { weight: 6, arbitrary: asJson(fitting) },
    { weight: 6, arbitrary: asJson(mutated(fitting)) },
    { weight: 1, arbitrary: asJson(junkValue) },
    { weight: 2, arbitrary: odd },
  );
}

const GPX = `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk>
<trkseg><trkpt lat="60.17" lon="24.94"><time>2026-04-30T07:00:00Z</time></trkpt>
<trkpt lat="60.18" lon="24.94"><time>2026-04-30T07:05:00Z</time></trkpt></trkseg></trk></gpx>`;

const FILES: readonly string[] = [
  GPX,
  GPX.slice(0, 180),
  GPX.replaceAll("2026", "2099"),
  GPX.replaceAll(/<time>.*?<\/time>/g, ""),
  GPX.replace("60.17", "nan"),
  `<!DOCTYPE x [<!ENTITY a "b">]>${GPX}`,
  `<TrainingCenterDatabase><Activities/></TrainingCenterDatabase>`,
  "\x0e\x10\x00\x00\xff\xff\xff\xff.FIT\x00\x00",
  "",
  "PK\x03\x04",
  "<".repeat(5000),
];

function formContent({ known }: ValueContext): fc.Arbitrary<FuzzContent> {
  const file = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...FILES).map((text) => [text]) },
    fc.uint8Array({ maxLength: 400 }).map((bytes) => [new Uint8Array(bytes)]),
  );
  const competitionId = fc.option(
    fc.oneof(fc.constantFrom(...known.competitionIds), junkText),
  );
  const shape = rarely("file", fc.constantFrom("text", "none", "twice"), 8);
  const name = fc.constantFrom(
    "run.gpx",
    "run.fit",
    "",
    "../../x.fit",
    "ü\u0000.tcx",
    "x".repeat(300),
  );
  return fc.record({ file, competitionId, shape, name }).map(
    ({ file, competitionId, shape, name }) => {
      const form = new FormData();
      if (shape === "text") form.set("file", "text");
      if (shape === "file" || shape === "twice") form.append("file", new File(file, name));
      if (shape === "twice") form.append("file", new File(file, name));
      if (competitionId !== null) form.set("competitionId", competitionId);
      return { type: null, body: form };
    },
  );
}
