import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { ListenError, startServer } from "./server.ts";
import { systemTimers } from "./timers.ts";

const HOST = "127.0.0.1";

Deno.test("startServer() answers, and stop() waits for the request that runs", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const server = startServer({
    host: HOST,
    port: 0,
    timers: systemTimers,
    onAcceptFailure: () => {},
    async handler() {
      started.resolve();
      await release.promise;
      return new Response("late");
    },
  });

  const answer = fetch(`http://${HOST}:${server.port}/`);
  await started.promise;
  const stopped = server.stop(10_000);
  release.resolve();

  assertEquals(await (await answer).text(), "late");
  assertEquals(await stopped, true);
});

Deno.test("stop() lets a request finish whose body is still coming", async () => {
  const started = Promise.withResolvers<void>();
  const server = startServer({
    host: HOST,
    port: 0,
    timers: systemTimers,
    onAcceptFailure: () => {},
    async handler(req) {
      started.resolve();
      return new Response(await req.text());
    },
  });
  const conn = await Deno.connect({ hostname: HOST, port: server.port });
  const send = (text: string) => conn.write(new TextEncoder().encode(text));
  await send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab");
  await started.promise;

  const stopped = server.stop(10_000);
  await send("cd");

  assertMatch(await new Response(conn.readable).text(), /200 OK[^]*\r\n\r\nabcd$/);
  assertEquals(await stopped, true);
});

Deno.test("stop() gives up at its deadline while a stream is open", async () => {
  const time = createManualTime();
  const end = Promise.withResolvers<void>();
  const server = startServer({
    host: HOST,
    port: 0,
    timers: time,
    onAcceptFailure: () => {},
    handler: () =>
      new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode("first"));
            await end.promise;
            controller.close();
          },
        }),
      ),
  });
  const answer = await fetch(`http://${HOST}:${server.port}/`);
  const reader = answer.body!.getReader();
  await reader.read();

  const stopped = server.stop(1_000);
  time.advance(1_000);

  assertEquals(await stopped, false);
  end.resolve();
  assert((await reader.read()).done);
});

Deno.test("startServer() fails at once when the port is taken", async () => {
  const options = {
    host: HOST,
    timers: systemTimers,
    onAcceptFailure: () => {},
    handler: () => new Response(""),
  };
  const first = startServer({ ...options, port: 0 });

  const error = assertThrows(() => startServer({ ...options, port: first.port }), ListenError);

  assertEquals(
    error.message,
    `Cannot listen on ${HOST}:${first.port}: another program has that port; ` +
      "stop it or set PORT to another one",
  );
  await first.stop(1_000);
});
