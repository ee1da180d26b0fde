import { assertEquals, assertStringIncludes } from "@std/assert";
import { type CallEnvironment, type CallInput, sendCall } from "./api_call.ts";
import type { Operation } from "./api_reference.ts";
import { formFields, missingParameters, requestPath, requestSamples } from "./api_request.ts";

const JOIN: Operation = {
  id: "join",
  method: "POST",
  path: "/api/v1/competitions/{id}/join",
  summary: "Join",
  description: "",
  access: "token",
  parameters: [
    parameter("id", "path", { isRequired: true, sample: "spring cup" }),
    parameter("verbose", "query", {}),
    parameter("idempotency-key", "header", {}),
  ],
  body: {
    mediaType: "application/json",
    isRequired: false,
    fields: [],
    sample: `{\n  "inviteCode": "it's"\n}`,
  },
  answers: [{ status: "200", description: "", mediaType: "application/json", sample: null }],
  failures: [],
  canTry: true,
};

const UPLOAD: Operation = {
  ...JOIN,
  path: "/api/v1/fitness/import",
  parameters: [],
  body: {
    mediaType: "multipart/form-data",
    isRequired: true,
    fields: [field("file", "binary", true), field("competitionId", "uuid", false)],
    sample: null,
  },
};

function parameter(name: string, place: string, part: { isRequired?: boolean; sample?: string }) {
  const { isRequired = false, sample = "" } = part;
  return { ...field(name, "string", isRequired), in: place, sample, options: [] };
}

function field(name: string, type: string, isRequired: boolean) {
  return { name, type, isRequired, description: "", limits: [] };
}

Deno.test("requestPath() encodes values and leaves empty ones out", () => {
  const values = { id: "a/b?", verbose: "1&2" };

  assertEquals(requestPath(JOIN, values), "/api/v1/competitions/a%2Fb%3F/join?verbose=1%262");
  assertEquals(requestPath(JOIN, { id: "x", verbose: "" }), "/api/v1/competitions/x/join");
});

Deno.test("missingParameters() names required ones that are blank", () => {
  assertEquals(missingParameters(JOIN, { id: "  " }), ["id"]);
  assertEquals(missingParameters(JOIN, { id: "x" }), []);
});

Deno.test("requestSamples() quotes the body for the shell and fills required parameters in", () => {
  const [curl, javascript] = requestSamples(JOIN, "https://pace.example");

  assertEquals(
    curl?.code,
    `curl -X POST "https://pace.example/api/v1/competitions/spring%20cup/join" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
  "inviteCode": "it'\\''s"
}'`,
  );
  assertEquals(
    javascript?.code,
    `const res = await fetch("https://pace.example/api/v1/competitions/spring%20cup/join", {
  method: "POST",
  headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "application/json" },
  body: JSON.stringify({
    "inviteCode": "it's"
  }),
});
const { data, error } = await res.json();`,
  );
});

Deno.test("requestSamples() keeps a plain read plain", () => {
  const read: Operation = {
    ...JOIN,
    method: "GET",
    path: "/metrics",
    access: "public",
    parameters: [],
    body: null,
    answers: [{ status: "200", description: "", mediaType: "text/plain", sample: null }],
  };

  assertEquals(requestSamples(read, "http://h").map(({ code }) => code), [
    `curl "http://h/metrics"`,
    `const res = await fetch("http://h/metrics");\nconst text = await res.text();`,
  ]);
});

Deno.test("requestSamples() sends files as a form", () => {
  const [curl, javascript] = requestSamples(UPLOAD, "http://h");

  assertStringIncludes(curl!.code, `-F "file=@morning_run.fit"`);
  assertEquals(curl!.code.includes("competitionId"), false);
  assertStringIncludes(javascript!.code, `form.set("file", file);`);
  assertStringIncludes(javascript!.code, "body: form,");
  assertEquals(formFields(UPLOAD), [
    { name: "file", isFile: true, isRequired: true },
    { name: "competitionId", isFile: false, isRequired: false },
  ]);
  assertEquals(formFields(JOIN), []);
});

/** Answers every call alike, remembers them, and takes 12 ms each time. */
function environmentOf(answer: () => Response) {
  const calls: { path: string; init: RequestInit }[] = [];
  let now = 100;
  const environment: CallEnvironment = {
    fetch(path, init) {
      calls.push({ path, init });
      now += 12;
      return Promise.resolve(answer());
    },
    now: () => now,
  };
  return { calls, environment };
}

function callOf(part: Partial<CallInput>): CallInput {
  const values = { id: "cup", "idempotency-key": "k" };
  return { shape: JOIN, values, body: "{}", token: "", csrfToken: "", ...part };
}

Deno.test("sendCall() sends a pasted token without the page's session", async () => {
  const { calls, environment } = environmentOf(() => Response.json({ success: true }));

  const result = await sendCall(callOf({ token: "t", csrfToken: "c" }), environment);

  const { path, init } = calls[0]!;
  assertEquals([path, init.method, init.credentials], [
    "/api/v1/competitions/cup/join",
    "POST",
    "omit",
  ]);
  assertEquals([...new Headers(init.headers)], [
    ["authorization", "Bearer t"],
    ["content-type", "application/json"],
    ["idempotency-key", "k"],
  ]);
  assertEquals([result.status, result.elapsedMs], [200, 12]);
  assertEquals(result.text, `{\n  "success": true\n}`);
});

Deno.test("sendCall() vouches for writes by session, and for those only", async () => {
  const { calls, environment } = environmentOf(() => new Response("ok", { status: 403 }));
  const read = { ...JOIN, method: "GET" };

  await sendCall(callOf({ csrfToken: "c" }), environment);
  await sendCall(callOf({ csrfToken: "c", shape: read, body: null }), environment);
  const result = await sendCall(callOf({}), environment);

  const sent = calls.map(({ init }) => new Headers(init.headers).get("x-csrf-token"));
  assertEquals(sent, ["c", null, null]);
  assertEquals(calls[0]!.init.credentials, "same-origin");
  assertEquals([result.status, result.text, result.accessToken], [403, "ok", null]);
});

Deno.test("sendCall() finds the token of a sign-in", async () => {
  const answer = () => Response.json({ success: true, data: { accessToken: "abc" } });
  const { environment } = environmentOf(answer);

  assertEquals((await sendCall(callOf({}), environment)).accessToken, "abc");
});
