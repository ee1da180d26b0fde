import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { DomainError } from "@/domain/error.ts";
import { readField, readMultipart } from "./multipart.ts";

const BOUNDARY = "----paceboard";

function requestOf(
  body: Uint8Array<ArrayBuffer>,
  pieceBytes = 10_000,
  type = `multipart/form-data; boundary=${BOUNDARY}`,
): Request {
  function* pieces() {
    for (let at = 0; at < body.length; at += pieceBytes) yield body.slice(at, at + pieceBytes);
  }
  const stream = ReadableStream.from(pieces());
  return new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": type },
    body: stream,
  });
}

/** What the platform writes of a form. */
async function bodyOf(form: FormData): Promise<{ body: Uint8Array<ArrayBuffer>; type: string }> {
  const res = new Response(form);
  const type = res.headers.get("content-type")!;
  return { body: new Uint8Array(await res.arrayBuffer()), type };
}

async function read(request: Request): Promise<[string, string | undefined, string][]> {
  const parts: [string, string | undefined, string][] = [];
  for await (const part of readMultipart(request)) {
    const bytes: number[] = [];
    for await (const chunk of part.chunks) bytes.push(...chunk);
    parts.push([part.name, part.fileName, new TextDecoder().decode(new Uint8Array(bytes))]);
  }
  return parts;
}

Deno.test("readMultipart() reads what the platform writes, wherever the pieces end", async () => {
  const content = fc.string({ unit: fc.constantFrom("\r", "\n", "-", "a", "ä"), maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 40 }), async (text, pieceBytes) => {
      const form = new FormData();
      form.append("competitionId", "7");
      form.append("file", new File([text], 'a "run".fit'));
      const { body, type } = await bodyOf(form);

      assertEquals(await read(requestOf(body, pieceBytes, type)), [
        ["competitionId", undefined, "7"],
        ["file", 'a "run".fit', text],
      ]);
    }),
    { numRuns: 60 },
  );
});

Deno.test("readMultipart() goes on after a part that nobody read", async () => {
  const form = new FormData();
  form.append("file", new File(["x".repeat(50_000)], "a.fit"));
  form.append("last", "here");
  const { body, type } = await bodyOf(form);
  const names: string[] = [];

  for await (const part of readMultipart(requestOf(body, 1_000, type))) {
    names.push(part.fileName === undefined ? await readField(part) : part.name);
  }

  assertEquals(names, ["file", "here"]);
});

const head = (name: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
const DAMAGED: Readonly<Record<string, string>> = {
  "nothing": "",
  "no boundary": "hello",
  "no end": `${head("a")}text`,
  "no name": `--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\ntext\r\n--${BOUNDARY}--`,
  "text after a boundary": `--${BOUNDARY}xx\r\n`,
  "an endless head": `--${BOUNDARY}\r\n${"X: y\r\n".repeat(5_000)}`,
  "too many parts": `${head("a")}b\r\n`.repeat(100),
};

for (const [name, text] of Object.entries(DAMAGED)) {
  Deno.test(`readMultipart() refuses ${name}`, async () => {
    const request = requestOf(new TextEncoder().encode(text));

    const error = await assertRejects(() => read(request), DomainError);

    assertEquals(error.code, "BAD_REQUEST");
  });
}

Deno.test.each<[string, [string, string | undefined]]>([
  ["name=file; filename=run.fit", ["file", "run.fit"]],
  [`name="file"; filename*=UTF-8''L%C3%A4ufe.fit`, ["file", "Läufe.fit"]],
  [`name="file"; filename="=?utf-8?B?TA==?="; filename*=utf-8''%e8%b5%b0.fit`, ["file", "走.fit"]],
  [`name="file"; filename*=UTF-8''%zz.fit`, ["file", "%zz.fit"]],
  [`filename="a; name=b"; name=file`, ["file", "a; name=b"]],
])("readMultipart() reads the names of %s", async (parameters, expected) => {
  const head = `Content-Disposition: form-data; ${parameters}`;
  const body = new TextEncoder().encode(
    `--${BOUNDARY}\r\n${head}\r\n\r\nx\r\n--${BOUNDARY}--\r\n`,
  );

  assertEquals(await read(requestOf(body)), [[...expected, "x"]]);
});
