import { assertEquals, assertRejects } from "@std/assert";
import { fileId, fitSeconds, record, writeFit } from "@/tests/support/fit_writer.ts";
import { gzip, zip, type ZipMemberSpec } from "@/tests/support/zip_writer.ts";
import { openUpload } from "./packed.ts";
import { FormatError } from "./reader.ts";
import { sourceOf } from "./zip.ts";

const at = fitSeconds("2026-05-01T06:00:00Z");
const fit = writeFit([
  fileId(),
  record({ at }),
  record({ at: at + 60 }),
]);
const EXPORT = bytesOf("<HealthData><Me/></HealthData>");

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function open(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const upload = await openUpload(sourceOf(bytes));
  if (upload.kind === "archive") {
    const lengths = [];
    for (const { name, read } of upload.files) lengths.push(`${name} of ${(await read()).length}`);
    return lengths.join(", ");
  }
  if (upload.kind === "file") return `file of ${upload.bytes.length}`;
  let length = 0;
  for await (const chunk of upload.chunks()) length += chunk.length;
  return `export of ${upload.bytes}, ${length} read`;
}

async function refusal(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await assertRejects(() => open(bytes), FormatError)).reason;
}

Deno.test("openUpload() finds what lies inside", async () => {
  const size = fit.length;

  assertEquals(await open(fit), `file of ${size}`);
  assertEquals(await open(await gzip(fit)), `file of ${size}`);
  assertEquals(
    await open(await zip([{ name: "1234_ACTIVITY.fit", bytes: fit }])),
    `file of ${size}`,
  );
  assertEquals(await open(EXPORT), `export of ${EXPORT.length}, ${EXPORT.length} read`);
  const members = [
    {
      name: "apple_health_export/export_cda.xml",
      bytes: bytesOf(`<ClinicalDocument>${"x".repeat(999)}</ClinicalDocument>`),
    },
    { name: "apple_health_export/exportación.xml", bytes: EXPORT },
    { name: "apple_health_export/workout-routes/route.gpx", bytes: bytesOf("<gpx/>") },
    { name: "__MACOSX/apple_health_export/._export.xml", bytes: bytesOf("x".repeat(500)) },
  ];
  assertEquals(await open(await zip(members)), `export of ${EXPORT.length}, ${EXPORT.length} read`);
  assertEquals(
    await open(await zip([{ name: "export.xml", bytes: EXPORT, isStored: true }])),
    `export of ${EXPORT.length}, ${EXPORT.length} read`,
  );
});

Deno.test("openUpload() reads archives that tell sizes and places in 64 bits", async () => {
  const members = [{ name: "readme.txt", bytes: bytesOf("hello") }, { name: "a.fit", bytes: fit }];

  assertEquals(await open(await zip(members, { isWide: true })), `file of ${fit.length}`);
  assertEquals(
    await refusal(
      await zip([{ name: "a.fit", bytes: fit, saysPacked: 2 ** 31 }], { isWide: true }),
    ),
    "malformed",
  );
});

Deno.test("openUpload() gives each device file of an archive", async () => {
  const members = [
    { name: "activities.csv", bytes: bytesOf("id,name") },
    { name: "activities/1.fit.gz", bytes: await gzip(fit) },
    { name: "activities/2.gpx", bytes: bytesOf("<gpx/>"), isStored: true },
    { name: "__MACOSX/activities/._2.gpx", bytes: bytesOf("x") },
    { name: "media/1.jpg", bytes: bytesOf("x") },
  ];

  assertEquals(
    await open(await zip(members)),
    `activities/1.fit.gz of ${fit.length}, activities/2.gpx of 6`,
  );
});

const REFUSED: Readonly<Record<string, [ZipMemberSpec[], string]>> = {
  "a name that climbs": [[{ name: "../export.xml", bytes: EXPORT }], "archive_refused"],
  "an absolute name": [[{ name: "/etc/export.xml", bytes: EXPORT }], "archive_refused"],
  "a name of another system": [[{ name: "C:\\export.xml", bytes: EXPORT }], "archive_refused"],
  "an archive in an archive": [
    [{ name: "export.zip", bytes: bytesOf("PK\x03\x04") }],
    "archive_refused",
  ],
  "nothing that is read": [[{ name: "a.csv", bytes: fit }], "archive_refused"],
  "members that share their data": [
    [{ name: "a.fit", bytes: fit }, { name: "b.fit", bytes: fit, saysPacked: 1e9 }],
    "malformed",
  ],
  "an encrypted member": [[{ name: "export.xml", bytes: EXPORT, flags: 1 }], "archive_refused"],
  "another way of packing": [
    [{ name: "export.xml", bytes: EXPORT, method: 12 }],
    "archive_refused",
  ],
  "a bomb": [[{ name: "export.xml", bytes: new Uint8Array(20_000_000) }], "too_large"],
  "a bomb that says less": [
    [{ name: "a.fit", bytes: new Uint8Array(20_000_000), saysBytes: 100 }],
    "malformed",
  ],
  "a member that says more": [[{ name: "a.fit", bytes: fit, saysBytes: 1_000 }], "malformed"],
  "a wrong checksum": [[{ name: "a.fit", bytes: fit, crc: 1 }], "bad_crc"],
  "damaged data": [
    [{ name: "a.fit", bytes: fit, packed: bytesOf("no deflate at all") }],
    "malformed",
  ],
  "a member beyond the end": [[{ name: "a.fit", bytes: fit, saysPacked: 1_000_000 }], "malformed"],
};

for (const [name, [members, reason]] of Object.entries(REFUSED)) {
  Deno.test(`openUpload() refuses ${name} as ${reason}`, async () => {
    assertEquals(await refusal(await zip(members)), reason);
  });
}

Deno.test("openUpload() refuses cut archives, and what unpacks to too much", async () => {
  const whole = await zip([{ name: "a.fit", bytes: fit }]);
  assertEquals(await refusal(whole.slice(0, -30)), "truncated");
  assertEquals(await refusal((await gzip(fit)).slice(0, -12)), "malformed");
  assertEquals(await refusal(await gzip(new Uint8Array(70_000_000))), "too_large");
});
