import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { createPasswords, DEFAULT_COST } from "./password.ts";

/** Cheap, so that the tests measure the rules and not the machine. */
const CHEAP = { log2N: 4, r: 8, p: 1 };

Deno.test("createPasswords() verifies what it hashed and nothing else", async () => {
  const passwords = createPasswords({ cost: CHEAP });
  const stored = await passwords.hash("correct horse");

  assertEquals(await passwords.verify("correct horse", stored), {
    isMatch: true,
    needsRehash: false,
  });
  assertEquals((await passwords.verify("correct horsf", stored)).isMatch, false);
  assertEquals((await passwords.verify("", stored)).isMatch, false);
});

Deno.test("createPasswords() salts: the same password never hashes alike", async () => {
  const passwords = createPasswords({ cost: CHEAP });

  const [one, two] = await Promise.all([passwords.hash("same"), passwords.hash("same")]);

  assertNotEquals(one, two);
  assertMatch(one, /^\$scrypt\$ln=4,r=8,p=1\$/);
});

Deno.test("createPasswords() takes composed and decomposed letters for the same", async () => {
  const passwords = createPasswords({ cost: CHEAP });
  const stored = await passwords.hash("caf\u00e9 au lait");

  assert((await passwords.verify("cafe\u0301 au lait", stored)).isMatch);
});

Deno.test("createPasswords() asks for a new hash when the cost changed", async () => {
  const stored = await createPasswords({ cost: CHEAP }).hash("secret");

  const dearer = createPasswords({ cost: { ...CHEAP, log2N: 5 } });

  assertEquals(await dearer.verify("secret", stored), { isMatch: true, needsRehash: true });
  assertEquals(await dearer.verify("other", stored), { isMatch: false, needsRehash: false });
});

Deno.test("createPasswords() works as hard for an unknown user, and never matches", async () => {
  const work: unknown[] = [];
  const passwords = createPasswords({
    derive: (...args) => {
      work.push(args[2]);
      return Promise.resolve(new Uint8Array(32));
    },
  });
  const stored = await createPasswords({ cost: DEFAULT_COST }).hash("secret");

  const known = await passwords.verify("wrong", stored);
  const unknown = await passwords.verify("wrong", null);

  assertEquals([known.isMatch, unknown.isMatch], [false, false]);
  assertEquals(work, [DEFAULT_COST, DEFAULT_COST]);
  assertEquals(DEFAULT_COST, { log2N: 15, r: 8, p: 3 });
});

Deno.test("createPasswords() lets few run, some wait and refuses the rest", async () => {
  const passwords = createPasswords({ cost: CHEAP, concurrencyMax: 1, queueMax: 1 });

  const [first, second, third] = await Promise.allSettled(
    ["a", "b", "c"].map((password) => passwords.hash(password)),
  );

  assertEquals([first?.status, second?.status, third?.status], [
    "fulfilled",
    "fulfilled",
    "rejected",
  ]);
  assert(third?.status === "rejected" && third.reason instanceof DomainError);
  assertEquals(third.reason.code, "SERVICE_UNAVAILABLE");
  assertEquals(third.reason.retryAfterSeconds, 5);
  assertMatch(await passwords.hash("after the storm"), /^\$scrypt/);
});

Deno.test("createPasswords() refuses a stored text that is not a hash", async () => {
  const passwords = createPasswords({ cost: CHEAP });

  for (const stored of ["", "plain", "$scrypt$ln=31,r=8,p=1$aaaa$bbbb", "$argon2id$v=19$m=1"]) {
    await assertRejects(() => passwords.verify("x", stored), TypeError, "not scrypt text");
  }
});
