import { assertEquals } from "@std/assert";
import { Failure } from "@/contracts/envelope.ts";
import { answerMeanwhile } from "./meanwhile.ts";

function ask(path: string): Response {
  return answerMeanwhile(new Request(`http://localhost${path}`), "is starting");
}

Deno.test("answerMeanwhile() is alive and not ready", () => {
  assertEquals(ask("/health/live").status, 200);
  assertEquals(ask("/health/ready").status, 503);
});

Deno.test("answerMeanwhile() answers the API in the envelope and asks browsers to come again", async () => {
  const api = ask("/api/v1/competitions");
  const page = ask("/c/sprint");

  assertEquals([api.status, api.headers.get("retry-after")], [503, "1"]);
  assertEquals(Failure.parse(await api.json()).error.code, "SERVICE_UNAVAILABLE");
  assertEquals([page.status, page.headers.get("refresh")], [503, "1"]);
  assertEquals(await page.text(), "Paceboard is starting.\n");
});
