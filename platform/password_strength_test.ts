import { assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { checkPasswordStrength } from "./password_strength.ts";

async function faultOf(password: string, userInputs: string[] = []): Promise<string | undefined> {
  const check = () => checkPasswordStrength(password, { userInputs, field: "newPassword" });
  const error = await assertRejects(check, DomainError);
  assertEquals(error.details?.[0]?.field, "newPassword");
  return error.details?.[0]?.code;
}

Deno.test("checkPasswordStrength() takes passwords that are hard to guess", async () => {
  for (
    const password of [
      "correct horse battery staple",
      "Sup3rSecret!23",
      "runner-2024-helsinki",
      "käsi jalka pää",
      "x7#" + "kQ".repeat(98),
    ]
  ) await checkPasswordStrength(password);
});

Deno.test("checkPasswordStrength() refuses short ones by characters, not by bytes", async () => {
  assertEquals(await faultOf("kT9#vQ2!z"), "too_short");
  assertEquals(await faultOf("🏃🏃🏃🏃🏃"), "too_short");
});

Deno.test("checkPasswordStrength() refuses common, repeated and walked ones", async () => {
  for (
    const password of [
      "Password123!",
      "aaaaaaaaaaaa",
      "qwertyuiop12",
      "x".repeat(200),
      "1234567890",
    ]
  ) assertEquals(await faultOf(password), "too_weak");
});

Deno.test("checkPasswordStrength() counts the person's own words for nothing", async () => {
  const own = ["mira.koskela@example.org", "Mira Koskela"];

  await checkPasswordStrength("koskelamira1");
  assertEquals(await faultOf("koskelamira1", own), "too_weak");
});
